import { isEnvelope } from "../../src/codec/envelope.ts";
import type { Change } from "../../src/inventory/change.ts";
import type { Effect } from "../../src/peer/effect.ts";
import type { Peer, PeerOptions } from "../../src/peer/peer.ts";
import { makeDisk } from "../../src/inventory/disk.ts";
import { seededRandom } from "./seeded_random.ts";
import { virtualPeer } from "./virtual_peer.ts";

/** A host on one or more networks, and perhaps the end of a tunnel. */
export interface SiteHost {
  readonly peer: Peer;
  readonly name: string;
  /** Its address on each network. */
  readonly on: ReadonlyMap<string, string>;
  /** Its address in the tunnels. */
  readonly far: string;
  readonly changes: Change[];
}

/** What is sent, to whom: a network, or `far` and the address of a relay. */
export interface OnTheWire {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly bytes: Uint8Array;
}

/** Networks with relays between them, in virtual time: nothing waits. */
export class VirtualSites {
  readonly hosts = new Map<string, SiteHost>();
  readonly wire: OnTheWire[] = [];
  readonly #random = seededRandom(1);
  /** Whether a datagram passes. */
  passes: (sent: OnTheWire) => boolean = () => true;
  now = 0;

  /**
   * A host with a disk that is named after it. A network is written `home` or,
   * with IPv6 alone, `home/6`. Tunnels end at its address on `vpn`, if it has
   * one: a network of hosts like any other.
   */
  host(
    name: string,
    networks: readonly string[],
    options: Partial<PeerOptions> = {},
  ): SiteHost {
    const number = this.hosts.size + 1;
    const peer = virtualPeer(name, { random: this.#random, ...options });
    const bases = [...new Set(networks.map(baseOf))];
    const deviceOf = (network: string) =>
      `eth${bases.indexOf(baseOf(network))}`;
    const on = new Map(networks.map((network) => [
      network,
      network.endsWith("/6")
        ? `fe80::${number}%${deviceOf(network)}`
        : `192.168.${subnetOf(network)}.${number}`,
    ]));
    peer.setOwnNetworks([...on].map(([network, address]) => ({
      address,
      prefixLength: 24,
      device: deviceOf(network),
      via: address,
    })));
    const far = on.get("vpn") ?? `10.8.0.${number}`;
    const host = { peer, name, on, far, changes: [] };
    this.hosts.set(name, host);
    return host;
  }

  /** Joins, and has its first scan at once. */
  start(...hosts: readonly SiteHost[]): void {
    for (const host of hosts) {
      this.do(host, host.peer.join(this.now));
      const disk = makeDisk({ device: "/dev/sda", label: `disk-${host.name}` });
      this.do(host, host.peer.scanned([disk], this.now));
    }
  }

  /** Makes these the relays of their sites, each with the others as peers. */
  join(relays: Readonly<Record<string, SiteHost>>): void {
    for (const [site, host] of Object.entries(relays)) {
      const peers = Object.values(relays).filter((one) => one !== host);
      this.relay(host, site, peers);
    }
  }

  relay(host: SiteHost, site: string, peers: readonly SiteHost[]): void {
    const settings = { isOn: true, site, peers: peers.map(({ far }) => far) };
    this.do(host, host.peer.relay(settings, this.now));
  }

  /** Lets time go by. */
  run(durationMs: number): void {
    const end = this.now + durationMs;
    while (true) {
      const next = [...this.hosts.values()].reduce((a, b) =>
        b.peer.deadline < a.peer.deadline ? b : a
      );
      if (next.peer.deadline > end) break;
      this.now = Math.max(this.now, next.peer.deadline);
      this.do(next, next.peer.tick(this.now));
    }
    this.now = end;
  }

  do(host: SiteHost, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === "change") host.changes.push(effect.change);
      if (effect.kind === "send") this.#send(host, effect);
      if (effect.kind === "send-far") this.#sendFar(host, effect);
    }
  }

  #send(
    host: SiteHost,
    { datagrams, via }: Effect & { kind: "send" },
  ): void {
    for (const [network, address] of host.on) {
      if (via !== undefined && !via.includes(address)) continue;
      for (const bytes of datagrams) {
        if (!this.#carries({ from: host.name, to: network, bytes })) continue;
        for (const to of this.hosts.values()) {
          const own = to.on.get(network);
          if (own === undefined) continue;
          // A link-local address has the interface of the receiver.
          const from = address.includes("%")
            ? `${address.split("%")[0]}%${own.split("%")[1]}`
            : address;
          this.do(to, to.peer.receive(bytes, from, this.now));
          // The socket for peers hears the multicast of any interface.
          const isPeer = to.peer.peers.some((peer) => peer.address === from);
          if (!isPeer || !isEnvelope(bytes)) continue;
          this.do(to, to.peer.receiveFar(bytes, from, this.now));
        }
      }
    }
  }

  #sendFar(
    host: SiteHost,
    { datagrams, to }: Effect & { kind: "send-far" },
  ): void {
    for (const bytes of datagrams) {
      for (const other of this.hosts.values()) {
        if (!to.includes(other.far)) continue;
        const sent = { from: host.name, to: `far ${other.name}`, bytes };
        if (!this.#carries(sent)) continue;
        this.do(other, other.peer.receiveFar(bytes, host.far, this.now));
      }
    }
  }

  #carries(sent: Omit<OnTheWire, "at">): boolean {
    const one = { at: this.now, ...sent };
    this.wire.push({ ...one, bytes: one.bytes.slice() });
    return this.passes(one);
  }
}

function baseOf(network: string): string {
  return network.replace("/6", "");
}

function subnetOf(network: string): number {
  let number = 0;
  for (const letter of network) number += letter.charCodeAt(0);
  return number % 250;
}
