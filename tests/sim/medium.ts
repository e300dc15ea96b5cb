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
  readonly #agenda: Agenda;
  readonly #dice: Dice;
  readonly #stations: Station[] = [];
  readonly #links = new Map<Station, Map<Station, Link>>();
  readonly #cut = new Map<Station, Set<Station>>();

  constructor(agenda: Agenda, dice: Dice) {
    this.#agenda = agenda;
    this.#dice = dice;
  }

  add(station: Station): void {
    this.#stations.push(station);
    this.#links.set(station, new Map());
    this.#cut.set(station, new Set());
  }

  setLink(from: Station, to: Station, link: Link): void {
    this.#links.get(from)!.set(to, link);
  }

  /** Nothing gets from one to the other until `join`. */
  cut(from: Station, to: Station): void {
    this.#cut.get(from)!.add(to);
  }

  join(from: Station, to: Station): void {
    this.#cut.get(from)!.delete(to);
  }

  /** All links are good from now on. */
  heal(): void {
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
      if (this.#cut.get(from)!.has(to)) continue;
      const link = from === to ? GOOD_LINK : this.#linkOf(from, to);
      if (this.#dice.chance(link.loss)) continue;
      this.#deliver(bytes, address, { from, to, link });
      if (!this.#dice.chance(link.duplicates)) continue;
      this.#deliver(bytes, address, { from, to, link });
    }
  }

  /** From somebody who is no station. */
  inject(bytes: Uint8Array, address: string): void {
    for (const to of this.#stations) {
      this.#deliver(bytes, address, { to, link: GOOD_LINK });
    }
  }

  #linkOf(from: Station, to: Station): Link {
    return this.#links.get(from)!.get(to) ?? GOOD_LINK;
  }

  #deliver(
    bytes: Uint8Array,
    address: string,
    { from, to, link }: { from?: Station; to: Station; link: Link },
  ): void {
    const at = this.#agenda.now + this.#dice.between(...link.delayMs);
    this.#agenda.at(at, () => {
      // Linux takes nothing from outside that claims a local address.
      const isMartian = to.address === address && to !== from;
      if (to.address !== null && !isMartian) to.receive(bytes, address);
    });
  }
}
