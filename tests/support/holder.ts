import { fileURLToPath } from "node:url";
import { Process } from "./process.ts";

/** PATH outside and inside of the hosts: the tools of an administrator. */
export const SYSTEM_PATH =
  "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const UNSHARE = ["--net", "--mount", "--uts", "--pid", "--fork"];

/**
 * A process that keeps namespaces alive. Nothing of them outlives it: whatever
 * runs in them is killed with it, their mounts and links are gone. It lives
 * until its standard input ends, so the kernel ends it also when this process
 * is killed with no chance to clean up.
 */
export class Holder implements AsyncDisposable {
  readonly #process: Process;
  /** Its process id on this machine. */
  readonly pid: number;

  private constructor(process: Process, pid: number) {
    this.#process = process;
    this.pid = pid;
  }

  /** Runs a script of this folder in fresh namespaces until it says "ready". */
  static async start(
    script: string,
    args: readonly string[] = [],
  ): Promise<Holder> {
    const path = fileURLToPath(new URL(script, import.meta.url));
    const process = new Process(
      ["unshare", ...UNSHARE, "--kill-child", "sh", path, ...args],
      { env: { PATH: SYSTEM_PATH }, stdin: "piped", wraps: true },
    );
    try {
      await process.waitForLog(/^ready$/m);
      return new Holder(process, await process.pid());
    } catch (error) {
      await process[Symbol.asyncDispose]();
      throw new Error(
        `Cannot make namespaces for the LAN in a box with ${script}: this ` +
          `needs root with all its capabilities.`,
        { cause: error },
      );
    }
  }

  /** The same file as `path` in its mount namespace, seen from outside. */
  path(path: string): string {
    return `/proc/${this.pid}/root${path}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
