import { reasonOf } from "../system/reason.ts";
import { type Destination, showDestination } from "./destination.ts";
import { openSendingSocket } from "./privileged_port.ts";

/** Destination and reach over IPv4. */
export interface Ipv4Options extends Destination {
  /** Time to live of a datagram; each router lowers it by 1. */
  readonly ttl: number;
}

/**
 * Largest number of datagrams waiting for the kernel on an interface; later
 * ones are dropped and counted.
 */
const MAX_QUEUED_DATAGRAMS = 1_024;

/**
 * Sends datagrams through the interface with this IPv4 address. Throws the
 * errors of `Deno.listenDatagram` and of joining, for example if no interface
 * has the address any more.
 */
export async function openIpv4Sender(
  address: string,
  options: Ipv4Options,
): Promise<Sender> {
  const socket = openSendingSocket(address);
  try {
    // Deno can set the TTL only on a membership. It must not stay: while
    // another socket is a member, leaving and joining reports nothing.
    const membership = await socket.joinMulticastV4(options.group, address);
    await membership.setTTL(options.ttl);
    await membership.leave();
    return new Sender(socket, options);
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Sends datagrams in order from a socket, which it closes at the end. */
export class Sender {
  readonly #socket: Deno.DatagramConn;
  readonly #to: Deno.NetAddr;
  readonly #shownTo: string;
  #queued = 0;
  #sending: Promise<void> = Promise.resolve();
  #failure: unknown = null;
  /** Datagrams handed to the kernel. */
  sent = 0;
  /** Datagrams refused by the kernel, or dropped because too many were waiting. */
  errors = 0;
  /** Datagrams sent since the last call of `returned`. */
  unreturned = 0;

  constructor(socket: Deno.DatagramConn, to: Destination) {
    this.#socket = socket;
    this.#to = { transport: "udp", hostname: to.group, port: to.port };
    this.#shownTo = showDestination(to);
  }

  /** Why sending the last datagram failed; `null` if it succeeded. */
  get problem(): string | null {
    if (this.#failure === null) return null;
    const reason = reasonOf(this.#failure);
    if (!(this.#failure instanceof Deno.errors.PermissionDenied)) return reason;
    // EPERM from sendto(2) is the verdict of a packet filter's output chain.
    return `a firewall here does not let UDP out to ${this.#shownTo} ` +
      `(${reason}); see: nft list ruleset`;
  }

  /** Appends the datagrams to the queue. */
  send(datagrams: readonly Uint8Array[]): void {
    if (this.#queued + datagrams.length > MAX_QUEUED_DATAGRAMS) {
      this.errors += datagrams.length;
      return;
    }
    this.#queued += datagrams.length;
    this.#sending = this.#sending.then(() => this.#sendAll(datagrams));
  }

  /** Called when one of its datagrams, or of another interface's on this host, came back. */
  returned(): void {
    this.unreturned = 0;
  }

  /** Closes after the queue has been sent. */
  async close(): Promise<void> {
    await this.#sending;
    this.#socket.close();
  }

  async #sendAll(datagrams: readonly Uint8Array[]): Promise<void> {
    for (const datagram of datagrams) {
      try {
        // Counted before sending: the datagram may return before the promise
        // settles.
        this.unreturned++;
        await this.#socket.send(datagram, this.#to);
        this.sent++;
        this.#failure = null;
      } catch (error) {
        this.errors++;
        this.unreturned--;
        this.#failure = error;
      }
      this.#queued--;
    }
  }
}
