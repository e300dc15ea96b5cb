import type { KnownHost } from "./known_host.ts";
import { sourceOfAddress, sourceOfHost } from "./standing.ts";

/** Until a shortage is over: as long since the last host was refused. */
export const SHORTAGE_OVER_MS = 60_000;

/** How long it holds that nobody gives up room. */
export const HOPELESS_MS = 1_000;

/** Sources named at once. */
const MAX_NAMED = 3;
/** Sources remembered: who forges addresses has any number. */
const MAX_REFUSED = 1_000;

/** Hosts that were not listed for want of room. */
export class RefusedHosts {
  readonly #bySource = new Map<string, { count: number; at: number }>();
  /** Such as have no chance until then. */
  readonly #hopeless = new Set<string>();
  #hopelessUntil = -Infinity;

  /** A host is not listed. `kind`: others of this kind would not be either. */
  note(address: string, { now, kind }: { now: number; kind?: string }): void {
    const source = sourceOfAddress(address);
    const known = this.#bySource.get(source);
    const isOver = known !== undefined && now - known.at >= SHORTAGE_OVER_MS;
    const count = known === undefined || isOver ? 1 : known.count + 1;
    this.#bySource.delete(source);
    this.#bySource.set(source, { count, at: now });
    if (this.#bySource.size > MAX_REFUSED) {
      const [oldest] = this.#bySource.keys();
      this.#bySource.delete(oldest!);
    }
    if (kind === undefined) return;
    if (now >= this.#hopelessUntil) {
      this.#hopeless.clear();
      this.#hopelessUntil = now + HOPELESS_MS;
    }
    this.#hopeless.add(kind);
  }

  /** Whether one of this kind was refused just now. */
  isHopeless(kind: string, now: number): boolean {
    return now < this.#hopelessUntil && this.#hopeless.has(kind);
  }

  /** A sentence for each source, the worst first. */
  problems(now: number): string[] {
    const worst = [...this.#bySource]
      .filter(([, { at }]) => now - at < SHORTAGE_OVER_MS)
      .sort(([, a], [, b]) => b.count - a.count);
    return named(
      worst,
      ([source, { count }]) =>
        `${source} announces more hosts than are kept of it; ` +
        `${count} announcements were not taken in`,
    );
  }
}

/** A sentence for each source whose lists are cut, the worst first. */
export function sayCutLists(
  hosts: Iterable<KnownHost>,
  nameOf: (host: KnownHost) => string,
): string[] {
  const cut = [...hosts].filter((host) =>
    host.cut > 0 && host.liveness === "up"
  );
  if (cut.length === 0) return [];
  const bySource = Map.groupBy(cut, sourceOfHost);
  const sumOf = (list: readonly KnownHost[]) =>
    list.reduce((sum, { cut }) => sum + cut, 0);
  const worst = [...bySource]
    .map(([source, list]) => ({ source, list, sum: sumOf(list) }))
    .sort((a, b) => b.sum - a.sum);
  return named(worst, ({ source, list, sum }) => {
    const [one] = list;
    const what = list.length === 1
      ? `The list of ${nameOf(one!)} (${source}) is cut at ${
        sayDisks(one!.disks.length)
      }`
      : `The lists of ${list.length} hosts at ${source}, such as ${
        nameOf(one!)
      }, are cut`;
    return `${what}, and ${sayDisks(sum)} more not shown: ` +
      "that is more than this host keeps";
  });
}

function sayDisks(count: number): string {
  return count === 1 ? "1 disk" : `${count} disks`;
}

function named<T>(all: readonly T[], say: (one: T) => string): string[] {
  const more = all.length - MAX_NAMED;
  return [
    ...all.slice(0, MAX_NAMED).map(say),
    ...more > 0 ? [`${more} more addresses do the same`] : [],
  ];
}
