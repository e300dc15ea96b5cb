/** The file at a path itself, not the target of a link. */
export interface PathEntry {
  readonly kind: "folder" | "link" | "other";
  /** Its owner. */
  readonly uid: number | null;
  /** Permission bits, as in chmod(2). */
  readonly mode: number | null;
}

/** Directories used as mount points. */
export interface Folders {
  /** `null` if nothing is there, or without permission to know. */
  look(path: string): PathEntry | null;
  /** False also if it is no directory, or unreadable. */
  isEmpty(path: string): boolean;
  /**
   * The absolute path without symbolic links; its last part need not exist.
   * `null` without permission to know.
   */
  realPath(path: string): string | null;
  /**
   * Creates a directory that every user may enter, whatever the umask, in an
   * existing one.
   * @throws {Error} if that fails, or the name exists
   */
  make(path: string): void;
  /** Removes an empty directory; false if it stays. */
  remove(path: string): boolean;
}

/** Readable by every user, writable by its owner. */
const FOLDER_MODE = 0o755;

/** Directories of this machine. Needs `--allow-read` and `--allow-write` for their places. */
export function denoFolders(): Folders {
  return { look, isEmpty, realPath, make, remove };
}

function look(path: string): PathEntry | null {
  try {
    const { isDirectory, isSymlink, uid, mode } = Deno.lstatSync(path);
    const kind = isDirectory ? "folder" : isSymlink ? "link" : "other";
    return { kind, uid, mode: mode === null ? null : mode & 0o7777 };
  } catch {
    return null;
  }
}

function isEmpty(path: string): boolean {
  try {
    for (const _ of Deno.readDirSync(path)) return false;
    return true;
  } catch {
    return false;
  }
}

function realPath(path: string): string | null {
  try {
    if (look(path) !== null) return Deno.realPathSync(path);
    const slash = path.lastIndexOf("/");
    const above = Deno.realPathSync(path.slice(0, slash) || "/");
    return `${above === "/" ? "" : above}/${path.slice(slash + 1)}`;
  } catch {
    return null;
  }
}

function make(path: string): void {
  Deno.mkdirSync(path);
  Deno.chmodSync(path, FOLDER_MODE);
}

function remove(path: string): boolean {
  // Deno would also remove a file or a link.
  if (look(path)?.kind !== "folder") return false;
  try {
    // Not recursive: a non-empty directory stays.
    Deno.removeSync(path);
    return true;
  } catch {
    return false;
  }
}
