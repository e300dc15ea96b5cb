import type { Header } from "../codec/announcement.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Accepted } from "./accepted.ts";
import type { Counters } from "./counters.ts";
import type { Effect } from "./effect.ts";
import type { Identity } from "./identity.ts";
import type { Speaker } from "./speaker.ts";
import { type Life, TwoLives } from "./two_lives.ts";

export interface OwnLifeOptions {
  readonly speaker: Speaker;
  readonly inventory: Inventory;
  readonly counters: Counters;
  /** The largest `boot` that earlier runs of ours used; 0 when unknown. */
  readonly pastBoot: number;
  /** Makes an id that nobody else has. */
  readonly freshId: () => string;
}

/** How many of our former selves are remembered. */
const MAX_PAST = 16;

/** Who we are, and what becomes of that when others say to be us. */
export class OwnLife {
  readonly #options: OwnLifeOptions;
  readonly #speaker: Speaker;
  readonly #twoLives: TwoLives;
  /** What we said last each time before we went on as somebody else. */
  readonly #past: Accepted[] = [];

  constructor(options: OwnLifeOptions) {
    this.#options = options;
    this.#speaker = options.speaker;
    this.#twoLives = new TwoLives(options.pastBoot);
  }

  /** When `tick` next has something to do. */
  get deadline(): number {
    return this.#twoLives.deadline;
  }

  /** Goes on as somebody else, and says so. */
  become(identity: Identity, now: number): void {
    this.#speaker.become(identity, now);
    this.describe();
  }

  /** Lists us as what we are now. */
  describe(): void {
    const { identity, announceIntervalMs, keyId } = this.#speaker;
    const { id, name, version } = identity;
    this.#options.inventory.describeSelf({
      id,
      name,
      version,
      everyMs: announceIntervalMs,
      key: keyId,
    });
  }

  /** Whether we said that ourselves under an id that may be another's by now: it is no news of him. */
  wasOurs({ id, boot, seq }: Header): boolean {
    return id !== this.#speaker.identity.id &&
      this.#past.some((said) =>
        said.id === id && said.boot === boot && seq <= said.seq
      );
  }

  /**
   * A datagram under our id: ours come back to us, others are another
   * daemon's, or a liar's. Returns `null` when there is nothing to do, and
   * nothing to say. `isOurs` is whether it came from an address of ours.
   */
  hear(
    header: Header,
    { now, isOurs }: { readonly now: number; readonly isOurs: boolean },
  ): Effect[] | null {
    const own = this.#said;
    const { counters } = this.#options;
    const verdict = this.#twoLives.hear(header, own, now);
    if (verdict === "echo" && isOurs && header.boot === own.boot) {
      counters.own++;
      return null;
    }
    counters.reject("our-id");
    if (verdict === "move") return [this.#move(now)];
    const isAnswered = verdict === "speak" ||
      // Somebody sends again what we said: who has just come may believe him.
      (verdict === "echo" && !isOurs && this.#twoLives.speakUp(now));
    if (!isAnswered) return null;
    this.#speaker.defend(now);
    return [];
  }

  /** Another life of our id may have been heard, and be quiet by now. */
  tick(now: number): Effect[] {
    const act = this.#twoLives.quiet(this.#said, now);
    if (act === null) return [];
    if (act.kind === "move") return [this.#move(now)];
    const identity = { ...this.#speaker.identity, boot: act.boot };
    return [this.#goOn(identity, "raised", now)];
  }

  #move(now: number): Effect {
    const id = this.#options.freshId();
    return this.#goOn({ ...this.#speaker.identity, id }, "moved", now);
  }

  #goOn(identity: Identity, reason: "moved" | "raised", now: number): Effect {
    this.#past.push({ id: this.#speaker.identity.id, ...this.#said });
    if (this.#past.length > MAX_PAST) this.#past.shift();
    this.become(identity, now);
    return { kind: "identity", identity, reason };
  }

  /** How far we are. */
  get #said(): Life {
    return { boot: this.#speaker.identity.boot, seq: this.#speaker.seq };
  }
}
