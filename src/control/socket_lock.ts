import { isFileAt } from "../system/file_at.ts";
import { TOO_LATE, within } from "../system/within.ts";

/** The lock of a socket: `PATH.lock`, locked with flock(2) while a daemon runs. The file stays. */
export class SocketLock {
  readonly path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
  }

  /**
   * Locks; `null` if another has the lock for longer than `waitMs`. Not every
   * Deno can try a lock, so a waiting call is abandoned after that time. If it
   * gets the lock later, it releases it.
   */
  static async take(
    socketPath: string,
    waitMs: number,
  ): Promise<SocketLock | null> {
    const path = lockPath(socketPath);
    const lock = new SocketLock(
      path,
      Deno.openSync(path, { write: true, create: true, mode: 0o600 }),
    );
    const locked = lock.#file.lock(true);
    try {
      if (await within(waitMs, locked) === TOO_LATE) {
        locked.finally(() => lock.release()).catch(() => {});
        return null;
      }
    } catch (error) {
      lock.release();
      throw error;
    }
    if (lock.isInPlace) return lock;
    // While we waited, someone removed the file.
    lock.release();
    return await SocketLock.take(socketPath, waitMs);
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
