import assert from "node:assert/strict";
import { eventually } from "./eventually.ts";
import type { Host } from "./host.ts";
import type { Process } from "./process.ts";
import { scriptArgv } from "./program.ts";
import type { RawDatagram } from "./raw_socket.ts";

export type { RawDatagram } from "./raw_socket.ts";

/** More at once, or sooner, and the kernel of a receiver may drop some. */
const BURST = 24;
const PAUSE_MS = 20;
/** Takes in a start on a machine that is busy with other things too. */
const DELIVERY_TIMEOUT_MS = 60_000;

export interface RawSendOptions {
  /** Datagrams back to back. Default 24. */
  readonly burst?: number;
  /** Between two bursts. Default 20 ms, so that all arrive. */
  readonly pauseMs?: number;
}

/** Somebody on a host of the LAN in a box who can send anything as if it came from anybody. */
export class RawPeer implements AsyncDisposable {
  readonly #process: Process;
  #deliveries = 0;

  constructor(host: Host) {
    const argv = rawArgv(host, "raw_peer_main.ts", []);
    this.#process = host.spawn(argv, { stdin: "piped" });
  }

  /** Sends these in order; settles when they have left. */
  async send(
    datagrams: Iterable<RawDatagram>,
    options: RawSendOptions = {},
  ): Promise<void> {
    const { burst = BURST, pauseMs = PAUSE_MS } = options;
    const lines = [...datagrams].map(({ source, bytes, onlyTo = "" }) =>
      `${source} ${bytes.toBase64()} ${onlyTo}\n`
    );
    const wanted = ++this.#deliveries;
    await this.#process.write(`${lines.join("")}${burst}/${pauseMs}\n`);
    await eventually(() => {
      assert.ok(this.#process.running, this.#process.log);
      assert.ok(this.#process.log.split("\n").length > wanted);
    }, { timeoutMs: DELIVERY_TIMEOUT_MS, pauseMs: 5 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}

export interface RawFlood {
  readonly seed: number;
  /** Datagrams a second. */
  readonly rate: number;
  readonly seconds: number;
  /** An address that sends every second one, or all where there are no networks. */
  readonly source: string;
  /** Networks in which the others pretend to be, their first two bytes: `10.66`. */
  readonly networks?: readonly string[];
}

/** What a flood says when it is over. */
export interface Flooded {
  readonly sent: number;
  readonly seconds: number;
}

/** Begins to send hostile datagrams from a host. The process prints a `Flooded` at its end. */
export function startRawFlood(host: Host, flood: RawFlood): Process {
  const { seed, rate, seconds, source, networks = [] } = flood;
  const numbers = [seed, rate, seconds].map(String);
  const words = [...numbers, source, ...networks];
  return host.spawn(rawArgv(host, "raw_flood_main.ts", words));
}

function rawArgv(
  host: Host,
  script: string,
  words: readonly string[],
): string[] {
  const [port] = host.ports;
  const url = import.meta.resolve(`./${script}`);
  return scriptArgv(url, [port!.interface, ...words]);
}
