import type { Folders, PathEntry } from "../system/folders.ts";
import { reasonOf } from "../system/reason.ts";
import { printable } from "../text/printable.ts";
import { OUR_FOLDER } from "./mount_points.ts";
import { type MountPoint } from "../probe/parse_findmnt.ts";
import { Refusal } from "./refusal.ts";

/** `S_IWGRP` and `S_IWOTH` of inode(7): others could exchange its contents. */
const OTHERS_WRITE = 0o022;

/** A mount point, and the directories to create for it, outermost first. */
export interface ChosenFolder {
  readonly path: string;
  readonly toMake: readonly string[];
}

/** Input for choosing a directory. */
interface Choice {
  readonly label: string | null;
  readonly uuid: string;
  readonly mounts: readonly MountPoint[];
  readonly folders: Folders;
}

/**
 * Chooses the directory for a disk: named after its label, with its UUID if
 * another disk has that name. Reuses an empty one left by a killed run.
 * @throws {Refusal} `refused` if no directory is safe or both names are taken
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
      message: `${taken} are used by something else`,
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

/**
 * The missing parts of `OUR_FOLDER`. Existing parts must be writable only by
 * root, or someone could exchange them during the mount.
 */
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

/** A label has at most 255 bytes, but paths should stay readable. */
export const MAX_DIRECTORY_NAME_BYTES = 64;

/** Anything except letters, accents, digits, `._-` and space; invisible letters are unsafe too. */
const UNSAFE = /[^\p{L}\p{M}\p{N}._ -]|\p{Default_Ignorable_Code_Point}/gu;

/**
 * Names the directory of a disk after its untrusted label: a single part of a
 * path, never hidden, never an option, never `.` or `..`. If nothing of the
 * label is left, its UUID, which must be safe.
 */
export function directoryName(label: string | null, uuid: string): string {
  const safe = (label ?? "")
    .replace(UNSAFE, "_")
    .replace(/ +/g, " ")
    .replace(/^[.\- ]+/, "");
  return start(safe).trimEnd() || uuid;
}

/** The name of the directory if another disk has the short one. */
export function longerDirectoryName(
  label: string | null,
  uuid: string,
): string {
  return `${directoryName(label, uuid)}-${uuid.slice(0, 8)}`;
}

/** As many whole characters as fit. */
function start(text: string): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += new TextEncoder().encode(character).length;
    if (bytes > MAX_DIRECTORY_NAME_BYTES) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/**
 * Creates directories, outermost first. False if another program created one of
 * them; then no new ones are left.
 * @throws {Refusal} `failed`, likewise
 */
export function makeFolders(
  paths: readonly string[],
  folders: Folders,
): boolean {
  for (const [index, path] of paths.entries()) {
    try {
      folders.make(path);
    } catch (error) {
      removeFolders(paths.slice(0, index), folders);
      if (folders.look(path) !== null) return false;
      throw new Refusal("failed", {
        message: `cannot create the directory ${printable(path)}: ${
          printable(reasonOf(error))
        }`,
      });
    }
  }
  return true;
}

/** Removes them, innermost first, as far as they are empty. */
export function removeFolders(
  paths: readonly string[],
  folders: Folders,
): void {
  for (const path of paths.toReversed()) folders.remove(path);
}
