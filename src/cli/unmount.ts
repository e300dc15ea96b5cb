import { DaemonUnreachable } from "../control/client.ts";
import { planUnmount } from "../mount/plan_unmount.ts";
import { LeftToOthers, Refusal } from "../mount/refusal.ts";
import { unmountOnDiskHost } from "../mount/remote_diskd.ts";
import { fullDestination, sshArgv } from "../mount/ssh.ts";
import {
  readSshfsMounts,
  type SshfsMount,
  unmountArgvs,
  unmountSshfs,
} from "../mount/sshfs.ts";
import type { UnmountedPlace, UnmountView } from "../mount/views.ts";
import { renderUnmounted } from "../render/done.ts";
import { printable } from "../text/printable.ts";
import type { Argv } from "../text/shell_quoted.ts";
import { command, type Options, withSystem } from "./command.ts";
import type { MountCall, MountContext } from "./context.ts";
import { knownNames } from "./known_names.ts";
import { EXIT } from "../system/exit_code.ts";
import { findMounted, type MountedDisk } from "./find_mounted.ts";
import { openFolder, removeOpenPlaces } from "./mount.ts";
import { unmountHere, unmountLocal } from "./mount_for_caller.ts";
import {
  diskHostOf,
  HERE,
  REMOTE_FLAGS,
  remoteTools,
  showCommands,
  targetOf,
  withProgress,
} from "./mount_tools.ts";
import { note, show } from "./show.ts";

const FLAGS = { ...REMOTE_FLAGS, here: HERE };

type UnmountOptions = Options<typeof FLAGS>;

const HELP =
  `Removes the sshfs mount on this host, then unmounts the disk on its host. Mounts
of other programs are left alone. Given a UUID, it removes the sshfs mount on
this host even without a daemon.`;

/** `diskd unmount NAME`: removes the sshfs mount here, then unmounts the disk on its host. */
export const unmount = command("unmount", {
  flags: FLAGS,
  help: HELP,
  propose: knownNames,
  run: withSystem(run),
});

async function run(
  options: UnmountOptions,
  context: MountContext,
): Promise<number> {
  const name = options.words.join(" ");
  const { host, dryRun } = options;
  if (options.here) {
    return await unmountHere({ uuid: name, dryRun }, { options, context });
  }
  if (name.trim() === "") {
    note("unmount needs a name; see: diskd list --mounted", context);
    return EXIT.usage;
  }
  const disk = await findMounted(name, { host, options, context });
  const shown = await shownHere(disk, { options, context });
  const { diskHost } = disk;
  if (shown.length === 0 && diskHost.kind === "unknown") throw diskHost.why;
  if (dryRun) {
    const commands = await commandsFor(disk, shown, { options, context });
    showCommands(commands, { options, context });
    return EXIT.ok;
  }
  await unmountEverywhere(disk, shown, { options, context });
  return EXIT.ok;
}

/** Local directories with the files of the disk; with `--host`, from that host. */
async function shownHere(
  { uuid, diskHost }: MountedDisk,
  { options, context }: MountCall<UnmountOptions>,
): Promise<SshfsMount[]> {
  const mounts = (await readSshfsMounts(context)).filter((mount) =>
    mount.uuid.toLowerCase() === uuid.toLowerCase()
  );
  if (options.host === undefined || diskHost.kind === "unknown") return mounts;
  if (diskHost.kind === "here") return [];
  const target = await targetOf(diskHost.row, { flags: options, context });
  const wanted = hostPart(fullDestination(target));
  return mounts.filter(({ destination }) => hostPart(destination) === wanted);
}

function hostPart(destination: string): string {
  return destination.slice(destination.lastIndexOf("@") + 1);
}

async function commandsFor(
  { uuid, diskHost }: MountedDisk,
  shown: readonly SshfsMount[],
  { options, context }: MountCall<UnmountOptions>,
): Promise<Argv[]> {
  const first = shown.map(({ directory }) => unmountArgvs(directory)[0]!);
  if (diskHost.kind === "unknown") return first;
  if (diskHost.kind === "here") {
    const request = { ...diskHost, mayAsk: context.mayAsk };
    const { commands } = await planUnmount(request, context);
    return [...first, ...commands];
  }
  const flags = options;
  const { target } = await diskHostOf(diskHost, { flags, context });
  const { ways } = remoteTools(options, context);
  const task = { verb: "unmount", uuid, readOnly: false } as const;
  return [...first, sshArgv(task, target, ways)];
}

/**
 * Removes the sshfs mounts here, then unmounts the disk on its host. Shows the
 * removed mount points even if others remain.
 * @throws {Refusal} naming the remaining mounts
 * @throws {ConfigError}
 */
async function unmountEverywhere(
  disk: MountedDisk,
  shown: readonly SshfsMount[],
  { options, context }: MountCall<UnmountOptions>,
): Promise<void> {
  const gone: UnmountedPlace[] = [];
  const display = (rest: readonly UnmountedPlace[]) =>
    showUnmounted([...gone, ...rest], disk, { options, context });
  const tools = remoteTools(options, context);
  try {
    for (const mount of shown) {
      await unmountSshfs(mount.directory, tools);
      removeOwnFolder(mount.directory, context);
      gone.push({ host: disk.here, path: mount.directory });
    }
    removeOpenPlaces(disk, context);
    display(await unmountAtDiskHost(disk, { options, context }));
  } catch (error) {
    if (gone.length === 0) throw error;
    display([]);
    // All of ours is removed; where it stays mounted has been said there.
    if (!(error instanceof LeftToOthers)) {
      throw whatIsLeft(error, { disk, shown });
    }
  }
}

async function unmountAtDiskHost(
  { uuid, diskHost }: MountedDisk,
  { options, context }: MountCall<UnmountOptions>,
): Promise<readonly UnmountedPlace[]> {
  switch (diskHost.kind) {
    case "unknown":
      throw diskHost.why;
    case "here": {
      const request = { ...diskHost, mayAsk: context.mayAsk };
      const how = { dryRun: false, options, context };
      return (await unmountLocal(request, how))?.unmounted ?? [];
    }
    case "there": {
      const { row } = diskHost;
      const there = await diskHostOf(diskHost, { flags: options, context });
      const tools = remoteTools(options, context);
      const text = `Unmounting on ${printable(row.uniqueHost)} over ssh ...`;
      const work = () => unmountOnDiskHost(uuid, there, tools);
      return (await withProgress(text, { context, work })).unmounted;
    }
  }
}

/** A directory created by `open` is no longer needed. */
function removeOwnFolder(directory: string, context: MountContext): void {
  const folder = openFolder(context);
  if (folder === null || !directory.startsWith(`${folder}/`)) return;
  context.system.folders.remove(directory);
}

/** Why the rest was not unmounted, and where it may still be mounted. */
function whatIsLeft(
  error: unknown,
  { disk, shown }: {
    readonly disk: MountedDisk;
    readonly shown: readonly SshfsMount[];
  },
): Refusal {
  if (!(error instanceof Refusal || error instanceof DaemonUnreachable)) {
    throw error;
  }
  const kind = error instanceof Refusal ? error.kind : "unreachable";
  const hints = error instanceof Refusal ? error.hints : [];
  const { diskHost, uuid } = disk;
  const places = diskHost.kind === "unknown"
    ? new Set(shown.map(({ destination }) => destination))
    : new Set([diskHost.row.host]);
  const left = `It may still be mounted on ${
    [...places].map(printable).join(", ")
  }; there: diskd unmount ${uuid}`;
  const message = error instanceof DaemonUnreachable
    ? printable(error.message)
    : error.message;
  return new Refusal(kind, { message, hints: [...hints, left] });
}

function showUnmounted(
  unmounted: readonly UnmountedPlace[],
  { uuid, label, diskHost }: MountedDisk,
  { options, context }: MountCall<UnmountOptions>,
): void {
  const { host, hostId } = diskHost.kind === "unknown"
    ? { host: null, hostId: null }
    : diskHost.row;
  const view: UnmountView = { host, hostId, uuid, label, unmounted };
  show(view, { options, context, render: renderUnmounted });
  if (unmounted.length === 0 && !options.json) {
    note("It was not mounted; there was nothing to do.", context);
  }
}
