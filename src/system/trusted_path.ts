/** A user other than the trusted ones who decides what a path leads to. */
interface Meddler {
  /** The directory, link or file by which that user does so. Not printable. */
  readonly path: string;
  /** By owning it, or because of its mode. */
  readonly how: "owner" | "mode";
  readonly uid: number | null;
  readonly mode: number | null;
}

/** Says what a meddler could do, as a sentence without its stop. */
export function sayMeddler(
  { path, how, uid, mode }: Meddler,
  deed: string,
): string {
  if (how === "owner") {
    return `${path} belongs to user ${uid}, who could ${deed}`;
  }
  const octal = ((mode ?? 0) & 0o7777).toString(8).padStart(4, "0");
  return `${path} has mode ${octal}, so other users could ${deed}`;
}

interface TrustOptions {
  /** Users who may do so. Root always may. */
  readonly owners: ReadonlySet<number>;
  /**
   * `place`: nobody else may put something else at the path. `owner`: nor own
   * what is there. `contents`: nor write to it.
   */
  readonly upTo: "place" | "owner" | "contents";
}

/**
 * Finds who else could exchange or change what is at `path`; `null` if nobody
 * could. Follows links, and judges where they lie and where they lead. Nothing
 * needs to be there.
 *
 * While there is no meddler, nobody can bring one about between this check and
 * a use of the path: that takes the rights of a trusted user. Directories that
 * this process may not look at belong to the system.
 * @throws Deno's error if the path cannot be followed
 */
export function findMeddler(
  path: string,
  options: TrustOptions,
): Meddler | null {
  return judgePath(path, options).meddler;
}

/** The same, and whether something was there when it was judged. */
export function judgePath(
  path: string,
  { owners, upTo }: TrustOptions,
): { readonly meddler: Meddler | null; readonly isThere: boolean } {
  const found = follow(path, owners);
  if ("how" in found) return { meddler: found, isThere: true };
  const { path: end, info } = found;
  const isThere = info !== null || isHidden(end);
  if (info === null || upTo === "place") return { meddler: null, isThere };
  const { uid, mode } = info;
  const isOpen = upTo === "contents" && isWritable(mode);
  const how = !isTrusted(uid, owners) ? "owner" : isOpen ? "mode" : null;
  const meddler = how === null ? null : { path: end, how, uid, mode } as const;
  return { meddler, isThere };
}

/** The end of a path. */
interface PathEnd {
  /** Without links. */
  readonly path: string;
  /** `null`: nothing is there, or this process may not look. */
  readonly info: Deno.FileInfo | null;
}

/** As the kernel: ELOOP of path_resolution(7). */
const MAX_LINKS = 40;

function follow(
  path: string,
  owners: ReadonlySet<number>,
): Meddler | PathEnd {
  const left = partsOf(path);
  let here = "";
  let info = look("/");
  let links = 0;
  while (true) {
    const part = left.shift();
    if (part === undefined) return { path: here || "/", info };
    const meddler = info && judgeDirectory(here || "/", { info, owners });
    if (meddler) return meddler;
    if (part === "..") {
      here = here.slice(0, here.lastIndexOf("/"));
      info = look(here || "/");
      continue;
    }
    const next = `${here}/${part}`;
    const found = look(next);
    const isShared = info !== null && isWritable(info.mode);
    if (found !== null && isShared && !isTrusted(found.uid, owners)) {
      const { uid, mode } = found;
      return { path: next, how: "owner", uid, mode };
    }
    if (found?.isSymlink) {
      if (++links > MAX_LINKS) throw new Error(`${path}: too many links`);
      const target = Deno.readLinkSync(next);
      left.unshift(...partsOf(target));
      if (target.startsWith("/")) {
        here = "";
        info = look("/");
      }
      continue;
    }
    here = next;
    info = found;
  }
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

/** `null`: nothing is there, or this process cannot look at it. */
function look(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch {
    return null;
  }
}

/** Whether this process may not look at it. */
function isHidden(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return false;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}

/**
 * In a directory with the sticky bit, as /tmp, others may add entries, but only
 * exchange their own.
 */
function judgeDirectory(
  path: string,
  { info: { uid, gid, mode, isDirectory }, owners }: {
    readonly info: Deno.FileInfo;
    readonly owners: ReadonlySet<number>;
  },
): Meddler | null {
  if (!isDirectory) return null;
  if (!isTrusted(uid, owners)) return { path, how: "owner", uid, mode };
  const isGuarded = !isWritable(mode) || ((mode ?? 0) & STICKY) !== 0;
  // A user's own group has no other members, and many systems let it write.
  const isOwnGroup = uid !== 0 && gid === uid && !isWritable(mode, BY_ALL);
  return isGuarded || isOwnGroup ? null : { path, how: "mode", uid, mode };
}

/** Bits of a mode, see inode(7). */
const STICKY = 0o1000;
const BY_ALL = 0o002;
const BY_OTHERS = 0o022;

function isWritable(mode: number | null, bits = BY_OTHERS): boolean {
  return ((mode ?? 0) & bits) !== 0;
}

function isTrusted(
  uid: number | null,
  owners: ReadonlySet<number>,
): boolean {
  return uid === null || uid === 0 || owners.has(uid);
}
