import type { Agenda } from "./agenda.ts";
import type { Dice } from "./dice.ts";

/** How a link treats a datagram. */
export interface Link {
  /** Share of datagrams that are lost, and that come twice. */
  readonly loss: number;
  readonly duplicates: number;
  /** Each takes some time between these, so that they overtake each other. */
  readonly delayMs: readonly [number, number];
}

export const GOOD_LINK: Link = { loss: 0, duplicates: 0, delayMs: [0.1, 2] };

/** Who listens on the medium. */
export interface Station {
  /** `null` while it has no network. */
  readonly address: string | null;
  /** Its IPv6 address, if it has one besides. */
  readonly ipv6?: string | null;
  receive(bytes: Uint8Array, from: string): void;
}

/** A network on which each way between two stations is a link of its own. */
export class Medium {
  readonly name: string;
  readonly #agenda: Agenda;
  readonly #dice: Dice;
  readonly #stations: Station[] = [];
  readonly #links = new Map<Station, Map<Station, Link>>();
  readonly #cut = new Map<Station, Set<Station>>();
  /** Of all stations without one of their own. */
  #usualLink = GOOD_LINK;

  constructor(agenda: Agenda, dice: Dice, name = "lan") {
    this.#agenda = agenda;
    this.#dice = dice;
    this.name = name;
  }

  add(station: Station): void {
    this.#stations.push(station);
    this.#links.set(station, new Map());
    this.#cut.set(station, new Set());
  }

  /** It is somewhere else from now on; what is on its way to it is lost. */
  remove(station: Station): void {
    this.#stations.splice(this.#stations.indexOf(station), 1);
    this.#links.delete(station);
    for (const cut of this.#cut.values()) cut.delete(station);
    this.#cut.delete(station);
  }

  setUsualLink(link: Link): void {
    this.#usualLink = link;
  }

  setLink(from: Station, to: Station, link: Link): void {
    this.#links.get(from)!.set(to, link);
  }

  /** Nothing gets from one to the other until `join`. */
  cut(from: Station, to: Station): void {
    this.#cut.get(from)!.add(to);
  }

  join(from: Station, to: Station): void {
    this.#cut.get(from)?.delete(to);
  }

  /** All links are good from now on. */
  heal(): void {
    this.#usualLink = GOOD_LINK;
    for (const station of this.#stations) {
      this.#links.get(station)!.clear();
      this.#cut.get(station)!.clear();
    }
  }

  /** From a station to all, itself among them, as multicast does. */
  send(from: Station, bytes: Uint8Array): void {
    if (from.address === null) return;
    this.#sendIn(from, bytes, "address");
    this.#sendIn(from, bytes, "ipv6");
  }

  /** In one family, to the stations that have it. */
  #sendIn(from: Station, bytes: Uint8Array, family: "address" | "ipv6"): void {
    const address = from[family] ?? null;
    if (address === null) return;
    for (const to of this.#stations) {
      if (family === "ipv6" && !to.ipv6) continue;
      this.#sendOne(bytes, address, { from, to });
    }
  }

  /** From a station to the one with this address alone. */
  sendTo(address: string, from: Station, bytes: Uint8Array): void {
    if (from.address === null) return;
    for (const to of this.#stations) {
      if (to.address !== address) continue;
      this.#sendOne(bytes, from.address, { from, to });
    }
  }

  #sendOne(
    bytes: Uint8Array,
    address: string,
    { from, to }: { readonly from: Station; readonly to: Station },
  ): void {
    if (this.#cut.get(from)!.has(to)) return;
    const link = from === to ? GOOD_LINK : this.#linkOf(from, to);
    if (this.#dice.chance(link.loss)) return;
    this.#deliver(bytes, address, { from, to, link });
    if (!this.#dice.chance(link.duplicates)) return;
    this.#deliver(bytes, address, { from, to, link });
  }

  /** From somebody who is no station, to all or to the one with the address `only`. */
  inject(bytes: Uint8Array, address: string, only?: string): void {
    for (const to of this.#stations) {
      if (only !== undefined && to.address !== only) continue;
      this.#deliver(bytes, address, { to, link: GOOD_LINK });
    }
  }

  #linkOf(from: Station, to: Station): Link {
    return this.#links.get(from)!.get(to) ?? this.#usualLink;
  }

  #deliver(
    bytes: Uint8Array,
    address: string,
    { from, to, link }: { from?: Station; to: Station; link: Link },
  ): void {
    const at = this.#agenda.now + this.#dice.between(...link.delayMs);
    this.#agenda.at(at, () => {
      if (!this.#links.has(to)) return;
      // Linux takes nothing from outside that claims a local address.
      const isMartian = to.address === address && to !== from;
      if (to.address !== null && !isMartian) to.receive(bytes, address);
    });
  }
}
