import {
  type ConfigFlags,
  type Setting,
  SETTING_LIST,
  showSetting,
} from "../config/settings.ts";
import { command, type Options, path, proposeFiles, text } from "./command.ts";
import type { Context } from "./context.ts";
import { EXIT } from "../system/exit_code.ts";
import { note } from "./show.ts";

type SettingFlags = {
  readonly [Name in Exclude<keyof ConfigFlags, "config">]-?: FlagOf<
    NonNullable<ConfigFlags[Name]>
  >;
};

type FlagOf<Value> = Value extends boolean ? SwitchFlag
  : Value extends string ? TextFlag
  : ListFlag;

type SwitchFlag = typeof SWITCH & {
  readonly brief: string;
  /** Whether `--no-` may precede its name. */
  readonly withNegated: boolean;
};
type TextFlag = ReturnType<typeof text>;
type ListFlag = TextFlag & { readonly variadic: true };

/** Not given, it leaves the setting to the environment and the file. */
const SWITCH = { kind: "boolean", optional: true } as const;

const SETTING_FLAGS = Object.fromEntries(
  SETTING_LIST.flatMap(([, setting]) =>
    setting.option === null ? [] : [[setting.option, flagOf(setting)]]
  ),
) as SettingFlags;

/**
 * Flags of the daemon, from the table of settings; their values are checked
 * with the rest of the configuration.
 */
export const CONFIG_FLAGS = {
  config: path("Read this file instead of /etc/diskd/config.yaml", "FILE"),
  ...SETTING_FLAGS,
};

/** Those that matter without a daemon. */
export const LAN_FLAGS = {
  config: CONFIG_FLAGS.config,
  interface: CONFIG_FLAGS.interface,
  ipv6: CONFIG_FLAGS.ipv6,
  group: CONFIG_FLAGS.group,
  port: CONFIG_FLAGS.port,
  ttl: CONFIG_FLAGS.ttl,
};

function flagOf(setting: Setting): SwitchFlag | TextFlag | ListFlag {
  const { form, placeholder, proposals } = setting.type;
  const brief = briefOf(setting);
  if (form === "switch") {
    return { ...SWITCH, brief, withNegated: setting.default === true };
  }
  const propose = proposals === "files"
    ? proposeFiles
    : proposals && (() => proposals);
  const flag = text(brief, placeholder, propose);
  return form === "list" ? { ...flag, variadic: true } : flag;
}

function briefOf(setting: Setting): string {
  const { help, default: value } = setting;
  return typeof value === "number" || typeof value === "string"
    ? `${help}; default ${showSetting(setting, value)}`
    : help;
}

/** `diskd --daemon`: runs in the foreground until it is stopped. */
export const daemon = command("daemon", {
  flags: CONFIG_FLAGS,
  hasCommonFlags: false,
  help: "See diskd(8), and diskd.yaml(5) for what each option means.",
  run,
});

async function run(
  flags: Options<typeof CONFIG_FLAGS>,
  context: Context,
): Promise<number> {
  if (context.inPrompt) {
    note("Start the daemon from a shell: diskd --daemon", context);
    return EXIT.usage;
  }
  const { env, uid, stderr } = context;
  const { runDaemon } = await import("../daemon/mod.ts");
  return await runDaemon({
    flags,
    env,
    uid,
    write: (text) => stderr.write(text),
    waitingChars: () => stderr.waitingChars,
    drained: () => stderr.flush(),
  });
}
