import type { Change } from "../../src/inventory/change.ts";
import type { Effect } from "../../src/peer/effect.ts";
import type { Peer, PeerOptions } from "../../src/peer/peer.ts";
import { seededRandom } from "./seeded_random.ts";
import { virtualPeer } from "./virtual_peer.ts";

/** What of a datagram gets to whom; all of it when not given. */
export type Passes = (
  datagram: Uint8Array,
  from: string,
  to: string,
) => boolean;

export interface VirtualHost {
  readonly peer: Peer;
  readonly address: string;
  readonly changes: Change[];
  /** Datagrams that it sent. */
  readonly sent: { readonly at: number; readonly bytes: Uint8Array }[];
  readonly identities: (Effect & { kind: "identity" })[];
  /** Times at which it was to leave this host to another daemon. */
  readonly yielded: number[];
  readonly isPrivileged: boolean;
}

interface VirtualHostOptions extends Partial<PeerOptions> {
  /** The host of another daemon on which this one runs; default: one of its own. */
  readonly beside?: VirtualHost;
}

/** Hosts on one LAN that runs in virtual time: nothing waits, and the same seed gives the same run. */
export class VirtualLan {
  readonly hosts = new Map<string, VirtualHost>();
  readonly random: () => number;
  readonly #addresses = new Map<string, string>();
  passes: Passes = () => true;
  now = 0;

  constructor(seed = 1) {
    this.random = seededRandom(seed);
  }

  /** A host that has not joined yet. */
  host(
    name: string,
    { beside, ...options }: VirtualHostOptions = {},
  ): VirtualHost {
    const peer = virtualPeer(name, { random: this.random, ...options });
    const address = beside?.address ?? this.#addressOf(name);
    const { isPrivileged = false } = options;
    const seen = { changes: [], sent: [], identities: [], yielded: [] };
    const host = { peer, address, isPrivileged, ...seen };
    peer.setOwnNetworks([{
      address,
      prefixLength: 8,
      device: "eth0",
      via: address,
    }]);
    this.hosts.set(name, host);
    return host;
  }

  /** Takes a host off the LAN without a goodbye. */
  unplug(name: string): void {
    this.hosts.delete(name);
  }

  /** Carries out what a host wants. */
  do(host: VirtualHost, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === "change") host.changes.push(effect.change);
      if (effect.kind === "identity") host.identities.push(effect);
      if (effect.kind === "yield") host.yielded.push(this.now);
      if (effect.kind === "send") this.#deliver(host, effect.datagrams);
    }
  }

  /** Bytes from somebody who is no host of ours. */
  inject(bytes: Uint8Array, address: string): void {
    for (const host of [...this.hosts.values()]) {
      this.do(host, host.peer.receive(bytes, address, this.now));
    }
  }

  /** Lets time go by. */
  run(durationMs: number): void {
    const end = this.now + durationMs;
    while (true) {
      const next = this.#nextHost();
      if (next === null || next.peer.deadline > end) break;
      this.now = Math.max(this.now, next.peer.deadline);
      this.do(next, next.peer.tick(this.now));
    }
    this.now = end;
  }

  /** A host that comes back has the address that it had. */
  #addressOf(name: string): string {
    const known = this.#addresses.get(name);
    if (known !== undefined) return known;
    const address = `10.0.0.${this.#addresses.size + 1}`;
    this.#addresses.set(name, address);
    return address;
  }

  #nextHost(): VirtualHost | null {
    let next: VirtualHost | null = null;
    for (const host of this.hosts.values()) {
      if (next === null || host.peer.deadline < next.peer.deadline) next = host;
    }
    return next;
  }

  #deliver(from: VirtualHost, datagrams: readonly Uint8Array[]): void {
    const { address, isPrivileged } = from;
    for (const bytes of datagrams) {
      from.sent.push({ at: this.now, bytes });
      for (const to of [...this.hosts.values()]) {
        if (!this.passes(bytes, address, to.address)) continue;
        const effects = to.peer.receive(bytes, address, this.now, {
          isPrivileged,
        });
        this.do(to, effects);
      }
    }
  }
}
