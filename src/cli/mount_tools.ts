import { chooseConfigFile } from "../config/paths.ts";
import type { MountSettings } from "../config/client_settings.ts";
import type { DiskRow } from "../control/views.ts";
import {
  type DiskHost,
  type RemoteTools,
  type SshTarget,
  sshTarget,
} from "../mount/ssh.ts";
import { type HeardAt, routeTo } from "../mount/ssh_route.ts";
import { callerOf } from "../mount/caller.ts";
import { Refusal } from "../mount/refusal.ts";
import { findMeddler, sayMeddler } from "../system/trusted_path.ts";
import { printable } from "../text/printable.ts";
import { renderJson } from "../render/format.ts";
import { type Argv, typed } from "../text/shell_quoted.ts";
import { type Options, text, toggle } from "./command.ts";
import type { Context, MountContext } from "./context.ts";
import { knownHosts } from "./known_names.ts";
import { note } from "./show.ts";

/** Flags of commands that act on another host. */
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

/** The flag for requests of other hosts. */
export const HERE = toggle(
  "Serve another host: NAME is a local UUID",
);

type RemoteOptions = Options<typeof REMOTE_FLAGS>;

/** The tools of a command to reach other hosts. */
export function remoteTools(
  { sshOption = [] }: RemoteOptions,
  context: MountContext,
): RemoteTools {
  const { system, env, uid, mayAsk } = context;
  const ways = { options: sshOption, isBatch: !mayAsk };
  const say = (text: string) => note(text, context);
  return { system, env, uid, ways, say, signal: context.interrupted() };
}

interface RemoteCall {
  readonly flags: RemoteOptions;
  readonly context: MountContext;
}

/**
 * The ssh destination for the host of a row, as configured.
 * @throws {Refusal} for a name unsafe for ssh
 * @throws {ConfigError}
 */
export async function targetOf(
  host: Pick<DiskRow, "host" | "hostId">,
  { flags, context }: RemoteCall,
): Promise<SshTarget> {
  const { ssh: names } = await readMountSettings(context);
  return sshTarget(host, { names, user: flags.user ?? null });
}

/**
 * The host of a row, and how ssh reaches it; a note says if that is not where
 * its name leads.
 * @throws {Refusal} for a name unsafe for ssh, or without a way to another site
 * @throws {ConfigError}
 */
export async function diskHostOf(
  { row, heardAt }: {
    readonly row: Pick<DiskRow, "host" | "hostId">;
    readonly heardAt: HeardAt;
  },
  call: RemoteCall,
): Promise<DiskHost> {
  const { flags, context } = call;
  const { system } = context;
  const { ways } = remoteTools(flags, context);
  const { ssh: names } = await readMountSettings(context);
  const named = sshTarget(row, { names, user: flags.user ?? null });
  const route = await routeTo(named, { heardAt, ways, names, system });
  if (route.note !== null) note(route.note, context);
  const { host, hostId } = row;
  return { host, hostId, target: route.target };
}

/**
 * Reads the settings of mounting and ssh from the configuration file; empty
 * without a readable file. YAML is slow to load, so it is loaded only for an
 * existing file.
 * @throws {ConfigError}
 * @throws {Refusal} to root, if another user can change the file
 */
export async function readMountSettings(
  { env, uid, readText }: Pick<Context, "env" | "uid" | "readText">,
): Promise<MountSettings> {
  const { path } = chooseConfigFile({ env });
  const text = readText(path);
  if (text === null) return { allow: [], locateAllow: [], ssh: new Map() };
  if (uid === 0) refuseForeign(path, callerOf({ uid, env })?.uid ?? null);
  const { mountSettings } = await import("../config/client_settings.ts");
  return mountSettings(text, path);
}

/**
 * What it says decides whom root reaches by ssh, and which disks others get.
 * @throws {Refusal} if someone else than root and `owner` can change it
 */
function refuseForeign(path: string, owner: number | null): void {
  const owners = new Set(owner === null ? [] : [owner]);
  const meddler = findMeddler(path, { owners, upTo: "contents" });
  if (meddler === null) return;
  throw new Refusal("refused", {
    message: printable(sayMeddler(meddler, `change ${path}`)),
    hints: [
      "It names hosts for ssh, and disks that others may mount: let root " +
      "alone write to it, with chown and chmod.",
    ],
  });
}

/** Longer steps are announced. */
const ANNOUNCED_AFTER_MS = 1_000;

/**
 * Announces a step on standard error if it takes long. If ssh may ask at the
 * same terminal, at once: later it would land in the middle of a question.
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

/** The output of `--dry-run`: the commands, quoted for a shell, a line each. */
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
