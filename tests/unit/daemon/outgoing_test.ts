import assert from "node:assert/strict";
import type { NoticeKind } from "../../../src/config/notify_setting.ts";
import type { Endpoint } from "../../../src/daemon/endpoints.ts";
import { Log } from "../../../src/daemon/log.ts";
import {
  FIRST_RETRY_MS,
  GATHER_MS,
  GIVE_UP_MS,
  LAST_RETRY_MS,
  MAX_WAITING_NOTICES,
  MESSAGES_AT_ONCE,
  Outgoing,
  type ToTell,
} from "../../../src/daemon/outgoing.ts";
import {
  type PostJson,
  postJson,
  type PostOutcome,
} from "../../../src/daemon/post_json.ts";
import { freeTcpPort, serving } from "../../support/http_server.ts";
import { MockedTime } from "../../support/mocked_time.ts";

const ORIGIN = "http://ntfy.example";
const HOUR_MS = 3_600_000;

interface Message {
  readonly id: string;
  readonly message: string;
  readonly count: number;
  readonly event: string;
  readonly events: readonly unknown[];
}

function endpoint(origin = ORIGIN): Endpoint {
  return {
    origin,
    url: `${origin}/SECRET`,
    headers: [],
    on: new Set(["gone"]),
    disks: null,
  };
}

const TAKEN: PostOutcome = { ok: true, status: 200 };

function failed(some: Partial<PostOutcome & { ok: false }> = {}): PostOutcome {
  return {
    ok: false,
    status: 503,
    problem: `${ORIGIN} answers 503`,
    isRefused: false,
    retryAfterMs: 0,
    ...some,
  };
}

/** With a clock of its own, and somebody who answers as `answer` says. */
function setUp(
  time: MockedTime,
  answer: () => PostOutcome | Promise<PostOutcome>,
) {
  const posted: Message[] = [];
  const lines: string[] = [];
  const post: PostJson = async (_, body) => {
    posted.push(body as Message);
    return await answer();
  };
  return { posted, lines, outgoing: make(time, { post, lines }) };
}

function make(
  { now }: MockedTime,
  { post, lines, origin }: {
    readonly post: PostJson;
    readonly lines: string[];
    readonly origin?: string;
  },
): Outgoing {
  return new Outgoing({
    endpoint: endpoint(origin),
    sender: () => "alpha",
    post,
    system: { now, random: () => 0.5 },
    log: new Log({ level: "info", format: "text" }, {
      write: (line) => lines.push(line),
      timeOfDay: () => new Date(0),
    }),
  });
}

function telling(
  text: string,
  { event = "gone", disk = text, at = 0, onTaken = () => {} }: {
    readonly event?: NoticeKind;
    readonly disk?: string | null;
    readonly at?: number;
    readonly onTaken?: () => void;
  } = {},
): ToTell {
  const time = new Date(at).toISOString();
  const notice = { event, at: time, title: text, text, about: {} };
  return { notice, disk, onTaken };
}

Deno.test("Outgoing tells in one message what happens within moments", async () => {
  using time = new MockedTime();
  const { outgoing, posted } = setUp(time, () => TAKEN);
  outgoing.add(telling("a"));
  await time.pass(GATHER_MS - 1);
  assert.deepEqual(posted, []);
  outgoing.add(telling("b"));
  await time.pass(1);
  assert.deepEqual(posted.map(({ message }) => message), ["a\nb"]);
  await time.pass(HOUR_MS, 1_000);
  assert.equal(posted.length, 1);
  const { sent, waiting, dropped, problem } = outgoing.view;
  assert.deepEqual([sent, waiting, dropped, problem], [1, 0, 0, null]);
  outgoing.stop();
});

Deno.test("Outgoing tells 1,000 events in one message that people can read", async () => {
  using time = new MockedTime();
  const { outgoing, posted } = setUp(time, () => TAKEN);
  for (let i = 0; i < 1_000; i++) {
    outgoing.add(telling(`disk ${i} ${"x".repeat(200)}`));
  }
  await time.pass(GATHER_MS);
  const [message, ...others] = posted;
  assert.deepEqual(others, []);
  assert.equal(message?.count, 1_000);
  assert.match(message.message, /\nand 990 more; see: diskd list --all$/);
  assert.equal(message.events.length, 10);
  assert.ok(JSON.stringify(message).length < 16_384);
  outgoing.stop();
});

Deno.test("Outgoing sends few messages, whatever happens, and loses no event", async () => {
  using time = new MockedTime();
  const { outgoing, posted } = setUp(time, () => TAKEN);
  for (let i = 0; i < 900; i++) {
    outgoing.add(telling(`disk ${i}`));
    await time.pass(4_000, 1_000);
  }
  const inAnHour = 12;
  assert.ok(posted.length <= MESSAGES_AT_ONCE + inAnHour, `${posted.length}`);
  await time.pass(HOUR_MS, 1_000);
  const told = posted.reduce((sum, { count }) => sum + count, 0);
  assert.equal(told, 900);
  outgoing.stop();
});

Deno.test("Outgoing tries again, less and less often, with the same message", async () => {
  using time = new MockedTime();
  const tries: number[] = [];
  let isUp = false;
  const { outgoing, posted, lines } = setUp(time, () => {
    tries.push(time.now());
    return isUp ? TAKEN : failed();
  });
  let taken = 0;
  outgoing.add(telling("a", { onTaken: () => taken++ }));
  await time.pass(HOUR_MS, 1_000);
  const gaps = tries.slice(1).map((at, index) => at - tries[index]!);
  assert.ok(Math.abs(gaps[0]! - FIRST_RETRY_MS) <= 1_000);
  assert.ok(gaps.every((gap, i) => gap >= (gaps[i - 1] ?? 0)));
  assert.ok(gaps.at(-1)! <= LAST_RETRY_MS + 1_000);
  assert.ok(tries.length < 20);
  outgoing.add(telling("b"));
  outgoing.add(telling("c"));
  const { waiting, problem } = outgoing.view;
  assert.deepEqual([waiting, problem], [3, `${ORIGIN} answers 503`]);
  assert.equal(taken, 0);
  isUp = true;
  await time.pass(HOUR_MS, 1_000);
  assert.equal(new Set(posted.map(({ id }) => id)).size, 2);
  assert.deepEqual(posted.slice(-2).map(({ message }) => message), [
    "a",
    "b\nc",
  ]);
  assert.equal(taken, 1);
  assert.equal(outgoing.view.problem, null);
  assert.match(
    lines.join(""),
    /warn .*Not told: .* answers 503\n.*info .* takes messages again\n$/,
  );
  assert.equal(lines.length, 2);
  outgoing.stop();
});

Deno.test("Outgoing waits for as long as the answer says", async () => {
  using time = new MockedTime();
  const answers = [failed({ status: 429, retryAfterMs: 1_800_000 }), TAKEN];
  const { outgoing, posted } = setUp(time, () => answers.shift()!);
  outgoing.add(telling("a"));
  await time.pass(1_790_000, 1_000);
  assert.equal(posted.length, 1);
  await time.pass(20_000, 1_000);
  assert.equal(posted.length, 2);
  outgoing.stop();
});

Deno.test("Outgoing drops what would be refused again, and what nobody takes in a day", async () => {
  using time = new MockedTime();
  const answers = [failed({ status: 400, isRefused: true })];
  const { outgoing, posted } = setUp(time, () => answers.shift() ?? failed());
  outgoing.add(telling("refused"));
  await time.pass(10_000, 1_000);
  assert.equal(outgoing.view.dropped, 1);
  outgoing.add(telling("given up"));
  await time.pass(GIVE_UP_MS + LAST_RETRY_MS * 2, 10_000);
  assert.deepEqual([outgoing.view.dropped, outgoing.view.waiting], [2, 0]);
  assert.ok(posted.length < 200);
  outgoing.stop();
});

Deno.test("Outgoing keeps a limited number of events, and counts the others", async () => {
  using time = new MockedTime();
  const { outgoing } = setUp(time, () => failed());
  outgoing.add(telling("first"));
  await time.pass(GATHER_MS);
  for (let i = 0; i < MAX_WAITING_NOTICES + 7; i++) {
    outgoing.add(telling(`${i}`));
  }
  const { waiting, dropped } = outgoing.view;
  assert.deepEqual([waiting, dropped], [MAX_WAITING_NOTICES + 1, 7]);
  outgoing.stop();
});

Deno.test("Outgoing tells nothing of a disk that comes back at once, and of one that moves only that", async () => {
  using time = new MockedTime();
  const { outgoing, posted } = setUp(time, () => TAKEN);
  const came = (disk: string, event: NoticeKind, at = 1_000) =>
    telling(`${disk} ${event}`, { disk, event, at });
  outgoing.add(came("reset", "gone", 0));
  outgoing.add(came("reset", "attached"));
  outgoing.add(came("carried", "gone", 0));
  outgoing.add(came("carried", "moved"));
  outgoing.add(came("other", "attached"));
  outgoing.add(came("slow", "gone", 0));
  outgoing.add(came("slow", "attached", 60_000));
  await time.pass(GATHER_MS);
  assert.equal(
    posted[0]?.message,
    "carried moved\nother attached\nslow gone\nslow attached",
  );
  outgoing.stop();
});

Deno.test("Outgoing tries at once when its address is read again, with the new headers", async () => {
  using time = new MockedTime();
  const used: Endpoint["headers"][] = [];
  const post: PostJson = ({ headers }) => {
    used.push(headers);
    return Promise.resolve(used.length < 4 ? failed({ status: 401 }) : TAKEN);
  };
  const outgoing = make(time, { post, lines: [] });
  outgoing.add(telling("a"));
  await time.pass(30_000, 1_000);
  assert.equal(used.length, 3);
  outgoing.use({ ...endpoint(), headers: [["A", "b"]] });
  await time.pass(1);
  assert.deepEqual(used.at(-1), [["A", "b"]]);
  assert.equal(outgoing.view.sent, 1);
  outgoing.stop();
});

Deno.test("Outgoing ends while nobody answers, and sends nothing any more", async () => {
  using time = new MockedTime();
  const { promise, resolve } = Promise.withResolvers<PostOutcome>();
  const { outgoing, posted } = setUp(time, () => promise);
  outgoing.add(telling("a"));
  await time.pass(GATHER_MS);
  outgoing.stop();
  resolve(failed());
  outgoing.add(telling("b"));
  await time.pass(HOUR_MS, 1_000);
  assert.equal(posted.length, 1);
});

Deno.test("Outgoing tells once what happened while a real server was down for an hour", async () => {
  using time = new MockedTime();
  const port = freeTcpPort();
  const origin = `http://127.0.0.1:${port}`;
  let inTheAir = 0;
  const lines: string[] = [];
  const post: PostJson = async (...given) => {
    inTheAir++;
    return await postJson(...given).finally(() => inTheAir--);
  };
  const outgoing = make(time, { post, lines, origin });
  const pass = async (ms: number) => {
    for (let i = 0; i < ms; i += 5_000) {
      await time.pass(5_000, 5_000);
      while (inTheAir > 0) await new Promise((done) => setImmediate(done));
    }
  };
  outgoing.add(telling("first"));
  await pass(HOUR_MS / 2);
  for (let i = 0; i < 20; i++) outgoing.add(telling(`disk ${i}`));
  await pass(HOUR_MS / 2);
  assert.match(outgoing.view.problem ?? "", /cannot be reached/);
  assert.equal(outgoing.view.waiting, 21);
  const got: Message[] = [];
  await using _server = serving(async (request) => {
    got.push(await request.json());
    return new Response();
  }, port);
  await pass(HOUR_MS);
  assert.deepEqual(got.map(({ count }) => count), [1, 20]);
  assert.equal(outgoing.view.dropped, 0);
  assert.doesNotMatch(lines.join(""), /SECRET/);
  outgoing.stop();
});
