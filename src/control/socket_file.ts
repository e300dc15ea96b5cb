import { reasonOf } from "../system/reason.ts";
import { TOO_LATE, within } from "../system/within.ts";
import { MAX_SOCKET_PATH_BYTES } from "./limits.ts";

/** How long a starting daemon waits for another's lock before it gives up. */
const LOCK_TIMEOUT_MS = 1_000;

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

interface SocketFileOptions {
  readonly mode: number;
  /** Group of the socket; `null`: the process's own. */
  readonly gid: number | null;
}

/** A listening Unix socket, the only one at its path. */
export interface SocketFile {
  readonly listener: Deno.Listener<Deno.UnixConn>;
  /** Stops listening, and removes the file if it is still this socket. */
  close(): void;
  /**
   * Releases the lock; after `close`, and after the last `accept` has ended:
   * Deno removes the bound name when it frees the socket, and the next daemon
   * binds the same name.
   */
  unlock(): void;
}

/**
 * Listens on `path`, with mode and group set before anyone can connect.
 * Replaces the leftover of a crash, but not the socket of a running daemon:
 * `PATH.lock`, which stays, is locked with flock(2) while a daemon runs.
 * @throws {SocketUnavailable}
 */
export async function claimSocketFile(
  path: string,
  options: SocketFileOptions,
): Promise<SocketFile> {
  refuseLongPath(path);
  try {
    Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    await refuseIfAnswered(path);
    const lock = await takeLock(path);
    try {
      return listenLocked(path, lock, options);
    } catch (error) {
      lock.close();
      throw error;
    }
  } catch (error) {
    throw error instanceof SocketUnavailable ? error : failed(path, error);
  }
}

function listenLocked(
  path: string,
  lock: Deno.FsFile,
  options: SocketFileOptions,
): SocketFile {
  removeLeftover(path);
  const listener = listenHidden(path, options);
  const { dev, ino } = Deno.lstatSync(path);
  return {
    listener,
    close() {
      listener.close();
      const now = statOrNull(path);
      if (now?.dev === dev && now.ino === ino) Deno.removeSync(path);
    },
    unlock: () => lock.close(),
  };
}

/** Binds in a directory that only this user may enter, and moves the finished socket out of it. */
function listenHidden(
  path: string,
  { mode, gid }: SocketFileOptions,
): Deno.Listener<Deno.UnixConn> {
  const hidden = `${path}~`;
  const hiddenSocket = `${hidden}/s`;
  if (statOrNull(hiddenSocket) !== null) Deno.removeSync(hiddenSocket);
  if (statOrNull(hidden) !== null) Deno.removeSync(hidden);
  Deno.mkdirSync(hidden, { mode: 0o700 });
  const listener = Deno.listen({ transport: "unix", path: hiddenSocket });
  try {
    Deno.chmodSync(hiddenSocket, mode);
    if (gid !== null) Deno.chownSync(hiddenSocket, null, gid);
    Deno.renameSync(hiddenSocket, path);
    Deno.removeSync(hidden);
    return listener;
  } catch (error) {
    listener.close();
    Deno.removeSync(hidden, { recursive: true });
    throw error;
  }
}

function refuseLongPath(path: string): void {
  const bytes = new TextEncoder().encode(path).length;
  if (bytes <= MAX_SOCKET_PATH_BYTES) return;
  throw new SocketUnavailable(
    "path-too-long",
    path,
    `the socket path ${path} has ${bytes} bytes, at most ${MAX_SOCKET_PATH_BYTES} are allowed; give a shorter one with --socket`,
  );
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

/**
 * Deno cannot try a lock, so the waiting call is abandoned after a while. If it
 * gets the lock later, it releases it.
 */
async function takeLock(path: string): Promise<Deno.FsFile> {
  const file = await Deno.open(`${path}.lock`, {
    write: true,
    create: true,
    mode: 0o600,
  });
  const locked = file.lock(true);
  try {
    if (await within(LOCK_TIMEOUT_MS, locked) !== TOO_LATE) return file;
  } catch (error) {
    file.close();
    throw error;
  }
  locked.finally(() => file.close()).catch(() => {});
  throw taken(path);
}

function taken(path: string): SocketUnavailable {
  return new SocketUnavailable(
    "taken",
    path,
    `another diskd already answers on ${path}; stop it, or give this one another --socket`,
  );
}

function failed(path: string, error: unknown): SocketUnavailable {
  const why = reasonOf(error);
  const hint = error instanceof Deno.errors.PermissionDenied
    ? "run this as root, or give another path with --socket"
    : "give another path with --socket";
  return new SocketUnavailable(
    "failed",
    path,
    `cannot listen on ${path}: ${why}; ${hint}`,
  );
}

function statOrNull(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function dirname(path: string): string {
  const slash = path.lastIndexOf("/");
  if (slash < 0) return ".";
  return slash === 0 ? "/" : path.slice(0, slash);
}
