import { SECURITY_HEADERS } from "./guard.ts";
import { parseHead, type WebRequest } from "./parse_head.ts";

/** Until the head of a request must be there. */
const HEADERS_TIMEOUT_MS = 4_000;
/** An idle connection is kept for so long. */
const KEEP_ALIVE_MS = 5_000;
const MAX_HEAD_BYTES = 8_192;
/** Longest time in which a client takes an answer, or an event, before it is cut off. */
const SEND_TIMEOUT_MS = 60_000;
/** Written at once. */
const PIECE_BYTES = 65_536;
/** Not read by a browser yet; more, and it is cut off: it connects again. */
const MAX_WAITING_BYTES = 262_144;
/** After a refusal, what a client still sends is read for so long, so that it gets the refusal. */
const LINGER_MS = 500;

/** What goes out. */
interface SentAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** How to answer a request: once, one way or the other. */
export interface Responder {
  send(answer: SentAnswer): Promise<void>;
  /** Begins an answer without end. Gives `null` to who wants the head alone. */
  stream(
    headers: Readonly<Record<string, string>>,
  ): Promise<TextStream | null>;
}

/** Text that goes to a client as it reads. */
export interface TextStream {
  push(text: string): void;
  /** Settles when the client is gone, or cut off. */
  readonly closed: Promise<void>;
  close(): void;
}

export type AnswerRequest = (
  request: WebRequest,
  responder: Responder,
) => Promise<void>;

/**
 * A connection of a browser, by the part of HTTP/1.1 that reading takes: one
 * request after the other, none with a body. What a client can hold is one
 * head, one answer that others have too, and the time limits. RFC 9112.
 */
export class HttpConnection {
  readonly #conn: Deno.Conn;
  readonly #answer: AnswerRequest;
  readonly #buffer = new Uint8Array(MAX_HEAD_BYTES);
  #filled = 0;
  #isIdle = true;
  #isClosed = false;

  constructor(conn: Deno.Conn, answer: AnswerRequest) {
    this.#conn = conn;
    this.#answer = answer;
  }

  /** Whether it waits for a request. */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** Until it ends. Never rejects. */
  async serve(): Promise<void> {
    try {
      let waitMs = HEADERS_TIMEOUT_MS;
      while (await this.#serveNext(waitMs)) waitMs = KEEP_ALIVE_MS;
    } catch {
      // The client is gone.
    } finally {
      this.close();
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }

  /** Whether another request may follow. */
  async #serveNext(waitMs: number): Promise<boolean> {
    this.#isIdle = true;
    const head = await this.#readHead(waitMs);
    this.#isIdle = false;
    if (head === null) return false;
    const request = typeof head === "number" ? head : parseHead(head);
    if (typeof request === "number") {
      await this.#refuse(request);
      return false;
    }
    let mayFollow = request.mayFollow;
    await this.#answer(request, {
      send: (answer) => this.#send(answer, request),
      stream: (headers) => {
        mayFollow = false;
        return this.#stream(headers, request);
      },
    });
    if (!mayFollow) await this.#linger();
    return mayFollow;
  }

  /** The text before the empty line; the status of its refusal; `null` at the end. */
  async #readHead(waitMs: number): Promise<string | number | null> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      // Ends the read; what is written before arrives.
      const said = this.#filled > 0 ? this.#refuse(408) : Promise.resolve();
      said.finally(() => this.close());
    }, waitMs);
    try {
      while (true) {
        const end = endOfHead(this.#buffer.subarray(0, this.#filled));
        if (end !== null) return this.#take(end);
        if (this.#filled === MAX_HEAD_BYTES) return 431;
        const count = await this.#conn.read(
          this.#buffer.subarray(this.#filled),
        );
        if (count === null || isLate) return null;
        this.#filled += count;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #take(end: number): string {
    let head = "";
    for (const byte of this.#buffer.subarray(0, end)) {
      head += String.fromCharCode(byte);
    }
    this.#buffer.copyWithin(0, end + HEAD_END.length, this.#filled);
    this.#filled -= end + HEAD_END.length;
    return head;
  }

  async #send(answer: SentAnswer, request: WebRequest): Promise<void> {
    const { status, headers, body } = answer;
    const head = headText(status, {
      ...headers,
      ...(status !== 304 && { "content-length": `${body.length}` }),
      ...(!request.mayFollow && { connection: "close" }),
    });
    const isWhole = request.method !== "HEAD" && status !== 304;
    await this.#write(encoder.encode(head), ...(isWhole ? [body] : []));
  }

  async #stream(
    headers: Readonly<Record<string, string>>,
    { method }: WebRequest,
  ): Promise<TextStream | null> {
    const head = headText(200, { ...headers, connection: "close" });
    await this.#write(encoder.encode(head));
    return method === "HEAD" ? null : this.#pushes();
  }

  #pushes(): TextStream {
    const closed = Promise.withResolvers<void>();
    let waiting = 0;
    let last = Promise.resolve();
    const close = () => {
      this.close();
      closed.resolve();
    };
    this.#readOn().finally(close);
    const push = (text: string) => {
      const bytes = encoder.encode(text);
      waiting += bytes.length;
      if (waiting > MAX_WAITING_BYTES) return close();
      last = last.then(() => this.#write(bytes)).catch(close)
        .finally(() => waiting -= bytes.length);
    };
    return { push, close, closed: closed.promise };
  }

  async #refuse(status: number): Promise<void> {
    const headers = {
      ...SECURITY_HEADERS,
      connection: "close",
      "content-length": "0",
    };
    await this.#write(encoder.encode(headText(status, headers)))
      .catch(() => {});
    if (status !== 408) await this.#linger();
  }

  async #linger(): Promise<void> {
    const timer = setTimeout(() => this.close(), LINGER_MS);
    try {
      await (this.#conn as Deno.TcpConn | Deno.UnixConn).closeWrite();
      await this.#readOn();
    } finally {
      clearTimeout(timer);
    }
  }

  /** Until the client ends; what it says is of no interest. */
  async #readOn(): Promise<void> {
    try {
      while (await this.#conn.read(this.#buffer) !== null);
    } catch {
      // It is gone.
    }
  }

  async #write(...parts: readonly Uint8Array[]): Promise<void> {
    const timer = setTimeout(() => this.close(), SEND_TIMEOUT_MS);
    try {
      for (const bytes of parts) {
        for (let sent = 0; sent < bytes.length;) {
          const piece = bytes.subarray(sent, sent + PIECE_BYTES);
          sent += await this.#conn.write(piece);
        }
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

const encoder = new TextEncoder();
const HEAD_END = [13, 10, 13, 10] as const;

function endOfHead(bytes: Uint8Array): number | null {
  for (let at = bytes.indexOf(13); at >= 0; at = bytes.indexOf(13, at + 1)) {
    if (HEAD_END.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return null;
}

function headText(
  status: number,
  headers: Readonly<Record<string, string>>,
): string {
  const lines = Object.entries({ date: new Date().toUTCString(), ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const reason = REASONS[status] ?? "Answer";
  return `HTTP/1.1 ${status} ${reason}\r\n${lines.join("")}\r\n`;
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  303: "See Other",
  304: "Not Modified",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  421: "Misdirected Request",
  431: "Request Header Fields Too Large",
  503: "Service Unavailable",
};
