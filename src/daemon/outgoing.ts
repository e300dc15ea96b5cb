/** The messages to one address: gathered, limited, and tried again until they are taken. */
import type { NotifyRow } from "../control/notify_views.ts";
import { messageOf, type Notice } from "../render/notice.ts";
import type { System } from "../system/system.ts";
import type { Endpoint } from "./endpoints.ts";
import { type Log, ProblemLog } from "./log.ts";
import type { PostJson, PostOutcome } from "./post_json.ts";
import { Purse } from "./purse.ts";

/** What happens within this time is told in one message. */
export const GATHER_MS = 3_000;
/** Messages at once, and the time until one more. */
export const MESSAGES_AT_ONCE = 10;
export const MESSAGE_EVERY_MS = 300_000;
/** Events that wait; beyond that the oldest is dropped. */
export const MAX_WAITING_NOTICES = 1_000;
/** Time until a message is tried again: at first, and at most. */
export const FIRST_RETRY_MS = 5_000;
export const LAST_RETRY_MS = 600_000;
/** A message that nobody took for so long is dropped. */
export const GIVE_UP_MS = 86_400_000;

/** What is to be told, and what that means to its teller. */
export interface ToTell {
  readonly notice: Notice;
  /** The same disk on the same host has the same; `null`: no disk. */
  readonly disk: string | null;
  /** Called once somebody has taken the message. */
  readonly onTaken?: () => void;
}

interface OutgoingOptions {
  /** Whose headers and choices may change, but not its URL. */
  readonly endpoint: Endpoint;
  /** Name of this host. */
  readonly sender: () => string;
  readonly post: PostJson;
  readonly system: Pick<System, "now" | "random">;
  readonly log: Log;
}

interface Message {
  readonly told: readonly ToTell[];
  readonly body: unknown;
  readonly since: number;
  tries: number;
}

export class Outgoing {
  readonly #options: OutgoingOptions;
  #endpoint: Endpoint;
  readonly #problemLog: ProblemLog;
  readonly #purse = new Purse({
    burst: MESSAGES_AT_ONCE,
    perSecond: 1_000 / MESSAGE_EVERY_MS,
  });
  readonly #abort = new AbortController();
  #waiting: ToTell[] = [];
  /** The message that is sent, or was not taken yet. */
  #message: Message | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isSending = false;
  #sent = 0;
  #dropped = 0;
  #problem: string | null = null;

  constructor(options: OutgoingOptions) {
    this.#options = options;
    this.#endpoint = options.endpoint;
    this.#problemLog = new ProblemLog(
      options.log,
      `${options.endpoint.origin} takes messages again`,
    );
  }

  get view(): NotifyRow {
    const { origin, on } = this.#endpoint;
    return {
      to: origin,
      on: [...on],
      sent: this.#sent,
      waiting: this.#waiting.length + (this.#message?.told.length ?? 0),
      dropped: this.#dropped,
      problem: this.#problem,
    };
  }

  /** Tells it soon. */
  add(told: ToTell): void {
    if (this.#isUndone(told)) return;
    this.#waiting.push(told);
    if (this.#waiting.length > MAX_WAITING_NOTICES) {
      this.#waiting.shift();
      this.#dropped++;
    }
    if (this.#message === null) this.#sendIn(GATHER_MS);
  }

  /** A disk that comes back at once was only reset; one that came elsewhere has moved. */
  #isUndone({ disk, notice }: ToTell): boolean {
    if (notice.event !== "attached" && notice.event !== "moved") return false;
    const at = this.#waiting.findLastIndex((one) =>
      one.notice.event === "gone" && one.disk === disk && disk !== null &&
      Date.parse(notice.at) - Date.parse(one.notice.at) <= GATHER_MS
    );
    if (at < 0) return false;
    this.#waiting.splice(at, 1);
    return notice.event === "attached";
  }

  /** The configuration was read again: what was not taken is tried at once. */
  use(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
    if (this.#message === null || this.#isSending) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sendIn(0);
  }

  /** Sends nothing any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#abort.abort();
  }

  #sendIn(ms: number): void {
    if (this.#isSending || this.#abort.signal.aborted) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#send();
    }, ms);
  }

  async #send(): Promise<void> {
    const { post, system } = this.#options;
    this.#message ??= this.#makeMessage();
    if (this.#message === null) return;
    const message = this.#message;
    message.tries++;
    this.#isSending = true;
    const outcome = await post(
      this.#endpoint,
      message.body,
      this.#abort.signal,
    );
    this.#isSending = false;
    if (this.#abort.signal.aborted) return;
    this.#problem = outcome.ok ? null : outcome.problem;
    this.#problemLog.tell(outcome.ok ? [] : [`Not told: ${outcome.problem}`]);
    const isDone = outcome.ok || outcome.isRefused ||
      system.now() - message.since >= GIVE_UP_MS;
    if (!isDone) return this.#sendIn(this.#retryAfter(outcome, message));
    this.#message = null;
    if (outcome.ok) {
      this.#sent++;
      for (const { onTaken } of message.told) onTaken?.();
    } else {
      this.#dropped += message.told.length;
    }
    if (this.#waiting.length > 0) this.#sendIn(GATHER_MS);
  }

  /** All that waits, in one; `null` if there is nothing, or too much was sent lately. */
  #makeMessage(): Message | null {
    const { sender, system } = this.#options;
    const now = system.now();
    if (this.#waiting.length === 0) return null;
    if (!this.#purse.mayPay(1, now)) {
      this.#sendIn(GATHER_MS);
      return null;
    }
    this.#purse.spend(1);
    const told = this.#waiting;
    this.#waiting = [];
    const notices = told.map(({ notice }) => notice);
    const body = messageOf(notices, {
      id: crypto.randomUUID(),
      sender: sender(),
    });
    return { told, body, since: now, tries: 0 };
  }

  /** Longer with each try, and not the same for all hosts. */
  #retryAfter(
    outcome: PostOutcome & { readonly ok: false },
    { tries }: Message,
  ): number {
    const backoff = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (tries - 1));
    const spread = 0.75 + this.#options.system.random() / 2;
    return Math.max(outcome.retryAfterMs, backoff * spread);
  }
}
