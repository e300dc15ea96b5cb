/**
 * IPv6 multicast on every interface. Each has a socket bound to the group and
 * the interface, which receives what arrives there and nothing else: a single
 * socket for all would not tell where a datagram came from, and several
 * interfaces, such as VLANs of one card, can have the same link-local address.
 * Another socket, bound to that address, sends.
 */
import { reasonOf } from "../system/reason.ts";
import type { InterfaceAddress } from "../system/system.ts";
import type { Destination } from "./destination.ts";
import { openSendingSocket } from "./privileged_port.ts";
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
    for (const about of firstOfEach(addresses)) {
      const key = `${about.scopeId} ${about.address}`;
      const link = this.#links.get(key) ??
        new Link(about, { to: this.#to, receive: this.#receive });
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
  #receiver: Deno.DatagramConn | null = null;
  #membership: Deno.MulticastV6Membership | null = null;
  #receiving: Promise<void> = Promise.resolve();
  #sender: Sender | null = null;
  #problem: string | null = null;
  #hasAddress = false;
  /** Since when the address cannot be used; `null` if it can. */
  #checkedSince: number | null = null;

  constructor(about: Ipv6Address, options: LinkOptions) {
    this.#about = about;
    this.#options = options;
  }

  get address(): string {
    return this.#about.address;
  }

  get state(): JoinedInterface {
    const problem = this.#problem ?? this.#sender?.problem ?? null;
    return {
      ...this.#about,
      isInUse: this.#hasAddress && problem === null,
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
    if (this.#hasAddress) this.#sender?.send(datagrams);
  }

  /** Joins, if it has not. Returns whether the interface can be used from now on. */
  async look(): Promise<boolean> {
    const hadAddress = this.#hasAddress;
    try {
      this.#hasAddress = false;
      if (this.#receiver === null) this.#open();
      const hasAddress = this.#checkAddress();
      if (hasAddress && !hadAddress) await this.#join();
      this.#hasAddress = hasAddress;
      this.#problem = hasAddress ? null : this.#sayNoAddress();
    } catch (error) {
      this.#problem = reasonOf(error);
    }
    return this.#hasAddress && !hadAddress;
  }

  /** See `Receiver.refresh`; what is said there of IGMPv3 holds for MLDv2. */
  async refresh(): Promise<void> {
    if (!this.#hasAddress) return;
    try {
      await this.#join();
    } catch (error) {
      // It is joined again at the next look, if the interface is there.
      this.#hasAddress = false;
      this.#problem = reasonOf(error);
    }
  }

  /** Closes after everything given to `send` has left. */
  async close(): Promise<void> {
    await this.#sender?.close();
    const receiver = this.#receiver;
    this.#receiver = null;
    receiver?.close();
    await this.#receiving;
  }

  #open(): void {
    const { to, receive } = this.#options;
    const { name, address: own } = this.#about;
    const receiver = Deno.listenDatagram({
      transport: "udp",
      hostname: `${to.group}%${name}`,
      port: to.port,
      reuseAddress: true,
      loopback: true,
    });
    this.#receiver = receiver;
    this.#receiving = receiveFrom(receiver, {
      maxBytes: MAX_BYTES,
      isOver: () => this.#receiver !== receiver,
      receive: (bytes, from, isPrivileged) => {
        // The kernel gives the address of the sender without the interface.
        const address = `${from}%${name}`;
        if (address === own) this.#sender?.returned();
        receive(bytes, address, isPrivileged);
      },
    });
  }

  /** Joins, or leaves and joins: with the address the kernel may have dropped the membership. */
  async #join(): Promise<void> {
    const { group } = this.#options.to;
    const before = this.#membership;
    this.#membership = null;
    [, this.#membership] = await Promise.all([
      before?.leave().catch(() => {}),
      this.#receiver!.joinMulticastV6(group, this.#about.scopeId),
    ]);
  }

  /** Whether the kernel lets us use the address; it does not while checking it for duplicates. */
  #checkAddress(): boolean {
    try {
      const socket = openSendingSocket(this.address);
      if (this.#sender === null) {
        this.#sender = new Sender(socket, this.#options.to);
      } else {
        socket.close();
      }
      this.#checkedSince = null;
      return true;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrNotAvailable)) throw error;
      this.#checkedSince ??= performance.now();
      return false;
    }
  }

  #sayNoAddress(): string | null {
    const ms = performance.now() - (this.#checkedSince ?? Infinity);
    return ms < CHECK_PATIENCE_MS
      ? null
      : "the kernel does not let anybody use the address, perhaps because " +
        "another host has it too; see: ip -6 address show dev " +
        this.#about.name;
  }
}

/** The first address of each interface. */
function firstOfEach(addresses: readonly Ipv6Address[]): Ipv6Address[] {
  return addresses.filter(({ scopeId }, index) =>
    addresses.findIndex((other) => other.scopeId === scopeId) === index
  );
}
