import { textReply, type WebReply } from "./reply.ts";

/** Who may ask. */
export interface GuardRules {
  /** Names by which this server is called, in lower case, besides localhost and addresses. */
  readonly names: readonly string[];
  /** What a browser has to show; `null`: nothing. */
  readonly token: string | null;
}

interface GuardedRequest {
  readonly method: string;
  /** The header `Host`. */
  readonly host: string | undefined;
  readonly url: URL;
  /** The header `Cookie`. */
  readonly cookie: string | undefined;
  /** The header `Authorization`. */
  readonly authorization: string | undefined;
}

const COOKIE = "diskd";

/** Why a request is refused, as its answer; `null` if it is not. */
export function refuseRequest(
  request: GuardedRequest,
  rules: GuardRules,
): WebReply | null {
  const { method, url } = request;
  if (method !== "GET" && method !== "HEAD") {
    return textReply(405, "only GET and HEAD: nothing can be changed here", {
      allow: "GET, HEAD",
    });
  }
  if (!isOurs(request.host, rules.names)) {
    return textReply(
      421,
      "this server is not called so; start diskd web with --name, if it is",
    );
  }
  if (rules.token === null || hasToken(request, rules.token)) return null;
  const given = url.searchParams.get("token");
  if (given === null || !isSame(given, rules.token)) {
    return textReply(401, "open this page once with ?token=... behind it", {
      "www-authenticate": 'Bearer realm="diskd"',
    });
  }
  url.searchParams.delete("token");
  return textReply(303, "the token is in a cookie now", {
    location: `${url.pathname}${url.search}`,
    "set-cookie":
      `${COOKIE}=${rules.token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000`,
  });
}

/**
 * Whether a request was made to this server by its name. A page elsewhere can
 * have its own name lead here (DNS rebinding), and would then read all.
 */
function isOurs(host: string | undefined, names: readonly string[]): boolean {
  if (host === undefined) return false;
  const name = host.toLowerCase().replace(/:\d+$/, "");
  return name === "localhost" || ADDRESS.test(name) || names.includes(name);
}

const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/;

function hasToken(
  { cookie = "", authorization = "" }: GuardedRequest,
  token: string,
): boolean {
  const shown = cookie.split(/; */)
    .filter((part) => part.startsWith(`${COOKIE}=`))
    .map((part) => part.slice(COOKIE.length + 1));
  const [, bearer] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  return [...shown, ...(bearer === undefined ? [] : [bearer])]
    .some((one) => isSame(one, token));
}

/** In a time that does not tell where they differ. */
function isSame(given: string, token: string): boolean {
  let difference = given.length ^ token.length;
  for (let i = 0; i < token.length; i++) {
    difference |= token.charCodeAt(i) ^ (given.charCodeAt(i) || 0);
  }
  return difference === 0;
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
