import type { Folders, PathEntry } from "../system/folders.ts";
import { reasonOf } from "../system/reason.ts";
import { printable } from "../text/printable.ts";
import { OUR_FOLDER } from "./mount_points.ts";
import { type MountPoint } from "../probe/parse_findmnt.ts";
import { Refusal } from "./refusal.ts";

/** `S_IWGRP` and `S_IWOTH` of inode(7): others could exchange what is in it. */
const OTHERS_WRITE = 0o022;

/** A directory to mount on, and what has to be made for it, the outermost first. */
export interface ChosenFolder {
  readonly path: string;
  readonly toMake: readonly string[];
}

/** What is known when a directory is chosen. */
interface Choice {
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

/** A label has at most 255 bytes, and a path must not grow beyond what people read. */
export const MAX_DIRECTORY_NAME_BYTES = 64;

/** Anything but letters, their accents, digits, and `._-` and space; letters that are invisible do not count. */
const UNSAFE = /[^\p{L}\p{M}\p{N}._ -]|\p{Default_Ignorable_Code_Point}/gu;

/**
 * A name for the directory of a disk, from its label, which is anybody's text:
 * one part of a path, never hidden, never an option, never `.` or `..`.
 * Where nothing of the label is left, its UUID, which must be fit for that.
 */
export function directoryName(label: string | null, uuid: string): string {
  const safe = (label ?? "")
    .replace(UNSAFE, "_")
    .replace(/ +/g, " ")
    .replace(/^[.\- ]+/, "");
  return start(safe).trimEnd() || uuid;
}

/** What to call the directory where another disk has that name already. */
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
 * Makes directories, the outermost first. False where somebody else has made
 * one of them by now; then none is there that was not before.
 * @throws {Refusal} `failed`, and then likewise
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
        message: `cannot make the directory ${printable(path)}: ${
          printable(reasonOf(error))
        }`,
      });
    }
  }
  return true;
}

/** Removes them again, the innermost first, as far as they are empty. */
export function removeFolders(
  paths: readonly string[],
  folders: Folders,
): void {
  for (const path of paths.toReversed()) folders.remove(path);
}
