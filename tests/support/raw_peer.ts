import assert from "node:assert/strict";
import { eventually } from "./eventually.ts";
import { writeTape } from "./flood_tape.ts";
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
  /** After the last comes the first again. */
  readonly datagrams: Iterable<RawDatagram>;
  /** Datagrams a second. */
  readonly rate: number;
  readonly seconds: number;
}

/** What a flood says when it is over. */
export interface Flooded {
  readonly sent: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** Where a host has what it floods with, in its memory. */
const TAPE = "/run/lan/flood";

/** Begins to flood from a host. The process prints a `Flooded` at its end. */
export async function startRawFlood(
  host: Host,
  { datagrams, rate, seconds }: RawFlood,
): Promise<Process> {
  await Deno.writeFile(host.path(TAPE), writeTape([...datagrams]));
  const words = [TAPE, `${rate}`, `${seconds}`];
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
