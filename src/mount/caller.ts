import type { Environment } from "../config/paths.ts";
import type { Folders, PathEntry } from "../system/folders.ts";
import { printable } from "../text/printable.ts";
import { typed } from "../text/shell_quoted.ts";

/** Variables with which sudo(8), pkexec(1) and doas(1) tell who typed a command. */
export const CALLER_VARIABLES = [
  "SUDO_UID",
  "SUDO_USER",
  "PKEXEC_UID",
  "DOAS_USER",
] as const;

/** The user who typed a command that runs as root. */
export interface Caller {
  /** For messages, printable. */
  readonly name: string;
  /** `null`: not known. */
  readonly uid: number | null;
}

/** The user behind sudo and the like; `null`: the process is not root, or nobody else typed it. */
export function callerOf(
  { uid, env }: { readonly uid: number | null; readonly env: Environment },
): Caller | null {
  if (uid !== 0) return null;
  const id = env["SUDO_UID"] || env["PKEXEC_UID"] || "";
  const callerUid = /^\d{1,10}$/.test(id) ? Number(id) : null;
  const name = env["SUDO_USER"] || env["DOAS_USER"] ||
    (callerUid === null ? "root" : `user ${callerUid}`);
  if (callerUid === 0 || name === "root") return null;
  return { name: printable(name), uid: callerUid };
}

/** `S_IRUSR` and `S_IXUSR` of inode(7), of the owner; 3 and 6 bits lower of group and others. */
const READ = 0o400;
const ENTER = 0o100;

/**
 * A note if the caller surely may not read a directory, or enter one above it;
 * `null` otherwise. Groups and access control lists, which use the bits of the
 * group, count as rights, because nothing here says who is in them.
 */
export function noteForCaller(
  path: string,
  { caller, folders, remedy }: {
    readonly caller: Caller;
    readonly folders: Pick<Folders, "look">;
    /** What to do if it is the directory itself, a printable sentence. */
    readonly remedy: string;
  },
): string | null {
  const parts = path.split("/").slice(1);
  const above = parts.map((_, index) => `/${parts.slice(0, index).join("/")}`)
    .slice(1);
  const closedAbove = above.find((folder) =>
    isClosed(folders.look(folder), { caller, bits: ENTER })
  );
  const isOpen = !isClosed(folders.look(path), { caller, bits: READ | ENTER });
  if (closedAbove === undefined && isOpen) return null;
  const [closed, what] = closedAbove === undefined
    ? [path, remedy]
    : [closedAbove, `As root: ${typed(["chmod", "o+x", closedAbove])}`];
  return `${caller.name} may not read it: ${
    printable(closed)
  } is for others only. ${what}`;
}

function isClosed(
  entry: PathEntry | null,
  { caller, bits }: { readonly caller: Caller; readonly bits: number },
): boolean {
  if (entry === null || entry.mode === null || caller.uid === null) {
    return false;
  }
  const classes = entry.uid === caller.uid ? [0] : [3, 6];
  return !classes.some((shift) => {
    const wanted = bits >> shift;
    return ((entry.mode ?? 0) & wanted) === wanted;
  });
}
