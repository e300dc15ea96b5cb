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
    if (verdict === "move") return [this.#move(now)];
    const isAnswered = verdict === "speak" ||
      // Someone repeats our datagrams: a new host might believe him.
      (verdict === "echo" && !isOurs && this.#duplicates.speakUp(now));
    if (!isAnswered) return null;
    this.#speaker.defend(now);
    return [];
  }

  /** Another daemon with our id may have been quiet for long enough. */
  tick(now: number): Effect[] {
    const act = this.#duplicates.quiet(this.#said, now);
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
 * Detects another daemon with our id: on a cloned machine, on the same host, or
 * an impostor. Each hears the other under its own id.
 *
 * The later daemon moves: when it hears an older `boot` with a growing `seq`,
 * the other is no replay, and it takes a fresh id. The earlier daemon
 * contradicts, so that the other hears it and no host believes the other. Once
 * the other is quiet, it raises its own `boot` above the other's, because
 * receivers may by now consider it older.
 *
 * Datagrams heard before never count again, so a replay has no effect.
 */

/** Shortest time between two contradictions of a later daemon. */
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

/** Number of other daemons whose progress is remembered. */
const MAX_LIVES = 16;

export type LifeVerdict =
  /** Nothing to do. */
  | "ignore"
  /** We sent this ourselves, in this run or an earlier one. */
  | "echo"
  /** The other daemon started first and is running: take a fresh id. */
  | "move"
  /**
   * The other daemon started later: contradict, so that it hears us and others
   * do not believe it.
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
  /** Largest `seq` heard, by `boot` of other runs. */
  readonly #lives = new Map<number, number>();
  #spokeAt = -Infinity;
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
    const grows = this.#note(other);
    if (other.boot >= own.boot) return this.#hearNewer(other.boot, now);
    return grows && this.move() ? "move" : "ignore";
  }

  /** Whether to contradict now. `true` starts the next gap. */
  speakUp(now: number): boolean {
    if (now - this.#spokeAt < SPEAK_GAP_MS) return false;
    this.#spokeAt = now;
    return true;
  }

  /** When `quiet` may return an action next. */
  get deadline(): number {
    return this.#newer === null ? Infinity : this.#newer.heardAt + QUIET_MS;
  }

  /**
   * The reaction once the later daemon has been quiet, `null` before. `own` is
   * our latest announcement.
   */
  quiet(own: Life, now: number): WhenQuiet | null {
    if (this.#newer === null || now < this.deadline) return null;
    const boot = this.#newer.boot + 1;
    this.#newer = null;
    if (boot > MAX_RAISED_BOOT) return this.move() ? { kind: "move" } : null;
    // Our announcements until now are no other daemon's, whoever repeats them.
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

  /** Whether a known run has progressed. */
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

  /** Whether another fresh id is allowed. No other daemon has been heard under it yet. */
  move(): boolean {
    if (this.#moves >= MAX_MOVES) return false;
    this.#moves++;
    this.#lives.clear();
    this.#newer = null;
    return true;
  }
}
