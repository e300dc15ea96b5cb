import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { gzipSync } from "node:zlib";
import type { EventRow } from "../control/views.ts";
import { assetAt } from "./assets.ts";
import { DaemonLink, type WebClient } from "./daemon_link.ts";
import { Documents } from "./documents.ts";
import { EventStreams } from "./event_streams.ts";
import { type GuardRules, refuseRequest, SECURITY_HEADERS } from "./guard.ts";
import type { Listen } from "./listen.ts";
import { textReply, type WebReply } from "./reply.ts";

/** Connections at once, those that follow events among them. */
const MAX_CONNECTIONS = 200;
/** Until the head of a request must be there, and then the whole request. */
const HEADERS_TIMEOUT_MS = 4_000;
const REQUEST_TIMEOUT_MS = 5_000;
/** An idle connection is kept for so long. */
const KEEP_ALIVE_MS = 5_000;
const CHECK_EVERY_MS = 1_000;
const MAX_HEAD_BYTES = 8_192;
/** A body worth compressing. */
const MIN_GZIP_BYTES = 1_000;

interface WebOptions {
  readonly listen: Listen;
  readonly rules: GuardRules;
  /** @throws {DaemonUnreachable} */
  readonly connect: () => Promise<WebClient>;
}

interface RunningWeb {
  /** Where it listens: with the port that the kernel chose, if it was to choose. */
  readonly address: string;
}

/**
 * Serves the page until the signal. It only reads.
 * @throws {Error} if it cannot listen there
 */
export async function serveWeb(
  options: WebOptions,
  { signal, onReady }: {
    readonly signal: AbortSignal;
    readonly onReady: (running: RunningWeb) => void;
  },
): Promise<void> {
  const streams = new EventStreams();
  const link: DaemonLink = new DaemonLink({
    connect: options.connect,
    onEvent(event: EventRow) {
      documents.forget();
      streams.send("event", event);
    },
    onState(problem) {
      documents.forget();
      streams.send("daemon", { problem });
    },
  });
  const documents = new Documents({ link, now: () => performance.now() });
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: CHECK_EVERY_MS,
    maxHeaderSize: MAX_HEAD_BYTES,
  }, (request, response) => {
    void answer({ request, response }, { options, documents, streams, link });
  });
  server.maxConnections = MAX_CONNECTIONS;
  onReady({ address: await listening(server, options.listen) });
  await link.run(signal);
  streams.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface WebParts {
  readonly options: WebOptions;
  readonly documents: Documents;
  readonly streams: EventStreams;
  readonly link: DaemonLink;
}

async function answer(exchange: Exchange, parts: WebParts): Promise<void> {
  const { request: { headers, method = "", url: target = "/" } } = exchange;
  const url = parseTarget(target);
  if (url === null) return send(exchange, textReply(400, "no such address"));
  const refusal = refuseRequest({
    method,
    host: headers.host,
    url,
    cookie: headers.cookie,
    authorization: headers.authorization,
  }, parts.options.rules);
  if (refusal !== null) return send(exchange, refusal);
  if (url.pathname === "/api/events") return follow(exchange, parts);
  const reply = assetAt(url.pathname) ?? await parts.documents.get(url) ??
    textReply(404, "there is nothing here");
  send(exchange, reply);
}

/** The path and query of a request: never a host. */
function parseTarget(target: string): URL | null {
  if (!target.startsWith("/") || target.startsWith("//")) return null;
  return URL.parse(target, "http://diskd/");
}

function follow({ request, response }: Exchange, parts: WebParts): void {
  const { streams, link } = parts;
  if (streams.isFull) {
    const full = "too many browsers follow already; try again later";
    return send(
      { request, response },
      textReply(503, full, {
        "retry-after": "10",
      }),
    );
  }
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  if (request.method === "HEAD") return void response.end();
  streams.add(response, "daemon", { problem: link.problem });
}

function send({ request, response }: Exchange, reply: WebReply): void {
  const { status, type, body, headers, etag } = reply;
  const all: Record<string, string> = {
    ...SECURITY_HEADERS,
    "content-type": type,
    "cache-control": "no-cache",
    vary: "accept-encoding",
    ...headers,
    ...(etag !== undefined && { etag }),
  };
  const { "if-none-match": known, "accept-encoding": encodings } =
    request.headers;
  if (etag !== undefined && known === etag) {
    response.writeHead(304, all);
    return void response.end();
  }
  const isSmall = body.length < MIN_GZIP_BYTES;
  const isZipped = !isSmall && /\bgzip\b/.test(String(encodings ?? ""));
  const sent = isZipped ? gzipSync(body) : body;
  if (isZipped) all["content-encoding"] = "gzip";
  response.writeHead(status, { ...all, "content-length": sent.length });
  response.end(request.method === "HEAD" ? undefined : sent);
}

function listening(server: Server, listen: Listen): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const ready = () => resolve(shownAddress(server, listen));
    if (listen.kind === "unix") server.listen(listen.path, ready);
    else server.listen(listen.port, listen.address, ready);
  });
}

function shownAddress(server: Server, listen: Listen): string {
  if (listen.kind === "unix") return `unix:${listen.path}`;
  const { port } = server.address() as { readonly port: number };
  const { address } = listen;
  return `http://${address.includes(":") ? `[${address}]` : address}:${port}/`;
}
