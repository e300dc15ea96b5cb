import type { Header, IdQuestion } from "../codec/announcement.ts";
import type { Effect } from "./effect.ts";
import type { OwnIdentity } from "./own_identity.ts";
import { isFirst, ProbeAnswers } from "./probing.ts";
import type { Speaker } from "./speaker.ts";

/** Source and time (monotonic ms) of a datagram of another daemon. */
export interface RivalArrival {
  readonly address: string;
  readonly now: number;
  /** Id of the shared key that it proves; `null` without one. */
  readonly key: string | null;
  /** Whether it came from one of our own addresses: Linux accepts these from this host only. */
  readonly isHere: boolean;
  /**
   * Whether its source port is below 1024, which only a privileged process may
   * use (ip(7)). So no other user of this host can keep root's daemon from
   * running.
   */
  readonly isPrivileged: boolean;
}

/** Other daemons on this host, of which a single one may speak, and elsewhere with our key. */
export class Rivals {
  readonly #speaker: Speaker;
  readonly #ownIdentity: OwnIdentity;
  readonly #answers = new ProbeAnswers();
  readonly #isPrivileged: boolean;

  constructor(
    { speaker, ownIdentity, isPrivileged = false }: {
      readonly speaker: Speaker;
      readonly ownIdentity: OwnIdentity;
      readonly isPrivileged?: boolean;
    },
  ) {
    this.#speaker = speaker;
    this.#ownIdentity = ownIdentity;
    this.#isPrivileged = isPrivileged;
  }

  /**
   * Another daemon, or we ourselves, ask whether an id is free. Of two that ask
   * at once the first answers the other. A probe alone proves nothing: it may be
   * a replay.
   */
  hearProbe(
    { id, nonce }: IdQuestion,
    { boot }: Header,
    arrival: RivalArrival,
  ): Effect[] {
    const { address, now, isHere } = arrival;
    if (nonce === this.#speaker.nonce) return [];
    if (!isHere && id !== this.#speaker.identity.key.id) return [];
    const isRanked = isHere && arrival.isPrivileged !== this.#isPrivileged;
    const effects = this.#speaker.isProbing && isRanked
      ? this.#meet({ id, boot, isFirst: false }, arrival)
      : [];
    const isOurs = isRanked
      ? this.#isPrivileged || !this.#speaker.isProbing
      : this.#isBefore({ boot, nonce });
    if (isOurs && this.#answers.take(address, now)) {
      const isShared = arrival.key !== null;
      const datagrams = this.#speaker.answerTo(nonce, { isShared });
      effects.push({ kind: "send", datagrams });
    }
    return effects;
  }

  /** Another daemon answers a probe. Others than our latest do not count, so a replay has no effect. */
  hearAnswer(
    { id, nonce }: IdQuestion,
    { boot, seq }: Header,
    arrival: RivalArrival,
  ): Effect[] {
    if (nonce !== this.#speaker.nonce) return [];
    if (!arrival.isHere && id !== this.#speaker.identity.key.id) return [];
    const isFirst = this.#speaker.isProbing ||
      this.#ownIdentity.isEarlier({ start: boot, seq });
    return this.#meet({ id, boot, isFirst }, arrival);
  }

  /**
   * Another daemon announced itself from one of our addresses. Returns `null`
   * if that is none of our business.
   */
  hearNeighbour(header: Header, arrival: RivalArrival): Effect[] | null {
    const id = header.id!;
    const isPeer = arrival.isPrivileged === this.#isPrivileged;
    if (isPeer || header.bye || this.#ownIdentity.saidOurselves(header)) {
      return null;
    }
    if (arrival.isPrivileged) return [this.#yield({ id, arrival })];
    if (id !== this.#speaker.identity.key.id) return null;
    return this.#ownIdentity.surpass(header.boot, arrival.now);
  }

  /** Whether we were here before this prober. */
  #isBefore(other: { readonly boot: number; readonly nonce: number }): boolean {
    const { isProbing, start, nonce } = this.#speaker;
    return !isProbing || !isFirst(other, { boot: start, nonce: nonce! });
  }

  /** Another daemon is here, or has our key. */
  #meet(
    { id, boot, isFirst }: {
      readonly id: string;
      readonly boot: number;
      readonly isFirst: boolean;
    },
    arrival: RivalArrival,
  ): Effect[] {
    if (!arrival.isHere) {
      return this.#ownIdentity.meet({ isFirst }, arrival.now);
    }
    if (arrival.isPrivileged === this.#isPrivileged) {
      return isFirst ? [this.#yield({ id, arrival })] : [];
    }
    if (arrival.isPrivileged) return [this.#yield({ id, arrival })];
    if (id !== this.#speaker.identity.key.id) return [];
    return this.#ownIdentity.surpass(boot, arrival.now);
  }

  /**
   * Stops speaking. A goodbye is due only if others know us under an id of our
   * own: under the id of the daemon that goes on, it would speak for that one.
   */
  #yield(
    { id, arrival: { isPrivileged } }: {
      readonly id: string;
      readonly arrival: RivalArrival;
    },
  ): Effect {
    const isKnown = !this.#speaker.isProbing &&
      id !== this.#speaker.identity.key.id;
    if (!isKnown) this.#speaker.fallSilent();
    return { kind: "yield", isPrivileged };
  }
}
