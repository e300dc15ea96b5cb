import { DaemonUnreachable } from "../control/client.ts";
import { Refusal } from "../mount/refusal.ts";
import { unmountOnDiskHost } from "../mount/remote_diskd.ts";
import { type SshfsMount, unmountSshfs } from "../mount/sshfs.ts";
import type { UnmountedPlace, UnmountView } from "../mount/views.ts";
import { renderUnmounted } from "../render/mounted.ts";
import { printable } from "../text/printable.ts";
import type { MountedDisk } from "./find_mounted.ts";
import { unmountLocal } from "./mount_local.ts";
import { openFolder, removeOpenPlaces } from "./open_place.ts";
import type { CommonOptions } from "./options.ts";
import { withProgress } from "./progress.ts";
import type { ReachContext } from "./reach_context.ts";
import type { ReachFlags } from "./reach_flags.ts";
import { diskHostOf, remoteTools } from "./reach_tools.ts";
import { note, show } from "./show.ts";

interface Asking {
  readonly options: CommonOptions & ReachFlags;
  readonly context: ReachContext;
}

/**
 * Ends what shows a disk here, then unmounts it on the host that it hangs on.
 * What went is shown even where the rest did not.
 * @throws {Refusal} saying what may still be mounted where
 * @throws {ConfigError}
 */
export async function unmountEverywhere(
  disk: MountedDisk,
  shown: readonly SshfsMount[],
  { options, context }: Asking,
): Promise<void> {
  const gone: UnmountedPlace[] = [];
  const display = (rest: readonly UnmountedPlace[]) =>
    showUnmounted([...gone, ...rest], disk, { options, context });
  try {
    for (const mount of shown) {
      await unmountSshfs(mount.directory, context);
      removeOwnFolder(mount.directory, context);
      gone.push({ host: disk.here, path: mount.directory });
    }
    removeOpenPlaces(disk, context);
    display(await unmountAtDiskHost(disk, { options, context }));
  } catch (error) {
    if (gone.length === 0) throw error;
    display([]);
    const rest = whatIsLeft(error, { disk, shown });
    if (rest.kind !== "refused") throw rest;
    // What is ours is undone; something else had mounted it there before.
    note(rest.message, context);
  }
}

async function unmountAtDiskHost(
  { uuid, diskHost }: MountedDisk,
  { options, context }: Asking,
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
      const there = await diskHostOf(row, { flags: options, context });
      const tools = remoteTools(options, context);
      const text = `Unmounting on ${printable(row.host)} over ssh ...`;
      const work = () => unmountOnDiskHost(uuid, there, tools);
      return (await withProgress(text, { context, work })).unmounted;
    }
  }
}

/** A directory that `open` made is of no more use. */
function removeOwnFolder(directory: string, context: ReachContext): void {
  const folder = openFolder(context);
  if (folder === null || !directory.startsWith(`${folder}/`)) return;
  context.system.folders.remove(directory);
}

/** Why the rest was not unmounted, and where it may be mounted still. */
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
  { options, context }: Asking,
): void {
  const { host, hostId } = diskHost.kind === "unknown"
    ? { host: null, hostId: null }
    : diskHost.row;
  const view: UnmountView = { host, hostId, uuid, label, unmounted };
  show(view, { options, context, render: renderUnmounted });
  if (unmounted.length === 0 && !options.json) {
    note("It was not mounted; nothing was to be done.", context);
  }
}
