import type { Receive } from "./transport.ts";
import { receiveFrom } from "./receive_from.ts";

interface ReceiverOptions {
  /** IPv4 group, 224.0.0.0/4. */
  readonly group: string;
  /** UDP port, shared with other programs of this host that allow it. */
  readonly port: number;
}

/** The largest UDP payload over IPv4: 0.01 sends lists of 900 disks in one piece. */
const MAX_UDP_BYTES = 65_507;

/**
 * The only socket that receives a group, on several interfaces. It joins with
 * the address of each, because joining with 0.0.0.0 fails on a host without a
 * default route.
 *
 * Linux keeps a membership by interface index, but when leaving finds the
 * interface by its present address (net/ipv4/igmp.c, `ip_mc_leave_group`). If
 * an address has gone, or moved to another interface, its membership cannot be
 * left: the interface would stay a member for ever, and never report it again.
 * So only closing the whole socket ends such a membership, see `renew`.
 */
export class Receiver {
  readonly #options: ReceiverOptions;
  readonly #receive: Receive;
  readonly #memberships = new Map<string, Deno.MulticastV4Membership>();
  #socket: Deno.DatagramConn;
  #receiving: Promise<unknown>;
  #closed = false;

  /** Throws the error of `Deno.listenDatagram` if another program has the port exclusively. */
  constructor(options: ReceiverOptions, receive: Receive) {
    this.#options = options;
    this.#receive = receive;
    this.#socket = openSocket(options);
    this.#receiving = this.#receiveAll(this.#socket);
  }

  /** Whether it has joined with this address. */
  has(address: string): boolean {
    return this.#memberships.has(address);
  }

  /**
   * Joins on the interface with this address. Returns false if another address
   * of that interface has joined already. Rejects with the kernel's error.
   */
  async join(address: string): Promise<boolean> {
    try {
      const membership = await this.#join(address);
      this.#memberships.set(address, membership);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) return false;
      throw error;
    }
  }

  /**
   * Whether this address has moved to another interface since it joined, as
   * after replacing a network card. Tries to join again: if nothing changed,
   * the kernel refuses because the membership exists, and sends nothing.
   */
  async hasLost(address: string): Promise<boolean> {
    if (!this.has(address)) return false;
    try {
      await this.#join(address);
      return true;
    } catch (error) {
      return !(error instanceof Deno.errors.AddrInUse);
    }
  }

  /**
   * Leaves and joins, so that the kernel reports each membership again (RFC
   * 3376, 5.1), for switches that have forgotten it. Both calls reach the
   * kernel within microseconds, so no datagram is lost, and under IGMPv3 the
   * kernel does not report the leaving.
   */
  async refresh(): Promise<void> {
    for (const [address, membership] of [...this.#memberships]) {
      try {
        const [, joined] = await Promise.all([
          membership.leave().catch(() => {}),
          this.#join(address),
        ]);
        this.#memberships.set(address, joined);
      } catch {
        this.#memberships.delete(address);
      }
    }
  }

  /**
   * Replaces the socket by a fresh one without memberships. The kernel drops
   * the memberships of the old socket and its unread datagrams.
   */
  renew(): void {
    const old = this.#socket;
    this.#socket = openSocket(this.#options);
    this.#memberships.clear();
    old.close();
    const both = [this.#receiving, this.#receiveAll(this.#socket)];
    this.#receiving = Promise.all(both);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#socket.close();
    await this.#receiving;
  }

  #join(address: string): Promise<Deno.MulticastV4Membership> {
    return this.#socket.joinMulticastV4(this.#options.group, address);
  }

  #receiveAll(socket: Deno.DatagramConn): Promise<void> {
    return receiveFrom(socket, {
      maxBytes: MAX_UDP_BYTES,
      isOver: () => this.#closed || socket !== this.#socket,
      receive: this.#receive,
    });
  }
}

function openSocket({ group, port }: ReceiverOptions): Deno.DatagramConn {
  return Deno.listenDatagram({
    transport: "udp",
    hostname: group,
    port,
    reuseAddress: true,
    loopback: true,
  });
}
