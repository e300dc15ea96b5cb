/**
 * IPv4 multicast on every interface, with what Deno offers.
 *
 * One socket on 0.0.0.0 receives for all interfaces; it joins the group with
 * the address of each, since joining with 0.0.0.0 fails on a host without a
 * default route. For sending there is a socket an interface, bound to the
 * interface's own address: Deno cannot set IP_MULTICAST_IF, but Linux sends
 * multicast out of the interface that has the source address (ip(7), routing
 * of a bound socket). That works beside a default route that leads elsewhere.
 */
import { reasonOf } from "../system/reason.ts";
import type { InterfaceAddress } from "../system/system.ts";
import type { JoinedInterface, Receive, Transport } from "./transport.ts";

export interface MulticastOptions {
  /** IPv4 group, 224.0.0.0/4. */
  readonly group: string;
  /** UDP port, shared with other programs of this host that allow it. */
  readonly port: number;
  /** Router hops that a datagram survives. */
  readonly ttl: number;
}

/** The largest UDP payload over IPv4: 0.01 sends lists of 900 disks in one piece. */
const MAX_UDP_BYTES = 65_507;

/** Wait after a failed receive, so that a broken socket does not spin. */
const RECEIVE_RETRY_MS = 100;

/** Datagrams may wait for the kernel on one interface up to this many; later ones are dropped and counted. */
const MAX_QUEUED_DATAGRAMS = 1_024;

/** Opens the receiving socket. Throws what `Deno.listenDatagram` throws, when another program keeps the port to itself. */
export function openMulticast(
  options: MulticastOptions,
  receive: Receive,
): Multicast {
  const socket = Deno.listenDatagram({
    transport: "udp",
    hostname: "0.0.0.0",
    port: options.port,
    reuseAddress: true,
    loopback: true,
  });
  return new Multicast(options, socket, receive);
}

/** See the top of the file. */
export class Multicast implements Transport {
  readonly #options: MulticastOptions;
  readonly #socket: Deno.DatagramConn;
  readonly #senders = new Map<string, Sender>();
  readonly #receiving: Promise<void>;
  #interfaces: JoinedInterface[] = [];
  #closed = false;
  #sentByGone = 0;
  #errorsOfGone = 0;

  constructor(
    options: MulticastOptions,
    socket: Deno.DatagramConn,
    receive: Receive,
  ) {
    this.#options = options;
    this.#socket = socket;
    this.#receiving = this.#receiveAll(receive);
  }

  get interfaces(): readonly JoinedInterface[] {
    return this.#interfaces;
  }

  get sent(): number {
    return this.#sum((sender) => sender.sent, this.#sentByGone);
  }

  get sendErrors(): number {
    return this.#sum((sender) => sender.errors, this.#errorsOfGone);
  }

  /**
   * Speaks on exactly these interfaces from now on. One that cannot be joined
   * is kept with its problem and tried again at the next call. Returns whether
   * an interface was joined that was not before.
   */
  async use(interfaces: readonly InterfaceAddress[]): Promise<boolean> {
    const wanted = new Map(interfaces.map((one) => [keyOf(one), one]));
    for (const [key, sender] of this.#senders) {
      if (!wanted.has(key)) this.#drop(key, sender);
    }
    const states: JoinedInterface[] = [];
    let joinedAny = false;
    for (const [key, one] of wanted) {
      const isNew = !this.#senders.has(key);
      const problem = isNew ? await this.#join(one) : null;
      joinedAny ||= isNew && problem === null;
      states.push({ ...one, problem });
    }
    this.#interfaces = states;
    return joinedAny;
  }

  send(datagrams: readonly Uint8Array[]): void {
    for (const sender of this.#senders.values()) sender.send(datagrams);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all(
      [...this.#senders.values()].map((sender) => sender.close()),
    );
    this.#senders.clear();
    this.#socket.close();
    await this.#receiving;
  }

  async #join(one: InterfaceAddress): Promise<string | null> {
    try {
      const membership = await this.#socket.joinMulticastV4(
        this.#options.group,
        one.address,
      );
      const sender = await openSender(one.address, this.#options, membership);
      this.#senders.set(keyOf(one), sender);
      return null;
    } catch (error) {
      return reasonOf(error);
    }
  }

  #drop(key: string, sender: Sender): void {
    this.#senders.delete(key);
    this.#sentByGone += sender.sent;
    this.#errorsOfGone += sender.errors;
    sender.close();
  }

  #sum(count: (sender: Sender) => number, start: number): number {
    let sum = start;
    for (const sender of this.#senders.values()) sum += count(sender);
    return sum;
  }

  async #receiveAll(receive: Receive): Promise<void> {
    const buffer = new Uint8Array(MAX_UDP_BYTES);
    while (!this.#closed) {
      try {
        const [bytes, from] = await this.#socket.receive(buffer);
        receive(bytes, (from as Deno.NetAddr).hostname);
      } catch (error) {
        if (this.#closed) return;
        if (!(error instanceof Deno.errors.Interrupted)) {
          await new Promise((done) => setTimeout(done, RECEIVE_RETRY_MS));
        }
      }
    }
  }
}

function keyOf({ name, address }: InterfaceAddress): string {
  return `${name} ${address}`;
}

async function openSender(
  address: string,
  options: MulticastOptions,
  received: Deno.MulticastV4Membership,
): Promise<Sender> {
  const socket = Deno.listenDatagram({
    transport: "udp",
    hostname: address,
    port: 0,
    loopback: true,
  });
  try {
    // Only a membership lets Deno set the TTL; a socket bound to a unicast
    // address receives no multicast by it.
    const own = await socket.joinMulticastV4(options.group, address);
    await own.setTTL(options.ttl);
    return new Sender(socket, received, options);
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Sends out of one interface, one datagram after the other. */
class Sender {
  readonly #socket: Deno.DatagramConn;
  readonly #membership: Deno.MulticastV4Membership;
  readonly #to: Deno.NetAddr;
  #queued = 0;
  #sending: Promise<void> = Promise.resolve();
  sent = 0;
  errors = 0;

  constructor(
    socket: Deno.DatagramConn,
    membership: Deno.MulticastV4Membership,
    { group, port }: MulticastOptions,
  ) {
    this.#socket = socket;
    this.#membership = membership;
    this.#to = { transport: "udp", hostname: group, port };
  }

  send(datagrams: readonly Uint8Array[]): void {
    if (this.#queued + datagrams.length > MAX_QUEUED_DATAGRAMS) {
      this.errors += datagrams.length;
      return;
    }
    this.#queued += datagrams.length;
    this.#sending = this.#sending.then(() => this.#sendAll(datagrams));
  }

  async #sendAll(datagrams: readonly Uint8Array[]): Promise<void> {
    for (const datagram of datagrams) {
      try {
        await this.#socket.send(datagram, this.#to);
        this.sent++;
      } catch {
        this.errors++;
      }
      this.#queued--;
    }
  }

  async close(): Promise<void> {
    await this.#sending;
    // Fails when the interface has gone, and with it the membership.
    await this.#membership.leave().catch(() => {});
    this.#socket.close();
  }
}
