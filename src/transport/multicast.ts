import type { InterfaceAddress } from "../system/system.ts";
import { ipv6GroupOf } from "./destination.ts";
import { Ipv4Multicast } from "./ipv4_multicast.ts";
import { Ipv6Multicast } from "./ipv6_multicast.ts";
import type { Ipv4Options } from "./sender.ts";
import type { JoinedInterface, Receive, Transport } from "./transport.ts";

/**
 * Opens the receiving socket of IPv4; those of IPv6 are opened by `use`. Throws
 * the error of `Deno.listenDatagram` if another program has the port
 * exclusively.
 */
export function openMulticast(
  options: Ipv4Options,
  receive: Receive,
): Multicast {
  return new Multicast(options, receive);
}

/** Multicast over IPv4 and IPv6. An interface with both counts as two. */
export class Multicast implements Transport {
  readonly #ipv4: Ipv4Multicast;
  readonly #ipv6: Ipv6Multicast;

  constructor(options: Ipv4Options, receive: Receive) {
    const { group, port } = options;
    this.#ipv4 = new Ipv4Multicast(options, receive);
    this.#ipv6 = new Ipv6Multicast(
      { group: ipv6GroupOf(group), port },
      receive,
    );
  }

  get interfaces(): readonly JoinedInterface[] {
    return [...this.#ipv4.interfaces, ...this.#ipv6.interfaces];
  }

  get sent(): number {
    return this.#ipv4.sent + this.#ipv6.sent;
  }

  get sendErrors(): number {
    return this.#ipv4.sendErrors + this.#ipv6.sendErrors;
  }

  /**
   * Uses exactly these interfaces from now on; of several addresses of a family
   * and an interface, the first. If joining fails, keeps the interface with its
   * problem, and tries again at the next call. Returns whether an interface was
   * joined newly or again.
   */
  async use(addresses: readonly InterfaceAddress[]): Promise<boolean> {
    const ipv4 = addresses.filter(({ scopeId }) => scopeId === undefined);
    const ipv6 = addresses.flatMap(({ scopeId, ...about }) =>
      scopeId === undefined ? [] : [{ ...about, scopeId }]
    );
    const joined4 = await this.#ipv4.use(ipv4);
    const joined6 = await this.#ipv6.use(ipv6);
    return joined4 || joined6;
  }

  /** Makes the kernel report each membership again, for switches that forget them. */
  async refresh(): Promise<void> {
    await Promise.all([this.#ipv4.refresh(), this.#ipv6.refresh()]);
  }

  send(datagrams: readonly Uint8Array[], via?: readonly string[]): void {
    this.#ipv4.send(datagrams, via);
    this.#ipv6.send(datagrams, via);
  }

  async close(): Promise<void> {
    await Promise.all([this.#ipv4.close(), this.#ipv6.close()]);
  }
}
