import type { JoinedInterface, Receive, Transport } from "./transport.ts";

/**
 * A LAN in memory: every member hears each datagram, including its sender, as
 * with multicast.
 */
export class MemoryLan {
  readonly #members = new Map<string, Receive>();

  /** Joins under an address; `close` leaves. */
  join(address: string, receive: Receive): Transport {
    this.#members.set(address, receive);
    const joined: JoinedInterface = {
      name: "mem0",
      address,
      prefixLength: 24,
      problem: null,
      unreturned: 0,
    };
    return new MemoryTransport(joined, {
      deliver: (datagram) => this.#deliver(datagram, address),
      leave: () => this.#members.delete(address),
    });
  }

  #deliver(datagram: Uint8Array, from: string): void {
    for (const receive of this.#members.values()) {
      receive(datagram.slice(), from);
    }
  }
}

class MemoryTransport implements Transport {
  readonly interfaces: readonly JoinedInterface[];
  readonly #lan: { deliver(datagram: Uint8Array): void; leave(): void };
  readonly sendErrors = 0;
  sent = 0;

  constructor(
    joined: JoinedInterface,
    lan: { deliver(datagram: Uint8Array): void; leave(): void },
  ) {
    this.interfaces = [joined];
    this.#lan = lan;
  }

  send(datagrams: readonly Uint8Array[], via?: readonly string[]): void {
    if (via && !via.includes(this.interfaces[0]!.address)) return;
    for (const datagram of datagrams) {
      this.sent++;
      this.#lan.deliver(datagram);
    }
  }

  close(): Promise<void> {
    this.#lan.leave();
    return Promise.resolve();
  }
}
