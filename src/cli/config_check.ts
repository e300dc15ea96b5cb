import { ConfigError, type ConfigProblem } from "../config/config_error.ts";
import { chooseConfigFile } from "../config/paths.ts";
import { type Config, SETTING_LIST, showSetting } from "../config/settings.ts";
import { type Detail, renderDetails, renderJson } from "../render/format.ts";
import { printable } from "../text/printable.ts";
import { command, type Options, proposeFiles } from "./command.ts";
import type { Context } from "./context.ts";
import { EXIT } from "../system/exit_code.ts";
import { WRITABLE } from "../system/reason.ts";
import { checkKeys } from "./key.ts";
import { note } from "./show.ts";

/**
 * `diskd config check [FILE]`: checks whether the daemon would start with this
 * file and environment, and prints the settings.
 */
export const configCheck = command("config check", {
  propose: proposeFiles,
  help: "diskd.yaml(5) has the settings.",
  run,
});

async function run(
  options: Options,
  context: Context,
): Promise<number> {
  const { loadConfig } = await import("../config/load_config.ts");
  const { env, uid, readText } = context;
  const [config] = options.words;
  const flags = config === undefined ? {} : { config };
  const file = chooseConfigFile({ flags, env });
  const exists = file.given || readText(file.path) !== null;
  const read = exists ? file.path : null;
  try {
    const config = loadConfig({
      flags,
      env,
      uid,
      readText,
      writable: WRITABLE,
    });
    const unseen = await lookAtSecrets(config, uid);
    if (options.json) showJson({ read, config, problems: [] }, context);
    else context.stdout.write(describe(read, config));
    for (const path of unseen) {
      note(`Only root can check ${printable(path)}.`, context);
    }
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { problems } = error;
    if (options.json) showJson({ read, config: null, problems }, context);
    else note(error.message, context);
    return EXIT.usage;
  }
}

/**
 * Checks the files of keys, and those of `notify`, and returns those this user
 * may not read.
 * @throws {ConfigError} if the daemon would not start with them
 */
async function lookAtSecrets(
  config: Config,
  uid: number | null,
): Promise<string[]> {
  const keys = await checkKeys(config, uid);
  const checked = [
    ...keys.map((file) => ({ ...file, setting: "keys.files" })),
    ...await checkNotify(config, uid),
  ];
  const problems = checked.flatMap(({ path, setting, problem, isDenied }) =>
    problem === null || isDenied
      ? []
      : [{ place: path, key: setting, message: problem }]
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return checked.filter(({ isDenied }) => isDenied).map(({ path }) => path);
}

async function checkNotify(config: Config, uid: number | null) {
  if (config.notify.length === 0) return [];
  const { checkNotifyFiles } = await import("../daemon/endpoints.ts");
  const { daemonUser } = await import("../daemon/keys.ts");
  return checkNotifyFiles(config, { uid: daemonUser(config, uid) });
}

interface ConfigVerdict {
  /** The file read; `null` if there is none. */
  readonly read: string | null;
  readonly config: Config | null;
  readonly problems: readonly ConfigProblem[];
}

function showJson(
  { read, ...verdict }: ConfigVerdict,
  { stdout }: Context,
): void {
  const ok = verdict.config !== null;
  const config = verdict.config && withoutSecrets(verdict.config);
  stdout.write(renderJson({ ok, file: read, ...verdict, config }));
}

function withoutSecrets(config: Config): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    SETTING_LIST.map(([name, { type }]) => [
      name,
      type.withoutSecrets?.(config[name]) ?? config[name],
    ]),
  );
}

function describe(read: string | null, config: Config): string {
  const from = read === null
    ? "There is no configuration file; these are the settings:"
    : `${printable(read)} is valid; these are the settings:`;
  const details = SETTING_LIST.map(([name, setting]): Detail => [
    setting.key,
    printable(showSetting(setting, config[name])),
  ]);
  return `${from}\n${renderDetails(details, { indent: "  " })}`;
}
