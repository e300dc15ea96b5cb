import type { DaemonUnreachable } from "../control/client.ts";
import type { ControlClient } from "../control/client.ts";
import type { EventRow, MethodName, Methods } from "../control/views.ts";
import { reasonOf } from "../system/reason.ts";
import { pause, unlessAborted } from "../system/within.ts";

/** The daemon as used here. */
export type WebClient = Pick<ControlClient, "call" | "watch" | "close">;

/** Wait before connecting again: at first, and at most. */
const RECONNECT_MS = { first: 200, max: 5_000 } as const;

interface DaemonLinkOptions {
  /** @throws {DaemonUnreachable} */
  readonly connect: () => Promise<WebClient>;
  readonly onEvent: (event: EventRow) => void;
  /** The daemon came, or went: then why. */
  readonly onState: (problem: string | null) => void;
}

/**
 * The one connection to the daemon, whatever the number of browsers: its
 * events, and all questions. The daemon comes and goes.
 */
export class DaemonLink {
  readonly #options: DaemonLinkOptions;
  #client: WebClient | null = null;
  #problem = "the first connection to the daemon is not made yet";

  constructor(options: DaemonLinkOptions) {
    this.#options = options;
  }

  /** Why nobody can be asked; `null` while the daemon is there. */
  get problem(): string | null {
    return this.#client === null ? this.#problem : null;
  }

  /**
   * Asks the daemon.
   * @throws {DaemonUnreachable | RemoteFailure}
   * @throws {LinkDown} without a connection
   */
  call<M extends MethodName>(
    method: M,
    params: Methods[M]["params"],
  ): Promise<Methods[M]["result"]> {
    if (this.#client === null) throw new LinkDown(this.#problem);
    return this.#client.call(method, params);
  }

  /** Keeps the connection until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    let waitMs: number = RECONNECT_MS.first;
    const close = () => void this.#client?.close();
    signal.addEventListener("abort", close, { once: true });
    while (!signal.aborted) {
      try {
        await this.#follow(() => waitMs = RECONNECT_MS.first);
      } catch (error) {
        this.#lost(reasonOf(error as DaemonUnreachable));
      }
      await unlessAborted(signal, pause(waitMs));
      waitMs = Math.min(2 * waitMs, RECONNECT_MS.max);
    }
  }

  async #follow(onConnected: () => void): Promise<void> {
    const client = await this.#options.connect();
    try {
      const events = client.watch();
      const first = events.next();
      this.#client = client;
      this.#options.onState(null);
      onConnected();
      for (let next = await first; !next.done; next = await events.next()) {
        this.#options.onEvent(next.value);
      }
    } finally {
      this.#client = null;
      await client.close();
    }
  }

  #lost(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#options.onState(problem);
  }
}

/** There is no connection to the daemon; the message says why. */
class LinkDown extends Error {
  override readonly name = "LinkDown";
}
