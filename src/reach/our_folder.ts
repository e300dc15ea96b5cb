import type { Folders, PathEntry } from "../system/folders.ts";
import { printable } from "../text/printable.ts";
import { directoryName, longerDirectoryName } from "./directory_name.ts";
import { type MountPoint, OUR_FOLDER } from "./mount_points.ts";
import { Refusal } from "./refusal.ts";

/** `S_IWGRP` and `S_IWOTH` of inode(7): others could exchange what is in it. */
const OTHERS_WRITE = 0o022;

/** A directory to mount on, and what has to be made for it, the outermost first. */
export interface ChosenFolder {
  readonly path: string;
  readonly toMake: readonly string[];
}

/** What is known when a directory is chosen. */
export interface Choice {
  readonly label: string | null;
  readonly uuid: string;
  readonly mounts: readonly MountPoint[];
  readonly folders: Folders;
}

/**
 * The directory for a disk: named after its label, and where another has that,
 * after its UUID too. One that a killed run left empty is taken.
 * @throws {Refusal} `refused`, where nothing can be trusted or both are taken
 */
export function chooseFolder(choice: Choice): ChosenFolder {
  const { label, uuid, folders } = choice;
  const above = missingAbove(folders);
  const paths = [directoryName(label, uuid), longerDirectoryName(label, uuid)]
    .map((name) => `${OUR_FOLDER}/${name}`);
  const path = paths.find((path) => isFree(path, choice));
  if (path === undefined) {
    const taken = paths.map(printable).join(" and ");
    throw new Refusal("refused", {
      message: `${taken} are taken by something else`,
      hints: ["Empty or remove one of them, or choose a directory: --at DIR"],
    });
  }
  const isThere = folders.look(path) !== null;
  return { path, toMake: isThere ? above : [...above, path] };
}

function isFree(path: string, { mounts, folders }: Choice): boolean {
  if (mounts.some(({ target }) => target === path)) return false;
  const entry = folders.look(path);
  if (entry === null) return true;
  return entry.kind === "folder" && entry.uid === 0 && folders.isEmpty(path);
}

/** What is missing of `OUR_FOLDER`. What is there must be root's alone, or somebody could exchange it for another place while we mount. */
function missingAbove(folders: Folders): string[] {
  return ["/run", "/run/media", OUR_FOLDER].filter((path) => {
    const entry = folders.look(path);
    if (entry === null) return true;
    if (isRootsAlone(entry)) return false;
    throw new Refusal("refused", {
      message: `${path} is not a directory that only root can write to, ` +
        "so nothing is mounted in it",
      hints: [`Look at it: ls -ld ${path}`],
    });
  });
}

function isRootsAlone({ kind, uid, mode }: PathEntry): boolean {
  return kind === "folder" && uid === 0 && ((mode ?? 0) & OTHERS_WRITE) === 0;
}
