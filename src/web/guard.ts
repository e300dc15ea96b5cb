import { createHash, timingSafeEqual } from "node:crypto";
import { errorReply, textReply, type WebReply } from "./reply.ts";

/** Who may ask. */
export interface GuardRules {
  /** Names by which this server is called, in lower case, besides localhost and addresses. */
  readonly names: readonly string[];
  /** What a browser has to show; `null`: nothing. */
  readonly token: string | null;
  /** Whether a reverse proxy is before it, whose `X-Forwarded-Proto` counts. */
  readonly isBehindProxy: boolean;
}

interface GuardedRequest {
  readonly method: string;
  readonly url: URL;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

const COOKIE = "diskd";
const COOKIE_SECONDS = 31_536_000;

/** Why a request is refused, as its answer; `null` if it is not. */
export function refuseRequest(
  request: GuardedRequest,
  rules: GuardRules,
): WebReply | null {
  const { method, url } = request;
  if (method !== "GET" && method !== "HEAD") {
    return refuse(url, 405, "only GET and HEAD: nothing can be changed here", {
      allow: "GET, HEAD",
    });
  }
  const host = header(request, "host");
  if (!isOurs(host, rules.names)) {
    return refuse(
      url,
      421,
      `this server is not called ${hostName(host) || "nothing"}; if it is, ` +
        `start it with: diskd web --name ${hostName(host) || "NAME"}`,
    );
  }
  if (isFromElsewhere(request)) {
    return refuse(url, 403, "a page of another server asks for this");
  }
  return rules.token === null ? null : refuseStranger(request, {
    token: rules.token,
    isSecure: rules.isBehindProxy &&
      header(request, "x-forwarded-proto") === "https",
  });
}

/**
 * Whether a request was made to this server by its name. A page elsewhere can
 * have its own name lead here (DNS rebinding), and would then read all.
 */
function isOurs(host: string, names: readonly string[]): boolean {
  const name = hostName(host);
  return name === "localhost" || ADDRESS.test(name) || names.includes(name);
}

const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/;

/** Of a header `Host`: without port; empty if it is none. */
function hostName(host: string): string {
  const [, called = ""] = /^([\w.-]+|\[[0-9a-f:.]+\])(?::\d+)?$/i.exec(host) ??
    [];
  return called.toLowerCase();
}

/**
 * Whether a page of another site makes the browser ask, Fetch Metadata of the
 * W3C. A link there may lead here, which shows the page and no more.
 */
function isFromElsewhere(request: GuardedRequest): boolean {
  const site = header(request, "sec-fetch-site");
  if (site !== "cross-site" && site !== "same-site") return false;
  const isLink = header(request, "sec-fetch-mode") === "navigate" &&
    header(request, "sec-fetch-dest") === "document";
  return !isLink || request.url.pathname.startsWith("/api/");
}

function refuseStranger(
  request: GuardedRequest,
  { token, isSecure }: { readonly token: string; readonly isSecure: boolean },
): WebReply | null {
  const { url } = request;
  const given = url.searchParams.get("token");
  if (given !== null && isSame(given, token)) {
    url.searchParams.delete("token");
    // Two slashes would lead to another server.
    const path = url.pathname.replace(/^\/+/, "/");
    return textReply(303, "the token is in a cookie now", {
      location: `${path}${url.search}`,
      "set-cookie":
        `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${COOKIE_SECONDS}` +
        (isSecure ? "; Secure" : ""),
    });
  }
  if (shownTokens(request).some((shown) => isSame(shown, token))) return null;
  const challenge = { "www-authenticate": 'Bearer realm="diskd"' };
  if (!header(request, "accept").includes("text/html")) {
    const remedy = "Authorization: Bearer TOKEN, or ?token=TOKEN once";
    return refuse(
      url,
      401,
      `a token is missing or wrong: ${remedy}`,
      challenge,
    );
  }
  const { headers: _, ...page } = textReply(401, given === null ? ASK : AGAIN);
  return { ...page, type: "text/html; charset=utf-8", headers: challenge };
}

function shownTokens(request: GuardedRequest): string[] {
  const cookies = header(request, "cookie").split(/; */)
    .filter((part) => part.startsWith(`${COOKIE}=`))
    .map((part) => part.slice(COOKIE.length + 1));
  const [, bearer] =
    /^Bearer +(\S+)$/i.exec(header(request, "authorization")) ?? [];
  return bearer === undefined ? cookies : [...cookies, bearer];
}

/** In a time that does not tell where they differ. */
function isSame(given: string, token: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(token));
}

function askPage(said: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>diskd: token</title>
<h1>diskd</h1>
<p>${said}
<form>
<label>Token: <input name="token" type="password" autocomplete="current-password" autofocus></label>
<button>Open</button>
</form>
<p>The token is in the file that was given to <code>diskd web --token-file</code>.
It is asked for once a year in each browser. If you have been here before, and
followed a link on another page: <a href="">open this page again</a>.`;
}

const ASK = askPage("This page wants a token.");
const AGAIN = askPage("That is not the token.");

function refuse(
  { pathname }: URL,
  status: number,
  why: string,
  headers: Readonly<Record<string, string>> = {},
): WebReply {
  return pathname.startsWith("/api/")
    ? errorReply(status, why, headers)
    : textReply(status, why, headers);
}

function header({ headers }: GuardedRequest, name: string): string {
  return headers[name] ?? "";
}

/** Headers of each answer: nothing from elsewhere, nothing for elsewhere. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
};
