/**
 * Two daemons with one identity: machines cloned with their machine id, or two
 * daemons on one host. Each hears the other under its own id.
 *
 * The one that started later moves: when it hears an older `boot` whose `seq`
 * goes on growing, that life is no echo of the past, and it takes a fresh id.
 * The one that started first speaks up, so that the other can hear it, and
 * once the other is quiet raises its own `boot` above the other's, because
 * everybody else has meanwhile taken it for the past.
 */

/** We speak up against a later life at most this often. */
export const SPEAK_GAP_MS = 1_000;

/** How long the later life must have been quiet before the first raises its `boot`. */
export const QUIET_MS = 3_000;

export type Verdict =
  /** Nothing to do. */
  | "ignore"
  /** The other started first and is alive: take a fresh id. */
  | "move"
  /** The other started later: announce, so that it hears us. */
  | "speak";

interface OtherLife {
  boot: number;
  seq: number;
}

export class TwoLives {
  /** Up to this `boot` our own earlier runs have used our id. */
  readonly #pastBoot: number;
  #spokeAt = -Infinity;
  #older: OtherLife | null = null;
  #newer: { boot: number; heardAt: number } | null = null;

  constructor(pastBoot: number) {
    this.#pastBoot = pastBoot;
  }

  /** A datagram under our id that is not ours. */
  hear(other: OtherLife, ownBoot: number, now: number): Verdict {
    if (other.boot > ownBoot) return this.#hearNewer(other.boot, now);
    if (other.boot <= this.#pastBoot) return "ignore";
    const grows = this.#older?.boot === other.boot &&
      other.seq > this.#older.seq;
    if (grows) {
      this.#older = null;
      return "move";
    }
    if (this.#older === null || other.boot !== this.#older.boot) {
      this.#older = { boot: other.boot, seq: other.seq };
    }
    return "ignore";
  }

  #hearNewer(boot: number, now: number): Verdict {
    if (boot >= Number.MAX_SAFE_INTEGER) return "ignore";
    this.#newer = {
      boot: Math.max(boot, this.#newer?.boot ?? 0),
      heardAt: now,
    };
    if (now - this.#spokeAt < SPEAK_GAP_MS) return "ignore";
    this.#spokeAt = now;
    return "speak";
  }

  /** When `raisedBoot` next has an answer. */
  get deadline(): number {
    return this.#newer === null ? Infinity : this.#newer.heardAt + QUIET_MS;
  }

  /** The `boot` to go on with once the later life has been quiet, else `null`. */
  raisedBoot(now: number): number | null {
    if (this.#newer === null || now < this.deadline) return null;
    const boot = this.#newer.boot + 1;
    this.#newer = null;
    return boot;
  }
}
