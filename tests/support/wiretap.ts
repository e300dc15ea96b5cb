import type { Host } from "./host.ts";
import type { Process } from "./process.ts";
import { scriptArgv } from "./program.ts";
import type { RawDatagram } from "./raw_socket.ts";

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
    const process = host.spawn(scriptArgv(import.meta.url, [host.address]));
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

/**
 * Listens to diskd's group on the host that it runs on, and says nothing.
 * `address` is the host's own. Prints a line for each datagram: when it came,
 * in ms since 1970, who sent it, and its bytes in base64, with spaces between.
 */
async function listen(address: string): Promise<void> {
  const socket = Deno.listenDatagram({
    transport: "udp",
    hostname: "0.0.0.0",
    port: 32_003,
    reuseAddress: true,
  });
  await socket.joinMulticastV4("230.1.2.3", address);
  console.log("listening");
  for await (const [bytes, from] of socket) {
    const { hostname } = from as Deno.NetAddr;
    console.log(`${Date.now()} ${hostname} ${bytes.toBase64()}`);
  }
}

if (import.meta.main) await listen(Deno.args[0]!);
