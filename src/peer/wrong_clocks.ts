import { EARLIEST_MS, type Remark } from "../inventory/remark.ts";

/** Hosts remembered. */
const MAX_WRONG = 100;

/** A host is named for so long; it says its remarks again at least each minute. */
const NAMED_MS = 600_000;

/** Most hosts named at once. */
const MAX_NAMED = 3;

interface WrongClock {
  readonly host: string;
  readonly at: number;
  readonly heardAt: number;
}

/** Hosts whose remarks are refused because of their time. */
export class WrongClocks {
  /** By id, the last one last. */
  readonly #known = new Map<string, WrongClock>();

  /** A remark, which its host signed, is from too far a future. */
  note({ by, host, at }: Remark, now: number): void {
    this.#known.delete(by);
    this.#known.set(by, { host, at, heardAt: now });
    if (this.#known.size <= MAX_WRONG) return;
    const [oldest] = this.#known.keys();
    this.#known.delete(oldest!);
  }

  /** What an administrator has to mend, a sentence each. `wallMs`: what the clock of this host says. */
  problems(now: number, wallMs: number): string[] {
    const wrong = [...this.#known.values()]
      .filter(({ heardAt }) => now - heardAt < NAMED_MS);
    const here = dateOf(Math.max(wallMs, EARLIEST_MS));
    const sentences = wrong.slice(-MAX_NAMED).map(({ host, at }) =>
      `${host} says of disks what it dates ${dateOf(at)}, more than ten ` +
      `years from now, ${here} here, so it is refused: set the clock that is ` +
      "wrong"
    );
    const more = wrong.length - sentences.length;
    return more > 0
      ? [...sentences, `The clocks of ${more} more hosts are as wrong`]
      : sentences;
  }
}

/** The year of a time that no calendar has is beyond all. */
function dateOf(ms: number): string {
  const date = new Date(ms);
  return isNaN(date.getTime())
    ? "beyond all calendars"
    : date.toISOString().slice(0, date.getUTCFullYear() > 9_999 ? 13 : 10);
}
