import type { Config } from "./config.ts";

/** The spellings of a setting. */
export interface SettingNames {
  /**
   * In the file: `scanInterval`; `history.keepDays` is `keepDays` in the map
   * `history`.
   */
  readonly key: string;
  /** Other spellings in the file: `scan-interval`. */
  readonly aliases: readonly string[];
  /**
   * On the command line, without `--`: `scan-interval`; `null`: only in the
   * file.
   */
  readonly flag: string | null;
  /** In the environment: `DISKD_SCAN_INTERVAL`; `null`: only in the file. */
  readonly variable: string | null;
}

/**
 * The spellings of every setting, by its name in `Config`, in the documented
 * order.
 */
export const SETTING_NAMES: {
  readonly [Name in keyof Config]: SettingNames;
} = {
  socket: spell("socket"),
  socketGroup: spell("socketGroup"),
  readSocket: spell("readSocket"),
  readSocketGroup: spell("readSocketGroup"),
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
  keysMode: inFileOnly("keys.mode"),
  keysFiles: inFileOnly("keys.files"),
  keysEncrypt: inFileOnly("keys.encrypt", ["encrypt"]),
  mountAllow: inFileOnly("mount.allow"),
  ssh: inFileOnly("ssh"),
  logLevel: spell("logLevel"),
  logFormat: spell("logFormat"),
};

/** The variable that names the file. */
export const CONFIG_FILE_VARIABLE = "DISKD_CONFIG";

/** The variables of all settings, and that of the file. */
export const SETTING_VARIABLES: readonly string[] = [
  ...Object.values(SETTING_NAMES).flatMap(({ variable }) => variable ?? []),
  CONFIG_FILE_VARIABLE,
];

/**
 * Invalid variables of settings that exist only in the file, with their keys
 * there.
 */
export const FILE_ONLY_VARIABLES: ReadonlyMap<string, string> = new Map(
  Object.values(SETTING_NAMES)
    .filter(({ variable }) => variable === null)
    .flatMap(({ key, aliases }) =>
      aliases.map((alias) => [variableOf(alias), key] as const)
    ),
);

function spell(key: string, flag = kebabCase(key)): SettingNames {
  const variable = variableOf(flag);
  return { key, aliases: [flag], flag, variable };
}

/**
 * For values that nobody should type, a process list should not show, or
 * callers must not override.
 */
function inFileOnly(
  key: string,
  aliases: readonly string[] = [],
): SettingNames {
  return {
    key,
    aliases: [kebabCase(key), ...aliases],
    flag: null,
    variable: null,
  };
}

function variableOf(flag: string): string {
  return `DISKD_${flag.replaceAll("-", "_").toUpperCase()}`;
}

/** `history-keep-days` for `history.keepDays`. */
function kebabCase(key: string): string {
  return key.replace(/[A-Z]/g, "-$&").replaceAll(".", "-").toLowerCase();
}
