import assert from "node:assert/strict";
import { connectControl, RemoteFailure } from "../../../src/control/client.ts";
import { Encoded, Streamed } from "../../../src/control/handlers.ts";
import { addCounts, Seats } from "../../../src/control/seats.ts";
import type {
  ControlOptions,
  ControlServer,
} from "../../../src/control/server.ts";
import { until } from "../../support/eventually.ts";
import { eventRow, FakeDaemon, serve, Typist } from "./support.ts";

/** A socket for everything and one for reading, of one daemon. */
async function serveBoth(
  { maxClients = 64, maxReaders = 32, ...changed }: Partial<ControlOptions> & {
    readonly maxClients?: number;
    readonly maxReaders?: number;
  } = {},
): Promise<{ own: ControlServer; reading: ControlServer } & AsyncDisposable> {
  const seats = new Seats({ maxClients, maxReaders });
  const own = await serve({ ...changed, seats });
  const reading = await serve({
    ...changed,
    seats,
    mode: 0o666,
    access: { kind: "read", elsewhere: own.path },
  });
  return {
    own,
    reading,
    async [Symbol.asyncDispose]() {
      await Promise.all([own.close(), reading.close()]);
    },
  };
}

Deno.test("serveControl() for reading is for everybody, and changes nothing for them", async () => {
  const daemon = new FakeDaemon();
  await using both = await serveBoth({ handlers: daemon.handlers });
  const { path } = both.reading;
  assert.equal(Deno.lstatSync(path).mode! & 0o777, 0o666);
  await using client = await connectControl([path]);
  assert.equal((await client.call("list", {})).length, 1);
  await assert.rejects(
    client.call("forget", { name: "backup-2019" }),
    (error) => {
      assert(error instanceof RemoteFailure);
      assert.equal(error.code, -32001);
      assert.match(error.message, /^forget changes something, but this socket/);
      assert.ok(error.message.includes(` use ${both.own.path}, `));
      return true;
    },
  );
  assert.deepEqual(daemon.asked, ["list"]);
  await using owner = await connectControl([both.own.path]);
  await owner.call("forget", { name: "backup-2019" });
  assert.deepEqual(daemon.asked, ["list", "forget backup-2019"]);
});

Deno.test("serveControl() for reading tells events too", async () => {
  const daemon = new FakeDaemon();
  await using both = await serveBoth({ handlers: daemon.handlers });
  using typist = await Typist.greeted(both.reading.path);
  await typist.ask("watch");
  await until(() => daemon.watchers.size === 1);
  daemon.emit(eventRow("/dev/sdb1"));
  assert.equal(await typist.line(), "attached /dev/sdb1");
});

Deno.test("serveControl() for reading turns away those that would take the owner's place", async () => {
  await using both = await serveBoth({
    maxClients: 3,
    maxReaders: 2,
  });
  using _one = await Typist.greeted(both.reading.path);
  {
    using _two = await Typist.greeted(both.reading.path);
    using late = await Typist.connect(both.reading.path);
    assert.equal(
      await late.line(),
      "busy: diskd serves 2 clients at once; end one, or try again later",
    );
    using owner = await Typist.greeted(both.own.path);
    assert.deepEqual(await owner.ask("list"), ["alpha /dev/sdb1"]);
    using more = await Typist.connect(both.own.path);
    assert.match(await more.line() ?? "", /^busy: diskd serves 3 clients/);
    const { clients, served, turnedAway } = addCounts([
      both.own.counts,
      both.reading.counts,
    ]);
    assert.deepEqual([clients, served, turnedAway], [3, 3, 2]);
  }
  await until(() => both.reading.counts.clients === 1);
  using again = await Typist.greeted(both.reading.path);
  assert.deepEqual(await again.ask("list"), ["alpha /dev/sdb1"]);
});

Deno.test("serveControl() for reading works on one request of a client at a time", async () => {
  const started: (() => void)[] = [];
  const { handlers } = new FakeDaemon({
    names: () => new Promise((resolve) => started.push(() => resolve([]))),
  });
  await using both = await serveBoth({ handlers });
  using typist = await Typist.greeted(both.reading.path);
  for (let id = 0; id < 3; id++) {
    await typist.type(`{"jsonrpc":"2.0","id":${id},"method":"names"}\n`);
  }
  for (let id = 0; id < 3; id++) {
    await until(() => started.length > 0);
    // The next one would have been begun by now.
    using other = await Typist.greeted(both.own.path);
    await other.ask("list");
    assert.equal(started.length, 1);
    started.pop()!();
    assert.equal((await typist.json()).id, id);
  }
});

/** More than the kernel keeps for a reader. */
const LARGE = new Encoded<never>(`["${"x".repeat(4 * 1024 * 1024)}"]`);
const NAMES = '{"jsonrpc":"2.0","id":1,"method":"names"}\n';

/** Those who ask for what is large and do not read it. */
async function startIdlers(
  path: string,
  count: number,
): Promise<DisposableStack> {
  const idlers = new DisposableStack();
  for (let left = count; left > 0; left--) {
    await idlers.use(await Typist.greeted(path)).type(NAMES);
  }
  return idlers;
}

Deno.test("serveControl() for reading holds only so many answers, and as many as it wants for the owner", async () => {
  let made = 0;
  const names = () => (made++, LARGE);
  await using both = await serveBoth({
    handlers: new FakeDaemon({ names }).handlers,
    limits: { maxReaderAnswers: 2, readerAnswerMs: 60_000 },
  });
  using _idlers = await startIdlers(both.reading.path, 3);
  await until(() => made === 2);
  using owner = await Typist.greeted(both.own.path);
  await owner.type(NAMES);
  await owner.line();
  assert.equal(made, 3);
});

Deno.test("serveControl() for reading drops who does not read its answer, or too slowly", async () => {
  const { handlers } = new FakeDaemon({ names: () => LARGE });
  await using both = await serveBoth({
    handlers,
    limits: { maxReaderAnswers: 2, readerAnswerMs: 2_000 },
  });
  using _idlers = await startIdlers(both.reading.path, 3);
  await until(() => both.reading.counts.dropped.stalled === 3);
  // Slowly, but on and on: that is not enough either.
  using slow = await Typist.greeted(both.reading.path);
  await slow.type(NAMES);
  const piece = new Uint8Array(16 * 1024);
  let isDropped = false;
  for (let pieces = 0; pieces < 300 && !isDropped; pieces++) {
    isDropped = await slow.conn.read(piece).catch(() => null) === null;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.ok(isDropped);
  await until(() => both.reading.counts.dropped.stalled === 4);
  using reader = await Typist.greeted(both.reading.path);
  await reader.type(NAMES);
  assert.equal((await reader.line())?.length, LARGE.chunks[0]!.length + 34);
});

Deno.test("addCounts() adds each kind of drop by itself", () => {
  const counts = (n: number) => ({
    clients: n,
    served: n,
    turnedAway: n,
    delayed: n,
    dropped: { stalled: n, overflowed: 2 * n, "line-too-long": 3 * n },
  });
  assert.deepEqual(addCounts([counts(1), counts(10)]), counts(11));
});

/** A program that asks as fast as it is answered. */
async function askAllTheTime(path: string, isOver: () => boolean) {
  using typist = await Typist.greeted(path);
  while (!isOver()) {
    await typist.type(NAMES);
    await typist.line();
  }
}

/** Works for 20 ms; returns the time it took. */
function work(): number {
  const startedAt = performance.now();
  while (performance.now() - startedAt < 20);
  return performance.now() - startedAt;
}

for (const isStreamed of [false, true]) {
  const what = isStreamed ? "an answer in pieces" : "an answer";
  Deno.test(`serveControl() for reading takes a share of the processor for ${what}, and the owner is answered at once`, async () => {
    let busyMs = 0;
    async function* pieces() {
      for (let i = 0; i < 5; i++) {
        busyMs += work();
        yield await Promise.resolve(new TextEncoder().encode('"name"'));
      }
    }
    const { handlers } = new FakeDaemon({
      names: () => {
        if (isStreamed) return new Streamed(pieces());
        busyMs += work();
        return [];
      },
    });
    await using both = await serveBoth({ handlers });
    const startedAt = performance.now();
    let isOver = false;
    const asking = Array.from(
      { length: 8 },
      () => askAllTheTime(both.reading.path, () => isOver),
    );
    await until(() => both.reading.counts.delayed > 0);
    using owner = await Typist.greeted(both.own.path);
    for (let i = 0; i < 50; i++) {
      assert.deepEqual(await owner.ask("list"), ["alpha /dev/sdb1"]);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    const elapsedMs = performance.now() - startedAt;
    isOver = true;
    const most = 0.2 * elapsedMs + 500 + 2 * 20;
    assert.ok(busyMs < most, `${busyMs} ms of ${elapsedMs}`);
    await both.reading.close();
    await Promise.all(asking);
  });
}

Deno.test("serveControl() for reading counts the time of each part of a long list", async () => {
  async function* parts() {
    for (let i = 0; i < 30; i++) {
      const startedAt = performance.now();
      while (performance.now() - startedAt < 50);
      yield await Promise.resolve(new TextEncoder().encode(`${i}`));
    }
  }
  const { handlers } = new FakeDaemon({
    list: () => new Streamed<never>(parts()),
  });
  await using both = await serveBoth({ handlers });
  await using client = await connectControl([both.reading.path]);
  assert.equal((await client.call("list", {})).length, 30);
  assert.ok(both.reading.counts.delayed > 0, "as if the list took no time");
});

Deno.test("serveControl() for reading is not kept busy by lines that are no requests, or by connections", async () => {
  const { handlers } = new FakeDaemon();
  await using both = await serveBoth({ handlers });
  using noisy = await Typist.greeted(both.reading.path);
  const lines = "\n".repeat(20_000);
  const written = noisy.type(lines);
  await until(() => both.reading.counts.delayed > 0);
  using owner = await Typist.greeted(both.own.path);
  assert.deepEqual(await owner.ask("list"), ["alpha /dev/sdb1"]);
  await written.catch(() => {});
});
