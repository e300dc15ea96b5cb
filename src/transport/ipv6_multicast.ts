/**
 * IPv6 multicast on every interface. Each has a socket bound to the group and
 * the interface: it receives what arrives there and nothing else, and sends
 * from the link-local address of the interface. A single socket for all would
 * not tell where a datagram came from, and several interfaces, such as VLANs of
 * one card, can have the same link-local address.
 */
import { reasonOf } from "../system/reason.ts";
import type { InterfaceAddress } from "../system/system.ts";
import type { Destination } from "./destination.ts";
import { receiveFrom } from "./receive_from.ts";
import { Sender } from "./sender.ts";
import type { JoinedInterface, Receive, Transport } from "./transport.ts";

/** A link-local address and the index of its interface. */
type Ipv6Address = InterfaceAddress & { readonly scopeId: number };

/** More than the longest datagram that is accepted over IPv6; a longer one is cut, and then rejected. */
const MAX_BYTES = 9_000;

/**
 * A new address can be used only when no other host turned out to have it, after
 * one to three seconds (RFC 4862, 5.4). If it takes longer, something is wrong.
 */
const CHECK_PATIENCE_MS = 10_000;

/** See the top of the file. */
export class Ipv6Multicast implements Transport {
  readonly #to: Destination;
  readonly #receive: Receive;
  /** By interface and address. */
  #links = new Map<string, Link>();
  #sentByGone = 0;
  #errorsOfGone = 0;

  /** `to` is an IPv6 group. */
  constructor(to: Destination, receive: Receive) {
    this.#to = to;
    this.#receive = receive;
  }

  get interfaces(): readonly JoinedInterface[] {
    return [...this.#links.values()].map((link) => link.state);
  }

  get sent(): number {
    return this.#sum((link) => link.sent, this.#sentByGone);
  }

  get sendErrors(): number {
    return this.#sum((link) => link.errors, this.#errorsOfGone);
  }

  /**
   * Uses exactly these interfaces from now on; of several addresses of an
   * interface, the first. If joining fails, keeps the interface with its
   * problem, and tries again at the next call. Returns whether an interface was
   * joined newly or again.
   */
  async use(addresses: readonly Ipv6Address[]): Promise<boolean> {
    const links = new Map<string, Link>();
    for (const [first, ...others] of groupByInterface(addresses)) {
      const key = `${first.scopeId} ${first.address}`;
      const link = this.#links.get(key) ??
        new Link(first, { to: this.#to, receive: this.#receive });
      link.own = new Set([first, ...others].map(({ address }) => address));
      links.set(key, link);
    }
    const gone = [...this.#links].filter(([key]) => !links.has(key));
    this.#links = links;
    await Promise.all(gone.map(([, link]) => this.#drop(link)));
    let joinedAny = false;
    for (const link of links.values()) {
      if (await link.look()) joinedAny = true;
    }
    return joinedAny;
  }

  /** Makes the kernel report each membership again, for switches that forget them. */
  async refresh(): Promise<void> {
    for (const link of this.#links.values()) await link.refresh();
  }

  send(datagrams: readonly Uint8Array[], via?: readonly string[]): void {
    for (const link of this.#links.values()) {
      if (via === undefined || via.includes(link.address)) link.send(datagrams);
    }
  }

  async close(): Promise<void> {
    const links = [...this.#links.values()];
    this.#links.clear();
    await Promise.all(links.map((link) => this.#drop(link)));
  }

  async #drop(link: Link): Promise<void> {
    await link.close();
    this.#sentByGone += link.sent;
    this.#errorsOfGone += link.errors;
  }

  #sum(count: (link: Link) => number, start: number): number {
    let sum = start;
    for (const link of this.#links.values()) sum += count(link);
    return sum;
  }
}

interface LinkOptions {
  readonly to: Destination;
  readonly receive: Receive;
}

/** An interface, joined or not. */
class Link {
  readonly #about: Ipv6Address;
  readonly #options: LinkOptions;
  #socket: Deno.DatagramConn | null = null;
  #membership: Deno.MulticastV6Membership | null = null;
  #sender: Sender | null = null;
  #receiving: Promise<void> = Promise.resolve();
  #problem: string | null = null;
  #isUsable = false;
  /** Since when the address cannot be used; `null` if it can. */
  #checkedSince: number | null = null;
  /** Our addresses on this interface; the kernel chooses which one to send from. */
  own: ReadonlySet<string> = new Set();

  constructor(about: Ipv6Address, options: LinkOptions) {
    this.#about = about;
    this.#options = options;
  }

  get address(): string {
    return this.#about.address;
  }

  get state(): JoinedInterface {
    const problem = this.#problem ??
      (this.#canSend ? this.#sender?.problem ?? null : null);
    return {
      ...this.#about,
      isInUse: this.#canSend && problem === null,
      problem,
      unreturned: this.#sender?.unreturned ?? 0,
    };
  }

  get sent(): number {
    return this.#sender?.sent ?? 0;
  }

  get errors(): number {
    return this.#sender?.errors ?? 0;
  }

  send(datagrams: readonly Uint8Array[]): void {
    if (this.#isUsable) this.#sender?.send(datagrams);
  }

  /** Joins, if it has not. Returns whether the interface can be used from now on. */
  async look(): Promise<boolean> {
    const couldSend = this.#canSend;
    try {
      this.#isUsable = this.#hasAddress();
      if (this.#isUsable && this.#sender?.lacksAddress) {
        this.#sender.forgetFailure();
      }
      if (this.#socket === null) await this.#open();
      this.#problem = this.#isUsable ? null : this.#sayNotUsable();
    } catch (error) {
      this.#isUsable = false;
      this.#problem = reasonOf(error);
    }
    return this.#canSend && !couldSend;
  }

  /** See `Receiver.refresh`; what is said there of IGMPv3 holds for MLDv2. */
  async refresh(): Promise<void> {
    if (this.#socket === null) return;
    const leaving = this.#membership?.leave();
    const joining = this.#join(this.#socket);
    await leaving?.catch(() => {});
    try {
      this.#membership = await joining;
    } catch {
      // The interface has gone.
      this.#membership = null;
    }
  }

  /** Closes after everything given to `send` has left. */
  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = null;
    if (this.#sender !== null) await this.#sender.close();
    else socket?.close();
    await this.#receiving;
  }

  get #canSend(): boolean {
    return this.#isUsable && !this.#sender?.lacksAddress;
  }

  async #open(): Promise<void> {
    const { to } = this.#options;
    const socket = Deno.listenDatagram({
      transport: "udp",
      hostname: `${to.group}%${this.#about.name}`,
      port: to.port,
      reuseAddress: true,
      loopback: true,
    });
    try {
      this.#membership = await this.#join(socket);
    } catch (error) {
      socket.close();
      throw error;
    }
    this.#socket = socket;
    this.#sender = new Sender(socket, to);
    this.#receiving = receiveFrom(socket, {
      maxBytes: MAX_BYTES,
      isOver: () => this.#socket !== socket,
      receive: (bytes, from, ...source) => {
        // The kernel gives the address of the sender without the interface.
        const address = `${from}%${this.#about.name}`;
        if (this.own.has(address)) this.#sender?.returned();
        this.#options.receive(bytes, address, ...source);
      },
    });
  }

  #join(socket: Deno.DatagramConn): Promise<Deno.MulticastV6Membership> {
    return socket.joinMulticastV6(this.#options.to.group, this.#about.scopeId);
  }

  /** Whether the kernel lets us use the address; it does not while checking it for duplicates. */
  #hasAddress(): boolean {
    try {
      const { address: hostname } = this.#about;
      Deno.listenDatagram({ transport: "udp", hostname, port: 0 }).close();
      this.#checkedSince = null;
      return true;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrNotAvailable)) throw error;
      this.#checkedSince ??= performance.now();
      return false;
    }
  }

  #sayNotUsable(): string | null {
    const ms = performance.now() - (this.#checkedSince ?? Infinity);
    return ms < CHECK_PATIENCE_MS
      ? null
      : "the kernel does not let anybody use the address, perhaps because " +
        "another host has it too; see: ip -6 address show dev " +
        this.#about.name;
  }
}

type NotEmpty<Item> = readonly [Item, ...Item[]];

function groupByInterface(
  addresses: readonly Ipv6Address[],
): NotEmpty<Ipv6Address>[] {
  const groups = Map.groupBy(addresses, ({ scopeId }) => scopeId);
  return [...groups.values()] as unknown as NotEmpty<Ipv6Address>[];
}
