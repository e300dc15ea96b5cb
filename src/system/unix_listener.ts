import { TOO_LATE, within } from "./within.ts";

export interface SocketFileOptions {
  readonly mode: number;
  /** Group of the socket; `null`: the process's own. */
  readonly gid: number | null;
}

/**
 * Whoever may write to a socket may connect. Deno cannot set a umask with the
 * permissions of diskd.
 */
const WRITABLE_TO_OTHERS = 0o022;

/** What is in the queue is accepted sooner. */
const EARLY_MS = 50;

/** Listens on a Unix socket that has its mode and group before anyone is accepted. */
export class UnixListener {
  /** The socket. */
  readonly file: Deno.FileInfo;
  readonly #listener: Deno.Listener<Deno.UnixConn>;
  /** Whether others could connect until it had its mode. */
  #wasOpen: boolean;
  #accepting: Promise<unknown> = Promise.resolve();
  /** A call to the listener that nobody waits for yet. */
  #next: Promise<Deno.UnixConn> | null = null;

  constructor(path: string, { mode, gid }: SocketFileOptions) {
    this.#listener = Deno.listen({ transport: "unix", path });
    try {
      this.file = Deno.lstatSync(path);
      if (!this.file.isSocket) throw new Error("someone replaced the socket");
      if (gid !== null) Deno.chownSync(path, null, gid);
      Deno.chmodSync(path, mode);
      this.#wasOpen = (this.file.mode! & WRITABLE_TO_OTHERS) !== 0;
    } catch (error) {
      this.#listener.close();
      throw error;
    }
  }

  /** Rejects when it is closed, or no file can be opened. */
  async accept(): Promise<Deno.UnixConn> {
    if (this.#wasOpen) {
      this.#wasOpen = false;
      await this.#dropEarly();
    }
    return await this.#accept();
  }

  /** Deno removes the bound name, whatever has that name, when it frees the socket after the last `accept`. */
  async close(): Promise<void> {
    this.#listener.close();
    this.#next = null;
    await this.#accepting;
  }

  #accept(): Promise<Deno.UnixConn> {
    const next = this.#next ?? this.#listener.accept();
    this.#next = null;
    this.#accepting = next.catch(() => {});
    return next;
  }

  /** Ends connections made before the socket had its mode: they are the first in the queue. */
  async #dropEarly(): Promise<void> {
    const until = Date.now() + EARLY_MS;
    while (true) {
      const next = this.#accept();
      const conn = await within(until - Date.now(), next);
      if (conn === TOO_LATE) {
        this.#next = next;
        return;
      }
      conn.close();
    }
  }
}
