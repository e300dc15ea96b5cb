import { fileURLToPath } from "node:url";
import type { Host } from "./host.ts";
import type { Process } from "./process.ts";
import { PROJECT } from "./program.ts";
import type { RawDatagram } from "./raw_frame.ts";

const SCRIPT = fileURLToPath(new URL("wiretap_main.ts", import.meta.url));
const START_TIMEOUT_MS = 30_000;

export interface HeardDatagram extends RawDatagram {
  /** When, in ms since 1970. */
  readonly at: number;
}

/** Somebody on a host of the LAN in a box who keeps all that is said to the group. */
export class Wiretap implements AsyncDisposable {
  readonly #process: Process;

  private constructor(process: Process) {
    this.#process = process;
  }

  static async start(host: Host): Promise<Wiretap> {
    const options = [
      "--quiet",
      "--cached-only",
      `--config=${PROJECT}/deno.json`,
    ];
    const argv = [Deno.execPath(), "run", "-A", ...options, SCRIPT];
    const process = host.spawn([...argv, host.address]);
    await process.waitForLog(/^listening\n/, START_TIMEOUT_MS);
    return new Wiretap(process);
  }

  /** Every datagram so far, in order; those from one address if that is given. */
  heard(address?: string): HeardDatagram[] {
    const lines = this.#process.log.split("\n").slice(1, -1);
    return lines.map((line) => {
      const [at, source = "", base64 = ""] = line.split(" ");
      return { at: Number(at), source, bytes: Uint8Array.fromBase64(base64) };
    }).filter(({ source }) => address === undefined || source === address);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
