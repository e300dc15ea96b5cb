import assert from "node:assert/strict";
import {
  type GuardRules,
  refuseRequest,
  SECURITY_HEADERS,
} from "../../../src/web/guard.ts";

const TOKEN = "a-token-of-some-length";
const OPEN: GuardRules = {
  names: ["alpha", "alpha.local"],
  token: null,
  isBehindProxy: false,
};
const CLOSED: GuardRules = { ...OPEN, token: TOKEN };

interface Asked {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function ask(
  { method = "GET", target = "/", headers = {} }: Asked,
  rules: GuardRules,
) {
  return refuseRequest({
    method,
    url: new URL(target, "http://diskd/"),
    headers: { host: "localhost:8082", ...headers },
  }, rules);
}

const text = (body: Uint8Array | undefined) => new TextDecoder().decode(body);

Deno.test("refuseRequest() lets GET and HEAD through, and nothing else", () => {
  for (const method of ["GET", "HEAD"]) {
    assert.equal(ask({ method }, OPEN), null);
  }
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"]) {
    const refusal = ask({ method }, OPEN);
    assert.equal(refusal?.status, 405, method);
    assert.equal(refusal.headers?.["allow"], "GET, HEAD");
  }
});

Deno.test("refuseRequest() answers to addresses and its own names alone", () => {
  const ours = [
    ...["localhost", "LOCALHOST:8082", "127.0.0.1", "192.168.1.11:8082"],
    ...["[::1]:8082", "[fe80::1]", "alpha", "Alpha.local:8082"],
  ];
  for (const host of ours) {
    assert.equal(ask({ headers: { host } }, OPEN), null, host);
  }
  const foreign = [
    ...["", "evil.example", "alpha.evil.example", "localhost.evil.example"],
    ...["1.2.3.4.evil.example", "127.0.0.1@evil.example", "localhost/x"],
    ...["[::1].evil.example", "alpha:8082:1", "xlocalhost"],
  ];
  for (const host of foreign) {
    assert.equal(ask({ headers: { host } }, OPEN)?.status, 421, host);
  }
});

Deno.test("refuseRequest() refuses what a page elsewhere asks for, but not a link", () => {
  const cross = { "sec-fetch-site": "cross-site" };
  const link = {
    ...cross,
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
  };
  const frame = { ...link, "sec-fetch-dest": "iframe" };
  const api = "/api/list.json";
  assert.equal(ask({ headers: link }, OPEN), null);
  assert.equal(ask({ headers: frame }, OPEN)?.status, 403);
  assert.equal(ask({ headers: cross }, OPEN)?.status, 403);
  assert.equal(ask({ target: api, headers: link }, OPEN)?.status, 403);
  for (const site of ["same-origin", "none"]) {
    const headers = { "sec-fetch-site": site };
    assert.equal(ask({ target: api, headers }, OPEN), null, site);
  }
  const same = { "sec-fetch-site": "same-site" };
  assert.equal(ask({ target: api, headers: same }, OPEN)?.status, 403);
});

Deno.test("refuseRequest() wants the token as a cookie or a header", () => {
  const shown: Record<string, string>[] = [
    { cookie: `a=b; diskd=${TOKEN}` },
    { cookie: `diskd=old; diskd=${TOKEN}` },
    { authorization: `Bearer ${TOKEN}` },
    { authorization: `bearer  ${TOKEN}` },
  ];
  for (const headers of shown) {
    assert.equal(ask({ headers }, CLOSED), null, JSON.stringify(headers));
  }
  const wrong: Record<string, string>[] = [
    {},
    { cookie: `diskd=${TOKEN}x` },
    { cookie: `xdiskd=${TOKEN}` },
    { cookie: "diskd=" },
    { authorization: `Basic ${TOKEN}` },
    { authorization: "Bearer " },
  ];
  for (const headers of wrong) {
    const refusal = ask({ headers, target: "/api/list.json" }, CLOSED);
    assert.equal(refusal?.status, 401, JSON.stringify(headers));
    assert.match(JSON.parse(text(refusal.body)).error, /token/);
    assert.match(refusal.headers!["www-authenticate"]!, /^Bearer/);
  }
});

Deno.test("refuseRequest() puts a token in the address into a cookie", () => {
  const target = `/disk/x?a=1&token=${TOKEN}`;
  const { status, headers } = ask({ target }, CLOSED)!;
  assert.equal(status, 303);
  assert.equal(headers!["location"], "/disk/x?a=1");
  const cookie = headers!["set-cookie"]!;
  assert.match(cookie, /; HttpOnly; SameSite=Strict;/);
  assert.doesNotMatch(cookie, /Secure/);
  const wrong = ask({ target: `/?token=${TOKEN}x` }, CLOSED);
  assert.equal(wrong?.status, 401);
  const twoSlashes = new URL("http://diskd/");
  twoSlashes.pathname = "//evil.example/";
  twoSlashes.searchParams.set("token", TOKEN);
  const led = refuseRequest({
    method: "GET",
    url: twoSlashes,
    headers: { host: "localhost" },
  }, CLOSED);
  assert.equal(led?.headers?.["location"], "/evil.example/");
});

Deno.test("refuseRequest() makes the cookie Secure where a proxy says https", () => {
  const target = `/?token=${TOKEN}`;
  const headers = { "x-forwarded-proto": "https" };
  const cookieOf = (rules: GuardRules) =>
    ask({ target, headers }, rules)!.headers!["set-cookie"]!;
  assert.match(cookieOf({ ...CLOSED, isBehindProxy: true }), /; Secure$/);
  assert.doesNotMatch(cookieOf(CLOSED), /Secure/);
});

Deno.test("refuseRequest() asks people for the token with a form", () => {
  const headers = { accept: "text/html,*/*" };
  const asked = ask({ headers }, CLOSED)!;
  assert.equal(asked.status, 401);
  assert.match(asked.type, /^text\/html/);
  assert.match(text(asked.body), /<input name="token"/);
  assert.match(text(asked.body), /wants a token/);
  const again = ask({ headers, target: "/?token=wrong" }, CLOSED)!;
  assert.match(text(again.body), /That is not the token/);
});

Deno.test("no header of answers lets another origin read them", () => {
  for (const name of Object.keys(SECURITY_HEADERS)) {
    assert.doesNotMatch(name, /access-control/);
  }
  const policy = SECURITY_HEADERS["content-security-policy"]!;
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe|http|\*/);
});
