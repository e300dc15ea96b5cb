import { printable } from "../text/printable.ts";
import type { Argv } from "../text/shell_quoted.ts";
import { makeFolders, removeFolders } from "./folders.ts";
import { makeFolderArgv } from "./mount_plan.ts";
import type { ShownPlace } from "./places.ts";
import { Refusal } from "./refusal.ts";
import { mountOnDiskHost, unmountOnDiskHost } from "./remote_diskd.ts";
import {
  type DiskHost,
  fullDestination,
  type RemoteTools,
  sshArgv,
  sshLine,
} from "./ssh.ts";
import { answers, mountSshfs, sshfsArgv, unmountSshfs } from "./sshfs.ts";
import type { MountView } from "./views.ts";

/**
 * A disk of another host, mounted there and shown here: what is done, and
 * undone where it cannot be finished.
 */

/** A disk of another host that is to be mounted. */
interface RemoteMountRequest {
  /** A fit one, see `fitUuid`. */
  readonly uuid: string;
  readonly diskHost: DiskHost;
  readonly readOnly: boolean;
  /** Where to show it on this host; `null`: nowhere. */
  readonly place: ShownPlace | null;
}

/**
 * Mounts a disk on the host that it hangs on, and shows it here if asked to.
 * @throws {Refusal} and then nothing is mounted that was not before, or the refusal says what is
 */
export async function mountRemote(
  request: RemoteMountRequest,
  tools: RemoteTools,
): Promise<MountView> {
  const view = await mountThere(request, tools);
  const { place, readOnly } = request;
  if (place === null) return view;
  try {
    const isNew = await show(view, { request, place, tools });
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

/** The commands that `mountRemote` runs. `path` is where the disk is mounted there; `null`: that host will say. */
export function remoteCommands(
  { uuid, diskHost: { target }, readOnly, place }: RemoteMountRequest,
  { path, ways }: Pick<RemoteTools, "ways"> & { readonly path: string | null },
): Argv[] {
  const there = sshArgv({ verb: "mount", uuid, readOnly }, target, ways);
  if (place === null || place.shown !== null) return [there];
  const shown = sshfsArgv({
    ...{ uuid, target, readOnly, directory: place.path },
    path: path ?? "PATH",
  }, ways);
  return [there, ...place.toMake.map(makeFolderArgv), shown];
}

/** A disk may hang on two hosts: it must be the one that was chosen. */
async function mountThere(
  request: RemoteMountRequest,
  tools: RemoteTools,
): Promise<MountView> {
  const { diskHost } = request;
  const view = await mountOnDiskHost(request, diskHost, tools);
  if (view.hostId === diskHost.hostId) return view;
  const destination = fullDestination(diskHost.target);
  const error = new Refusal("refused", {
    message: `ssh ${destination} leads to ${printable(view.host)} ` +
      `(${printable(view.hostId)}), and not to ${printable(diskHost.host)} ` +
      `(${printable(diskHost.hostId)})`,
    hints: [
      `Say in the configuration where ssh finds it: ${
        sshLine(diskHost.hostId)
      }`,
    ],
  });
  throw await undo(error, { view, request, tools });
}

/** Whether there was anything to do: not where it is shown, and is what the other host has mounted since. */
async function show(
  view: MountView,
  { request, place, tools }: {
    readonly request: RemoteMountRequest;
    readonly place: ShownPlace;
    readonly tools: RemoteTools;
  },
): Promise<boolean> {
  const { uuid, diskHost: { target }, readOnly } = request;
  if (place.shown !== null) {
    if (view.wasMounted && await answers(place.path)) return false;
    await unmountSshfs(place.path, tools);
  }
  const { folders } = tools.system;
  if (!makeFolders(place.toMake, folders)) {
    throw new Refusal("refused", {
      message: `${printable(place.path)} is in use by another diskd just now`,
      hints: ["Try again."],
    });
  }
  try {
    await mountSshfs({
      ...{ uuid, target, readOnly },
      path: view.path,
      directory: place.path,
    }, tools);
  } catch (error) {
    removeFolders(place.toMake, folders);
    throw error;
  }
  return true;
}

/** What to report after what was mounted there is unmounted again, unless it was mounted before. */
async function undo(
  error: unknown,
  { view, request: { uuid, diskHost }, tools }: {
    readonly view: MountView;
    readonly request: RemoteMountRequest;
    readonly tools: RemoteTools;
  },
): Promise<unknown> {
  if (view.wasMounted || !(error instanceof Refusal)) return error;
  // The user has had enough of mounting, not of being left with half of it.
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
