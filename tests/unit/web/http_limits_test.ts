import assert from "node:assert/strict";
import {
  type AnswerRequest,
  HttpConnection,
} from "../../../src/web/http_connection.ts";
import { acceptBrowsers } from "../../../src/web/http_server.ts";
import { until } from "../../support/eventually.ts";
import { FakeConn } from "../../support/fake_conn.ts";
import { withTimersSoon } from "../../support/soon.ts";

const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const HEADERS_TIMEOUT_MS = 4_000;
const KEEP_ALIVE_MS = 5_000;
const SEND_TIMEOUT_MS = 60_000;
const LINGER_MS = 500;
const MAX_CONNECTIONS = 150;
const NO_FILES_MS = 100;

const body = new TextEncoder().encode("body");
const answerShort: AnswerRequest = (_, responder) =>
  responder.send({ status: 200, headers: {}, body });

/** Serves it until it is over. */
async function served(
  fake: FakeConn,
  answer: AnswerRequest = answerShort,
): Promise<void> {
  let isOver = false;
  void new HttpConnection(fake.conn, answer).serve().then(() => isOver = true);
  await until(() => isOver);
  assert.ok(fake.isClosed);
}

Deno.test("HttpConnection cuts off who takes nothing, whatever it is sent", async () => {
  const half = "GET / HT";
  const stream: AnswerRequest = async (_, responder) => {
    const stream = await responder.stream({});
    await stream!.closed;
  };
  const cases: readonly (readonly [string, AnswerRequest])[] = [
    [GET, answerShort],
    [GET, stream],
    ["nonsense\r\n\r\n", answerShort],
    [half, answerShort],
  ];
  const soon = [SEND_TIMEOUT_MS, HEADERS_TIMEOUT_MS];
  for (const [input, answer] of cases) {
    await withTimersSoon(soon, async () => {
      await served(new FakeConn({ input, takes: 0 }), answer);
    });
  }
});

Deno.test("HttpConnection cuts off who takes no event any more", async () => {
  await withTimersSoon([SEND_TIMEOUT_MS], async () => {
    const fake = new FakeConn({ input: GET });
    await served(fake, async (_, responder) => {
      const stream = await responder.stream({});
      fake.write = () => new Promise(() => {});
      stream!.push("event");
      await stream!.closed;
    });
  });
});

Deno.test("HttpConnection ends an idle connection without a word", async () => {
  await withTimersSoon([KEEP_ALIVE_MS], async () => {
    const fake = new FakeConn({ input: GET });
    await served(fake);
    assert.match(fake.received, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nbody$/);
  });
  await withTimersSoon([HEADERS_TIMEOUT_MS], async () => {
    const fake = new FakeConn();
    await served(fake);
    assert.equal(fake.received, "");
  });
});

Deno.test("HttpConnection says that half a request came too late", async () => {
  await withTimersSoon([HEADERS_TIMEOUT_MS], async () => {
    const fake = new FakeConn({ input: "GET / HT" });
    await served(fake);
    assert.match(fake.received, /^HTTP\/1\.1 408 Request Timeout\r\n/);
  });
});

Deno.test("HttpConnection reads on after a refusal, but not for long", async () => {
  await withTimersSoon([LINGER_MS], async (asked) => {
    for (const input of ["nonsense\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"]) {
      const fake = new FakeConn({ input });
      await served(fake);
      assert.ok(fake.isEnded);
    }
    assert.equal(asked.filter((ms) => ms === LINGER_MS).length, 2);
  });
});

Deno.test("HttpConnection sends no body and no length with 304", async () => {
  await withTimersSoon([KEEP_ALIVE_MS], async () => {
    const fake = new FakeConn({ input: GET });
    await served(
      fake,
      (_, responder) => responder.send({ status: 304, headers: {}, body }),
    );
    assert.match(fake.received, /^HTTP\/1\.1 304 Not Modified\r\n/);
    assert.match(fake.received, /\r\ndate: [^\r]* GMT\r\n/);
    assert.match(fake.received, /\r\n\r\n$/);
    assert.doesNotMatch(fake.received, /content-length/);
  });
});

Deno.test("HttpConnection sends a stream in order, and for HEAD its head alone", async () => {
  const texts = ["a", "b", "c", "d"].map((text) => text.repeat(100_000));
  await withTimersSoon([LINGER_MS], async () => {
    const fake = new FakeConn({ input: GET, takes: 30_000 });
    await served(fake, async (_, responder) => {
      const stream = await responder.stream({ "x-a": "b" });
      // More than may wait at once: what was taken waits no more.
      for (const two of [texts.slice(0, 2), texts.slice(2)]) {
        for (const text of two) stream!.push(text);
        await until(() => fake.received.endsWith(two[1]!));
      }
      stream!.close();
    });
    const [head, sent] = fake.received.split("\r\n\r\n");
    assert.match(head!, /\r\nx-a: b\r\nconnection: close$/);
    assert.equal(sent, texts.join(""));
    const asked = new FakeConn({ input: GET.replace("GET", "HEAD") + GET });
    await served(asked, async (_, responder) => {
      assert.equal(await responder.stream({}), null);
    });
    assert.match(asked.received, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
    assert.equal(asked.received.split("HTTP/1.1").length, 2);
  });
});

Deno.test("HttpConnection notices that who followed a stream is gone", async () => {
  const fake = new FakeConn({ input: GET });
  await served(fake, async (_, responder) => {
    fake.read = () => Promise.resolve(null);
    const stream = await responder.stream({});
    await stream!.closed;
  });
});

/** Accepts what it is given, until it is closed. */
class FakeListener {
  readonly #waiting: (FakeConn | Error)[] = [];
  #onChange = () => {};
  isClosed = false;

  get listener(): Deno.Listener {
    return this as unknown as Deno.Listener;
  }

  give(...conns: readonly (FakeConn | Error)[]): void {
    this.#waiting.push(...conns);
    this.#onChange();
  }

  async accept(): Promise<Deno.Conn> {
    while (this.#waiting.length === 0) {
      if (this.isClosed) throw new Deno.errors.BadResource("closed");
      await new Promise<void>((resolve) => this.#onChange = resolve);
    }
    const next = this.#waiting.shift()!;
    if (next instanceof Error) throw next;
    return next.conn;
  }

  close(): void {
    this.isClosed = true;
    this.#onChange();
  }
}

/** Serves connections while `use` runs. */
async function accepting(
  answer: AnswerRequest,
  use: (listener: FakeListener) => Promise<void>,
): Promise<void> {
  const fake = new FakeListener();
  const end = new AbortController();
  const serving = acceptBrowsers(fake.listener, answer, end.signal);
  await use(fake);
  end.abort();
  await serving;
  assert.ok(fake.isClosed);
}

const many = (count: number, input = "") =>
  Array.from({ length: count }, () => new FakeConn({ input }));
const closedIn = (conns: readonly FakeConn[]) =>
  conns.filter(({ isClosed }) => isClosed);
const never: AnswerRequest = () => new Promise(() => {});

Deno.test("acceptBrowsers() makes room for further ones, first of those that are idle", async () => {
  const busy = new FakeConn({ input: GET });
  const idle = many(MAX_CONNECTIONS);
  await accepting(never, async (listener) => {
    listener.give(busy, ...idle);
    await until(() => idle[0]!.isClosed);
    assert.deepEqual(closedIn([busy, ...idle]), [idle[0]]);
  });
  assert.equal(closedIn([busy, ...idle]).length, MAX_CONNECTIONS + 1);
});

Deno.test("acceptBrowsers() ends the oldest if all are busy", async () => {
  const busy = many(MAX_CONNECTIONS + 1, GET);
  await accepting(never, async (listener) => {
    listener.give(...busy.slice(0, -1));
    await until(() =>
      busy.every(({ isAsked }, i) => isAsked || i === MAX_CONNECTIONS)
    );
    listener.give(busy.at(-1)!);
    await until(() => busy[0]!.isClosed);
    assert.deepEqual(closedIn(busy), [busy[0]]);
  });
});

Deno.test("acceptBrowsers() makes no room for connections that have ended", async () => {
  await withTimersSoon([LINGER_MS], async () => {
    const kept = new FakeConn();
    const over = many(MAX_CONNECTIONS - 1, "GET / HTTP/1.0\r\n\r\n");
    const last = new FakeConn({ input: GET });
    await accepting(answerShort, async (listener) => {
      listener.give(kept, ...over);
      await until(() => closedIn(over).length === over.length);
      listener.give(last);
      await until(() => last.received !== "");
      assert.ok(!kept.isClosed);
    });
  });
});

Deno.test("acceptBrowsers() goes on when no further file can be opened", async () => {
  await withTimersSoon([NO_FILES_MS], async (asked) => {
    const conn = new FakeConn({ input: GET });
    const none = new Error("Too many open files");
    await accepting(answerShort, async (listener) => {
      listener.give(none, none, conn);
      await until(() => conn.received !== "");
      assert.equal(asked.filter((ms) => ms === NO_FILES_MS).length, 2);
    });
  });
});

Deno.test("acceptBrowsers() accepts nobody after its end", async () => {
  const fake = new FakeListener();
  await acceptBrowsers(fake.listener, never, AbortSignal.abort());
  assert.ok(fake.isClosed);
});
