/** What a scan is to read. It lists the devices in any case, which reads no medium. */
export type ScanRequest =
  /** Every medium. */
  | { readonly media: "all" }
  /**
   * Those of the devices named, by kernel name as events have it, of devices
   * that were not read before, and of those on which there seems to be
   * something else than was read.
   */
  | { readonly media: "changed"; readonly knames: ReadonlySet<string> };

/** Reads every medium. */
export const EVERYTHING: ScanRequest = Object.freeze({ media: "all" });

/** One request that asks for what both ask for. */
export function mergeRequests(a: ScanRequest, b: ScanRequest): ScanRequest {
  if (a.media === "all" || b.media === "all") return EVERYTHING;
  return { media: "changed", knames: new Set([...a.knames, ...b.knames]) };
}

/** What takes turns, and how two requests become one. */
interface CoalescingQueueOptions<Request, Outcome> {
  /** Must not reject. */
  readonly act: (request: Request) => Promise<Outcome>;
  readonly merge: (a: Request, b: Request) => Request;
}

/**
 * One action at a time. Requests that come during one are merged into a single
 * action, which begins when that has ended: so what an action finds is never
 * older than the request.
 */
export class CoalescingQueue<Request, Outcome> {
  readonly #options: CoalescingQueueOptions<Request, Outcome>;
  #acting: Promise<Outcome> | null = null;
  #waiting: Promise<Outcome> | null = null;
  #next: Request | null = null;

  constructor(options: CoalescingQueueOptions<Request, Outcome>) {
    this.#options = options;
  }

  take(request: Request): Promise<Outcome> {
    if (this.#acting === null) return this.#begin(request);
    this.#next = this.#next === null
      ? request
      : this.#options.merge(this.#next, request);
    this.#waiting ??= this.#acting.then(() => this.#beginNext());
    return this.#waiting;
  }

  #begin(request: Request): Promise<Outcome> {
    const acting = this.#options.act(request).finally(() => {
      if (this.#waiting === null) this.#acting = null;
    });
    this.#acting = acting;
    return acting;
  }

  #beginNext(): Promise<Outcome> {
    const request = this.#next!;
    this.#next = null;
    this.#waiting = null;
    return this.#begin(request);
  }
}
