import type { FlagParametersForType } from "@stricli/core";
import type { ConfigFlags } from "../config/load_config.ts";
import type { Invocation } from "./invocation.ts";
import type { CommonOptions } from "./options.ts";
import type { ScanFlags } from "./scan.ts";

/** Proposed where the name of a file belongs: no file can have it. */
export const FILE_NAMES = "\0";

function text(brief: string, placeholder: string) {
  return {
    kind: "parsed",
    parse: String,
    optional: true,
    brief,
    placeholder,
  } as const;
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

/** Flags of every command. */
export const COMMON_FLAGS: FlagParametersForType<CommonOptions, Invocation> = {
  json: {
    kind: "boolean",
    brief: "Print JSON",
    default: false,
    withNegated: false,
  },
  socket: SOCKET,
  noColor: {
    kind: "boolean",
    brief: "Print without colour",
    default: false,
    withNegated: false,
  },
};

/** Flags of the daemon; their values are checked with the rest of the configuration. */
export const CONFIG_FLAGS: FlagParametersForType<ConfigFlags, Invocation> = {
  config: path("Read this file instead of /etc/diskd/config.yaml", "FILE"),
  socket: SOCKET,
  socketGroup: text("Group that may use the socket too", "GROUP"),
  stateDir: path("Directory for what outlives the daemon", "DIRECTORY"),
  interface: {
    kind: "parsed",
    parse: String,
    optional: true,
    variadic: true,
    brief: "Interface to speak on, * and ? allowed; may be given again",
    placeholder: "GLOB",
  },
  group: text("IPv4 multicast group, default 230.1.2.3", "ADDRESS"),
  port: text("UDP port, default 32003", "NUMBER"),
  ttl: text("Time to live of what is sent, default 2", "NUMBER"),
  scanInterval: text("Seconds, or 500ms, 2m; default 60", "TIME"),
  announceInterval: text("Seconds, or 500ms, 2m; default 30", "TIME"),
  hostName: text("Name to go by instead of the machine's", "NAME"),
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
