import type { Config } from "./config.ts";

/** How one setting is spelled in each place. */
export interface SettingNames {
  /** In the file: `scanInterval`; `history.keepDays` is `keepDays` in the map `history`. */
  readonly key: string;
  /** What may stand in the file instead: `scan-interval`. */
  readonly aliases: readonly string[];
  /** On the command line, without `--`: `scan-interval`; `null`: only the file may have it. */
  readonly flag: string | null;
  /** In the environment: `DISKD_SCAN_INTERVAL`; `null`: only the file may have it. */
  readonly variable: string | null;
}

/** The spellings of every setting, by its name in `Config`, in the order in which they are documented. */
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

/** Every variable that is a setting, and the one that names the file. */
export const SETTING_VARIABLES: readonly string[] = [
  ...Object.values(SETTING_NAMES).flatMap(({ variable }) => variable ?? []),
  CONFIG_FILE_VARIABLE,
];

/** Variables that are none, and the key that stands in the file instead. */
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

/** For what nobody should type, no list of processes should show, or no caller should be able to say otherwise. */
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

/** `history-keep-days` of `history.keepDays`. */
function kebabCase(key: string): string {
  return key.replace(/[A-Z]/g, "-$&").replaceAll(".", "-").toLowerCase();
}
