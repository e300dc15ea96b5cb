/** What is at a path: the thing itself, not what it links to. */
export interface PathEntry {
  readonly kind: "folder" | "link" | "other";
  /** Of its owner. */
  readonly uid: number | null;
  /** Permission bits, as chmod(2) has them. */
  readonly mode: number | null;
}

/** The directories that disks are mounted on. */
export interface Folders {
  /** `null` where nothing is, and where that may not be known. */
  look(path: string): PathEntry | null;
  /** False also of what is no directory, and of one that may not be read. */
  isEmpty(path: string): boolean;
  /** Absolute and without symbolic links; what is not there yet may be its last part. `null` where that may not be known. */
  realPath(path: string): string | null;
  /**
   * Makes a directory that everybody may enter, whatever the umask, in one that is there.
   * @throws {Error} where that fails, or where something of that name is
   */
  make(path: string): void;
  /** Removes an empty directory; false where it stays. */
  remove(path: string): boolean;
}

/** Everybody may look into it, its owner may change it. */
const FOLDER_MODE = 0o755;

/** Those of this machine. Needs `--allow-read` and `--allow-write` for where they are. */
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
  // Deno would remove a file or a link as well.
  if (look(path)?.kind !== "folder") return false;
  try {
    // Not recursive: one that is not empty stays.
    Deno.removeSync(path);
    return true;
  } catch {
    return false;
  }
}
