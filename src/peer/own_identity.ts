import type { Header } from "../codec/announcement.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Accepted, Counters, Effect, Identity } from "./effect.ts";
import type { Speaker } from "./speaker.ts";

export interface OwnIdentityOptions {
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
export class OwnIdentity {
  readonly #options: OwnIdentityOptions;
  readonly #speaker: Speaker;
  readonly #duplicates: DuplicateIdDetector;
  /** What we said last each time before we went on as somebody else. */
  readonly #past: Accepted[] = [];

  constructor(options: OwnIdentityOptions) {
    this.#options = options;
    this.#speaker = options.speaker;
    this.#duplicates = new DuplicateIdDetector(options.pastBoot);
  }

  /** When `tick` next has something to do. */
  get deadline(): number {
    return this.#duplicates.deadline;
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
    const verdict = this.#duplicates.hear(header, own, now);
    if (verdict === "echo" && isOurs && header.boot === own.boot) {
      counters.own++;
      return null;
    }
    counters.reject("our-id");
    if (verdict === "move") return [this.#move(now)];
    const isAnswered = verdict === "speak" ||
      // Somebody sends again what we said: who has just come may believe him.
      (verdict === "echo" && !isOurs && this.#duplicates.speakUp(now));
    if (!isAnswered) return null;
    this.#speaker.defend(now);
    return [];
  }

  /** Another life of our id may have been heard, and be quiet by now. */
  tick(now: number): Effect[] {
    const act = this.#duplicates.quiet(this.#said, now);
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

/**
 * Two daemons with one identity: machines cloned with their machine id, two
 * daemons on one host, or somebody who says to be us. Each hears the other
 * under its own id.
 *
 * The one that started later moves: when it hears an older `boot` whose `seq`
 * goes on growing, that life is no echo of the past, and it takes a fresh id.
 * The one that started first speaks up, so that the other can hear it, and
 * nobody believes the other. Once that is quiet it raises its own `boot` above
 * the other's, because somebody may have taken it for the past meanwhile.
 *
 * Nothing that was heard before counts again, so a replay does nothing.
 */

/** We speak up against a later life at most this often. */
export const SPEAK_GAP_MS = 1_000;

/** How long the later life must have been quiet before the first raises its `boot`. */
export const QUIET_MS = 3_000;

/** The largest `boot` that we raise ours to: later lives of ours need larger ones, and 2^53 is the end of them. Beyond it we take a fresh id. */
export const MAX_RAISED_BOOT = 2 ** 52;

/** Fresh ids that one life takes at most, so that nobody can chase us through the lists of others for ever. */
export const MAX_MOVES = 3;

/** Other lives of which is remembered how far they were heard. */
const MAX_LIVES = 16;

export type LifeVerdict =
  /** Nothing to do. */
  | "ignore"
  /** We said that ourselves, in this run or an earlier one. */
  | "echo"
  /** The other started first and is alive: take a fresh id. */
  | "move"
  /** The other started later: speak up, so that it hears us, and the others do not believe it. */
  | "speak";

/** Who said something: a life, and how far it is. */
export interface Life {
  readonly boot: number;
  readonly seq: number;
}

/** What to do once a later life has been quiet. */
export type WhenQuiet =
  | { readonly kind: "raise"; readonly boot: number }
  | { readonly kind: "move" };

export class DuplicateIdDetector {
  /** Up to this `boot` our own earlier runs have used our id. */
  readonly #pastBoot: number;
  /** The largest `seq` that was heard of each other `boot`. */
  readonly #lives = new Map<number, number>();
  #spokeAt = -Infinity;
  #newer: { boot: number; heardAt: number } | null = null;
  #moves = 0;

  constructor(pastBoot: number) {
    this.#pastBoot = pastBoot;
  }

  /** A datagram under our id. */
  hear(other: Life, own: Life, now: number): LifeVerdict {
    const isOwn = other.boot === own.boot && other.seq <= own.seq;
    if (isOwn || other.boot <= this.#pastBoot) return "echo";
    const grows = this.#note(other);
    if (other.boot >= own.boot) return this.#hearNewer(other.boot, now);
    return grows && this.#move() ? "move" : "ignore";
  }

  /** Whether we may speak up now, which counts as done. */
  speakUp(now: number): boolean {
    if (now - this.#spokeAt < SPEAK_GAP_MS) return false;
    this.#spokeAt = now;
    return true;
  }

  /** When `quiet` next has an answer. */
  get deadline(): number {
    return this.#newer === null ? Infinity : this.#newer.heardAt + QUIET_MS;
  }

  /** What to do once the later life has been quiet, else `null`. `own` is what we said last. */
  quiet(own: Life, now: number): WhenQuiet | null {
    if (this.#newer === null || now < this.deadline) return null;
    const boot = this.#newer.boot + 1;
    this.#newer = null;
    if (boot > MAX_RAISED_BOOT) return this.#move() ? { kind: "move" } : null;
    // What we said until now is no other life, whoever says it again.
    this.#note(own);
    return { kind: "raise", boot };
  }

  #hearNewer(boot: number, now: number): LifeVerdict {
    this.#newer = {
      boot: Math.max(boot, this.#newer?.boot ?? 0),
      heardAt: now,
    };
    return this.speakUp(now) ? "speak" : "ignore";
  }

  /** Whether a life that was heard before has gone on. */
  #note({ boot, seq }: Life): boolean {
    const before = this.#lives.get(boot);
    if (before !== undefined && seq <= before) return false;
    this.#lives.set(boot, seq);
    if (this.#lives.size > MAX_LIVES) {
      const [oldest] = this.#lives.keys();
      this.#lives.delete(oldest!);
    }
    return before !== undefined;
  }

  /** Whether we may take a fresh id once more. Under that nobody was heard yet. */
  #move(): boolean {
    if (this.#moves >= MAX_MOVES) return false;
    this.#moves++;
    this.#lives.clear();
    this.#newer = null;
    return true;
  }
}
