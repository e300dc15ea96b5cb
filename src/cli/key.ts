import type { Config } from "../config/config.ts";
import { type ConfigFlags, loadConfig } from "../config/load_config.ts";
import { renderJson } from "../render/format.ts";
import { type KeyFileRow, renderKeyFiles } from "../render/key_files.ts";
import { formatKey, KEY_BYTES } from "../store/key_file.ts";
import { printable } from "../text/printable.ts";
import type { Context, Options } from "./context.ts";
import { EXIT } from "../system/exit_code.ts";
import { note, viewOptions } from "./show.ts";

/** `diskd key new`: a fresh key, for a file that diskd never writes itself. */
export function keyNew({ json }: Options, { stdout }: Context): number {
  const secret = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const key = formatKey(secret);
  stdout.write(json ? renderJson({ key }) : `${key}\n`);
  return EXIT.ok;
}

/** The flag of `key check`, besides the common ones. */
export type KeyCheckFlags = Pick<ConfigFlags, "config">;

/**
 * `diskd key check`: the key files of the configuration, the ids of their
 * keys, which one signs, and whether the daemon would take them.
 */
export async function keyCheck(
  options: Options<KeyCheckFlags>,
  context: Context,
): Promise<number> {
  const { env, uid, readText, stdout } = context;
  const { config: file } = options;
  const flags = file === undefined ? {} : { config: file };
  const config = loadConfig({ flags, env, uid, readText });
  const rows = await lookAt(config, uid);
  const ok = rows.every(({ problem }) => problem === null);
  if (options.json) {
    const { keysMode: mode, keysEncrypt: encrypt } = config;
    stdout.write(renderJson({ ok, mode, encrypt, files: rows }));
  } else {
    stdout.write(renderKeyFiles(rows, viewOptions(options, context)));
    explain({ config, rows, context });
  }
  return ok ? EXIT.ok : EXIT.usage;
}

async function lookAt(
  config: Config,
  uid: number | null,
): Promise<KeyFileRow[]> {
  const checked = await checkKeys(config, uid);
  return checked.map(({ path: file, key, problem }, i) => ({
    file,
    key,
    signs: i === 0 && key !== null,
    problem,
  }));
}

interface Explained {
  readonly config: Config;
  readonly rows: readonly KeyFileRow[];
  readonly context: Context;
}

function explain({ config, rows, context }: Explained): void {
  if (rows.length === 0) {
    note("There are no keys: keys.mode is open, so all is believed.", context);
    return;
  }
  for (const { file, problem } of rows) {
    if (problem !== null) note(printable(`${file} ${problem}`), context);
  }
  const { keysMode, keysEncrypt } = config;
  const sealed = keysEncrypt ? "; what is sent is sealed" : "";
  note(`keys.mode is ${keysMode}${sealed}`, context);
}

/** Looks at each key file as the daemon of this configuration would. */
export async function checkKeys(config: Config, uid: number | null) {
  if (config.keysFiles.length === 0) return [];
  const { checkKeyFiles, daemonUser } = await import("../daemon/keys.ts");
  return await checkKeyFiles(config, { uid: daemonUser(config, uid) });
}
