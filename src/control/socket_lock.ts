import { isFileAt } from "../system/file_at.ts";
import { pause, TOO_LATE, within } from "../system/within.ts";

/** Time between two tries to get a lock. */
const LOCK_RETRY_MS = 50;

/** The lock of a socket: `PATH.lock`, locked with flock(2) while a daemon runs. The file stays. */
export class SocketLock {
  readonly path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
  }

  /** Locks; `null` if another has the lock for longer than `waitMs`. */
  static async take(
    socketPath: string,
    waitMs: number,
  ): Promise<SocketLock | null> {
    const path = lockPath(socketPath);
    const tries = 1 + Math.ceil(waitMs / LOCK_RETRY_MS);
    for (let left = tries; left > 0; left--) {
      if (left < tries) await pause(LOCK_RETRY_MS);
      const file = Deno.openSync(path, {
        write: true,
        create: true,
        mode: 0o600,
      });
      if (!await tryLock(file)) continue;
      const lock = new SocketLock(path, file);
      // Between opening and locking someone may have removed the file.
      if (lock.isInPlace) return lock;
      file.close();
    }
    return null;
  }

  /** Whether another daemon would find this lock. */
  get isInPlace(): boolean {
    return isFileAt(this.path, this.#file.statSync());
  }

  release(): void {
    this.#file.close();
  }
}

export function lockPath(socketPath: string): string {
  return `${socketPath}.lock`;
}

/**
 * Closes the file if another has its lock. Older versions of Deno have only the
 * waiting call: it is abandoned, and releases the lock if it gets it later.
 */
async function tryLock(file: Deno.FsFile): Promise<boolean> {
  if ("tryLockSync" in file) {
    const isOurs = file.tryLockSync(true);
    if (!isOurs) file.close();
    return isOurs;
  }
  const old: Pick<Deno.FsFile, "lock" | "close"> = file;
  const locked = old.lock(true);
  if (await within(LOCK_RETRY_MS, locked) !== TOO_LATE) return true;
  locked.finally(() => old.close()).catch(() => {});
  return false;
}
