import assert from "node:assert/strict";
import fc from "fast-check";
import { Encoded } from "../../../src/control/handlers.ts";
import {
  type ControlServer,
  serveControl,
} from "../../../src/control/server.ts";
import type { PingView } from "../../../src/control/views.ts";
import { until } from "../../support/eventually.ts";
import {
  controlOptions,
  diskRow,
  eventRow,
  FakeDaemon,
  GREETING,
  NOBODY,
  PLAIN_TEXT,
  serve,
  tempDir,
  Typist,
} from "./support.ts";

const LIST = '{"jsonrpc":"2.0","id":1,"method":"list"}\n';
const WATCH = '{"jsonrpc":"2.0","id":1,"method":"watch"}\n';

/** More than the kernel keeps for a reader. */
const LARGE = new Encoded<never>(`["${"x".repeat(4 * 1024 * 1024)}"]`);

async function assertServes(server: ControlServer): Promise<void> {
  using typist = await Typist.greeted(server.path);
  assert.deepEqual(await typist.ask("list"), ["alpha /dev/sdb1"]);
}

Deno.test("serveControl() greets, and answers commands", async () => {
  await using server = await serve();
  using typist = await Typist.connect(server.path);
  assert.equal(await typist.line(), GREETING);
  assert.deepEqual(await typist.ask("list"), ["alpha /dev/sdb1"]);
  assert.deepEqual(await typist.ask("LITS"), [
    'unknown command "LITS"; did you mean "list"? type help',
  ]);
});

Deno.test("serveControl() makes the socket for its owner, or for a group too", async () => {
  const modeOf = ({ path }: ControlServer) =>
    Deno.lstatSync(path).mode! & 0o777;
  {
    await using server = await serve();
    assert.equal(modeOf(server), 0o600);
  }
  await using server = await serve({ gid: Deno.gid() });
  assert.equal(modeOf(server), 0o660);
});

Deno.test("serveControl() answers text and JSON on one connection, text in its place", async () => {
  await using server = await serve();
  using typist = await Typist.greeted(server.path);
  await typist.type(`${LIST}where backup-2019\r\n\n  ${LIST}quit\nlist\n`);
  assert.equal((await typist.json()).id, 1);
  assert.deepEqual(await typist.answer(), ["alpha /dev/sdb1"]);
  assert.equal((await typist.json()).id, 1);
  assert.equal(await typist.line(), null);
});

Deno.test("serveControl() answers a JSON request while a slow one goes on", async () => {
  const slow = Promise.withResolvers<PingView>();
  const { handlers } = new FakeDaemon({ ping: () => slow.promise });
  await using server = await serve({ handlers });
  using typist = await Typist.greeted(server.path);
  await typist.type(`{"jsonrpc":"2.0","id":7,"method":"ping"}\n${LIST}hosts\n`);
  assert.equal((await typist.json()).id, 1);
  slow.resolve(NOBODY);
  assert.equal((await typist.json()).id, 7);
  assert.deepEqual(await typist.answer(), []);
});

Deno.test("serveControl() works on so many requests of one client at once and no more", async () => {
  const started: (() => void)[] = [];
  const { handlers } = new FakeDaemon({
    names: () => new Promise((resolve) => started.push(() => resolve([]))),
  });
  await using server = await serve({
    handlers,
    limits: { maxRequestsInFlight: 2 },
  });
  using typist = await Typist.greeted(server.path);
  for (let id = 0; id < 4; id++) {
    await typist.type(`{"jsonrpc":"2.0","id":${id},"method":"names"}\n`);
  }
  await assertServes(server);
  assert.equal(started.length, 2);
  started[1]!();
  assert.equal((await typist.json()).id, 1);
  await until(() => started.length === 3);
  started[0]!();
  started[2]!();
  await until(() => started.length === 4);
  started[3]!();
  const ids = [];
  for (let left = 3; left > 0; left--) ids.push((await typist.json()).id);
  assert.deepEqual(ids.sort(), [0, 2, 3]);
});

Deno.test("serveControl() puts half lines together", async () => {
  await using server = await serve();
  using typist = await Typist.greeted(server.path);
  for (const part of ["wh", "ere back", "up-2019", "\n"]) {
    await typist.type(part);
    await assertServes(server);
  }
  assert.deepEqual(await typist.answer(), ["alpha /dev/sdb1"]);
});

Deno.test("serveControl() answers all that it was asked when the client has nothing more to say", async () => {
  await using server = await serve();
  using typist = await Typist.greeted(server.path);
  await typist.type(`${LIST}list`);
  await typist.conn.closeWrite();
  assert.equal((await typist.json()).id, 1);
  assert.deepEqual(await typist.answer(), ["alpha /dev/sdb1"]);
  assert.equal(await typist.line(), null);
});

Deno.test("serveControl() answers what takes long or is long when the client has nothing more to say", async () => {
  const slow = Promise.withResolvers<typeof LARGE>();
  const { handlers } = new FakeDaemon({ names: () => slow.promise });
  await using server = await serve({ handlers });
  using typist = await Typist.greeted(server.path);
  await typist.type('{"jsonrpc":"2.0","id":1,"method":"names"}\n');
  await typist.conn.closeWrite();
  await assertServes(server);
  slow.resolve(LARGE);
  assert.equal((await typist.line())?.length, LARGE.chunks[0]!.length + 34);
  assert.equal(await typist.line(), null);
});

Deno.test("serveControl() sends events to those who watch, as they asked for them", async () => {
  const daemon = new FakeDaemon();
  await using server = await serve({ handlers: daemon.handlers });
  using text = await Typist.greeted(server.path);
  using json = await Typist.greeted(server.path);
  using neither = await Typist.greeted(server.path);
  assert.deepEqual(await text.ask("debug"), [
    "following events, quit ends it",
  ]);
  await json.type(WATCH);
  assert.equal((await json.json()).result, null);
  await until(() => daemon.watchers.size === 2);
  daemon.emit(eventRow("/dev/sdb1"));
  assert.equal(await text.line(), "attached /dev/sdb1");
  assert.deepEqual(await json.json(), {
    jsonrpc: "2.0",
    method: "event",
    params: eventRow("/dev/sdb1"),
  });
  assert.deepEqual(await neither.ask("list"), ["alpha /dev/sdb1"]);
});

Deno.test("serveControl() sends each event once to who asked to watch twice, in the way asked for last", async () => {
  const daemon = new FakeDaemon();
  await using server = await serve({ handlers: daemon.handlers });
  using typist = await Typist.greeted(server.path);
  await typist.ask("watch");
  await typist.type(WATCH);
  await typist.json();
  await until(() => daemon.watchers.size === 1);
  daemon.emit(eventRow("/dev/sdb1"));
  daemon.emit(eventRow("/dev/sdc1"));
  assert.deepEqual((await typist.json()).params, eventRow("/dev/sdb1"));
  assert.deepEqual((await typist.json()).params, eventRow("/dev/sdc1"));
});

Deno.test("serveControl() stops watching when the client leaves", async () => {
  const daemon = new FakeDaemon();
  await using server = await serve({ handlers: daemon.handlers });
  {
    using typist = await Typist.greeted(server.path);
    await typist.ask("watch");
    await until(() => daemon.watchers.size === 1);
  }
  await until(() => daemon.watchers.size === 0);
  await until(() => server.counts.clients === 0);
});

Deno.test("serveControl() tells the 65th client that there is no room, until one leaves", async () => {
  await using server = await serve();
  using room = new DisposableStack();
  const first = room.use(await Typist.greeted(server.path));
  for (let count = 1; count < 64; count++) {
    room.use(await Typist.greeted(server.path));
  }
  {
    using typist = await Typist.connect(server.path);
    assert.equal(
      await typist.line(),
      "busy: diskd serves 64 clients at once; end one, or try again later",
    );
    assert.equal(await typist.line(), null);
  }
  assert.equal(server.counts.clients, 64);
  assert.equal(server.counts.turnedAway, 1);
  await first.type("quit\n");
  await until(() => server.counts.clients === 63);
  await assertServes(server);
  assert.equal(server.counts.served, 65);
});

for (
  const [side, line, answer] of [
    ["text", "x".repeat(101), "error: the line is longer than 100 bytes"],
    [
      "JSON",
      `{${" ".repeat(100)}`,
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the line is longer than 100 bytes"}}',
    ],
  ] as const
) {
  Deno.test(`serveControl() ends the connection after a ${side} line that is too long`, async () => {
    await using server = await serve({ limits: { maxLineBytes: 100 } });
    using typist = await Typist.greeted(server.path);
    await typist.type(`${line}\nlist\n`);
    assert.equal(await typist.line(), answer);
    while (await typist.line() === "");
    assert.equal(await typist.line(), null);
    assert.equal(server.counts.dropped["line-too-long"], 1);
    await assertServes(server);
  });
}

Deno.test("serveControl() takes a line of 64 KiB", async () => {
  await using server = await serve();
  using typist = await Typist.greeted(server.path);
  const [answer] = await typist.ask("where".padEnd(64 * 1024, " x"));
  assert.match(answer!, /at most 1024 are allowed/);
});

Deno.test("serveControl() refuses a line that is not UTF-8 and goes on", async () => {
  await using server = await serve();
  using typist = await Typist.greeted(server.path);
  await typist.type(Uint8Array.of(0xff, 0x0a, 0x7b, 0xff, 0x0a));
  assert.deepEqual(await typist.answer(), ["error: the line is not UTF-8"]);
  assert.equal(
    await typist.line(),
    '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"the line is not UTF-8"}}',
  );
  assert.deepEqual(await typist.ask("list"), ["alpha /dev/sdb1"]);
});

Deno.test("serveControl() drops a client that does not read its answer, and nobody else notices", async () => {
  const { handlers } = new FakeDaemon({ names: () => LARGE });
  await using server = await serve({ handlers, limits: { stallMs: 100 } });
  {
    using deaf = await Typist.connect(server.path);
    await deaf.type('{"jsonrpc":"2.0","id":1,"method":"names"}\n');
    await assertServes(server);
    await until(() => server.counts.dropped.stalled === 1);
    await assertServes(server);
  }
  await until(() => server.counts.clients === 0);
});

Deno.test("serveControl() drops a watcher that does not read, and goes on serving the others", async () => {
  const daemon = new FakeDaemon();
  await using server = await serve({
    handlers: daemon.handlers,
    limits: { maxPendingBytes: 10_000 },
  });
  using good = await Typist.greeted(server.path);
  await good.ask("watch");
  {
    using deaf = await Typist.greeted(server.path);
    await deaf.ask("watch");
    await until(() => daemon.watchers.size === 2);
    for (let count = 0; server.counts.dropped.overflowed === 0; count++) {
      daemon.emit(eventRow(`/dev/sd${count}`));
      assert.equal(await good.line(), `attached /dev/sd${count}`);
    }
    assert.equal(daemon.watchers.size, 1);
    daemon.emit(eventRow("/dev/last"));
    assert.equal(await good.line(), "attached /dev/last");
  }
  await until(() => server.counts.clients === 1);
});

Deno.test("serveControl() does not drop a client that asks for much at once and reads it", async () => {
  const { handlers } = new FakeDaemon({ names: () => LARGE });
  await using server = await serve({
    handlers,
    limits: { maxPendingBytes: 1000 },
  });
  using typist = await Typist.greeted(server.path);
  await typist.type(
    '{"jsonrpc":"2.0","id":1,"method":"names"}\n'.repeat(8) + "list\n",
  );
  for (let count = 0; count < 8; count++) {
    assert.equal((await typist.line())?.length, LARGE.chunks[0]!.length + 34);
  }
  assert.deepEqual(await typist.answer(), ["alpha /dev/sdb1"]);
});

Deno.test("serveControl() bears a client that leaves in the middle of an answer", async () => {
  const { handlers } = new FakeDaemon({ names: () => LARGE });
  await using server = await serve({ handlers });
  for (let count = 0; count < 5; count++) {
    using typist = await Typist.greeted(server.path);
    await typist.type('{"jsonrpc":"2.0","id":1,"method":"names"}\n');
    await typist.conn.read(new Uint8Array(10));
  }
  await until(() => server.counts.clients === 0);
  assert.deepEqual(server.counts.dropped, {
    stalled: 0,
    overflowed: 0,
    "line-too-long": 0,
  });
  await assertServes(server);
});

Deno.test("serveControl() bears a client that leaves before it is answered", async () => {
  const slow = Promise.withResolvers<[]>();
  const { handlers } = new FakeDaemon({ names: () => slow.promise });
  await using server = await serve({ handlers });
  {
    using typist = await Typist.greeted(server.path);
    await typist.type('{"jsonrpc":"2.0","id":1,"method":"names"}\n');
  }
  await assertServes(server);
  slow.resolve([]);
  await until(() => server.counts.clients === 0);
});

Deno.test("serveControl() reports a watch that fails, ends that connection and lives", async () => {
  const failures: string[] = [];
  const { handlers } = new FakeDaemon({
    watch: () => {
      throw new Error("no events");
    },
  });
  await using server = await serve({
    handlers,
    onFailure: (error, asked) => failures.push(`${asked}: ${error}`),
  });
  for (const line of ["watch\n", WATCH]) {
    using typist = await Typist.greeted(server.path);
    await typist.type(line);
    while (await typist.line() !== null);
  }
  assert.deepEqual(failures, [
    "watch: Error: no events",
    "watch: Error: no events",
  ]);
  await assertServes(server);
});

Deno.test("serveControl() close() removes the socket and ends connections, also while a handler works", async () => {
  using dir = tempDir();
  const { handlers } = new FakeDaemon({ names: () => new Promise(() => {}) });
  const server = await serveControl(controlOptions(dir.path, { handlers }));
  using idle = await Typist.greeted(server.path);
  using waiting = await Typist.greeted(server.path);
  await waiting.type('{"jsonrpc":"2.0","id":1,"method":"names"}\nlist\n');
  await assertServes(server);
  await Promise.all([server.close(), server.close()]);
  assert.equal(server.counts.clients, 0);
  assert.equal(await idle.line(), null);
  assert.equal(await waiting.line(), null);
  assert.deepEqual(
    [...Deno.readDirSync(dir.path)].map(({ name }) => name),
    ["control.sock.lock"],
  );
});

Deno.test("serveControl() refuses a socket that is served already", async () => {
  await using server = await serve();
  await assert.rejects(serve({ path: server.path }), {
    name: "SocketUnavailable",
    reason: "taken",
  });
  await assertServes(server);
});

Deno.test("serveControl() answers with 10,000 rows as they are", async () => {
  const rows = Array.from(
    { length: 10_000 },
    (_, index) => diskRow({ device: `/dev/sd${index}` }),
  );
  const { handlers } = new FakeDaemon({
    list: () => new Encoded(JSON.stringify(rows)),
    names: () => rows.map(({ device }) => device),
  });
  await using server = await serve({ handlers, text: PLAIN_TEXT });
  using typist = await Typist.greeted(server.path);
  await typist.type(LIST);
  assert.deepEqual((await typist.json()).result, rows);
  const lines = await typist.ask("list");
  assert.equal(lines.length, 10_000);
  assert.equal(lines.at(-1), "alpha /dev/sd9999");
});

Deno.test("serveControl() lives through any bytes, and answers or ends the connection", async () => {
  await using server = await serve({ limits: { maxLineBytes: 200 } });
  const bytes = fc.uint8Array({ maxLength: 400 });
  const lines = fc.array(fc.oneof(
    fc.constantFrom("list", "watch", "quit", "where x", "{", "[", LIST, WATCH),
    fc.json().map((id) => `{"jsonrpc":"2.0","id":${id},"method":"list"}`),
    fc.string(),
  )).map((lines) => new TextEncoder().encode(lines.join("\n")));
  await fc.assert(
    fc.asyncProperty(fc.oneof(bytes, lines), async (sent) => {
      using typist = await Typist.connect(server.path);
      // The server may hang up before it has read all of it.
      await typist.type(sent).catch(() => {});
      await typist.conn.closeWrite().catch(() => {});
      while (await typist.line() !== null);
      await assertServes(server);
    }),
    { numRuns: 200 },
  );
});
