/**
 * IPv4 multicast on every interface, within the limits of Deno.
 *
 * A single socket, bound to the group, receives from all interfaces: on 0.0.0.0
 * it would also receive every other group that a program of this host joined
 * (ip(7), IP_MULTICAST_ALL). For sending, each
 * interface has a socket bound to its address: Deno cannot set IP_MULTICAST_IF,
 * but Linux sends multicast through the interface that has the source address
 * (ip(7), routing of a bound socket). This works even with a default route
 * elsewhere.
 */
import { reasonOf } from "../system/reason.ts";
import type { InterfaceAddress } from "../system/system.ts";
import { Receiver } from "./receiver.ts";
import { type Ipv4Options, openIpv4Sender, type Sender } from "./sender.ts";
import type { JoinedInterface, Receive, Transport } from "./transport.ts";

/** An interface diskd tried to join. */
interface Joined {
  readonly about: InterfaceAddress;
  /** Why joining failed; `null` if it succeeded. */
  readonly problem: string | null;
}

/** See the top of the file. */
export class Ipv4Multicast implements Transport {
  readonly #options: Ipv4Options;
  readonly #receiver: Receiver;
  /** By address, one for each interface. */
  readonly #senders = new Map<string, Sender>();
  #joined: readonly Joined[] = [];
  #closed = false;
  #sentByGone = 0;
  #errorsOfGone = 0;

  /**
   * Opens the receiving socket. Throws the error of `Deno.listenDatagram` if
   * another program has the port exclusively.
   */
  constructor(options: Ipv4Options, receive: Receive) {
    this.#options = options;
    this.#receiver = new Receiver(options, (bytes, address, isPrivileged) => {
      this.#senders.get(address)?.returned();
      receive(bytes, address, isPrivileged);
    });
  }

  get interfaces(): readonly JoinedInterface[] {
    return this.#joined.map(({ about, problem }) => {
      const sender = this.#senders.get(about.address);
      const fault = problem ?? sender?.problem ?? null;
      return {
        ...about,
        isInUse: fault === null,
        problem: fault,
        unreturned: sender?.unreturned ?? 0,
      };
    });
  }

  get sent(): number {
    return this.#sum((sender) => sender.sent, this.#sentByGone);
  }

  get sendErrors(): number {
    return this.#sum((sender) => sender.errors, this.#errorsOfGone);
  }

  /**
   * Uses exactly these interfaces from now on; of several addresses of an
   * interface, the first. If joining fails, keeps the interface with its
   * problem, and tries again at the next call. Returns whether an interface was
   * joined newly or again.
   */
  async use(interfaces: readonly InterfaceAddress[]): Promise<boolean> {
    if (await this.#isOutdated(interfaces)) this.#receiver.renew();
    const joined: Joined[] = [];
    let joinedAny = false;
    for (const about of interfaces) {
      const isNew = !this.#isJoined(about.address);
      const problem = await this.#join(about.address, interfaces.length);
      if (problem === "shared") continue;
      joinedAny ||= isNew && problem === null;
      joined.push({ about, problem });
    }
    this.#joined = joined;
    this.#keepSendersOf(joined);
    return joinedAny;
  }

  /** Makes the kernel report each membership again, for switches that forget them. */
  async refresh(): Promise<void> {
    await this.#receiver.refresh();
  }

  send(datagrams: readonly Uint8Array[], via?: readonly string[]): void {
    for (const [address, sender] of this.#senders) {
      if (via === undefined || via.includes(address)) sender.send(datagrams);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all(
      [...this.#senders.values()].map((sender) => sender.close()),
    );
    this.#senders.clear();
    await this.#receiver.close();
  }

  /** Whether a joined interface has gone or been replaced. */
  async #isOutdated(interfaces: readonly InterfaceAddress[]): Promise<boolean> {
    const now = new Set(interfaces.map(keyOf));
    for (const { about } of this.#joined) {
      if (!this.#receiver.has(about.address)) continue;
      if (!now.has(keyOf(about))) return true;
      if (await this.#receiver.hasLost(about.address)) return true;
    }
    return false;
  }

  #isJoined(address: string): boolean {
    return this.#receiver.has(address) && this.#senders.has(address);
  }

  /**
   * Returns why joining failed; `shared` if another address of the interface
   * has joined already.
   */
  async #join(address: string, wanted: number): Promise<string | null> {
    try {
      const isMember = this.#receiver.has(address) ||
        await this.#receiver.join(address);
      if (!isMember) return "shared";
      if (!this.#senders.has(address)) {
        this.#senders.set(
          address,
          await openIpv4Sender(address, this.#options),
        );
      }
      return null;
    } catch (error) {
      return isOutOfMemberships(error)
        ? sayOutOfMemberships(wanted)
        : reasonOf(error);
    }
  }

  #keepSendersOf(joined: readonly Joined[]): void {
    const addresses = new Set(joined.map(({ about }) => about.address));
    for (const [address, sender] of this.#senders) {
      if (addresses.has(address)) continue;
      this.#senders.delete(address);
      this.#sentByGone += sender.sent;
      this.#errorsOfGone += sender.errors;
      sender.close();
    }
  }

  #sum(count: (sender: Sender) => number, start: number): number {
    let sum = start;
    for (const sender of this.#senders.values()) sum += count(sender);
    return sum;
  }
}

/** A socket has a limit of memberships, by default 20: ip-sysctl, `igmp_max_memberships`. */
function isOutOfMemberships(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOBUFS";
}

function sayOutOfMemberships(wanted: number): string {
  const enough = 2 ** Math.ceil(Math.log2(wanted + 1));
  return "the kernel lets a program use no more interfaces for multicast; " +
    `allow more: sysctl -w net.ipv4.igmp_max_memberships=${enough}, and in ` +
    "/etc/sysctl.d for the next boot; or name the interfaces that matter " +
    "with --interface";
}

function keyOf({ name, address }: InterfaceAddress): string {
  return `${name} ${address}`;
}
