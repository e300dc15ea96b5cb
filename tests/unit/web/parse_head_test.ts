import assert from "node:assert/strict";
import { parseHead } from "../../../src/web/parse_head.ts";

const head = (...lines: string[]) => lines.join("\r\n");

Deno.test("parseHead() reads method, target and fields", () => {
  assert.deepEqual(
    parseHead(head("GET /a?b=1 HTTP/1.1", "Host: x", "X-Y:  a b \t")),
    {
      method: "GET",
      target: "/a?b=1",
      headers: Object.assign(Object.create(null), { host: "x", "x-y": "a b" }),
      mayFollow: true,
    },
  );
});

Deno.test("parseHead() joins fields of one name, but takes one host only", () => {
  const read = parseHead(
    head(
      "GET / HTTP/1.1",
      "Cookie: a=1",
      "cookie: b=2",
      "Accept: x",
      "ACCEPT: y",
    ),
  );
  assert.ok(typeof read === "object");
  assert.equal(read.headers["cookie"], "a=1; b=2");
  assert.equal(read.headers["accept"], "x, y");
  assert.equal(read.headers["__proto__"], undefined);
  assert.equal(
    parseHead(head("GET / HTTP/1.1", "Host: localhost", "host: evil")),
    400,
  );
});

Deno.test("parseHead() ends a connection after a body, HTTP/1.0, or on request", () => {
  const mayFollow = (...lines: string[]) => {
    const read = parseHead(head(...lines));
    return typeof read === "object" && read.mayFollow;
  };
  const first = "GET / HTTP/1.1";
  assert.ok(mayFollow(first));
  assert.ok(mayFollow(first, "Content-Length: 0"));
  assert.ok(mayFollow(first, "Connection: keep-alive, closely"));
  assert.ok(!mayFollow("GET / HTTP/1.0", "Connection: keep-alive"));
  assert.ok(!mayFollow(first, "Connection: keep-alive, Close"));
  assert.ok(!mayFollow(first, "Content-Length: 5"));
  assert.ok(!mayFollow(first, "Content-Length: 0", "Content-Length: 5"));
  assert.ok(!mayFollow(first, "Transfer-Encoding: chunked"));
});

Deno.test("parseHead() refuses what is no head", () => {
  const wrong = [
    "",
    "GET /",
    "GET  / HTTP/1.1",
    "GET / HTTP/2.0",
    "GET /a b HTTP/1.1",
    "GET /\u00e4 HTTP/1.1",
    "GET / HTTP/1.1\nHost: x",
    head("GET / HTTP/1.1", "Host : x"),
    head("GET / HTTP/1.1", "Host: x", " folded"),
    head("GET / HTTP/1.1", "Host"),
    head("GET / HTTP/1.1", "X: a\rb"),
    head("GET / HTTP/1.1", "X: a\0b"),
    head("GET / HTTP/1.1", ": x"),
  ];
  for (const text of wrong) assert.equal(parseHead(text), 400, text);
});
