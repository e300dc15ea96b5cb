import assert from "node:assert/strict";
import { SECURITY_HEADERS } from "../../../src/web/guard.ts";
import type { Responder } from "../../../src/web/http_connection.ts";
import { keptReply, textReply, type WebReply } from "../../../src/web/reply.ts";
import { ReplySender } from "../../../src/web/send.ts";

type Answer = Parameters<Responder["send"]>[0];

/** Sends it to who asks with these headers, and takes the answer when `taken`. */
async function send(
  reply: WebReply,
  headers: Readonly<Record<string, string>> = {},
  { sender = new ReplySender(), taken = Promise.resolve() } = {},
): Promise<Answer> {
  const sent: Answer[] = [];
  const request = { method: "GET", target: "/", headers, mayFollow: true };
  await sender.send({
    request,
    responder: {
      send(answer) {
        sent.push(answer);
        return taken;
      },
      stream: () => Promise.resolve(null),
    },
  }, reply);
  assert.equal(sent.length, 1);
  return sent[0]!;
}

const LONG = keptReply("text/plain", "long ".repeat(50_000));

Deno.test("ReplySender has the headers of every answer, and says what may be kept", async () => {
  const kept = await send(keptReply("text/plain", "a"));
  const other = await send(textReply(404, "none", { "x-a": "b" }));
  const known = await send(LONG, { "if-none-match": LONG.etag! });
  for (const { headers } of [kept, other, known]) {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      assert.equal(headers[name], value, name);
    }
    assert.equal(headers["vary"], "accept-encoding");
  }
  assert.equal(kept.status, 200);
  assert.match(kept.headers["etag"]!, /^W\/"[\w-]{27}"$/);
  assert.equal(kept.headers["cache-control"], "no-cache");
  assert.equal(kept.headers["content-type"], "text/plain");
  assert.equal(other.status, 404);
  assert.equal(other.headers["etag"], undefined);
  assert.equal(other.headers["cache-control"], "no-store");
  assert.equal(other.headers["x-a"], "b");
});

Deno.test("ReplySender tells a client that it has the document", async () => {
  const { etag = "" } = LONG;
  const strong = etag.slice("W/".length);
  for (const known of [etag, strong, `"x", ${etag}`, "*", ` ${etag} `]) {
    const { status, headers } = await send(LONG, { "if-none-match": known });
    assert.equal(status, 304, known);
    assert.equal(headers["etag"], etag);
    assert.equal(headers["content-encoding"], undefined);
  }
  for (const other of ["", '"x"', 'W/"x", "y"', `${strong.slice(0, -1)}`]) {
    const { status } = await send(LONG, { "if-none-match": other });
    assert.equal(status, 200, other);
  }
  const changed = keptReply("text/plain", "longer");
  assert.notEqual(changed.etag, etag);
  const error = await send(textReply(404, "x"), { "if-none-match": "*" });
  assert.equal(error.status, 404);
});

Deno.test("ReplySender compresses once what is long, for who takes it", async () => {
  const sender = new ReplySender();
  const taking = ["gzip", "GZIP", "br, gzip;q=0.5", "deflate, gzip ; q=0.001"];
  const bodies = new Set<Uint8Array>();
  for (const accepted of taking) {
    const asked = { "accept-encoding": accepted };
    const { headers, body } = await send(LONG, asked, { sender });
    assert.equal(headers["content-encoding"], "gzip", accepted);
    bodies.add(body);
  }
  const [zipped, ...more] = bodies;
  assert.deepEqual(more, []);
  assert.ok(zipped!.length < LONG.body.length / 10);
  const text = await new Response(
    new Blob([zipped! as Uint8Array<ArrayBuffer>]).stream()
      .pipeThrough(new DecompressionStream("gzip")),
  ).bytes();
  assert.deepEqual(text, LONG.body);
  for (const refused of ["", "br", "gzip;q=0", "gzip; q=0.000", "xgzip"]) {
    const { headers, body } = await send(LONG, { "accept-encoding": refused });
    assert.equal(headers["content-encoding"], undefined, refused);
    assert.equal(body, LONG.body);
  }
  const short = await send(textReply(200, "short"), {
    "accept-encoding": "gzip",
  });
  assert.equal(short.headers["content-encoding"], undefined);
});

Deno.test("ReplySender lets others have their turn while it compresses", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const body = new Uint8Array(8_000_000);
  await send({ ...LONG, body }, { "accept-encoding": "gzip" });
  clearInterval(timer);
  assert.ok(turns >= 10, `${turns}`);
});

Deno.test("ReplySender refuses while too much is on its way, and no longer", async () => {
  const sender = new ReplySender();
  const taken = Promise.withResolvers<void>();
  const huge = { ...LONG, body: new Uint8Array(40_000_000) };
  const options = { sender, taken: taken.promise };
  const slow = [send(huge, {}, options), send(huge, {}, options)];
  const { status, headers } = await send(LONG, {}, { sender });
  assert.equal(status, 503);
  assert.equal(headers["retry-after"], "10");
  taken.resolve();
  for (const { status } of await Promise.all(slow)) assert.equal(status, 200);
  assert.equal((await send(LONG, {}, { sender })).status, 200);
});
