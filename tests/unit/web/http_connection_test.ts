import assert from "node:assert/strict";
import {
  type AnswerRequest,
  HttpConnection,
  type TextStream,
} from "../../../src/web/http_connection.ts";

/** What comes back for this, until the end; `end` closes the side of the client first. */
async function exchange(
  answer: AnswerRequest,
  text: string,
): Promise<string> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [client, conn] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
    listener.accept(),
  ]);
  listener.close();
  const serving = new HttpConnection(conn, answer).serve();
  await client.write(new TextEncoder().encode(text));
  await client.closeWrite();
  const got = await new Response(client.readable).text();
  await serving;
  return got;
}

const echo: AnswerRequest = ({ target }, responder) =>
  responder.send({
    status: 200,
    headers: { "x-a": "b" },
    body: new TextEncoder().encode(target),
  });

Deno.test("HttpConnection answers requests in their order", async () => {
  const request = (target: string) =>
    `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`;
  const got = await exchange(echo, request("/1") + request("/2"));
  const bodies = [...got.matchAll(/\r\n\r\n(\/\d)/g)].map(([, body]) => body);
  assert.deepEqual(bodies, ["/1", "/2"]);
  assert.match(got, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(got, /\r\nx-a: b\r\ncontent-length: 2\r\n/);
});

Deno.test("HttpConnection sends no body for HEAD, and ends after a body", async () => {
  const head = await exchange(echo, "HEAD /abc HTTP/1.1\r\nHost: x\r\n\r\n");
  assert.match(head, /content-length: 4\r\n\r\n$/);
  const posted = await exchange(
    echo,
    "POST /1 HTTP/1.1\r\nContent-Length: 40\r\n\r\nGET /2 HTTP/1.1\r\n\r\n",
  );
  assert.match(posted, /connection: close\r\n\r\n\/1$/);
  assert.doesNotMatch(posted, /\/2/);
});

Deno.test("HttpConnection refuses what is no request, with the headers of every answer", async () => {
  const wrong: readonly (readonly [string, number])[] = [
    ["nonsense\r\n\r\n", 400],
    [`GET / HTTP/1.1\r\nX: ${"x".repeat(10_000)}\r\n\r\n`, 431],
    [`GET /${"x".repeat(10_000)} HTTP/1.1\r\n\r\n`, 431],
  ];
  for (const [text, status] of wrong) {
    const got = await exchange(echo, text);
    assert.ok(got.startsWith(`HTTP/1.1 ${status} `), got);
    assert.match(got, /\r\nx-content-type-options: nosniff\r\n/);
  }
  assert.equal(await exchange(echo, "GET / HT"), "");
});

Deno.test("HttpConnection cuts off who does not read a stream", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [client, conn] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
    listener.accept(),
  ]);
  listener.close();
  const begun = Promise.withResolvers<TextStream>();
  const serving = new HttpConnection(conn, async (_request, responder) => {
    const stream = await responder.stream({});
    begun.resolve(stream!);
    await stream!.closed;
  }).serve();
  const ask = "GET / HTTP/1.1\r\n\r\n";
  await client.write(new TextEncoder().encode(ask));
  const stream = await begun.promise;
  // More than the buffers of the kernel take.
  for (let i = 0; i < 200; i++) stream.push("x".repeat(100_000));
  await stream.closed;
  await serving;
  client.close();
});
