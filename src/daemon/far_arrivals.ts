import type { Log } from "./log.ts";

/** Hosts of other sites that come up within this time are told in one line. */
export const GATHER_FAR_MS = 2_000;

interface FarArrival {
  /** As it is shown. */
  readonly host: string;
  readonly site: string;
  /** `null`: no new list. */
  readonly disks: number | null;
}

/**
 * Logs hosts of other sites that come up. When a relay is joined, or a site is
 * back, hundreds come at once: that is a line for each site.
 */
export class FarArrivals {
  readonly #log: Log;
  #waiting: FarArrival[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Tells it soon. */
  add(arrival: FarArrival): void {
    this.#waiting.push(arrival);
    this.#timer ??= setTimeout(() => this.flush(), GATHER_FAR_MS);
  }

  /** Tells what waits, now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const sites = Map.groupBy(this.#waiting, ({ site }) => site);
    this.#waiting = [];
    for (const [site, arrivals] of sites) this.#tell(site, arrivals);
  }

  #tell(site: string, arrivals: readonly FarArrival[]): void {
    const [first] = arrivals;
    if (arrivals.length === 1) {
      return this.#log.info("host-up", { ...first, site });
    }
    const disks = arrivals.reduce((sum, { disks }) => sum + (disks ?? 0), 0);
    this.#log.info("hosts up", { site, hosts: arrivals.length, disks });
  }
}
