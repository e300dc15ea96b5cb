import { DEFAULT_CONFIG_FILE } from "../config/paths.ts";
import type { MountSettings } from "../config/client_settings.ts";
import type { DiskRow } from "../control/views.ts";
import { type DiskHost, type RemoteTools, sshTarget } from "../mount/ssh.ts";
import { renderJson } from "../render/format.ts";
import { type Argv, typed } from "../text/shell_quoted.ts";
import { type Options, text, toggle } from "./command.ts";
import type { Context, MountContext } from "./context.ts";
import { knownHosts } from "./known_names.ts";
import { note } from "./show.ts";

/** Flags of the commands that do something on another host. */
export const REMOTE_FLAGS = {
  host: text(
    "Name or id of the host, if several have the disk",
    "HOST",
    knownHosts,
  ),
  user: text("User to log in as on that host", "USER"),
  sshOption: {
    ...text("Option for ssh, as with its -o; repeatable", "OPTION"),
    variadic: true as const,
  },
  dryRun: toggle("Print the commands without running them"),
};

/** A flag for what other hosts ask for. */
export const HERE = toggle(
  "Serve another host: NAME is a local UUID",
);

type RemoteOptions = Options<typeof REMOTE_FLAGS>;

/** How this command reaches other hosts. */
export function remoteTools(
  { sshOption = [] }: RemoteOptions,
  { system, env, uid, mayAsk, interrupted }: MountContext,
): RemoteTools {
  const ways = { options: sshOption, isBatch: !mayAsk };
  return { system, env, uid, ways, signal: interrupted() };
}

/**
 * The host of a row, and where ssh finds it.
 * @throws {Refusal} where its name is not fit for ssh
 * @throws {ConfigError}
 */
export async function diskHostOf(
  { host, hostId }: Pick<DiskRow, "host" | "hostId">,
  { flags, context }: {
    readonly flags: RemoteOptions;
    readonly context: MountContext;
  },
): Promise<DiskHost> {
  const { ssh: names } = await readMountSettings(context);
  const user = flags.user ?? null;
  const target = sshTarget({ host, hostId }, { names, user });
  return { host, hostId, target };
}

/**
 * What the configuration file says of mounting and of ssh; nothing where there
 * is none, or none that may be read. YAML takes time to load, so only where
 * there is some to read.
 * @throws {ConfigError}
 */
export async function readMountSettings(
  { env, readText }: Pick<Context, "env" | "readText">,
): Promise<MountSettings> {
  const path = env["DISKD_CONFIG"] || DEFAULT_CONFIG_FILE;
  const text = readText(path);
  if (text === null) return { allow: [], ssh: new Map() };
  const { mountSettings } = await import("../config/client_settings.ts");
  return mountSettings(text, path);
}

/** What takes longer is announced. */
const ANNOUNCED_AFTER_MS = 1_000;

/**
 * Says what is being done, on standard error, once that takes a while. Where
 * ssh may ask at the same terminal it is said at once: later it would stand in
 * the middle of a question.
 */
export async function withProgress<Result>(
  text: string,
  { context, work }: {
    readonly context: Context;
    readonly work: () => Promise<Result>;
  },
): Promise<Result> {
  if (context.mayAsk) {
    note(text, context);
    await context.stderr.flush();
    return await work();
  }
  const timer = setTimeout(() => note(text, context), ANNOUNCED_AFTER_MS);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}

/** What `--dry-run` says: the commands, as a shell takes them, a line each. */
export function showCommands(
  commands: readonly Argv[],
  { options, context }: {
    readonly options: { readonly json: boolean };
    readonly context: Context;
  },
): void {
  const text = options.json
    ? renderJson({ commands })
    : commands.map((argv) => `${typed(argv)}\n`).join("");
  context.stdout.write(text);
}
