import type { TextStream } from "./http_connection.ts";

/** Browsers that follow events at once. */
const MAX_STREAMS = 64;
/** So that proxies keep the connection, and a dead one is noticed. */
const HEARTBEAT_MS = 15_000;
/** Wait of a browser before it connects again. */
const REOPEN_MS = 1_000;

/** Server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html. */
export class EventStreams {
  readonly #open = new Set<TextStream>();
  /** Those that are being opened, too. */
  #count = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  get isFull(): boolean {
    return this.#count >= MAX_STREAMS;
  }

  /** Serves one, with what is so then first, until its browser is gone. */
  async serve(
    opening: Promise<TextStream | null>,
    { kind, data }: { readonly kind: string; readonly data: () => unknown },
  ): Promise<void> {
    this.#count++;
    try {
      const stream = await opening;
      if (stream === null) return;
      this.#open.add(stream);
      this.#timer ??= setInterval(() => this.#push(":\n\n"), HEARTBEAT_MS);
      stream.push(`retry: ${REOPEN_MS}\n${eventText(kind, data())}`);
      await stream.closed;
      this.#open.delete(stream);
    } finally {
      this.#count--;
    }
    if (this.#open.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Tells all. */
  send(kind: string, data: unknown): void {
    if (this.#open.size > 0) this.#push(eventText(kind, data));
  }

  #push(text: string): void {
    for (const stream of this.#open) stream.push(text);
  }
}

/** JSON has no line ends. */
function eventText(kind: string, data: unknown): string {
  return `event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
}
