import { printable } from "../text/printable.ts";
import type { Argv } from "../text/shell_quoted.ts";
import { makeFolders, removeFolders } from "./folders.ts";
import { makeFolderArgv } from "./mount_plan.ts";
import type { ShownPlace } from "./places.ts";
import { Refusal } from "./refusal.ts";
import {
  mountOnDiskHost,
  unmountOnDiskHost,
  wrongAnswer,
} from "./remote_diskd.ts";
import { type DiskHost, type RemoteTools, sshArgv } from "./ssh.ts";
import { mountSshfs, sshfsArgv, unmountSshfs } from "./sshfs.ts";
import { answers } from "./stuck_mount.ts";
import type { MountView } from "./views.ts";

/** Mounts a disk on its host and shows it here; undoes the steps if it cannot finish. */

/** A disk of another host to mount. */
interface RemoteMountRequest {
  /** A safe UUID, see `fitUuid`. */
  readonly uuid: string;
  /** As announced. */
  readonly label: string | null;
  readonly diskHost: DiskHost;
  readonly readOnly: boolean;
  /** Whether other users of this host may use its files, as far as those allow. */
  readonly isShared: boolean;
  /** Directory of this host for its files; `null`: none. */
  readonly place: ShownPlace | null;
}

/**
 * Mounts a disk on its host, and shows it here if requested.
 * @throws {Refusal}; then nothing new is mounted, or the message says where
 */
export async function mountRemote(
  request: RemoteMountRequest,
  tools: RemoteTools,
): Promise<MountView> {
  const view = await mountThere(request, tools);
  const { place, readOnly } = request;
  if (place === null) return view;
  try {
    const isNew = await makeVisible(view, { request, place, tools });
    return {
      ...view,
      at: place.path,
      readOnly: view.readOnly || (isNew ? readOnly : place.shown!.isReadOnly),
      wasMounted: view.wasMounted && !isNew,
    };
  } catch (error) {
    throw await undo(error, { view, request, tools });
  }
}

/**
 * The commands of `mountRemote`. `path` is the mount point there; `null`: that
 * host will answer it.
 */
export function remoteCommands(
  { uuid, diskHost: { target }, readOnly, isShared, place }: RemoteMountRequest,
  { path, ways }: Pick<RemoteTools, "ways"> & { readonly path: string | null },
): Argv[] {
  const there = sshArgv({ verb: "mount", uuid, readOnly }, target, ways);
  if (place === null || place.shown !== null) return [there];
  const shown = sshfsArgv({
    ...{ uuid, target, readOnly, isShared, directory: place.path },
    path: path ?? "PATH",
  }, ways);
  return [there, ...place.toMake.map(makeFolderArgv), shown];
}

/** Undoes what was done to another disk than that which is meant. */
async function mountThere(
  request: RemoteMountRequest,
  tools: RemoteTools,
): Promise<MountView> {
  const { diskHost } = request;
  const view = await mountOnDiskHost(request, diskHost, tools);
  const wrong = wrongAnswer(view, request);
  if (wrong === null) return view;
  throw await undo(wrong, { view, request, tools });
}

/**
 * Returns whether there was anything to do: not if it is shown already, from
 * the present mount of the other host.
 */
async function makeVisible(
  view: MountView,
  { request, place, tools }: {
    readonly request: RemoteMountRequest;
    readonly place: ShownPlace;
    readonly tools: RemoteTools;
  },
): Promise<boolean> {
  const { uuid, diskHost: { target }, readOnly, isShared } = request;
  if (place.shown !== null) {
    const isFit = view.wasMounted && (place.shown.isShared || !isShared);
    const isStuck = isFit && !await answers(place.path, tools.system);
    if (isFit && !isStuck) return false;
    await unmountSshfs(place.path, { ...tools, isStuck });
  }
  const { folders } = tools.system;
  if (!makeFolders(place.toMake, folders)) {
    throw new Refusal("refused", {
      message: `${printable(place.path)} is in use by another diskd`,
      hints: ["Try again."],
    });
  }
  try {
    await mountSshfs({
      ...{ uuid, target, readOnly, isShared },
      path: view.path,
      directory: place.path,
    }, tools);
  } catch (error) {
    removeFolders(place.toMake, folders);
    throw error;
  }
  return true;
}

/** Unmounts the disk there, unless it was mounted before, and returns the error to report. */
async function undo(
  error: unknown,
  { view, request: { uuid, diskHost }, tools }: {
    readonly view: MountView;
    readonly request: RemoteMountRequest;
    readonly tools: RemoteTools;
  },
): Promise<unknown> {
  if (view.wasMounted || !(error instanceof Refusal)) return error;
  // The user aborted the mount, not its undoing.
  const signal = new AbortController().signal;
  try {
    await unmountOnDiskHost(uuid, diskHost, { ...tools, signal });
    return error;
  } catch {
    const { kind, message, hints } = error;
    const left = `It is still mounted on ${printable(diskHost.host)}, at ` +
      `${printable(view.path)}; to undo that: diskd unmount ${uuid}`;
    return new Refusal(kind, { message, hints: [...hints, left] });
  }
}
