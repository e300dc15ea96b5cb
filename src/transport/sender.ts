import { reasonOf } from "../system/reason.ts";

/** Where to, and how far. */
export interface SenderOptions {
  /** IPv4 group, 224.0.0.0/4. */
  readonly group: string;
  readonly port: number;
  /** Router hops that a datagram survives. */
  readonly ttl: number;
}

/** Datagrams may wait for the kernel on one interface up to this many; later ones are dropped and counted. */
const MAX_QUEUED_DATAGRAMS = 1_024;

/**
 * Sends out of the interface that has this address, one datagram after the
 * other. Throws what `Deno.listenDatagram` and joining throw, as when no
 * interface has the address any more.
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
    // Only a membership lets Deno set the TTL. It must not stay: as long as
    // another socket is a member, one that leaves and joins reports nothing.
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
  /** Datagrams that the kernel refused, or that had to wait too long for it. */
  errors = 0;
  /** Datagrams sent since `returned` was called. */
  unreturned = 0;

  constructor(socket: Deno.DatagramConn, { group, port }: SenderOptions) {
    this.#socket = socket;
    this.#to = { transport: "udp", hostname: group, port };
  }

  /** Why the last datagram could not be sent, `null` when it could. */
  get problem(): string | null {
    if (this.#failure === null) return null;
    const reason = reasonOf(this.#failure);
    if (!(this.#failure instanceof Deno.errors.PermissionDenied)) return reason;
    // EPERM of sendto(2) is the verdict of a packet filter's output chain.
    return `a firewall here does not let UDP out to ${this.#to.hostname}:` +
      `${this.#to.port} (${reason}); see: nft list ruleset`;
  }

  /** Puts the datagrams behind those that wait already. */
  send(datagrams: readonly Uint8Array[]): void {
    if (this.#queued + datagrams.length > MAX_QUEUED_DATAGRAMS) {
      this.errors += datagrams.length;
      return;
    }
    this.#queued += datagrams.length;
    this.#sending = this.#sending.then(() => this.#sendAll(datagrams));
  }

  /** One of its datagrams, or of its neighbours on this host, came back. */
  returned(): void {
    this.unreturned = 0;
  }

  /** Closes when all that waits has left. */
  async close(): Promise<void> {
    await this.#sending;
    this.#socket.close();
  }

  async #sendAll(datagrams: readonly Uint8Array[]): Promise<void> {
    for (const datagram of datagrams) {
      try {
        // Before it is sent: it may come back before the promise settles.
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
