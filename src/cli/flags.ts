import type { FlagParametersForType } from "@stricli/core";
import type { ConfigFlags } from "../config/load_config.ts";
import type { CommonOptions, Invocation } from "./context.ts";
import {
  EXPORT_FORMATS,
  type ExportFlags,
  parseExportFormat,
} from "./export.ts";
import type { ForgetFlags } from "./forget.ts";
import type { HistoryFlags } from "./history.ts";
import type { KeyCheckFlags } from "./key.ts";
import type { ListFlags } from "./list.ts";
import type {
  MountFlags,
  OpenFlags,
  RemoteFlags,
  UnmountFlags,
} from "./mount_tools.ts";
import type { ScanFlags } from "./scan.ts";
import { parseSince, SINCE_EXPECTED } from "./since.ts";

/** Proposed where the name of a file belongs: no file can have it. */
export const FILE_NAMES = "\0";

function text(brief: string, placeholder: string) {
  return {
    kind: "parsed",
    parse: notEmpty,
    optional: true,
    brief,
    placeholder,
  } as const;
}

/** @throws {RangeError} for nothing */
function notEmpty(value: string): string {
  if (value === "") throw new RangeError("expected a value");
  return value;
}

function path(brief: string, placeholder: string) {
  return { ...text(brief, placeholder), proposeCompletions: proposeFiles };
}

export function proposeFiles(partial: string): string[] {
  return [partial + FILE_NAMES];
}

function word(brief: string, words: readonly string[]) {
  return { ...text(brief, words.join("|")), proposeCompletions: () => words };
}

const SOCKET = path("Path of the control socket", "PATH");

function toggle(brief: string) {
  return {
    kind: "boolean",
    brief,
    default: false,
    withNegated: false,
  } as const;
}

/** Flags of every command. */
export const COMMON_FLAGS: FlagParametersForType<CommonOptions, Invocation> = {
  json: toggle("Print JSON"),
  socket: SOCKET,
  noColor: toggle("Print without colour"),
};

/** Flags of `list`, besides the common ones. */
export const LIST_FLAGS: FlagParametersForType<ListFlags, Invocation> = {
  all: toggle(
    "Also disks that were detached, and those of hosts that are gone",
  ),
  mounted: toggle("Only disks that are mounted"),
  unmounted: toggle("Only disks that are not mounted"),
  watch: toggle("Keep the table on the terminal and up to date, until Ctrl-C"),
};

const HOST = {
  async proposeCompletions(this: Invocation) {
    return (await import("./known_names.ts")).knownHosts(this);
  },
};

/** Flags of `history`, besides the common ones. */
export const HISTORY_FLAGS: FlagParametersForType<HistoryFlags, Invocation> = {
  host: {
    ...text("Only what was on this host", "HOST"),
    ...HOST,
  },
  since: {
    ...text("Only since then: 90m, 12h, 2d, 3w, or 2026-01-31", "TIME"),
    parse: since,
  },
};

/** @throws {RangeError} for what is no time */
function since(value: string): string {
  if (parseSince(value, 0) === null) {
    throw new RangeError(`expected ${SINCE_EXPECTED}`);
  }
  return value;
}

/** Flags of `export`, besides the common ones. */
export const EXPORT_FLAGS: FlagParametersForType<ExportFlags, Invocation> = {
  format: {
    ...word("Default json, which import reads", EXPORT_FORMATS),
    parse: parseExportFormat,
  },
};

/** Flags of `forget`, besides the common ones. */
export const FORGET_FLAGS: FlagParametersForType<ForgetFlags, Invocation> = {
  yes: toggle("Forget without asking"),
};

const REMOTE_FLAGS: FlagParametersForType<RemoteFlags, Invocation> = {
  host: {
    ...text("Name or id of the host, where several have it", "HOST"),
    ...HOST,
  },
  user: text("User to be on that host", "USER"),
  sshOption: {
    ...text("Option for ssh, as behind its -o; may be given again", "OPTION"),
    variadic: true,
  },
  dryRun: toggle("Print the commands, and do nothing"),
};

const HERE = toggle("NAME is a UUID of this host; what other hosts ask for");
const READ_ONLY = toggle("So that nothing can be written to it");

/** Flags of `open`, besides the common ones. */
export const OPEN_FLAGS: FlagParametersForType<OpenFlags, Invocation> = {
  readOnly: READ_ONLY,
  ...REMOTE_FLAGS,
};

/** Flags of `mount`, besides the common ones. */
export const MOUNT_FLAGS: FlagParametersForType<MountFlags, Invocation> = {
  at: path("Have its files on this host too, in this directory", "DIRECTORY"),
  ...OPEN_FLAGS,
  here: HERE,
};

/** Flags of `unmount`, besides the common ones. */
export const UNMOUNT_FLAGS: FlagParametersForType<UnmountFlags, Invocation> = {
  ...REMOTE_FLAGS,
  here: HERE,
};

/** Flags of the daemon; their values are checked with the rest of the configuration. */
export const CONFIG_FLAGS: FlagParametersForType<ConfigFlags, Invocation> = {
  config: path("Read this file instead of /etc/diskd/config.yaml", "FILE"),
  socket: SOCKET,
  socketGroup: text("Group that may use the socket too", "GROUP"),
  readSocket: path("Path of a second socket, for reading only", "PATH"),
  readSocketGroup: text(
    "Group that may use the second socket, default everybody",
    "GROUP",
  ),
  stateDir: path("Directory for what outlives the daemon", "DIRECTORY"),
  interface: {
    ...text(
      "Interface to speak on, * and ? allowed; may be given again",
      "GLOB",
    ),
    variadic: true,
  },
  group: text("IPv4 multicast group, default 230.1.2.3", "ADDRESS"),
  port: text("UDP port, default 32003", "NUMBER"),
  ttl: text("Time to live of what is sent, default 2", "NUMBER"),
  scanInterval: text("Seconds, or 500ms, 2m; default 2500ms", "TIME"),
  announceInterval: text("Seconds, or 500ms, 2m; default 30", "TIME"),
  hostName: text("Name to go by instead of the machine's", "NAME"),
  noHistory: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Do not keep on disk where disks have been",
  },
  historyKeepDays: text("Days that sightings are kept, default 400", "NUMBER"),
  historyMaxMegabytes: text(
    "How large the history may get, default 256",
    "NUMBER",
  ),
  logLevel: word("Default info", ["error", "warn", "info", "debug"]),
  logFormat: word("Default text", ["text", "json"]),
};

/** Flags of `scan`, besides the common ones. */
export const SCAN_FLAGS: FlagParametersForType<ScanFlags, Invocation> = {
  config: CONFIG_FLAGS.config,
  interface: CONFIG_FLAGS.interface,
  group: CONFIG_FLAGS.group,
  port: CONFIG_FLAGS.port,
  ttl: CONFIG_FLAGS.ttl,
};

/** The flag of `key check`, besides the common ones. */
export const KEY_CHECK_FLAGS: FlagParametersForType<KeyCheckFlags, Invocation> =
  { config: CONFIG_FLAGS.config };

/** A flag as it is typed: `--no-color` for `noColor`. */
export function flagName(name: string): string {
  return `--${name.replace(/[A-Z]/g, "-$&").toLowerCase()}`;
}
