/** Posts JSON to an address, of which only scheme, host and port may be shown. */
import type { Endpoint } from "./endpoints.ts";
import { VERSION } from "../version.ts";

/** For the whole answer. */
export const POST_TIMEOUT_MS = 10_000;

/** A longer `Retry-After` counts as this. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

/** What came of it. */
export type PostOutcome =
  | { readonly ok: true; readonly status: number }
  | {
    readonly ok: false;
    /** `null`: there was no answer. */
    readonly status: number | null;
    /** A sentence without its stop, which begins with the origin. */
    readonly problem: string;
    /** Whether the same message would be refused again. */
    readonly isRefused: boolean;
    /** What the answer asks for; 0: nothing. */
    readonly retryAfterMs: number;
  };

/** A message, as it is sent. */
export type PostJson = (
  to: Pick<Endpoint, "origin" | "url" | "headers">,
  body: unknown,
  signal: AbortSignal,
) => Promise<PostOutcome>;

/**
 * Never throws. Follows no redirect, which could take the message and its
 * headers to somebody else; reads no body of an answer.
 */
export const postJson: PostJson = (to, body, signal) =>
  postWithin(POST_TIMEOUT_MS, { to, body, signal });

/** The same with another timeout. */
export async function postWithin(
  timeoutMs: number,
  { to, body, signal }: {
    readonly to: Parameters<PostJson>[0];
    readonly body: unknown;
    readonly signal: AbortSignal;
  },
): Promise<PostOutcome> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(to.url, {
      method: "POST",
      headers: [
        ["Content-Type", "application/json"],
        ["User-Agent", `diskd/${VERSION}`],
        ...to.headers.map(([name, value]): [string, string] => [name, value]),
      ],
      body: JSON.stringify(body),
      redirect: "manual",
      signal: AbortSignal.any([signal, timeout]),
    });
    await response.body?.cancel().catch(() => {});
    return judge(response, to);
  } catch (error) {
    const problem = timeout.aborted
      ? `${to.origin} did not answer within ${timeoutMs / 1_000} s`
      : `${to.origin} cannot be reached: ${reasonIn(error, to.url)}`;
    return {
      ok: false,
      status: null,
      problem,
      isRefused: false,
      retryAfterMs: 0,
    };
  }
}

function judge(
  { status, headers }: Response,
  { origin, url }: Pick<Endpoint, "origin" | "url">,
): PostOutcome {
  if (status >= 200 && status < 300) return { ok: true, status };
  const isRedirect = status >= 300 && status < 400;
  const leadsTo = isRedirect ? placeOf(headers.get("location"), url) : null;
  return {
    ok: false,
    status,
    problem: leadsTo === null
      ? `${origin} answers ${status}${meaningOf(status)}`
      : `${origin} answers ${status}, a redirect to ${leadsTo}, which diskd ` +
        "does not follow: give notify the address that it leads to",
    isRefused: status >= 400 && status < 500 && !MAY_BE_MENDED.has(status),
    retryAfterMs: retryAfter(headers.get("retry-after")),
  };
}

/** Answers that depend on more than the message. */
const MAY_BE_MENDED: ReadonlySet<number> = new Set([
  ...[401, 403, 404, 405, 407, 408, 410, 421, 423, 425, 426, 429],
]);

function meaningOf(status: number): string {
  const meaning = MEANINGS[status];
  return meaning === undefined ? "" : `, ${meaning}`;
}

const MEANINGS: Readonly<Record<number, string>> = {
  400: "it does not understand the message",
  401: "it wants a token: see headersFile",
  403: "it refuses the token or the address",
  404: "the address has a wrong path",
  405: "it takes no POST at that path",
  413: "the message is too large for it",
  429: "it wants fewer messages",
};

function placeOf(location: string | null, base: string): string {
  const place = location === null ? null : URL.parse(location, base);
  if (place === null) return "nowhere";
  if (place.origin === new URL(base).origin) return "another path there";
  return place.origin === "null" ? "another place" : place.origin;
}

/** Seconds, or a date. RFC 9110, section 10.2.3. */
function retryAfter(text: string | null): number {
  if (text === null) return 0;
  const ms = /^\d+$/.test(text.trim())
    ? Number(text) * 1_000
    : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? 0 : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms));
}

/** Deno's messages have the whole URL in them; later versions tell more in the cause. */
function reasonIn(error: unknown, url: string): string {
  const { message, cause } = error instanceof Error
    ? error
    : new Error(String(error));
  const said = cause instanceof Error ? cause.message : message;
  const { href } = new URL(url);
  const end = `(${href}): `;
  const at = said.lastIndexOf(end);
  const reason = (at < 0 ? said : said.slice(at + end.length))
    .replace(/^client error \(Connect\): /, "").replaceAll("\n", " ");
  const { pathname, search } = new URL(url);
  const secrets = [pathname, search].filter(({ length }) => length > 1);
  return secrets.some((secret) => reason.includes(secret))
    ? "the connection failed"
    : reason.slice(0, MAX_REASON_CHARS);
}

const MAX_REASON_CHARS = 200;
