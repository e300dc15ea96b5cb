import type { RejectReason } from "../codec/announcement.ts";
import { type Envelope, openEnvelope } from "../codec/envelope.ts";
import { farAddress } from "../inventory/far_address.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Counters, RefuseReason } from "./effect.ts";
import {
  type Arrival,
  type Carrier,
  HUB,
  type NamedByHub,
} from "./listener.ts";
import type { OwnNetworks } from "./own_networks.ts";
import type { Origin } from "./rate_limiter.ts";
import type { Relay } from "./relay.ts";

/** Where bytes came from. */
export interface DatagramSource {
  readonly address: string;
  /** Whether only root may send from the port. */
  readonly isPrivileged: boolean;
  /** Whether it is a peer of this relay. */
  readonly isPeer: boolean;
}

/** A datagram of a host, and who passed it on. */
type Carried = Pick<Arrival, "address" | "datagram" | "now"> & {
  readonly carrier: Carrier;
};

interface EnvelopesParts {
  readonly inventory: Inventory;
  readonly counters: Counters;
  readonly relay: Relay;
  readonly networks: OwnNetworks;
}

/** What relays and hubs pass on from other networks: who may, for whom, and who pays for it. */
export class Envelopes {
  readonly #parts: EnvelopesParts;

  constructor(parts: EnvelopesParts) {
    this.#parts = parts;
  }

  /** What a relay passes on; `null`: nothing that counts, or it is counted why not. */
  open(
    bytes: Uint8Array,
    { address, isPeer }: DatagramSource,
    now: number,
  ): Carried | null {
    const { networks, counters, relay } = this.#parts;
    if (!isPeer && networks.has(address)) {
      counters.own++;
      return null;
    }
    if (!isPeer && !networks.isNear(address)) return this.#reject("no-peer");
    const envelope = openEnvelope(bytes);
    if (envelope.format === "rejected") return this.#reject(envelope.reason);
    const { site, from, datagram } = envelope;
    if (isPeer && site === null) {
      // What a relay tells a network that we share with it comes here too.
      if (!networks.isNear(address)) return this.#reject("bad-envelope");
      counters.copies++;
      return null;
    }
    // Who is no relay may have come from there, and not know it yet.
    if (relay.isOn && site !== null && site === relay.site) {
      counters.own++;
      return null;
    }
    if (isPeer) relay.heardPeer(address, envelope, now);
    if (datagram.length === 0) return null;
    const carrier = { address, isPeer, site, from };
    return { address: placeOf(envelope, address), datagram, carrier, now };
  }

  /** What a hub took for somebody; `null` likewise. */
  openOfHub(
    bytes: Uint8Array,
    named: NamedByHub,
    now: number,
  ): Carried | null {
    const envelope = openEnvelope(bytes);
    if (envelope.format === "rejected") return this.#reject(envelope.reason);
    const { site, from, datagram } = envelope;
    if (site === null || site !== named.site || from === null) {
      return this.#reject("bad-envelope");
    }
    const carrier = { ...named, address: HUB, isPeer: true, from };
    return { address: farAddress(from, site), datagram, carrier, now };
  }

  /** A relay pays for what it passes on. */
  originOf({ address, isPeer, site, from, id }: Carrier): Origin {
    // A hub lets nobody speak for others, so each host pays for itself.
    if (id !== undefined) {
      return { address: farAddress(from!, site!), id, isOfHub: true };
    }
    const known = isPeer && site !== null ? farAddress(address, site) : address;
    return { address: known, id: this.#parts.inventory.idAt(known) };
  }

  /** Whether a proven host is a peer that is heard on a network of ours: it is heard as a peer alone. */
  isPeerNearby(id: string, { address, carrier }: Arrival): boolean {
    const { relay, counters } = this.#parts;
    if (carrier !== null) {
      if (isPeerItself(carrier)) relay.provenPeer(carrier.address, id);
      return false;
    }
    if (!relay.heardNear(id, address)) return false;
    counters.copies++;
    return true;
  }

  #reject(reason: RejectReason | RefuseReason): null {
    this.#parts.counters.reject(reason);
    return null;
  }
}

/** Whether the other relay speaks of itself. */
export function isPeerItself({ isPeer, from }: Carrier): boolean {
  return isPeer && from === null;
}

/** The address of the host in an envelope, as the inventory keeps it. */
function placeOf({ site, from }: Envelope, relay: string): string {
  const address = from ?? relay;
  return site === null ? address : farAddress(address, site);
}
