import type { EventRow } from "../control/views.ts";
import { assetAt } from "./assets.ts";
import { DaemonLink, type WebClient } from "./daemon_link.ts";
import { Documents } from "./documents.ts";
import { EventStreams } from "./event_streams.ts";
import { type GuardRules, refuseRequest, SECURITY_HEADERS } from "./guard.ts";
import { acceptBrowsers } from "./http_server.ts";
import { type Listen, listenOn } from "./listen.ts";
import { textReply, type WebReply } from "./reply.ts";
import { type Exchange, ReplySender } from "./send.ts";

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
  const listening = await listenOn(options.listen);
  onReady(listening.address);
  await Promise.all([
    acceptBrowsers(
      listening.listener,
      (request, responder) => answer({ request, responder }, parts),
      signal,
    ),
    link.run(signal),
  ]);
  listening.cleanUp();
}

interface WebParts {
  readonly rules: GuardRules;
  readonly documents: Documents;
  readonly streams: EventStreams;
  readonly link: DaemonLink;
  readonly sender: ReplySender;
}

async function answer(exchange: Exchange, parts: WebParts): Promise<void> {
  const { sender } = parts;
  const { headers, method, target } = exchange.request;
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

/** The path and query of a request: never a host, which would follow two slashes, or backslashes. */
function parseTarget(target: string): URL | null {
  return /^\/(?![/\\])/.test(target)
    ? URL.parse(target, "http://diskd/")
    : null;
}

async function follow(exchange: Exchange, parts: WebParts): Promise<void> {
  const { streams, link, sender } = parts;
  if (streams.isFull) {
    const full = "too many browsers follow already; try again later";
    const later = { "retry-after": "10" };
    return await sender.send(exchange, textReply(503, full, later));
  }
  const opening = exchange.responder.stream({
    ...SECURITY_HEADERS,
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  const data = () => ({ problem: link.problem });
  await streams.serve(opening, { kind: "daemon", data });
}
