import type { Config } from "./config.ts";

/** How one setting is spelled in each place. */
export interface SettingNames {
  /** In the file: `scanInterval`; `history.keepDays` is `keepDays` in the map `history`. */
  readonly key: string;
  /** On the command line, without `--`, and allowed in the file: `scan-interval`. */
  readonly flag: string;
  /** In the environment: `DISKD_SCAN_INTERVAL`. */
  readonly variable: string;
}

/** The spellings of every setting, by its name in `Config`, in the order in which they are documented. */
export const SETTING_NAMES: {
  readonly [Name in keyof Config]: SettingNames;
} = {
  socket: spell("socket"),
  socketGroup: spell("socketGroup"),
  stateDir: spell("stateDir"),
  interfaces: spell("interfaces", "interface"),
  group: spell("group"),
  port: spell("port"),
  ttl: spell("ttl"),
  scanIntervalMs: spell("scanInterval"),
  announceIntervalMs: spell("announceInterval"),
  hostName: spell("hostName"),
  noHistory: spell("noHistory"),
  historyKeepDays: spell("history.keepDays"),
  historyMaxMegabytes: spell("history.maxMegabytes"),
  logLevel: spell("logLevel"),
  logFormat: spell("logFormat"),
};

/** The variable that names the file. */
export const CONFIG_FILE_VARIABLE = "DISKD_CONFIG";

/** Every variable that is a setting, and the one that names the file. */
export const SETTING_VARIABLES: readonly string[] = [
  ...Object.values(SETTING_NAMES).map(({ variable }) => variable),
  CONFIG_FILE_VARIABLE,
];

function spell(key: string, flag = kebabCase(key)): SettingNames {
  const variable = `DISKD_${flag.replaceAll("-", "_").toUpperCase()}`;
  return { key, flag, variable };
}

/** `history-keep-days` of `history.keepDays`. */
function kebabCase(key: string): string {
  return key.replace(/[A-Z]/g, "-$&").replaceAll(".", "-").toLowerCase();
}
