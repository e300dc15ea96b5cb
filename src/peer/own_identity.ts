import type { Header } from "../codec/announcement.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Accepted, Counters, Effect, Identity } from "./effect.ts";
import type { Speaker } from "./speaker.ts";

export interface OwnIdentityOptions {
  readonly speaker: Speaker;
  readonly inventory: Inventory;
  readonly counters: Counters;
  /** The largest `boot` of our earlier runs; 0 if unknown. */
  readonly pastBoot: number;
  /** Makes a unique id. */
  readonly freshId: () => string;
}

/** Number of former identities remembered. */
const MAX_PAST = 16;

/** Our identity, and its conflicts with other daemons. */
export class OwnIdentity {
  readonly #options: OwnIdentityOptions;
  readonly #speaker: Speaker;
  readonly #duplicates: DuplicateIdDetector;
  /** The last announcement of each former identity. */
  readonly #past: Accepted[] = [];

  constructor(options: OwnIdentityOptions) {
    this.#options = options;
    this.#speaker = options.speaker;
    this.#duplicates = new DuplicateIdDetector(options.pastBoot);
  }

  /** When `tick` must be called next. */
  get deadline(): number {
    return this.#duplicates.deadline;
  }

  /** Takes another identity and announces it. */
  become(identity: Identity, now: number): void {
    this.#speaker.become(identity, now);
    this.describe();
  }

  /** Updates our own entry in the list of hosts. */
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

  /**
   * Whether we sent this ourselves, under an id now possibly used by another
   * host. It is then no news of that host.
   */
  wasOurs(header: Header): boolean {
    return header.id !== this.#speaker.identity.id &&
      this.saidOurselves(header);
  }

  /** Whether we said this in this run. */
  saidOurselves({ id, boot, seq }: Header): boolean {
    return [{ id: this.#speaker.identity.id, ...this.#said }, ...this.#past]
      .some((said) => said.id === id && said.boot === boot && seq <= said.seq);
  }

  /**
   * Processes a datagram under our id: our own returning, or one of another
   * daemon or an impostor. Returns `null` if there is nothing to do. `isOurs`
   * tells whether it came from one of our addresses.
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
    const mayBeOthers = verdict === "ask" || (verdict === "echo" && !isOurs);
    const effects = mayBeOthers ? this.#ask(now) : [];
    const isAnswered = verdict === "speak" ||
      // Someone repeats our datagrams: a new host might believe him.
      (verdict === "echo" && !isOurs && this.#duplicates.speakUp(now));
    if (isAnswered) this.#speaker.defend(now);
    return effects;
  }

  /** Another daemon with our id may have been quiet for long enough. */
  tick(now: number): Effect[] {
    const act = this.#duplicates.quiet(now);
    if (act === null) return [];
    if (act.kind === "move") return [this.#move(now)];
    const identity = { ...this.#speaker.identity, boot: act.boot };
    return [this.#goOn(identity, "raised", now)];
  }

  /** Takes a fresh id, because another daemon was first to have ours. */
  leaveId(now: number): Effect[] {
    return this.#duplicates.move() ? [this.#move(now)] : [];
  }

  /** Raises our `boot` above that of a daemon in whose place we go on. */
  surpass(boot: number, now: number): Effect[] {
    const { identity } = this.#speaker;
    if (boot < identity.boot || boot >= MAX_RAISED_BOOT) return [];
    return [this.#goOn({ ...identity, boot: boot + 1 }, "raised", now)];
  }

  /**
   * Begins another life, at this time in ms since 1970: in memory we may have
   * gone back behind what other hosts heard of us.
   */
  beginLife(wallMs: number, now: number): Effect[] {
    const { identity } = this.#speaker;
    this.#duplicates.outlived(identity.boot);
    const boot = Math.max(Math.trunc(wallMs), identity.boot + 1);
    return [this.#goOn({ ...identity, boot }, "woke", now)];
  }

  /** Asks whether somebody else has our id. */
  #ask(now: number): Effect[] {
    if (this.#speaker.isProbing || !this.#duplicates.mayAsk(now)) return [];
    return [{ kind: "send", datagrams: this.#speaker.probeNow() }];
  }

  /** Whether this life began before ours. Clones that share it are told apart by what they said since. */
  isEarlier({ boot, seq }: Life): boolean {
    const own = this.#said;
    return boot < own.boot || (boot === own.boot && seq >= own.seq);
  }

  #move(now: number): Effect {
    const id = this.#options.freshId();
    return this.#goOn({ ...this.#speaker.identity, id }, "moved", now);
  }

  #goOn(
    identity: Identity,
    reason: (Effect & { kind: "identity" })["reason"],
    now: number,
  ): Effect {
    this.#past.push({ id: this.#speaker.identity.id, ...this.#said });
    if (this.#past.length > MAX_PAST) this.#past.shift();
    this.become(identity, now);
    return { kind: "identity", identity, reason };
  }

  /** Our latest announcement. */
  get #said(): Life {
    return { boot: this.#speaker.identity.boot, seq: this.#speaker.seq };
  }
}

/**
 * Detects another daemon with our id that we met after both had probed: on a
 * cloned machine, or an impostor. Each hears the other under its own id.
 *
 * The later daemon moves: when it hears an older `boot`, it asks, and if the
 * other answers, it takes a fresh id. The earlier daemon contradicts, so that
 * no host believes the other. Once the other is quiet, it raises its own `boot`
 * above the other's, because receivers may by now consider it older.
 */

/** Shortest time between two contradictions of a later daemon, and between two questions. */
export const SPEAK_GAP_MS = 1_000;

/** How long the later daemon must be quiet before the earlier one raises its `boot`. */
export const QUIET_MS = 3_000;

/**
 * Largest `boot` to raise ours to: later runs need larger ones, and numbers end
 * at 2^53. Beyond it we take a fresh id.
 */
export const MAX_RAISED_BOOT = 2 ** 52;

/**
 * Most fresh ids in a run, so that an attacker cannot drive us through the
 * lists of others for ever.
 */
export const MAX_MOVES = 3;

export type LifeVerdict =
  /** Nothing to do. */
  | "ignore"
  /** We sent this ourselves, in this run or an earlier one, or a clone that has our memory. */
  | "echo"
  /** The other daemon started first: ask whether it is still running. */
  | "ask"
  /**
   * The other daemon started later: contradict, so that others do not believe
   * it.
   */
  | "speak";

/** A run of a daemon, and its latest announcement. */
export interface Life {
  readonly boot: number;
  readonly seq: number;
}

/** Reaction to a later daemon that became quiet. */
export type WhenQuiet =
  | { readonly kind: "raise"; readonly boot: number }
  | { readonly kind: "move" };

export class DuplicateIdDetector {
  /** Our earlier lives used our id up to this `boot`. */
  #pastBoot: number;
  #spokeAt = -Infinity;
  #askedAt = -Infinity;
  #newer: { boot: number; heardAt: number } | null = null;
  #moves = 0;

  constructor(pastBoot: number) {
    this.#pastBoot = pastBoot;
  }

  /** Our life with this `boot` is over. */
  outlived(boot: number): void {
    this.#pastBoot = Math.max(this.#pastBoot, boot);
    this.#newer = null;
  }

  /** Judges a datagram under our id. */
  hear(other: Life, own: Life, now: number): LifeVerdict {
    const isOwn = other.boot === own.boot && other.seq <= own.seq;
    if (isOwn || other.boot <= this.#pastBoot) return "echo";
    return other.boot < own.boot ? "ask" : this.#hearNewer(other.boot, now);
  }

  /** Whether to contradict now. `true` starts the next gap. */
  speakUp(now: number): boolean {
    if (now - this.#spokeAt < SPEAK_GAP_MS) return false;
    this.#spokeAt = now;
    return true;
  }

  /** Whether to ask now if another daemon has our id. `true` starts the next gap. */
  mayAsk(now: number): boolean {
    if (now - this.#askedAt < SPEAK_GAP_MS) return false;
    this.#askedAt = now;
    return true;
  }

  /** When `quiet` may return an action next. */
  get deadline(): number {
    return this.#newer === null ? Infinity : this.#newer.heardAt + QUIET_MS;
  }

  /** The reaction once the later daemon has been quiet, `null` before. */
  quiet(now: number): WhenQuiet | null {
    if (this.#newer === null || now < this.deadline) return null;
    const boot = this.#newer.boot + 1;
    this.#newer = null;
    if (boot <= MAX_RAISED_BOOT) return { kind: "raise", boot };
    return this.move() ? { kind: "move" } : null;
  }

  /** Whether another fresh id is allowed. No other daemon has been heard under it yet. */
  move(): boolean {
    if (this.#moves >= MAX_MOVES) return false;
    this.#moves++;
    this.#newer = null;
    return true;
  }

  #hearNewer(boot: number, now: number): LifeVerdict {
    this.#newer = {
      boot: Math.max(boot, this.#newer?.boot ?? 0),
      heardAt: now,
    };
    return this.speakUp(now) ? "speak" : "ignore";
  }
}
