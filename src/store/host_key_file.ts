import {
  type HostKey,
  newHostKey,
  readHostKey,
  SEED_BYTES,
} from "../codec/host_key.ts";
import { reasonOf } from "../system/reason.ts";
import { writeWholeSync } from "../system/write_whole.ts";
import { type Sockets, statePath } from "./state_path.ts";

/**
 * The file with the key pair of this host. Whoever can read it can speak for
 * this host, so only its owner may. No link is followed.
 */

/** Result of reading the file. */
type FoundHostKey =
  /** `problem`: the key can be used, but something should be done. */
  | {
    readonly kind: "key";
    readonly key: HostKey;
    readonly problem: string | null;
  }
  | { readonly kind: "missing" }
  | Unusable;

interface Unusable {
  /** `broken`: the file holds no key. `denied`: it may hold one, which we cannot or must not use. */
  readonly kind: "broken" | "denied";
  /** Continues a sentence begun with the path. */
  readonly reason: string;
}

/** A file with a key is shorter. */
const MAX_FILE_BYTES = 4096;

/** All permissions of users other than the owner, chmod(2). */
const FOR_OTHERS = 0o077;

/** Number of broken files kept beside the new one. */
const MAX_BROKEN = 9;

/** Makes a key that nobody had before. */
export function freshHostKey(): HostKey {
  return newHostKey(crypto.getRandomValues(new Uint8Array(SEED_BYTES)));
}

/** The key file of a daemon with this socket. */
export function hostKeyPath(stateDir: string, sockets: Sockets): string {
  return statePath(stateDir, "identity.key", sockets);
}

/** Reads the key. Takes away the rights of other users, if `mend`. Never throws. */
export function readHostKeyFile(
  path: string,
  { uid, mend = false }: {
    /** The user of this process; `null` if unknown. */
    readonly uid: number | null;
    readonly mend?: boolean;
  },
): FoundHostKey {
  try {
    const named = Deno.lstatSync(path);
    const kind = kindOf(named);
    if (kind !== null) return { kind: "broken", reason: `is ${kind}` };
    using file = Deno.openSync(path);
    const info = file.statSync();
    if (info.ino !== named.ino || info.dev !== named.dev) {
      return { kind: "denied", reason: "was replaced while it was read" };
    }
    const owner = refuseOwner(info, uid);
    if (owner !== null) return { kind: "denied", reason: owner };
    const text = readAll(file, info.size);
    const key = text === null ? null : parse(text);
    if (key === null) {
      return { kind: "broken", reason: info.size === 0 ? EMPTY : NO_KEY };
    }
    const problem = checkMode(path, { info, uid, mend });
    return { kind: "key", key, problem };
  } catch (error) {
    return error instanceof Deno.errors.NotFound
      ? { kind: "missing" }
      : { kind: "denied", reason: `cannot be read: ${reasonOf(error)}` };
  }
}

const EMPTY = "is empty";
const NO_KEY = "holds no Ed25519 key in PEM";

/** `null` for a regular file. */
function kindOf(info: Deno.FileInfo): string | null {
  if (info.isSymlink) return "a symbolic link, which diskd does not follow";
  if (info.isDirectory) return "a directory";
  return info.isFile ? null : "no regular file";
}

function refuseOwner(info: Deno.FileInfo, uid: number | null): string | null {
  if (uid === null || info.uid === 0 || info.uid === uid) return null;
  return `belongs to user ${info.uid}, who can speak for this host with it`;
}

/** `null` if it is too long. */
function readAll(file: Deno.FsFile, size: number): string | null {
  if (size > MAX_FILE_BYTES) return null;
  const bytes = new Uint8Array(MAX_FILE_BYTES);
  const length = file.readSync(bytes) ?? 0;
  return new TextDecoder().decode(bytes.subarray(0, length));
}

function parse(pem: string): HostKey | null {
  try {
    return readHostKey(pem);
  } catch {
    return null;
  }
}

function checkMode(
  path: string,
  { info: { mode, uid: owner }, uid, mend }: {
    readonly info: Deno.FileInfo;
    readonly uid: number | null;
    readonly mend: boolean;
  },
): string | null {
  if (mode === null || (mode & FOR_OTHERS) === 0) return null;
  const octal = (mode & 0o7777).toString(8).padStart(4, "0");
  const found = `${path} has mode ${octal}, so other users may have read it`;
  const renew = "if one may have, stop diskd, and make a new identity with: " +
    "diskd key reset-identity";
  // chmod of what another user owns is root's.
  if (!mend || (uid !== null && uid !== 0 && owner !== uid)) {
    return `${found}; change that with chmod 600; ${renew}`;
  }
  try {
    Deno.chmodSync(path, 0o600);
    return `${path} had mode ${octal}, now 0600: other users may have read it; ${renew}`;
  } catch (error) {
    return `${found}, and cannot be changed: ${reasonOf(error)}; ${renew}`;
  }
}

/** The key of the file, or a new one, and its place on the disk. */
export class HostKeyFile {
  readonly path: string;
  readonly key: HostKey;
  /** What is wrong with the file, a sentence for an administrator. */
  readonly problem: string | null = null;
  /** The id of the key in the file; `null` without one. */
  #keptId: string | null = null;
  #isBroken: boolean;
  /** The file may hold a key that can be used again later. */
  readonly #isDenied: boolean;

  /** A key that `isForeign` is another machine's, and will be replaced. Never throws. */
  constructor(
    path: string,
    { uid, isForeign }: {
      /** The user of this process; `null` if unknown. */
      readonly uid: number | null;
      readonly isForeign: boolean;
    },
  ) {
    this.path = path;
    const found = readHostKeyFile(path, { uid, mend: true });
    this.#isBroken = found.kind === "broken";
    this.#isDenied = found.kind === "denied" && !isForeign;
    if (found.kind === "key" && !isForeign) {
      this.key = found.key;
      this.#keptId = found.key.id;
      this.problem = found.problem;
      return;
    }
    this.key = freshHostKey();
    if (found.kind === "broken") this.problem = sayBroken(path, found);
    if (this.#isDenied) this.problem = sayDenied(path, found as Unusable);
  }

  /**
   * Writes this key if it is another one than in the file; it has reached the
   * disk then.
   * @throws {Error} if that is not possible
   */
  keep(key: HostKey): void {
    if (this.#isDenied || key.id === this.#keptId) return;
    if (this.#isBroken) setAside(this.path);
    this.#isBroken = false;
    writeWholeSync(this.path, key.toPem(), { synced: true });
    this.#keptId = key.id;
  }
}

function sayBroken(path: string, { reason }: Unusable): string {
  return `${path} ${reason}, so this host has a new identity, and other hosts ` +
    `take it for another host. The file is kept as ${path}.broken; to be the ` +
    "host of before, stop diskd and restore the file from a backup";
}

function sayDenied(path: string, { reason }: Unusable): string {
  return `${path} ${reason}. Until that is mended and diskd is restarted, ` +
    "this host has an identity for this run alone, and other hosts take it for " +
    "another host; give the file to the user of diskd, with mode 0600";
}

/**
 * Removes the file, and the broken ones beside it. Returns their paths.
 * @throws {Error} of Deno
 */
export function removeHostKeyFile(path: string): string[] {
  const removed = [path, ...asideOf(path)].filter(exists);
  for (const file of removed) Deno.removeSync(file, { recursive: true });
  return removed;
}

/** The names of broken files, in the order in which they are taken. */
function asideOf(path: string): string[] {
  return Array.from(
    { length: MAX_BROKEN },
    (_, index) => `${path}.broken${index === 0 ? "" : `-${index + 1}`}`,
  );
}

/**
 * Moves a broken file aside, so that it can be looked at.
 * @throws {Error} if that is not possible
 */
function setAside(path: string): void {
  const free = asideOf(path).find((aside) => !exists(aside));
  if (free !== undefined) return Deno.renameSync(path, free);
  throw new Error(`there are ${MAX_BROKEN} broken files beside it already`);
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
