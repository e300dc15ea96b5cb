import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { Socket } from "node:net";
import type { EventRow } from "../control/views.ts";
import { assetAt } from "./assets.ts";
import { DaemonLink, type WebClient } from "./daemon_link.ts";
import { Documents } from "./documents.ts";
import { EventStreams } from "./event_streams.ts";
import { type GuardRules, refuseRequest, SECURITY_HEADERS } from "./guard.ts";
import { type Listen, listenOn } from "./listen.ts";
import { textReply, type WebReply } from "./reply.ts";
import { type Exchange, ReplySender } from "./send.ts";

/** Connections at once, those that follow events among them. */
const MAX_CONNECTIONS = 200;
/** Until the head of a request must be there, and then the whole request. */
const HEADERS_TIMEOUT_MS = 4_000;
const REQUEST_TIMEOUT_MS = 5_000;
/** An idle connection is kept for so long. */
const KEEP_ALIVE_MS = 5_000;
const CHECK_EVERY_MS = 1_000;
const MAX_HEAD_BYTES = 8_192;

interface WebOptions {
  readonly listen: Listen;
  readonly rules: GuardRules;
  /** @throws {DaemonUnreachable} */
  readonly connect: () => Promise<WebClient>;
}

interface WebEvents {
  readonly signal: AbortSignal;
  /** It listens there: with the port that the kernel chose, if it was to choose. */
  readonly onReady: (address: string) => void;
  /** The daemon came, or went: then why. */
  readonly onDaemon: (problem: string | null) => void;
}

/**
 * Serves the page until the signal. It only reads.
 * @throws {CannotListen}
 */
export async function serveWeb(
  options: WebOptions,
  { signal, onReady, onDaemon }: WebEvents,
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
      onDaemon(problem);
    },
  });
  const documents = new Documents({ link, now: () => performance.now() });
  const sender = new ReplySender();
  const parts = { rules: options.rules, documents, streams, link, sender };
  const server = makeServer((exchange) => answer(exchange, parts));
  const listening = await listenOn(server, options.listen);
  onReady(listening.address);
  await link.run(signal);
  streams.close();
  server.closeAllConnections();
  listening.close();
}

function makeServer(onRequest: (exchange: Exchange) => Promise<void>) {
  const take = (request: IncomingMessage, response: ServerResponse) => {
    response.on("error", () => response.destroy());
    onRequest({ request, response }).catch(() => response.destroy());
  };
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: CHECK_EVERY_MS,
    maxHeaderSize: MAX_HEAD_BYTES,
    requireHostHeader: false,
  }, take);
  server.maxConnections = MAX_CONNECTIONS;
  server.on("checkContinue", take);
  server.on("checkExpectation", take);
  server.on("clientError", refuseMalformed);
  // For example, no further file can be opened: others are still served.
  server.on("error", () => {});
  return server;
}

/** What is no request, or not a whole one in time. */
function refuseMalformed(error: Error & { code?: string }, socket: unknown) {
  const connection = socket as Socket;
  const status = STATUS_OF_ERROR[error.code ?? ""] ?? 400;
  if (!connection.writable) return void connection.destroy();
  const head = Object.entries({
    ...SECURITY_HEADERS,
    "connection": "close",
    "content-length": "0",
  }).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const line = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
  connection.end(`${line}${head}\r\n`, () => connection.destroy());
}

const STATUS_OF_ERROR: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

interface WebParts {
  readonly rules: GuardRules;
  readonly documents: Documents;
  readonly streams: EventStreams;
  readonly link: DaemonLink;
  readonly sender: ReplySender;
}

async function answer(exchange: Exchange, parts: WebParts): Promise<void> {
  const { sender } = parts;
  const { headers, method = "", url: target = "/" } = exchange.request;
  const url = parseTarget(target);
  if (url === null) {
    return await sender.send(exchange, textReply(400, "no such address"));
  }
  const refusal = refuseRequest({ method, url, headers }, parts.rules);
  if (refusal !== null) return await sender.send(exchange, refusal);
  if (url.pathname === "/api/events") return await follow(exchange, parts);
  await sender.send(exchange, await replyTo(url, parts));
}

async function replyTo(url: URL, { documents }: WebParts): Promise<WebReply> {
  return assetAt(url.pathname) ?? await documents.get(url) ??
    textReply(404, "there is nothing here");
}

/** The path and query of a request: never a host. */
function parseTarget(target: string): URL | null {
  if (!target.startsWith("/") || target.startsWith("//")) return null;
  return URL.parse(target, "http://diskd/");
}

async function follow(exchange: Exchange, parts: WebParts): Promise<void> {
  const { streams, link, sender } = parts;
  const { request, response } = exchange;
  if (streams.isFull) {
    const full = "too many browsers follow already; try again later";
    const later = { "retry-after": "10" };
    return await sender.send(exchange, textReply(503, full, later));
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
