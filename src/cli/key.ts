import type { Config } from "../config/settings.ts";
import { renderJson } from "../render/format.ts";
import { type KeyFileRow, renderKeyFiles } from "../render/key_files.ts";
import { formatKey, KEY_BYTES } from "../store/key_file.ts";
import { printable } from "../text/printable.ts";
import { command, type Options } from "./command.ts";
import type { Context } from "./context.ts";
import { CONFIG_FLAGS } from "./daemon.ts";
import { EXIT } from "../system/exit_code.ts";
import { note, viewOptions } from "./show.ts";

/** `diskd key new`: prints a new key for a file; diskd never writes key files. */
export const keyNew = command("key new", {
  run({ json }, { stdout }) {
    const secret = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
    const key = formatKey(secret);
    stdout.write(json ? renderJson({ key }) : `${key}\n`);
    return EXIT.ok;
  },
});

const FLAGS = { config: CONFIG_FLAGS.config };

const HELP =
  `Lists the key files of the configuration with the ids of their keys; an id is
not secret. The first key signs what is sent; received datagrams are checked
with all of them. As root it answers for the owner of the state directory.`;

/**
 * `diskd key check`: shows the configured key files, the ids of their keys, the
 * signing key, and whether the daemon would accept them.
 */
export const keyCheck = command("key check", { flags: FLAGS, help: HELP, run });

async function run(
  options: Options<typeof FLAGS>,
  context: Context,
): Promise<number> {
  const { env, uid, readText, stdout } = context;
  const { config: file } = options;
  const flags = file === undefined ? {} : { config: file };
  const { loadConfig } = await import("../config/load_config.ts");
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
    note(
      "There are no shared keys: keys.mode is open, so any host may take part.",
      context,
    );
    return;
  }
  for (const { file, problem } of rows) {
    if (problem !== null) note(printable(`${file} ${problem}`), context);
  }
  const { keysMode, keysEncrypt } = config;
  const sealed = keysEncrypt ? "; datagrams are encrypted" : "";
  note(`keys.mode is ${keysMode}${sealed}`, context);
}

/** Checks each key file as the daemon with this configuration would. */
export async function checkKeys(config: Config, uid: number | null) {
  if (config.keysFiles.length === 0) return [];
  const { checkKeyFiles, daemonUser } = await import("../daemon/keys.ts");
  return await checkKeyFiles(config, { uid: daemonUser(config, uid) });
}
