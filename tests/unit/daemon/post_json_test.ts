import assert from "node:assert/strict";
import {
  MAX_RETRY_AFTER_MS,
  postJson,
  type PostOutcome,
  postWithin,
} from "../../../src/daemon/post_json.ts";
import { freeTcpPort, serving } from "../../support/http_server.ts";

const SECRET = "/hook/SECRET(x): y?key=SECRET";

function to(origin: string) {
  return {
    origin,
    url: `${origin}${SECRET}`,
    headers: [["Authorization", "Bearer SECRET"]] as const,
  };
}

/** What comes of a message to a server that answers so, and what it got. */
async function post(answer: (request: Request) => Response) {
  const got: { headers: Headers; body: unknown; method: string }[] = [];
  await using server = serving(async (request) => {
    const { method, headers } = request;
    got.push({ method, headers, body: await request.json() });
    return answer(request);
  });
  const { signal } = new AbortController();
  const outcome = await postJson(to(server.origin), { text: "hello" }, signal);
  return { outcome, got, origin: server.origin };
}

function problemOf(outcome: PostOutcome): string {
  assert.ok(!outcome.ok);
  assert.doesNotMatch(outcome.problem, /SECRET|hook/);
  return outcome.problem;
}

Deno.test("postJson() posts JSON with the headers, and reads no body of an answer", async () => {
  let isCut = false;
  const endless = () =>
    new ReadableStream({
      pull: (to) => to.enqueue(new Uint8Array(65_536)),
      cancel: () => {
        isCut = true;
      },
    });
  const { outcome, got } = await post(() => new Response(endless()));
  assert.deepEqual(outcome, { ok: true, status: 200 });
  const [{ method, headers, body }] = got as [typeof got[number]];
  assert.equal(method, "POST");
  assert.deepEqual(body, { text: "hello" });
  assert.equal(headers.get("content-type"), "application/json");
  assert.equal(headers.get("authorization"), "Bearer SECRET");
  assert.match(headers.get("user-agent") ?? "", /^diskd\//);
  assert.ok(isCut);
});

Deno.test("postJson() follows no redirect, and says where it leads", async () => {
  for (
    const [location, place] of [
      ["https://other.example/SECRET", "https://other.example"],
      ["/SECRET", "another path there"],
      ["javascript:SECRET", "another place"],
      [null, "nowhere"],
    ] as const
  ) {
    const headers = new Headers(
      location === null ? [] : [["location", location]],
    );
    const { outcome, got, origin } = await post(() =>
      new Response(null, { status: 302, headers })
    );
    assert.equal(
      problemOf(outcome),
      `${origin} answers 302, a redirect to ${place}, which diskd does not ` +
        "follow: give notify the address that it leads to",
    );
    assert.equal(got.length, 1);
  }
});

Deno.test("postJson() tells what may be mended from what would be refused again", async () => {
  const isRefused = async (status: number) => {
    const { outcome } = await post(() => new Response("SECRET", { status }));
    problemOf(outcome);
    return !outcome.ok && outcome.isRefused;
  };
  for (const status of [400, 413, 422]) assert.ok(await isRefused(status));
  for (const status of [401, 404, 408, 429, 500, 502, 503]) {
    assert.ok(!await isRefused(status));
  }
});

Deno.test("postJson() reads for how long the answer wants nothing more", async () => {
  const after = async (value: string) => {
    const headers = { "retry-after": value };
    const { outcome } = await post(() =>
      new Response(null, { status: 429, headers })
    );
    return outcome.ok ? null : outcome.retryAfterMs;
  };
  assert.equal(await after("7"), 7_000);
  assert.equal(await after("99999999"), MAX_RETRY_AFTER_MS);
  assert.equal(await after("soon"), 0);
  assert.equal(await after("-5"), 0);
  assert.equal(await after("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
  const date = new Date(Date.now() + 600_000).toUTCString();
  const ms = await after(date) ?? 0;
  assert.ok(ms > 500_000 && ms <= 600_000, `${ms}`);
});

Deno.test("postJson() says that nobody listens, and nothing of the address but its host", async () => {
  const origin = `http://127.0.0.1:${freeTcpPort()}`;
  const { signal } = new AbortController();
  const problem = problemOf(await postJson(to(origin), {}, signal));
  assert.match(problem, new RegExp(`^${origin} cannot be reached: .*refused`));
});

Deno.test("postJson() waits for no answer that does not come", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  await using server = serving(() => promise);
  const { signal } = new AbortController();
  const outcome = await postWithin(200, {
    to: to(server.origin),
    body: {},
    signal,
  });
  assert.equal(
    problemOf(outcome),
    `${server.origin} did not answer within 0.2 s`,
  );
  resolve(new Response());
});

Deno.test("postJson() survives what is no HTTP", async () => {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const answered = (async () => {
    using conn = await listener.accept();
    await conn.read(new Uint8Array(10_000));
    await conn.write(new TextEncoder().encode("SSH-2.0 SECRET\r\n\r\n"));
  })();
  const { signal } = new AbortController();
  const origin = `http://127.0.0.1:${listener.addr.port}`;
  problemOf(await postJson(to(origin), {}, signal));
  await answered;
});
