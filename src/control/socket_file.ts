import { isFileAt, statOrNull } from "../system/file_at.ts";
import { checkOwnDirectory, makeOwnDirectory } from "../system/own_files.ts";
import { reasonOf } from "../system/reason.ts";
import {
  type SocketFileOptions,
  UnixListener,
} from "../system/unix_listener.ts";
import { TOO_LATE, within } from "../system/within.ts";
import { MAX_SOCKET_PATH_BYTES } from "./limits.ts";
import { lockPath, SocketLock } from "./socket_lock.ts";

/** How long a starting daemon waits for another's lock before it gives up. */
const LOCK_TIMEOUT_MS = 1_000;

/** How long a running daemon waits for its lock, before it does something else and looks again. */
const RELOCK_TIMEOUT_MS = 200;

/** The control socket is not available. The message gives the reason and the remedy. */
export class SocketUnavailable extends Error {
  override readonly name = "SocketUnavailable";
  readonly reason: "taken" | "path-too-long" | "not-a-socket" | "failed";
  readonly path: string;

  constructor(
    reason: SocketUnavailable["reason"],
    path: string,
    message: string,
  ) {
    super(message);
    this.reason = reason;
    this.path = path;
  }
}

/** A file that was made anew. */
export interface MadeAnew {
  readonly path: string;
  /** New name of what was found in its place; `null`: nothing was found. */
  readonly aside: string | null;
}

/**
 * Listens on `path`, with mode and group set before it accepts anyone. Replaces
 * the leftover of a crash, but not the socket of a running daemon.
 * @throws {SocketUnavailable}
 */
export async function claimSocketFile(
  path: string,
  options: SocketFileOptions,
): Promise<SocketFile> {
  refuseLongPath(path);
  try {
    makeDirectory(path);
    await refuseIfAnswered(path);
    const locking = SocketLock.take(path);
    const lock = await within(LOCK_TIMEOUT_MS, locking);
    if (lock === TOO_LATE) {
      locking.then((lock) => lock.release()).catch(() => {});
      throw taken(path);
    }
    try {
      removeLeftover(path);
      return new SocketFile(listen(path, options), { path, lock, options });
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (error) {
    throw asUnavailable(path, error);
  }
}

/** A listening Unix socket, the only one at its path. */
export class SocketFile {
  readonly #path: string;
  readonly #options: SocketFileOptions;
  #lock: SocketLock;
  /** Of another daemon's lock. */
  #locking: Promise<SocketLock> | null = null;
  #bound: UnixListener | null;

  constructor(
    bound: UnixListener,
    { path, lock, options }: {
      readonly path: string;
      readonly lock: SocketLock;
      readonly options: SocketFileOptions;
    },
  ) {
    this.#path = path;
    this.#options = options;
    this.#lock = lock;
    this.#bound = bound;
  }

  /** Rejects when the socket is closed or made anew, or no file can be opened. */
  async accept(): Promise<Deno.UnixConn> {
    const bound = this.#bound;
    if (bound === null) throw new Error("there is no socket now");
    return await bound.accept();
  }

  /** Files without which no client finds this socket, or another daemon would start beside this one. */
  get files(): readonly string[] {
    return [this.#path, lockPath(this.#path)];
  }

  /**
   * Makes the socket and its lock anew if they are gone or replaced, and sets
   * aside what is in their place.
   * @throws {SocketUnavailable}
   */
  async restore(): Promise<MadeAnew[]> {
    const path = this.#path;
    try {
      const made: MadeAnew[] = [];
      if (!this.#lock.isInPlace) made.push(await this.#lockAnew());
      if (!isInPlace(path, this.#bound)) made.push(await this.#listenAnew());
      return made;
    } catch (error) {
      throw asUnavailable(path, error, { hint: "diskd tries again" });
    }
  }

  /** Stops listening, and removes the file if it is still this socket. */
  async close(): Promise<void> {
    const path = this.#path;
    try {
      const isOwn = isInPlace(path, this.#bound);
      const aside = isOwn || statOrNull(path) === null ? null : setAside(path);
      await this.#stopListening();
      if (aside !== null) Deno.renameSync(aside, path);
    } finally {
      this.#lock.release();
      this.#locking?.then((lock) => lock.release()).catch(() => {});
    }
  }

  async #lockAnew(): Promise<MadeAnew> {
    const { path } = this.#lock;
    makeDirectory(path);
    const found = statOrNull(path);
    const aside = found === null || found.isFile ? null : setAside(path);
    // Where another has the lock, one call waits for it, and no more.
    const locking = this.#locking ?? SocketLock.take(this.#path);
    this.#locking = null;
    const lock = await within(RELOCK_TIMEOUT_MS, locking);
    if (lock === TOO_LATE) {
      this.#locking = locking;
      throw taken(this.#path);
    }
    this.#lock.release();
    this.#lock = lock;
    return { path, aside };
  }

  async #listenAnew(): Promise<MadeAnew> {
    const path = this.#path;
    await refuseIfAnswered(path);
    const found = statOrNull(path);
    const aside = found === null || found.isSocket ? null : setAside(path);
    await this.#stopListening();
    removeLeftover(path);
    this.#bound = listen(path, this.#options);
    return { path, aside };
  }

  async #stopListening(): Promise<void> {
    const bound = this.#bound;
    this.#bound = null;
    await bound?.close();
  }
}

/**
 * Binds the name that clients use, and nowhere else: `systemd-tmpfiles --clean`
 * takes a socket for dead if its path is not in /proc/net/unix.
 */
function listen(path: string, options: SocketFileOptions): UnixListener {
  return new UnixListener(nameToBind(path), options);
}

/** `path` without symbolic links in its directory, as systemd-tmpfiles sees it; `path` itself if that cannot be bound. */
export function nameToBind(path: string): string {
  try {
    const name = realPath(path);
    if (lengthOf(name) > MAX_SOCKET_PATH_BYTES) return path;
    const { state } = Deno.permissions.querySync({ name: "write", path: name });
    return state === "granted" ? name : path;
  } catch {
    // Not there, or not permitted.
    return path;
  }
}

/** `path` without symbolic links in its directory, of which the end need not exist. */
function realPath(path: string): string {
  const directory = dirname(path);
  if (directory === path) return path;
  const real = statOrNull(directory) === null
    ? realPath(directory)
    : Deno.realPathSync(directory);
  return `${real === "/" ? "" : real}/${basename(path)}`;
}

function isInPlace(path: string, bound: UnixListener | null): boolean {
  return bound !== null && isFileAt(path, bound.file);
}

/** Renames what is not diskd's, and returns the new name. */
function setAside(path: string): string {
  const aside = `${path}.aside-${Date.now()}`;
  Deno.renameSync(path, aside);
  return aside;
}

/** The lock is there too: whoever could write there could hold it. */
function makeDirectory(path: string): void {
  const directory = dirname(path);
  checkOwnDirectory(directory);
  makeOwnDirectory(directory, 0o755);
}

function refuseLongPath(path: string): void {
  const bytes = lengthOf(path);
  if (bytes <= MAX_SOCKET_PATH_BYTES) return;
  throw new SocketUnavailable(
    "path-too-long",
    path,
    `the socket path ${path} has ${bytes} bytes, at most ${MAX_SOCKET_PATH_BYTES} are allowed; give a shorter one with --socket`,
  );
}

/** In bytes of UTF-8. */
function lengthOf(path: string): number {
  return new TextEncoder().encode(path).length;
}

/** Only a socket without a listener refuses a connection. */
async function refuseIfAnswered(path: string): Promise<void> {
  try {
    const conn = await Deno.connect({ transport: "unix", path });
    conn.close();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    if (error instanceof Deno.errors.ConnectionRefused) return;
    if (error instanceof Deno.errors.PermissionDenied) throw error;
    // For example EAGAIN, from a busy daemon.
  }
  throw taken(path);
}

function removeLeftover(path: string): void {
  const found = statOrNull(path);
  if (found === null) return;
  if (!found.isSocket) {
    throw new SocketUnavailable(
      "not-a-socket",
      path,
      `${path} exists and is not a socket; move it away, or give another path with --socket`,
    );
  }
  Deno.removeSync(path);
}

function taken(path: string): SocketUnavailable {
  return new SocketUnavailable(
    "taken",
    path,
    `another diskd already answers on ${path}; stop it, or give this one another --socket`,
  );
}

function asUnavailable(
  path: string,
  error: unknown,
  { hint = hintFor(error) } = {},
): SocketUnavailable {
  if (error instanceof SocketUnavailable) return error;
  const why = reasonOf(error);
  return new SocketUnavailable(
    "failed",
    path,
    `cannot listen on ${path}: ${why}; ${hint}`,
  );
}

function hintFor(error: unknown): string {
  return error instanceof Deno.errors.PermissionDenied
    ? "run this as root, or give another path with --socket"
    : "give another path with --socket";
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function dirname(path: string): string {
  const slash = path.lastIndexOf("/");
  if (slash < 0) return ".";
  return slash === 0 ? "/" : path.slice(0, slash);
}
