import { readDatagram } from "../../src/codec/read_datagram.ts";
import { Inventory } from "../../src/inventory/inventory.ts";
import { Counters } from "../../src/peer/effect.ts";
import { Listener } from "../../src/peer/listener.ts";
import { ageOf, Remotes } from "../../src/peer/remotes.ts";
import { LanLoad } from "../../src/peer/timing.ts";

/** To count takes a look at every host. */
const COUNT_GAP_MS = 500;

/** Whole peers check signatures; ears believe. */
const NO_SIGNATURE = new Uint8Array();

/** What a datagram asks of those who hear it. */
export interface Heard {
  readonly isAsk: boolean;
  /** Its sender may not know them. */
  readonly isBack: boolean;
  /** It names its sender. */
  readonly isAnswer: boolean;
}

/** The air of many: what one of them says reaches the others, and itself, over the LAN, and counts then. */
class SharedAir extends LanLoad {
  override note(): void {}

  heard(now: number): void {
    super.note(now);
  }
}

/** One pair of ears for many speakers: the real listener, with a view that they share. */
export class Ear {
  readonly air = new SharedAir();
  readonly #inventory = new Inventory({
    id: "ear",
    name: "ear",
    version: null,
    everyMs: Infinity,
  });
  readonly #remotes = new Remotes(
    [],
    (id) => this.#inventory.host(id) !== undefined,
  );
  readonly #listener = new Listener({
    inventory: this.#inventory,
    counters: new Counters(),
    rateLimiter: { spend: () => null },
    remotes: this.#remotes,
  });
  #datagramsARound = 0;
  #countedAt = -Infinity;

  /** As of a moment ago: thousands want to know the same. */
  get datagramsARound(): number {
    return this.#datagramsARound;
  }

  hear(bytes: Uint8Array, address: string, now: number): Heard {
    this.#inventory.expire(now);
    const datagram = readDatagram(bytes);
    if (datagram.format !== 2) {
      throw new Error("A speaker said what is not version 2");
    }
    const { id, ask } = datagram.header;
    this.air.heard(now);
    if (id === null) this.air.noteQuestion(address, now);
    if (id === null) return { isAsk: ask, isBack: false, isAnswer: false };
    const arrival = {
      address,
      now,
      key: null,
      carrier: null,
      datagram: bytes,
    };
    const age = ageOf(this.#remotes.get(id), datagram.header, now);
    const proof = { publicKey: datagram.header.key!, signature: NO_SIGNATURE };
    const heard = age === "fresh"
      ? this.#listener.hear(datagram, arrival, proof)
      : null;
    this.#count(now);
    return { isAsk: ask, isBack: heard?.isBack ?? false, isAnswer: true };
  }

  #count(now: number): void {
    if (now - this.#countedAt < COUNT_GAP_MS) return;
    this.#countedAt = now;
    this.#datagramsARound = this.#listener.datagramsARound();
  }
}
