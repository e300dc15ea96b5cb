import { reasonOf } from "../system/reason.ts";

/** Destination and reach. */
export interface SenderOptions {
  /** IPv4 group, 224.0.0.0/4. */
  readonly group: string;
  readonly port: number;
  /** Time to live of a datagram; each router lowers it by 1. */
  readonly ttl: number;
}

/**
 * Largest number of datagrams waiting for the kernel on an interface; later
 * ones are dropped and counted.
 */
const MAX_QUEUED_DATAGRAMS = 1_024;

/**
 * Sends datagrams in order through the interface with this address. Throws the
 * errors of `Deno.listenDatagram` and of joining, for example if no interface
 * has the address any more.
 */
export async function openSender(
  address: string,
  options: SenderOptions,
): Promise<Sender> {
  const socket = Deno.listenDatagram({
    transport: "udp",
    hostname: address,
    port: 0,
    loopback: true,
  });
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

/** See `openSender`. */
export class Sender {
  readonly #socket: Deno.DatagramConn;
  readonly #to: Deno.NetAddr;
  #queued = 0;
  #sending: Promise<void> = Promise.resolve();
  #failure: unknown = null;
  /** Datagrams handed to the kernel. */
  sent = 0;
  /** Datagrams refused by the kernel, or dropped because too many were waiting. */
  errors = 0;
  /** Datagrams sent since the last call of `returned`. */
  unreturned = 0;

  constructor(socket: Deno.DatagramConn, { group, port }: SenderOptions) {
    this.#socket = socket;
    this.#to = { transport: "udp", hostname: group, port };
  }

  /** Why sending the last datagram failed; `null` if it succeeded. */
  get problem(): string | null {
    if (this.#failure === null) return null;
    const reason = reasonOf(this.#failure);
    if (!(this.#failure instanceof Deno.errors.PermissionDenied)) return reason;
    // EPERM from sendto(2) is the verdict of a packet filter's output chain.
    return `a firewall here does not let UDP out to ${this.#to.hostname}:` +
      `${this.#to.port} (${reason}); see: nft list ruleset`;
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
