import type { DiskRow } from "../control/views.ts";
import { readMountPoints } from "../mount/mount_points.ts";
import { mountRemote, remoteCommands } from "../mount/mount_remote.ts";
import {
  type PlaceOptions,
  type ShownPlace,
  sourceOf,
} from "../mount/places.ts";
import type { DiskHost, RemoteTools } from "../mount/ssh.ts";
import { checkSshfs } from "../mount/sshfs.ts";
import type { MountView } from "../mount/views.ts";
import { isPrintable, printable } from "../text/printable.ts";
import type { FoundDisk } from "./find_disk.ts";
import type { CommonOptions } from "./options.ts";
import { withProgress } from "./progress.ts";
import type { ReachContext } from "./reach_context.ts";
import type { OpenFlags } from "./reach_flags.ts";
import { diskHostOf, remoteTools } from "./reach_tools.ts";
import { note } from "./show.ts";
import { showCommands } from "./show_commands.ts";

/** Finds the directory of this host to show a disk in. */
export type ChoosePlace = (options: PlaceOptions) => ShownPlace;

interface How {
  /** `null`: it need not be had on this host. */
  readonly choose: ChoosePlace | null;
  readonly options: CommonOptions & OpenFlags;
  readonly context: ReachContext;
}

/**
 * Mounts a disk of another host there, and shows it here if wanted; `null`
 * after a dry run.
 * @throws {Refusal}
 * @throws {ConfigError}
 */
export async function mountRemotely(
  { row, uuid }: FoundDisk,
  { choose, options, context }: How,
): Promise<MountView | null> {
  const { readOnly, dryRun } = options;
  const diskHost = await diskHostOf(row, { flags: options, context });
  const tools = remoteTools(options, context);
  if (choose !== null && !dryRun) await checkSshfs(tools);
  const place = choose === null
    ? null
    : choose(await placeOptions({ uuid, diskHost }, tools));
  const request = { uuid, diskHost, readOnly, place };
  const path = knownPath(row);
  // Before anything is done: it also finds options that sshfs would not hand on.
  const commands = remoteCommands(request, { path, ways: tools.ways });
  if (dryRun) {
    showCommands(commands, { options, context });
    if (place !== null && place.shown === null && path === null) {
      note(`PATH is what ${printable(row.host)} answers first.`, context);
    }
    return null;
  }
  const text = `Mounting on ${printable(row.host)} over ssh ...`;
  const view = await withProgress(text, {
    context,
    work: () => mountRemote(request, tools),
  });
  if (place?.shown && readOnly && !view.readOnly) {
    note(
      "It is shown read-write already; --read-only changes nothing.",
      context,
    );
  }
  return view;
}

async function placeOptions(
  disk: { readonly uuid: string; readonly diskHost: DiskHost },
  { system, uid }: RemoteTools,
): Promise<PlaceOptions> {
  return {
    source: sourceOf(disk),
    mounts: await readMountPoints(system),
    uid,
    folders: system.folders,
  };
}

/** Where it is mounted, as its host announces it: anybody's word, so it is good for showing alone. */
function knownPath({ mounts }: DiskRow): string | null {
  return mounts.find((path) => path.startsWith("/") && isPrintable(path)) ??
    null;
}
