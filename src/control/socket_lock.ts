import { isFileAt } from "../system/file_at.ts";
import { checkOwnFile } from "../system/own_files.ts";

/** The lock of a socket: `PATH.lock`, locked with flock(2) while a daemon runs. The file stays. */
export class SocketLock {
  readonly path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
  }

  /**
   * Waits for the lock, however long another has it: not every Deno can try a
   * lock. Who stops waiting releases it later.
   */
  static async take(socketPath: string): Promise<SocketLock> {
    while (true) {
      const path = lockPath(socketPath);
      checkOwnFile(path);
      const options = { write: true, create: true, mode: 0o600 };
      const lock = new SocketLock(path, Deno.openSync(path, options));
      try {
        await lock.#file.lock(true);
        if (lock.isInPlace) return lock;
      } catch (error) {
        lock.release();
        throw error;
      }
      // While we waited, someone removed the file.
      lock.release();
    }
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
