/**
 * Times in the history, as far as the wall clock can be believed.
 *
 * A machine without a clock of its own starts in 1970, or where it stopped, and
 * is set right later; others show a wrong year for a while. What this run
 * writes is therefore never older than what earlier runs wrote: while the clock
 * is behind them, stored times are ahead of it, and are shown earlier by as
 * much. What a clock stored that nobody can believe is moved as soon as one
 * shows a time that can be.
 */

/** No clock that shows an earlier time is right: diskd is younger by years. */
const EARLIEST_BELIEVED_MS = Date.UTC(2020, 0);
/** No clock that shows this or more is right, for a long time to come. */
const LATEST_BELIEVED_MS = Date.UTC(2050, 0);

/** Whether a clock that shows this may be right. */
export function isBelieved(wallMs: number): boolean {
  return EARLIEST_BELIEVED_MS <= wallMs && wallMs < LATEST_BELIEVED_MS;
}

/** Times to be moved: those from `from` to before `to`. */
export interface TimeMove {
  readonly from: number;
  readonly to: number;
  /** In ms; negative: to an earlier time. */
  readonly byMs: number;
}

/** `start` is the start of this run by the wall clock, as that goes now. */
export class StoredTimes {
  /** The newest time of earlier runs, and the newest that is not too late. */
  readonly #newest: readonly number[];
  /** Stored time of the start, as first seen. */
  readonly #anchor: number;
  #moves: readonly TimeMove[] = [];

  /** `newestBefore` gives the newest stored time before another; 0: none. */
  constructor(newestBefore: (limit: number) => number, start: number) {
    this.#newest = [Infinity, LATEST_BELIEVED_MS].map(newestBefore);
    this.#anchor = Math.max(start, Math.max(...this.#newest) + 1);
  }

  /** Stored time of the start. */
  begin(start: number): number {
    return Math.max(start, this.#newestBefore(Infinity) + 1);
  }

  /** A time read at the start, as ms before the start, more than 0. */
  toAge(stored: number): number {
    return this.#anchor - Math.min(stored, this.#anchor - 1);
  }

  /** The reverse of `toAge`, as it is stored now. */
  fromAge(ms: number): number {
    return this.#moved(this.#anchor - ms);
  }

  /** The wall-clock time to show for a time read at the start. */
  shownAge(ms: number, start: number): number {
    return this.#shownEarlier(this.fromAge(ms), start);
  }

  /** The wall-clock time to show for what is stored now. Never in the future. */
  shown(stored: number, start: number): number {
    const begin = this.begin(start);
    return stored >= begin
      ? stored - (begin - start)
      : this.#shownEarlier(stored, start);
  }

  /** What earlier runs stored and is to be moved now, once. */
  move(start: number): readonly TimeMove[] {
    if (this.#moves.length > 0 || !isBelieved(start)) return [];
    const [all = 0] = this.#newest;
    if (all === 0 || isBelieved(all)) return [];
    // Between others, a time that is too old was imported.
    const [from, to] = all < EARLIEST_BELIEVED_MS
      ? [0, EARLIEST_BELIEVED_MS]
      : [LATEST_BELIEVED_MS, Infinity];
    this.#moves = [{ from, to, byMs: start - all }];
    return this.#moves;
  }

  #moved(stored: number): number {
    const move = this.#moves
      .find(({ from, to }) => from <= stored && stored < to);
    return stored + (move?.byMs ?? 0);
  }

  #shownEarlier(stored: number, start: number): number {
    // A clock that is far ahead does not tell how long ago it was.
    const isFarAhead = start >= LATEST_BELIEVED_MS;
    if (stored <= start && !isFarAhead) return stored;
    const isLate = isFarAhead || stored >= LATEST_BELIEVED_MS;
    const newest = this.#newestBefore(isLate ? Infinity : LATEST_BELIEVED_MS);
    return stored - (newest - start);
  }

  /** As it is stored now. */
  #newestBefore(limit: number): number {
    const times = this.#newest.map((time) => this.#moved(time));
    return Math.max(...times.filter((time) => time < limit));
  }
}
