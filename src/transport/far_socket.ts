/**
 * Datagrams to and from single hosts anywhere, on the port that multicast uses.
 * A socket a family: the kernel chooses address and interface for each
 * datagram.
 */
import { reasonOf } from "../system/reason.ts";
import { receiveFrom } from "./receive_from.ts";

/** More than the longest datagram in an envelope; a longer one is cut, and then rejected. */
const MAX_BYTES = 9_000;

/** Datagrams waiting for the kernel, of both families; later ones are dropped and counted. */
const MAX_QUEUED = 4_096;

/** A port other than ours, from which a host was heard, is used for so long: a NAT may give it to another one. */
const NAT_PORT_MS = 120_000;

/** Wait until a family that could not be opened is tried again. */
const REOPEN_MS = 10_000;

export interface FarSocketOptions {
  readonly port: number;
  /** Monotonic ms. */
  readonly now: () => number;
  /** Processes a datagram synchronously. Returns whether it was proven to be of its sender, and new. */
  readonly receive: (bytes: Uint8Array, address: string) => boolean;
}

interface Family {
  readonly any: string;
  socket: Deno.DatagramConn | null;
  problem: string | null;
  openedAt: number;
}

/** See the top of the file. */
export class FarSocket {
  readonly #options: FarSocketOptions;
  readonly #families = {
    ipv4: newFamily("0.0.0.0"),
    ipv6: newFamily("::"),
  };
  readonly #receiving: Promise<void>[] = [];
  /** Behind a NAT a host may send from another port. */
  readonly #ports = new Map<string, { port: number; at: number }>();
  #sending: Promise<void> = Promise.resolve();
  #queued = 0;
  #isClosed = false;
  /** Datagrams handed to the kernel. */
  sent = 0;
  /** Datagrams refused by the kernel, or dropped because too many were waiting. */
  errors = 0;
  /** Why the last datagram to an address was refused. */
  readonly problems = new Map<string, string>();

  constructor(options: FarSocketOptions) {
    this.#options = options;
    for (const family of Object.values(this.#families)) this.#open(family);
  }

  /** Sends each datagram, in order, to each address. */
  send(datagrams: readonly Uint8Array[], to: readonly string[]): void {
    const count = datagrams.length * to.length;
    if (this.#queued + count > MAX_QUEUED) {
      this.errors += count;
      return;
    }
    this.#queued += count;
    this.#sending = this.#sending.then(async () => {
      for (const address of to) {
        for (const datagram of datagrams) await this.#send(datagram, address);
      }
    });
  }

  /** Closes after everything given to `send` has left. */
  async close(): Promise<void> {
    await this.#sending;
    this.#isClosed = true;
    for (const { socket } of Object.values(this.#families)) socket?.close();
    await Promise.all(this.#receiving);
  }

  async #send(datagram: Uint8Array, address: string): Promise<void> {
    this.#queued--;
    const family = this.#familyOf(address);
    if (family.socket === null) this.#reopen(family);
    try {
      if (family.socket === null) throw new Error(family.problem ?? "closed");
      await family.socket.send(datagram, {
        transport: "udp",
        hostname: address,
        port: this.#portOf(address),
      });
      this.sent++;
      this.problems.delete(address);
    } catch (error) {
      this.errors++;
      this.problems.set(address, reasonOf(error));
    }
  }

  #familyOf(address: string): Family {
    return this.#families[address.includes(":") ? "ipv6" : "ipv4"];
  }

  #portOf(address: string): number {
    const { port, now } = this.#options;
    const heard = this.#ports.get(address);
    const isRecent = heard !== undefined && now() - heard.at < NAT_PORT_MS;
    return isRecent ? heard.port : port;
  }

  #reopen(family: Family): void {
    const { now } = this.#options;
    if (now() - family.openedAt >= REOPEN_MS) this.#open(family);
  }

  #open(family: Family): void {
    const { port, now } = this.#options;
    family.openedAt = now();
    try {
      family.socket = Deno.listenDatagram({
        transport: "udp",
        hostname: family.any,
        port,
        reuseAddress: true,
      });
      family.problem = null;
    } catch (error) {
      family.problem = reasonOf(error);
      return;
    }
    const { socket } = family;
    this.#receiving.push(receiveFrom(socket, {
      maxBytes: MAX_BYTES,
      isOver: () => this.#isClosed || family.socket !== socket,
      receive: (bytes, from, _, port) => this.#receive(bytes, from, port),
    }));
  }

  #receive(bytes: Uint8Array, from: string, port: number): void {
    const address = from.replace(/^::ffff:/, "");
    const isProven = this.#options.receive(bytes, address);
    if (!isProven) return;
    this.#ports.set(address, { port, at: this.#options.now() });
  }
}

function newFamily(any: string): Family {
  return { any, socket: null, problem: null, openedAt: -Infinity };
}
