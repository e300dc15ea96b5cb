import { command, COMMON_FLAGS, type Options, path, text } from "./command.ts";
import type { Context } from "./context.ts";
import { EXIT } from "../system/exit_code.ts";
import { note } from "./show.ts";

/** Flags of the daemon; their values are checked with the rest of the configuration. */
export const CONFIG_FLAGS = {
  config: path("Read this file instead of /etc/diskd/config.yaml", "FILE"),
  socket: COMMON_FLAGS.socket,
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
    variadic: true as const,
  },
  group: text("IPv4 multicast group, default 230.1.2.3", "ADDRESS"),
  port: text("UDP port, default 32003", "NUMBER"),
  ttl: text("Time to live of what is sent, default 2", "NUMBER"),
  scanInterval: text("Seconds, or 500ms, 2m; default 2500ms", "TIME"),
  announceInterval: text("Seconds, or 500ms, 2m; default 30", "TIME"),
  hostName: text("Name to go by instead of the machine's", "NAME"),
  noHistory: {
    kind: "boolean" as const,
    optional: true as const,
    withNegated: false as const,
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

/** `diskd --daemon`: runs in the foreground until it is told to stop. */
export const daemon = command("daemon", {
  flags: CONFIG_FLAGS,
  hasCommonFlags: false,
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

/** The daemon itself says what is wrong with any other. */
function word(brief: string, words: readonly string[]) {
  return text(brief, words.join("|"), () => words);
}
