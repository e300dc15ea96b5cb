/**
 * The table of settings. The flags of the daemon, the environment variables,
 * the keys of the configuration file and `config check` are derived from it;
 * tests compare the documents, the man page and the example file with it.
 */
import { isSiteName, MAX_SITE_LENGTH } from "../text/site_name.ts";
import { MAX_SOCKET_PATH_BYTES } from "../control/limits.ts";
import {
  CONFIG_FILE_VARIABLE,
  defaultSocket,
  defaultStateDir,
  type User,
} from "./paths.ts";
import {
  absolutePath,
  bytesOf,
  duration,
  isAbsolutePath,
  isMulticastAddress,
  listOf,
  mapOf,
  oneOf,
  optional,
  type SettingType,
  textThat,
  userGroup,
  type ValueOf,
  wholeNumber,
  yesOrNo,
} from "./setting_types.ts";
import { expectEntries } from "./expect_setting.ts";
import { notifyEntries } from "./notify_setting.ts";
import { sshEntries } from "./ssh_setting.ts";

/** `PATH_MAX` less its NUL, limits.h. */
const MAX_PATH_BYTES = 4095;
/** `HOST_NAME_MAX`, gethostname(2). */
const MAX_HOST_NAME_LENGTH = 64;
const INTERVAL = { from: "100ms", to: "24h" };
/** A hundred years. */
const MAX_KEEP_DAYS = 36_500;
const MAX_HISTORY_MEGABYTES = 65_536;
/** Two suffice to change a key; the rest allows for slow changes. */
export const MAX_KEY_FILES = 8;
/** Globs in `mount.allow`, and in `locate.allow`. */
export const MAX_ALLOWED = 1_000;
/** A label of btrfs has at most 255 bytes. */
const MAX_GLOB_BYTES = 255;
/** Servers of one cluster. */
const MAX_NATS_SERVERS = 16;
/** Largest `limits.hosts`, and `limits.disks`. */
const MAX_HOSTS = 100_000;
const MAX_DISKS = 1_000_000;
/** Relays of other sites. */
const MAX_PEERS = 100;
/** A DNS name has at most 253 characters. */
const MAX_PEER_LENGTH = 253;
/** Hosts in `ssh`. */
export const MAX_SSH_NAMES = 1_000;

/** Greatest number of names of ports, and their length in characters. */
export const MAX_PORTS = 1_000;
export const MAX_PORT_NAME_LENGTH = 64;
/** From the rarest message to all of them. */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;

/** The columns of the table. */
interface Entry<Value> {
  readonly type: SettingType<Value>;
  /** The default, which can depend on the user; `null` then: there is none. */
  readonly default: NoInfer<Value> | ((user: User) => string | null);
  /** Shown by `config check` for `null` and an empty list. Default: none. */
  readonly shownUnset?: string;
  /** When the running system takes over a change in the file. */
  readonly applied: "at a restart" | "at SIGHUP" | "at the next command";
}

/** A setting with all its spellings. */
export interface Setting<
  Value = unknown,
  Option extends string | null = string | null,
> extends Entry<Value> {
  /** In the file: `scanInterval`; `history.keepDays` is `keepDays` in the map `history`. */
  readonly key: string;
  /** Other spellings in the file: `scan-interval`. */
  readonly aliases: readonly string[];
  /** The flag in code: `scanInterval`; `null`: only in the file. */
  readonly option: Option;
  /** On the command line, without `--`: `scan-interval`. */
  readonly flag: string | null;
  /** In the environment: `DISKD_SCAN_INTERVAL`. */
  readonly variable: string | null;
  /** Help of the flag, without the default. */
  readonly help: string;
}

/** A setting with a flag, a variable, and a key, by default with the same name. */
function setting<Value, const Option extends string>(
  entry: Entry<Value> & {
    readonly option: Option;
    readonly key?: string;
    readonly help: string;
  },
): Setting<Value, Option> {
  const { option, key = option } = entry;
  const flag = kebabCase(option);
  return { ...entry, key, aliases: [flag], flag, variable: variableOf(flag) };
}

/**
 * A setting that exists only in the file, because nobody should type it, a
 * process list should not show it, or callers must not override it.
 */
function fileOnly<Value>(
  { key, shortKey, ...entry }: Entry<Value> & {
    readonly key: string;
    /** Another key allowed in the file. */
    readonly shortKey?: string;
  },
): Setting<Value, null> {
  const aliases = [kebabCase(key), ...(shortKey ? [shortKey] : [])];
  const none = { option: null, flag: null, variable: null, help: "" };
  return { ...entry, key, aliases, ...none };
}

/** Every setting, by its name in `Config`, in the documented order. */
export const SETTINGS = {
  socket: setting({
    option: "socket",
    help: "Path of the control socket",
    type: socketPath(),
    default: defaultSocket,
    applied: "at a restart",
  }),
  /** `null`: only the owner may use the socket. */
  socketGroup: setting({
    option: "socketGroup",
    help: "Group that may also use the socket",
    type: optional(userGroup()),
    default: null,
    shownUnset: "none, the owner alone",
    applied: "at a restart",
  }),
  /** `null`: none. */
  readSocket: setting({
    option: "readSocket",
    help: "Path of a second, read-only socket",
    type: optional(socketPath()),
    default: null,
    applied: "at a restart",
  }),
  /** `null`: every user of this host may use the read-only socket. */
  readSocketGroup: setting({
    option: "readSocketGroup",
    help: "Group that may use the read-only socket; default: every user",
    type: optional(userGroup()),
    default: null,
    shownUnset: "none, every user of this host",
    applied: "at a restart",
  }),
  stateDir: setting({
    option: "stateDir",
    help: "Directory for state that outlives the daemon",
    type: absolutePath(MAX_PATH_BYTES, {
      expected: "the absolute path of a directory",
      placeholder: "DIRECTORY",
    }),
    default: defaultStateDir,
    applied: "at a restart",
  }),
  /** Globs of names; empty: all except those of containers and tunnels. */
  interfaces: setting({
    option: "interface",
    key: "interfaces",
    help: "Interface to use, with the wildcards * and ?; repeatable",
    type: listOf((glob) => /^[^\s/]+$/.test(glob), {
      expected: "interface names, with the wildcards * and ?",
      placeholder: "GLOB",
    }),
    default: [],
    shownUnset: "all but loopback, containers and tunnels",
    applied: "at SIGHUP",
  }),
  ipv6: setting({
    option: "ipv6",
    help: "Use IPv6 beside IPv4, as by default; --no-ipv6 does not",
    type: yesOrNo(),
    default: true,
    applied: "at SIGHUP",
  }),
  /** The IPv6 group follows from it. */
  group: setting({
    option: "group",
    help: "IPv4 multicast group",
    type: textThat(isMulticastAddress, {
      expected: "an IPv4 multicast address, 224.0.0.0 to 239.255.255.255",
      placeholder: "ADDRESS",
    }),
    default: "230.1.2.3",
    applied: "at a restart",
  }),
  port: setting({
    option: "port",
    help: "UDP port",
    type: wholeNumber(1, 65_535),
    default: 32003,
    applied: "at a restart",
  }),
  ttl: setting({
    option: "ttl",
    help: "Time to live of sent datagrams",
    type: wholeNumber(1, 255),
    default: 2,
    applied: "at a restart",
  }),
  /** `null`: if there are `peers`, the name of this host. */
  site: setting({
    option: "site",
    help: "Name of this site, for relays; default: the name of this host",
    type: optional(textThat(isSiteName, {
      expected:
        `a name of 1 to ${MAX_SITE_LENGTH} letters, digits, dots, hyphens and underscores`,
      placeholder: "NAME",
    })),
    default: null,
    shownUnset: "none; with peers, the name of this host",
    applied: "at SIGHUP",
  }),
  /** Names or addresses. */
  peers: setting({
    option: "peer",
    key: "peers",
    help: "Relay of another site, which lists this host; repeatable",
    type: listOf(isPeerName, {
      expected:
        `at most ${MAX_PEERS} host names or addresses, without duplicates`,
      placeholder: "HOST",
      most: MAX_PEERS,
      isSet: true,
    }),
    default: [],
    applied: "at SIGHUP",
  }),
  /** Peers imply it. */
  relay: setting({
    option: "relay",
    help: "Join the networks of this host's interfaces",
    type: yesOrNo(),
    default: false,
    applied: "at SIGHUP",
  }),
  scanIntervalMs: setting({
    option: "scanInterval",
    help: "Time between scans for changes without an event",
    type: duration(INTERVAL),
    default: 2_500,
    applied: "at SIGHUP",
  }),
  announceIntervalMs: setting({
    option: "announceInterval",
    help: "Time between announcements",
    type: duration(INTERVAL),
    default: 30_000,
    applied: "at SIGHUP",
  }),
  /** `null`: the machine's. */
  hostName: setting({
    option: "hostName",
    help: "Name shown to people; default: the machine's",
    type: optional(textThat(isHostName, {
      expected:
        `a name of 1 to ${MAX_HOST_NAME_LENGTH} characters, none of them a control character`,
      placeholder: "NAME",
    })),
    default: null,
    shownUnset: "the machine's",
    applied: "at SIGHUP",
  }),
  noHistory: setting({
    option: "noHistory",
    help: "Keep no history on disk",
    type: yesOrNo(),
    default: false,
    applied: "at a restart",
  }),
  /** Age at which ended sightings are dropped. */
  historyKeepDays: setting({
    option: "historyKeepDays",
    key: "history.keepDays",
    help: "Days to keep sightings",
    type: wholeNumber(1, MAX_KEEP_DAYS),
    default: 400,
    applied: "at a restart",
  }),
  /** In units of 1,000,000 bytes; beyond it the oldest sightings are dropped. */
  historyMaxMegabytes: setting({
    option: "historyMaxMegabytes",
    key: "history.maxMegabytes",
    help: "Size limit of the history",
    type: wholeNumber(1, MAX_HISTORY_MEGABYTES),
    default: 256,
    applied: "at a restart",
  }),
  /** Hosts known at once, this one among them. */
  limitsHosts: fileOnly({
    key: "limits.hosts",
    type: wholeNumber(100, MAX_HOSTS),
    default: 10_000,
    applied: "at a restart",
  }),
  /** Disks of all hosts, listed or not; the memory for their texts goes with it. */
  limitsDisks: fileOnly({
    key: "limits.disks",
    type: wholeNumber(1_000, MAX_DISKS),
    default: 100_000,
    applied: "at a restart",
  }),
  /** Empty: none is used. */
  natsServers: fileOnly({
    key: "nats.servers",
    type: listOf(isNatsUrl, {
      expected:
        `at most ${MAX_NATS_SERVERS} addresses such as nats://HOST:4222 or tls://HOST:4222, without a password`,
      placeholder: "URL",
      most: MAX_NATS_SERVERS,
      isSet: true,
    }),
    default: [],
    applied: "at a restart",
  }),
  /** `null`: the server asks for no key. */
  natsNkeyFile: fileOnly({
    key: "nats.nkeyFile",
    type: optional(absolutePath(MAX_PATH_BYTES, {
      expected: "the absolute path of a file",
      placeholder: "FILE",
    })),
    default: null,
    applied: "at a restart",
  }),
  /** `null`: the authorities of the system. */
  natsCaFile: fileOnly({
    key: "nats.caFile",
    type: optional(absolutePath(MAX_PATH_BYTES, {
      expected: "the absolute path of a file",
      placeholder: "FILE",
    })),
    default: null,
    applied: "at a restart",
  }),
  natsBucket: fileOnly({
    key: "nats.bucket",
    type: textThat((text) => /^[A-Za-z0-9_-]{1,32}$/.test(text), {
      expected: "1 to 32 letters, digits, underscores and hyphens",
      placeholder: "NAME",
    }),
    default: "diskd",
    applied: "at a restart",
  }),
  /** `null`: JetStream is that of the server itself. */
  natsDomain: fileOnly({
    key: "nats.domain",
    type: optional(textThat((text) => /^[A-Za-z0-9_-]{1,64}$/.test(text), {
      expected: "1 to 64 letters, digits, underscores and hyphens",
      placeholder: "NAME",
    })),
    default: null,
    applied: "at a restart",
  }),
  /** Whether to know the hosts there; otherwise this host only tells of itself. */
  natsWatch: fileOnly({
    key: "nats.watch",
    type: yesOrNo(),
    default: true,
    applied: "at a restart",
  }),
  /**
   * `open`: signs nothing, accepts everything. `accept`: signs, accepts
   * everything. `require`: signs, accepts only signed datagrams.
   */
  keysMode: fileOnly({
    key: "keys.mode",
    type: oneOf(["open", "accept", "require"]),
    default: "open",
    applied: "at SIGHUP",
  }),
  /** The first key signs. Empty exactly if the mode is `open`. */
  keysFiles: fileOnly({
    key: "keys.files",
    type: listOf((path) => isAbsolutePath(path, MAX_PATH_BYTES), {
      expected:
        `the absolute paths of at most ${MAX_KEY_FILES} key files, without duplicates`,
      placeholder: "FILE",
      most: MAX_KEY_FILES,
      isSet: true,
    }),
    default: [],
    applied: "at SIGHUP",
  }),
  keysEncrypt: fileOnly({
    key: "keys.encrypt",
    shortKey: "encrypt",
    type: yesOrNo(),
    default: false,
    applied: "at SIGHUP",
  }),
  /** Globs of what names a disk, see `isAllowed`. */
  mountAllow: fileOnly({
    key: "mount.allow",
    type: namesOfDisks(),
    default: [],
    shownUnset: "none, nothing is mounted for callers from outside",
    applied: "at the next command",
  }),
  /** Likewise. */
  locateAllow: fileOnly({
    key: "locate.allow",
    type: namesOfDisks(),
    default: [],
    shownUnset: "none, no light blinks for callers from outside",
    applied: "at the next command",
  }),
  /** How ssh reaches other hosts, by host name or id. */
  ssh: fileOnly({
    key: "ssh",
    type: sshEntries({ most: MAX_SSH_NAMES }),
    default: {},
    shownUnset: "none, hosts go by their names",
    applied: "at the next command",
  }),
  /** Names of ports, such as that of a bay, by ID_PATH. */
  ports: fileOnly({
    key: "ports",
    type: mapOf(isPortName, {
      expected:
        `a map of at most ${MAX_PORTS} ports, by ID_PATH of udev, to names of at most ${MAX_PORT_NAME_LENGTH} characters`,
      placeholder: "NAME",
      most: MAX_PORTS,
    }),
    default: {},
    shownUnset: "none, ports have the names of udev",
    applied: "at SIGHUP",
  }),
  /** How often disks are to be seen. */
  expect: fileOnly({
    key: "expect",
    type: expectEntries(),
    default: [],
    shownUnset: "none, no disk is ever overdue",
    applied: "at SIGHUP",
  }),
  /** Who is told of what. */
  notify: fileOnly({
    key: "notify",
    type: notifyEntries(),
    default: [],
    shownUnset: "none, nobody is told",
    applied: "at SIGHUP",
  }),
  logLevel: setting({
    option: "logLevel",
    help: "Least important messages to log",
    type: oneOf(LOG_LEVELS),
    default: "info",
    applied: "at SIGHUP",
  }),
  logFormat: setting({
    option: "logFormat",
    help: "Form of the log",
    type: oneOf(["text", "json"]),
    default: "text",
    applied: "at SIGHUP",
  }),
};

type Settings = typeof SETTINGS;

/** Settings of a daemon, complete and validated. */
export type Config = {
  readonly [Name in keyof Settings]: ValueOf<Settings[Name]["type"]>;
};

/** Settings from the command line, as text: `--scan-interval 5m` is `scanInterval: "5m"`. */
export type ConfigFlags =
  & {
    readonly [
      Name in keyof Settings as Settings[Name]["option"] & string
    ]?: SettingFlag<Config[Name]>;
  }
  & {
    /** Path of the file to read instead of the default; it must exist. */
    readonly config?: string;
  };

type SettingFlag<Value> = Value extends boolean ? boolean
  : Value extends readonly string[] ? readonly string[]
  : string;

/** All settings, with their names in `Config`. */
export const SETTING_LIST = Object.entries<Setting>(SETTINGS) as readonly (
  readonly [name: keyof Config, setting: Setting]
)[];

/** A value of a setting, for people. */
export function showSetting(
  { type, shownUnset = "none" }: Setting,
  value: unknown,
): string {
  const shown = type.show?.(value) ?? valuesIn(value).join(", ");
  return shown === "" ? shownUnset : shown;
}

function valuesIn(value: unknown): readonly unknown[] {
  if (value === null) return [];
  if (typeof value !== "object") return [value];
  if (Array.isArray(value)) return value;
  return Object.entries(value).map(([key, value]) => `${key}: ${value}`);
}

/** The variables of all settings, and that of the file. */
export const SETTING_VARIABLES: readonly string[] = [
  ...SETTING_LIST.flatMap(([, { variable }]) => variable ?? []),
  CONFIG_FILE_VARIABLE,
];

/** Invalid variables of settings that exist only in the file, with their keys there. */
export const FILE_ONLY_VARIABLES: ReadonlyMap<string, string> = new Map(
  SETTING_LIST.flatMap(([, { key, aliases, variable }]) =>
    variable === null
      ? aliases.map((alias) => [variableOf(alias), key] as const)
      : []
  ),
);

const PREFIX = "DISKD_";

/** Variables of the default paths. */
const PATH_VARIABLES = ["HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"];

/**
 * Variables to read from the environment for `loadConfig`. A program with named
 * permissions can read a variable but not list all, so it finds a misspelled
 * one only by asking for it: the likely misspellings are included. Asking for
 * a thousand takes less than a millisecond.
 */
export const CONFIG_VARIABLES: readonly string[] = [
  ...PATH_VARIABLES,
  ...SETTING_VARIABLES,
  ...FILE_ONLY_VARIABLES.keys(),
  ...likelyMisspellings(),
];

function likelyMisspellings(): string[] {
  const right = new Set(SETTING_VARIABLES);
  const guesses = SETTING_VARIABLES.flatMap((name) =>
    misspellingsOf(name.slice(PREFIX.length)).map((guess) => PREFIX + guess)
  );
  return [...new Set(guesses)].filter((guess) => !right.has(guess));
}

/** Without its underscores, with an S, and with one letter left out, typed twice, or swapped with the next. */
function misspellingsOf(word: string): string[] {
  const letters = [...word].flatMap((letter, i) => {
    const before = word.slice(0, i);
    const after = word.slice(i + 1);
    return [
      before + after,
      before + letter + letter + after,
      before + after.slice(0, 1) + letter + after.slice(1),
    ];
  });
  return [word.replaceAll("_", ""), `${word}S`, ...letters];
}

function variableOf(flag: string): string {
  return `DISKD_${flag.replaceAll("-", "_").toUpperCase()}`;
}

/** `history-keep-days` for `history.keepDays` and `historyKeepDays`. */
export function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, "-$&").replaceAll(".", "-").toLowerCase();
}

function socketPath(): SettingType<string> {
  return absolutePath(MAX_SOCKET_PATH_BYTES, {
    expected: `an absolute path of at most ${MAX_SOCKET_PATH_BYTES} bytes`,
    placeholder: "PATH",
  });
}

function namesOfDisks(): SettingType<readonly string[]> {
  return listOf((glob) => glob !== "" && bytesOf(glob) <= MAX_GLOB_BYTES, {
    expected:
      `at most ${MAX_ALLOWED} labels or UUIDs, with the wildcards * and ?; a number in quotes`,
    placeholder: "GLOB",
    most: MAX_ALLOWED,
  });
}

/** Without a path, and without a password, which `config check` would show. */
function isNatsUrl(text: string): boolean {
  return /^(?:nats|tls):\/\/(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?$/
    .test(text);
}

/** A host name (RFC 1123, 2.1), or an address. */
function isPeerName(text: string): boolean {
  return text.length <= MAX_PEER_LENGTH &&
    /^(?:[A-Za-z0-9_][A-Za-z0-9._-]*|[0-9A-Fa-f:]+(?:%[\w.-]+)?)$/.test(text);
}

function isPortName(text: string): boolean {
  return isLine(text) && text.length <= MAX_PORT_NAME_LENGTH;
}

function isHostName(text: string): boolean {
  return isLine(text) && text.length <= MAX_HOST_NAME_LENGTH;
}

function isLine(text: string): boolean {
  return /^[^\p{Cc}]+$/u.test(text);
}
