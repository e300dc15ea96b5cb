import type { Folders } from "../system/folders.ts";
import { FILE_PLACES, isInFilePlaces } from "../system/reason.ts";
import { printable } from "../text/printable.ts";
import type { ChosenFolder } from "./folders.ts";
import { seenAt } from "./mount_points.ts";
import { type MountPoint } from "../probe/parse_findmnt.ts";
import { Refusal } from "./refusal.ts";
import { type DiskHost, fullDestination } from "./ssh.ts";
import {
  type SshfsMount,
  sshfsMountsAmong,
  type SshfsSource,
} from "./sshfs.ts";

/** A local directory for the files of a remote disk. */
export interface ShownPlace extends ChosenFolder {
  /** Its present sshfs mount. */
  readonly shown: SshfsMount | null;
}

/** Input for choosing a place. */
export interface PlaceOptions {
  /** Identifies its mounts. */
  readonly source: SshfsSource;
  readonly mounts: readonly MountPoint[];
  readonly uid: number | null;
  readonly folders: Folders;
}

/** The disk and host, as in the source of its mounts. */
export function sourceOf(
  { uuid, diskHost }: { readonly uuid: string; readonly diskHost: DiskHost },
): SshfsSource {
  return { uuid, destination: fullDestination(diskHost.target) };
}

/**
 * Checks a directory for a remote disk. Does not touch a directory that shows
 * the disk already, because it may hang.
 * @throws {Refusal} `refused` if it is unsuitable
 */
export function choosePlace(at: string, options: PlaceOptions): ShownPlace {
  const { mounts, folders } = options;
  const path = besideLinks(at, folders);
  const shown = shownAt(path, options);
  return shown === null
    ? { ...chooseTarget(at, { mounts, folders }), shown }
    : { path, toMake: [], shown };
}

/** The same for diskd's own directory, created with its parents. */
export function chooseOwnPlace(
  paths: readonly string[],
  { above, ...options }: PlaceOptions & {
    /** Its missing parents, outermost first. */
    readonly above: readonly string[];
  },
): ShownPlace {
  const { folders, mounts } = options;
  const missing = above.filter((path) => folders.look(path) === null);
  if (missing.length > 0) {
    const path = paths[0]!;
    return { path, toMake: [...missing, path], shown: null };
  }
  const places = paths.map((path) => besideLinks(path, folders));
  for (const path of places) {
    const shown = shownAt(path, options);
    if (shown !== null) return { path, toMake: [], shown };
  }
  const free = places.find((path) => isFree(path, { mounts, folders }));
  if (free !== undefined) return choosePlace(free, options);
  throw new Refusal("refused", {
    message: `${places.map(printable).join(" and ")} are used by other disks`,
    hints: ["Choose a directory: diskd mount NAME --at DIR"],
  });
}

/** Considers only the visible mount, not those it covers. */
function shownAt(
  path: string,
  { source: { uuid, destination }, mounts, uid }: PlaceOptions,
): SshfsMount | null {
  const seen = seenAt(mounts, path);
  if (seen === undefined) return null;
  return sshfsMountsAmong([seen], uid).find((mount) =>
    mount.uuid === uuid && mount.destination === destination
  ) ?? null;
}

function isFree(
  path: string,
  { mounts, folders }: Pick<PlaceOptions, "mounts" | "folders">,
): boolean {
  if (seenAt(mounts, path) !== undefined) return false;
  return folders.look(path) === null || folders.isEmpty(path);
}

/** Resolves the links above it, as in the mount table, without looking at the directory itself. */
function besideLinks(at: string, folders: Folders): string {
  const slash = at.lastIndexOf("/");
  if (slash <= 0) return at;
  const above = folders.realPath(at.slice(0, slash));
  return above === null ? at : `${above}${at.slice(slash)}`;
}

/**
 * Checks a directory chosen by the user: empty and without a mount, or not yet
 * existing in an existing one.
 * @throws {Refusal} `usage` if it is no absolute path, `refused` if it is
 * unsuitable
 */
export function chooseTarget(
  at: string,
  { mounts, folders }: {
    readonly mounts: readonly MountPoint[];
    readonly folders: Folders;
  },
): ChosenFolder {
  const shown = printable(at);
  if (!at.startsWith("/") || at.includes("\0")) {
    throw new Refusal("usage", {
      message: `--at is ${shown}, expected an absolute path`,
    });
  }
  const path = folders.realPath(withoutSlashes(at));
  if (path === null) {
    const why = isInFilePlaces(at)
      ? "its parent directory does not exist"
      : `diskd can only use directories below ${FILE_PLACES}`;
    throw refused(`${shown} cannot be used: ${why}`);
  }
  if (seenAt(mounts, path) !== undefined) {
    throw refused(`something else is mounted on ${shown}`);
  }
  const entry = folders.look(path);
  if (entry === null) return { path, toMake: [path] };
  if (entry.kind !== "folder") throw refused(`${shown} is not a directory`);
  if (!folders.isEmpty(path)) {
    throw refused(`the directory ${shown} is not empty`);
  }
  return { path, toMake: [] };
}

function refused(message: string): Refusal {
  return new Refusal("refused", {
    message,
    hints: ["Choose an empty or a new directory."],
  });
}

/** As in the mount table: `/mnt/b/` becomes `/mnt/b`. */
export function withoutSlashes(path: string): string {
  return path.replace(/\/+$/, "") || "/";
}
