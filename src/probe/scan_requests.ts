/** The media a scan must read. It always lists devices, which reads no medium. */
export type ScanRequest =
  /** Every medium. */
  | { readonly media: "all" }
  /**
   * Those of the named devices (by kernel name, as in events), of new devices,
   * and of devices whose contents seem changed.
   */
  | {
    readonly media: "changed";
    readonly knames: ReadonlySet<string>;
    /**
     * Whether a list of the named devices is enough, with all that shares a
     * disk with them. Default: all devices are listed.
     */
    readonly listsNamed?: boolean;
  };

/** Reads every medium. */
export const EVERYTHING: ScanRequest = Object.freeze({ media: "all" });

/** A request that covers both. */
export function mergeRequests(a: ScanRequest, b: ScanRequest): ScanRequest {
  if (a.media === "all" || b.media === "all") return EVERYTHING;
  return {
    media: "changed",
    knames: new Set([...a.knames, ...b.knames]),
    listsNamed: a.listsNamed && b.listsNamed,
  };
}

/** The action, and how to merge two requests. */
interface CoalescingQueueOptions<Request, Outcome> {
  /** Must not reject. */
  readonly act: (request: Request) => Promise<Outcome>;
  readonly merge: (a: Request, b: Request) => Request;
}

/**
 * Runs one action at a time. Requests during an action are merged into a single
 * action after it, so the result of an action is never older than its request.
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
