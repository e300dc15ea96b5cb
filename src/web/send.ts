import type { IncomingMessage, ServerResponse } from "node:http";
import { SECURITY_HEADERS } from "./guard.ts";
import { textReply, type WebReply } from "./reply.ts";

/** A body worth compressing. */
const MIN_GZIP_BYTES = 1_000;
/** Longest time in which a client takes an answer, before it is cut off. */
const SEND_TIMEOUT_MS = 60_000;
/** Bodies on their way to clients, together. */
const MAX_SENDING_BYTES = 67_108_864;
const CHUNK_BYTES = 65_536;

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Sends answers: compressed once each, and not without end to who does not read. */
export class ReplySender {
  readonly #zipped = new WeakMap<Uint8Array, Promise<Uint8Array>>();
  #sendingBytes = 0;

  async send(exchange: Exchange, reply: WebReply): Promise<void> {
    const { request, response } = exchange;
    const { status, type, body, headers, etag } = reply;
    const all: Record<string, string> = {
      ...SECURITY_HEADERS,
      "content-type": type,
      "cache-control": etag === undefined ? "no-store" : "no-cache",
      vary: "accept-encoding",
      ...headers,
      ...(etag !== undefined && { etag }),
      ...(hasBody(request) && { connection: "close" }),
    };
    if (etag !== undefined && isKnown(request, etag)) {
      response.writeHead(304, all);
      return void response.end();
    }
    if (this.#sendingBytes > MAX_SENDING_BYTES) return sendBusy(exchange);
    const isZipped = body.length >= MIN_GZIP_BYTES && takesGzip(request);
    const sent = isZipped ? await this.#zip(body) : body;
    if (isZipped) all["content-encoding"] = "gzip";
    response.writeHead(status, { ...all, "content-length": `${sent.length}` });
    if (request.method === "HEAD") return void response.end();
    this.#watch(response, sent.length);
    response.end(sent);
  }

  #watch(response: ServerResponse, bytes: number): void {
    this.#sendingBytes += bytes;
    const timer = setTimeout(() => response.destroy(), SEND_TIMEOUT_MS);
    response.once("close", () => {
      clearTimeout(timer);
      this.#sendingBytes -= bytes;
    });
  }

  #zip(body: Uint8Array): Promise<Uint8Array> {
    const known = this.#zipped.get(body);
    if (known !== undefined) return known;
    const zipped = gzip(body);
    this.#zipped.set(body, zipped);
    return zipped;
  }
}

function sendBusy({ response }: Exchange): void {
  const { status, type, body } = textReply(503, "too much is being sent");
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    "content-type": type,
    "retry-after": "10",
  });
  response.end(body);
}

/** In pieces, between which others have their turn. */
async function gzip(body: Uint8Array): Promise<Uint8Array> {
  let at = 0;
  const pieces = new ReadableStream<BufferSource>({
    async pull(controller) {
      if (at >= body.length) return controller.close();
      if (at > 0) await new Promise((resolve) => setTimeout(resolve, 0));
      controller.enqueue(body.slice(at, at += CHUNK_BYTES));
    },
  });
  const zipped = pieces.pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(zipped).arrayBuffer());
}

/** RFC 9110, section 12.5.3. */
function takesGzip({ headers }: IncomingMessage): boolean {
  const accepted = String(headers["accept-encoding"] ?? "").toLowerCase();
  return accepted.split(",").some((one) => {
    const [coding = "", ...parameters] = one.split(";").map((x) => x.trim());
    return (coding === "gzip" || coding === "x-gzip") &&
      !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}

/** `If-None-Match`, RFC 9110, section 13.1.2: a list, or `*`. */
function isKnown({ headers }: IncomingMessage, etag: string): boolean {
  const known = headers["if-none-match"];
  if (known === undefined) return false;
  const opaque = (tag: string) => tag.trim().replace(/^W\//, "");
  return known.trim() === "*" ||
    known.split(",").some((tag) => opaque(tag) === opaque(etag));
}

/** Nobody reads it: then the connection is of no further use. */
function hasBody({ headers }: IncomingMessage): boolean {
  const { "content-length": length = "0", "transfer-encoding": coding } =
    headers;
  return length !== "0" || coding !== undefined;
}
