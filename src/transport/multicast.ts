/**
 * IPv4 multicast on every interface, with what Deno offers.
 *
 * One socket on 0.0.0.0 receives for all interfaces. For sending there is a
 * socket an interface, bound to the interface's own address: Deno cannot set
 * IP_MULTICAST_IF, but Linux sends multicast out of the interface that has the
 * source address (ip(7), routing of a bound socket). That works beside a
 * default route that leads elsewhere.
 */
import { reasonOf } from "../system/reason.ts";
import type { InterfaceAddress } from "../system/system.ts";
import { Receiver } from "./receiver.ts";
import { openSender, type Sender, type SenderOptions } from "./sender.ts";
import type { JoinedInterface, Receive, Transport } from "./transport.ts";

export type MulticastOptions = SenderOptions;

/** Opens the receiving socket. Throws what `Deno.listenDatagram` throws, when another program keeps the port to itself. */
export function openMulticast(
  options: MulticastOptions,
  receive: Receive,
): Multicast {
  return new Multicast(options, receive);
}

/** An interface that was to be joined. */
interface Joined {
  readonly about: InterfaceAddress;
  /** Why it was not, `null` when it was. */
  readonly problem: string | null;
}

/** See the top of the file. */
export class Multicast implements Transport {
  readonly #options: MulticastOptions;
  readonly #receiver: Receiver;
  /** By address: each has one interface. */
  readonly #senders = new Map<string, Sender>();
  #joined: readonly Joined[] = [];
  #closed = false;
  #sentByGone = 0;
  #errorsOfGone = 0;

  constructor(options: MulticastOptions, receive: Receive) {
    this.#options = options;
    this.#receiver = new Receiver(options, (bytes, address) => {
      this.#senders.get(address)?.returned();
      receive(bytes, address);
    });
  }

  get interfaces(): readonly JoinedInterface[] {
    return this.#joined.map(({ about, problem }) => {
      const sender = this.#senders.get(about.address);
      return {
        ...about,
        problem: problem ?? sender?.problem ?? null,
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
   * Speaks on exactly these interfaces from now on; of several addresses of
   * one interface on the first. One that cannot be joined is kept with its
   * problem and tried again at the next call. Returns whether an interface was
   * joined that was not before, or had to be joined anew.
   */
  async use(interfaces: readonly InterfaceAddress[]): Promise<boolean> {
    if (await this.#isOutdated(interfaces)) this.#receiver.renew();
    const joined: Joined[] = [];
    let joinedAny = false;
    for (const about of interfaces) {
      const isNew = !this.#isJoined(about.address);
      const problem = await this.#join(about.address);
      if (problem === "shared") continue;
      joinedAny ||= isNew && problem === null;
      joined.push({ about, problem });
    }
    this.#joined = joined;
    this.#keepSendersOf(joined);
    return joinedAny;
  }

  /** Has each membership reported again, for switches that forget them. */
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

  /** Whether an interface that is joined has gone, or is another one now. */
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

  /** Returns why it could not; `shared` when another address of its interface stands for it. */
  async #join(address: string): Promise<string | null> {
    try {
      const isMember = this.#receiver.has(address) ||
        await this.#receiver.join(address);
      if (!isMember) return "shared";
      if (!this.#senders.has(address)) {
        this.#senders.set(address, await openSender(address, this.#options));
      }
      return null;
    } catch (error) {
      return reasonOf(error);
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

function keyOf({ name, address }: InterfaceAddress): string {
  return `${name} ${address}`;
}
