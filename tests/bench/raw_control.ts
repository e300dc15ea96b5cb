/** Where the daemon of a host listens, for root. */
export const SOCKET = "/run/diskd/control.sock";

const READ_BYTES = 1024 * 1024;
const LF = 0x0a;

/** What one exchange took. */
export interface Exchange {
  /** From before the line is written to when the whole answer is read. */
  readonly ms: number;
  readonly bytes: number;
}

/** A client of the control socket that does nothing with what it reads. */
export class RawControl implements Disposable {
  readonly #conn: Deno.Conn;
  readonly #buffer = new Uint8Array(READ_BYTES);

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** Connects, and reads the greeting. */
  static async connect(path: string): Promise<RawControl> {
    const control = new RawControl(
      await Deno.connect({ transport: "unix", path }),
    );
    await control.#readTo([LF]);
    return control;
  }

  /** Calls a method as a program does: the answer is a line of JSON. */
  call(method: string): Promise<Exchange> {
    const request = { jsonrpc: "2.0", id: 1, method, params: {} };
    return this.#exchange(JSON.stringify(request), [LF]);
  }

  /** Gives a command as a person does: the answer ends with an empty line. */
  type(command: string): Promise<Exchange> {
    return this.#exchange(command, [LF, LF]);
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }

  async #exchange(line: string, end: readonly number[]): Promise<Exchange> {
    const request = new TextEncoder().encode(`${line}\n`);
    const startMs = performance.now();
    await this.#conn.write(request);
    const bytes = await this.#readTo(end);
    return { ms: performance.now() - startMs, bytes };
  }

  /** Reads until the last bytes read are `end`: no answer follows without a question. */
  async #readTo(end: readonly number[]): Promise<number> {
    const last = new Array<number>(end.length).fill(0);
    let bytes = 0;
    for (;;) {
      const count = await this.#conn.read(this.#buffer);
      if (count === null) throw new Error("The daemon hung up.");
      bytes += count;
      last.push(
        ...this.#buffer.subarray(Math.max(0, count - end.length), count),
      );
      last.splice(0, last.length - end.length);
      if (last.every((byte, i) => byte === end[i])) return bytes;
    }
  }
}
