import type { ServerResponse } from "node:http";

/** Browsers that follow events at once. */
const MAX_STREAMS = 64;
/** Not read by a browser yet; more, and it is cut off: it connects again. */
const MAX_WAITING_BYTES = 262_144;
/** So that proxies keep the connection, and a dead one is noticed. */
const HEARTBEAT_MS = 15_000;
/** Wait of a browser before it connects again. */
const REOPEN_MS = 1_000;

/** Server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html. */
export class EventStreams {
  readonly #open = new Set<ServerResponse>();
  #timer: ReturnType<typeof setInterval> | undefined;

  get isFull(): boolean {
    return this.#open.size >= MAX_STREAMS;
  }

  /** Begins one, with this first. */
  add(response: ServerResponse, kind: string, data: unknown): void {
    this.#open.add(response);
    response.once("close", () => this.#remove(response));
    this.#timer ??= setInterval(() => this.#write(":\n\n"), HEARTBEAT_MS);
    response.write(`retry: ${REOPEN_MS}\n${eventText(kind, data)}`);
  }

  /** Tells all. */
  send(kind: string, data: unknown): void {
    if (this.#open.size > 0) this.#write(eventText(kind, data));
  }

  close(): void {
    for (const response of this.#open) response.destroy();
    this.#open.clear();
    this.#stop();
  }

  #write(text: string): void {
    for (const response of this.#open) {
      if (waitingBytes(response) > MAX_WAITING_BYTES) response.destroy();
      else response.write(text);
    }
  }

  #remove(response: ServerResponse): void {
    this.#open.delete(response);
    if (this.#open.size === 0) this.#stop();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function waitingBytes({ writableLength, socket }: ServerResponse): number {
  return Math.max(writableLength, socket?.writableLength ?? 0);
}

/** JSON has no line ends. */
function eventText(kind: string, data: unknown): string {
  return `event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
}
