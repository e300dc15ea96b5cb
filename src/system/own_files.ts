import { statOrNull } from "./file_at.ts";
import { judgePath, sayMeddler } from "./trusted_path.ts";

/**
 * Files that belong to this user or to root, in directories that nobody else
 * can change. Whoever else could write there could put a link in the place of a
 * file, and have this process change another file.
 */

/** Another user could exchange a file. The message says where, and what is expected. */
export class ForeignPlace extends Error {
  override readonly name = "ForeignPlace";
}

/**
 * Makes a directory with its parents, unless it is there.
 * @throws {ForeignPlace} if it, or one above it, is another user's
 */
export function makeOwnDirectory(path: string, mode: number): void {
  refuseMeddler(path, "owner");
  const parts = path.split("/");
  for (let end = 2; end <= parts.length; end++) {
    const part = parts.slice(0, end).join("/");
    if (!isMissing(part)) continue;
    // What was missing at the first look may be a link of another user now.
    refuseUnlessThere(parts.slice(0, end - 1).join("/") || "/");
    try {
      Deno.mkdirSync(part, { mode });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      // In a shared directory another user may have been faster.
      refuseMeddler(part, "owner");
    }
  }
  // Says what is there instead.
  Deno.mkdirSync(path, { recursive: true, mode });
}

/** What this process may not look at is there. */
function isMissing(path: string): boolean {
  try {
    return path !== "" && statOrNull(path) === null;
  } catch {
    return false;
  }
}

/**
 * Checks a directory in which this process finds its files by their names; it
 * need not exist.
 * @throws {ForeignPlace} if another user can write to it, or exchange it
 */
export function checkOwnDirectory(path: string): void {
  refuseMeddler(path, "contents");
}

/**
 * Takes from others the right to write to a directory that belongs to this
 * user, as a new file system lets everybody. Does nothing if it may not.
 */
export function closeOwnDirectory(path: string): void {
  try {
    refuseMeddler(path, "owner");
    const { isDirectory, mode } = Deno.statSync(path);
    const isOpen = isDirectory && ((mode ?? 0) & 0o022) !== 0;
    if (isOpen) Deno.chmodSync(path, 0o700);
  } catch {
    // `checkOwnDirectory` says why.
  }
}

/** Refuses a directory of another user, and one that goes at this moment. */
function refuseUnlessThere(path: string): void {
  if (refuseMeddler(path, "owner").isThere) return;
  throw new ForeignPlace(
    `${path} goes while diskd makes a directory in it; expected a directory ` +
      `to which only ${us()} can write`,
  );
}

function refuseMeddler(
  path: string,
  upTo: "owner" | "contents",
): { readonly isThere: boolean } {
  const uid = Deno.uid();
  const owners = new Set(uid === null ? [] : [uid]);
  const { meddler, isThere } = judgePath(path, { owners, upTo });
  if (meddler === null) return { isThere };
  const inside = meddler.path === path ? "in it" : `in ${path}`;
  const deed = `exchange the files of diskd ${inside}`;
  throw new ForeignPlace(
    `${sayMeddler(meddler, deed)}; expected a directory to which only ` +
      `${us()} can write: mend that with chown or chmod`,
  );
}

function us(): string {
  const uid = Deno.uid();
  return uid === 0 || uid === null ? "root" : `root or user ${uid}`;
}

/**
 * Checks a file in such a directory before it is opened; it need not exist. It
 * may remain from a time when another user could write there. Opening a pipe
 * would wait for a writer.
 * @throws {ForeignPlace} if it belongs to another user
 * @throws {Error} if it is a link, has a second name, or is no file
 */
export function checkOwnFile(path: string): void {
  const found = statOrNull(path);
  if (found === null) return;
  const odd = sayOdd(found);
  if (odd !== null) throw new Error(`${path} ${odd}; move it away`);
  const { uid } = found;
  if (uid === null || uid === 0 || uid === Deno.uid()) return;
  throw new ForeignPlace(`${path} belongs to user ${uid}; expected ${us()}`);
}

function sayOdd(found: Deno.FileInfo): string | null {
  if (found.isSymlink) return "is a symbolic link, which diskd does not follow";
  if (found.isDirectory) return "is a directory";
  if (!found.isFile) return "is not a regular file";
  if ((found.nlink ?? 1) > 1) return "has a second name, a hard link";
  return null;
}
