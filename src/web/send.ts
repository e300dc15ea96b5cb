import { SECURITY_HEADERS } from "./guard.ts";
import type { Responder } from "./http_connection.ts";
import type { WebRequest } from "./parse_head.ts";
import { textReply, type WebReply } from "./reply.ts";

/** A body worth compressing. */
const MIN_GZIP_BYTES = 1_000;
/** Bodies on their way to clients, together. */
const MAX_SENDING_BYTES = 67_108_864;
const CHUNK_BYTES = 65_536;

export interface Exchange {
  readonly request: WebRequest;
  readonly responder: Responder;
}

/** Sends answers: compressed once each, and not without end to who does not read. */
export class ReplySender {
  readonly #zipped = new WeakMap<Uint8Array, Promise<Uint8Array>>();
  #sendingBytes = 0;

  async send({ request, responder }: Exchange, reply: WebReply): Promise<void> {
    const { headers: asked } = request;
    const isBusy = this.#sendingBytes > MAX_SENDING_BYTES;
    const { status, type, body, headers, etag } = isBusy ? BUSY_REPLY : reply;
    const all: Record<string, string> = {
      ...SECURITY_HEADERS,
      "content-type": type,
      "cache-control": etag === undefined ? "no-store" : "no-cache",
      vary: "accept-encoding",
      ...headers,
      ...(etag !== undefined && { etag }),
    };
    if (etag !== undefined && isKnown(asked["if-none-match"], etag)) {
      return await responder.send({ status: 304, headers: all, body });
    }
    const isZipped = body.length >= MIN_GZIP_BYTES &&
      takesGzip(asked["accept-encoding"]);
    if (isZipped) all["content-encoding"] = "gzip";
    const sent = isZipped ? await this.#zip(body) : body;
    this.#sendingBytes += sent.length;
    try {
      await responder.send({ status, headers: all, body: sent });
    } finally {
      this.#sendingBytes -= sent.length;
    }
  }

  #zip(body: Uint8Array): Promise<Uint8Array> {
    const known = this.#zipped.get(body);
    if (known !== undefined) return known;
    const zipped = gzip(body);
    this.#zipped.set(body, zipped);
    return zipped;
  }
}

const BUSY_REPLY = textReply(503, "too much is being sent; try again later", {
  "retry-after": "10",
});

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

/** `Accept-Encoding`, RFC 9110, section 12.5.3. */
function takesGzip(accepted = ""): boolean {
  return accepted.toLowerCase().split(",").some((one) => {
    const [coding, ...parameters] = one.split(";").map((part) => part.trim());
    return coding === "gzip" &&
      !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}

/** `If-None-Match`, RFC 9110, section 13.1.2: a list, or `*`. */
function isKnown(known: string | undefined, etag: string): boolean {
  if (known === undefined) return false;
  const opaque = (tag: string) => tag.trim().replace(/^W\//, "");
  return known.trim() === "*" ||
    known.split(",").some((tag) => opaque(tag) === opaque(etag));
}
