import type { Folders } from "../system/folders.ts";
import { FILE_PLACES, isInFilePlaces } from "../system/reason.ts";
import { printable } from "../text/printable.ts";
import { type MountPoint, seenAt } from "./mount_points.ts";
import type { ChosenFolder } from "./our_folder.ts";
import { Refusal } from "./refusal.ts";

/**
 * A directory that the user chose to have a disk in: empty, and nothing is
 * mounted on it; or not there yet, in one that is.
 * @throws {Refusal} `usage` where it is no absolute path, `refused` where it is not fit
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
      ? "the directory above it is not there"
      : `it is not below ${FILE_PLACES}, where alone diskd may look`;
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
    hints: ["Choose an empty directory, or one that is not there yet."],
  });
}

/** As the table of mounts has it: `/mnt/b/` is `/mnt/b`. */
export function withoutSlashes(path: string): string {
  return path.replace(/\/+$/, "") || "/";
}
