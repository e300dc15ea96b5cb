import type { Header, RejectReason } from "../codec/announcement.ts";
import type { SignedDatagram } from "../codec/signature_line.ts";
import type { Trust } from "../codec/trust.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Counters, Effect, RefuseReason } from "./effect.ts";
import type { Arrival } from "./listener.ts";
import type { OwnNetworks } from "./own_networks.ts";
import type { Relay } from "./relay.ts";
import type { Remotes } from "./remotes.ts";
import type { SenderProofs } from "./sender_proof.ts";
import type { Speaker } from "./speaker.ts";
import { StrangerAnswers } from "./stranger_answers.ts";
import type { LanLoad } from "./timing.ts";

/** What a datagram says of its sender, not yet proven. */
export interface Speaking {
  readonly header: Header;
  readonly signed: SignedDatagram | null;
}

interface QuestionsParts {
  readonly inventory: Inventory;
  readonly counters: Counters;
  readonly remotes: Remotes;
  readonly speaker: Speaker;
  readonly relay: Relay;
  readonly lanLoad: LanLoad;
  readonly networks: OwnNetworks;
  readonly trust: () => Trust;
  /** Does everything due. */
  readonly tick: (now: number) => Effect[];
  /** The host with this public key; `null`: it is none. */
  readonly idOf: SenderProofs["idOf"];
  /** Why the sender is not who it says it is. */
  readonly refusal: (
    claimed: Parameters<SenderProofs["refusal"]>[0],
    now: number,
  ) => RejectReason | RefuseReason | null;
}

/** Who asks, or may not know us, and which of them is answered. */
export class Questions {
  readonly #parts: QuestionsParts;
  readonly #strangerAnswers: StrangerAnswers;

  constructor(parts: QuestionsParts) {
    const { speaker } = parts;
    this.#parts = parts;
    this.#strangerAnswers = new StrangerAnswers({
      questions: (now, via) => speaker.asked(now, via),
      newcomers: (now, via) => speaker.mayBeUnknown(now, via),
    });
  }

  /** When `tick` must be called next. */
  get deadline(): number {
    return this.#strangerAnswers.deadline;
  }

  /** Gives the answers that waited. */
  tick(now: number): void {
    this.#strangerAnswers.tick(now);
  }

  /** A question of who does not announce himself with it. */
  hear(said: Speaking, arrival: Arrival): Effect[] {
    if (!this.isAnswered(arrival)) return this.#reject("unsigned");
    const { lanLoad, relay } = this.#parts;
    const { address, now } = arrival;
    lanLoad.noteQuestion(address, now);
    this.answer(arrival, { isAnonymous: !this.#isProvenQuestion(said, now) });
    if (!relay.isOn) return [];
    relay.heardQuestion(arrival);
    return this.#parts.tick(now);
  }

  /** A peer asks for what this relay knows, and is told; its own network is not asked again. */
  hearPeer(said: Speaking, arrival: Arrival): Effect[] {
    const { relay, speaker, tick } = this.#parts;
    const { carrier, now } = arrival;
    if (carrier?.isPeer !== true) return this.#reject("not-local");
    if (!this.isAnswered(arrival)) return this.#reject("unsigned");
    const { key } = said.header;
    const id = key === null ? null : this.#parts.idOf(key);
    if (id === null) return this.#reject("unsigned");
    const refusal = this.#parts.refusal({ id, key, signed: said.signed }, now);
    if (refusal !== null) return this.#reject(refusal);
    relay.askedByPeer(carrier.address, now);
    speaker.asked(now);
    return tick(now);
  }

  /** Whether a known host asks, and this is no recorded question of it. */
  #isProvenQuestion(
    { header: { key, boot }, signed }: Speaking,
    now: number,
  ): boolean {
    const { inventory, remotes } = this.#parts;
    const id = key === null ? null : this.#parts.idOf(key);
    if (id === null || inventory.host(id) === undefined) return false;
    const remote = remotes.get(id);
    if (boot <= remote.askedAt) return false;
    if (this.#parts.refusal({ id, key, signed }, now) !== null) return false;
    remote.askedAt = boot;
    return true;
  }

  /** Announces us to a host that may not know us. */
  greet(
    address: string,
    { isKnown, now }: { readonly isKnown: boolean; readonly now: number },
  ): void {
    const { networks, speaker } = this.#parts;
    const via = networks.viaTo(address);
    if (via === "nowhere") return;
    if (isKnown || !speaker.hasToAnswer) {
      return speaker.mayBeUnknown(now, listOf(via));
    }
    this.#strangerAnswers.answer("newcomers", { via: listOf(via), now });
  }

  /** Answers a question, only on the LAN it came from. */
  answer(arrival: Arrival, { isAnonymous = false } = {}): void {
    if (!this.isAnswered(arrival)) return;
    const { networks, counters, speaker } = this.#parts;
    const { address, now } = arrival;
    const to = networks.viaTo(address);
    if (to === "nowhere") return counters.reject("not-local");
    const via = listOf(to);
    const isFree = !isAnonymous || networks.has(address) ||
      !speaker.hasToAnswer;
    if (isFree) speaker.asked(now, via);
    else this.#strangerAnswers.answer("questions", { via, now });
  }

  /** With shared keys, only questions of who has one are answered. */
  isAnswered({ key }: Pick<Arrival, "key">): boolean {
    return key !== null || !this.#parts.trust().hasKeys;
  }

  #reject(reason: RejectReason | RefuseReason): Effect[] {
    this.#parts.counters.reject(reason);
    return [];
  }
}

/** `null` means everywhere. */
function listOf(
  via: readonly string[] | "everywhere",
): readonly string[] | null {
  return via === "everywhere" ? null : via;
}
