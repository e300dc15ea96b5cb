import assert from "node:assert/strict";
import {
  connectControl,
  ControlClient,
  unreachable,
} from "../../../src/control/client.ts";
import { Encoded, Streamed } from "../../../src/control/handlers.ts";
import type { DiskRow } from "../../../src/control/views.ts";
import type { EventRow, PingView } from "../../../src/control/views.ts";
import { until } from "../../support/eventually.ts";
import {
  diskRow,
  eventRow,
  FakeDaemon,
  GREETING,
  leaveSocketFile,
  NOBODY,
  serve,
  tempDir,
} from "./support.ts";

/** A daemon that says `lines` to its one client, whatever it is asked, and hangs up if `then` says so. */
function scripted(
  path: string,
  lines: readonly string[],
  then: "hang-up" | "wait" = "wait",
): AsyncDisposable {
  const listener = Deno.listen({ transport: "unix", path });
  const served = listener.accept().then(async (conn) => {
    for (const line of lines) {
      await conn.write(new TextEncoder().encode(`${line}\n`));
    }
    const buffer = new Uint8Array(1000);
    while (then === "wait" && await conn.read(buffer) !== null);
    conn.close();
  });
  return {
    async [Symbol.asyncDispose]() {
      await served;
      listener.close();
    },
  };
}

async function take(
  events: AsyncIterable<EventRow>,
  count: number,
): Promise<(string | null)[]> {
  const devices: (string | null)[] = [];
  for await (const event of events) {
    devices.push(event.device);
    if (devices.length === count) break;
  }
  return devices;
}

Deno.test("ControlClient.call() gives the answer of the daemon", async () => {
  await using server = await serve();
  await using client = await connectControl([server.path]);
  assert.equal(client.path, server.path);
  assert.deepEqual(await client.call("list", {}), [diskRow()]);
  assert.deepEqual(await client.call("where", { name: "no\nsuch" }), []);
});

Deno.test("ControlClient.call() gives each of many calls its own answer", async () => {
  const slow = Promise.withResolvers<PingView>();
  const { handlers } = new FakeDaemon({ ping: () => slow.promise });
  await using server = await serve({ handlers });
  await using client = await connectControl([server.path]);
  const ping = client.call("ping", {});
  const names = await Promise.all(
    Array.from({ length: 40 }, () => client.call("names", {})),
  );
  assert.deepEqual(new Set(names.flat()), new Set(["backup-2019"]));
  slow.resolve(NOBODY);
  assert.deepEqual(await ping, NOBODY);
});

Deno.test("ControlClient.call() throws what the daemon could not do", async () => {
  await using server = await serve();
  await using client = await connectControl([server.path]);
  await assert.rejects(client.call("where", { name: "" }), {
    name: "RemoteFailure",
    code: -32602,
    message: "the name is empty: a label, UUID, serial or device",
  });
  await assert.rejects(client.call("status", {}), {
    name: "RemoteFailure",
    code: -32603,
    message: "the clock is broken",
  });
  assert.deepEqual(await client.call("names", {}), ["backup-2019"]);
});

Deno.test("ControlClient.call() reads an answer of 10,000 rows", async () => {
  const rows = Array.from(
    { length: 10_000 },
    (_, index) => diskRow({ label: `\u00fc ${index}` }),
  );
  const { handlers } = new FakeDaemon({
    list: () => new Encoded(JSON.stringify(rows)),
  });
  await using server = await serve({ handlers });
  await using client = await connectControl([server.path]);
  assert.deepEqual(await client.call("list", {}), rows);
});

/** Rows of `chars` characters each, made when they are wanted. */
function streamedRows(count: number, chars: number) {
  const made = { rows: 0 };
  async function* parts() {
    for (; made.rows < count; made.rows++) {
      const label = `${made.rows} ],"} `.padEnd(chars, "\u00fc");
      const row = diskRow({ label });
      yield await Promise.resolve(
        new TextEncoder().encode(JSON.stringify(row)),
      );
    }
  }
  return { made, list: new Streamed<never>(parts()) };
}

Deno.test("a list of 300 MB is read as it is made, and nobody holds it whole", async () => {
  const COUNT = 1_200;
  const { made, list } = streamedRows(COUNT, 125_000);
  const { handlers } = new FakeDaemon({ list: () => list });
  await using server = await serve({ handlers });
  await using client = await connectControl([server.path]);
  let count = 0;
  let mostAhead = 0;
  const onRows = (rows: readonly unknown[]) => {
    for (const row of rows as readonly DiskRow[]) {
      assert.ok(row.label!.startsWith(`${count} ],"} \u00fc`));
      count++;
    }
    mostAhead = Math.max(mostAhead, made.rows - count);
  };
  onRows(await client.call("list", {}, { onRows, timeoutMs: 60_000 }));
  assert.equal(count, COUNT);
  assert.ok(mostAhead < COUNT / 4, `${mostAhead} rows were made ahead`);
});

Deno.test("a long list comes whole to who does not want its rows one by one, with events and answers around it", async () => {
  const daemon = new FakeDaemon({
    list: () => streamedRows(100, 100_000).list,
  });
  await using server = await serve({ handlers: daemon.handlers });
  await using client = await connectControl([server.path]);
  const taken = take(client.watch(), 3);
  await until(() => daemon.watchers.size === 1);
  const lists = [client.call("list", {}), client.call("list", {})];
  const names = client.call("names", {});
  const timer = setInterval(() => daemon.emit(eventRow("/dev/sdb1")), 1);
  for (const list of lists) {
    const rows = await list;
    assert.deepEqual(
      rows.map(({ label }) => Number.parseInt(label!)),
      Array.from({ length: 100 }, (_, i) => i),
    );
  }
  clearInterval(timer);
  assert.deepEqual(await names, ["backup-2019"]);
  assert.equal((await taken).length, 3);
});

Deno.test("ControlClient.watch() gives events until the loop is left, and calls go on", async () => {
  const daemon = new FakeDaemon();
  await using server = await serve({ handlers: daemon.handlers });
  await using client = await connectControl([server.path]);
  const taken = take(client.watch(), 2);
  await until(() => daemon.watchers.size === 1);
  daemon.emit(eventRow("/dev/sdb1"));
  assert.deepEqual(await client.call("names", {}), ["backup-2019"]);
  daemon.emit(eventRow("/dev/sdc1"));
  daemon.emit(eventRow("/dev/sdd1"));
  assert.deepEqual(await taken, ["/dev/sdb1", "/dev/sdc1"]);
  assert.deepEqual(await client.call("names", {}), ["backup-2019"]);
});

Deno.test("ControlClient.watch() ends when the client is closed", async () => {
  const daemon = new FakeDaemon();
  await using server = await serve({ handlers: daemon.handlers });
  const client = await connectControl([server.path]);
  const taken = take(client.watch(), 10);
  await until(() => daemon.watchers.size === 1);
  await client.close();
  assert.deepEqual(await taken, []);
});

Deno.test("ControlClient.watch() throws when the daemon ends", async () => {
  const daemon = new FakeDaemon();
  const server = await serve({ handlers: daemon.handlers });
  await using client = await connectControl([server.path]);
  const taken = assert.rejects(take(client.watch(), 10), {
    name: "DaemonUnreachable",
    reason: "closed",
  });
  await until(() => daemon.watchers.size === 1);
  await server.close();
  await taken;
});

Deno.test("ControlClient.watch() ends the one before it", async () => {
  const daemon = new FakeDaemon();
  await using server = await serve({ handlers: daemon.handlers });
  await using client = await connectControl([server.path]);
  const first = take(client.watch(), 10);
  await until(() => daemon.watchers.size === 1);
  const second = take(client.watch(), 1);
  assert.deepEqual(await first, []);
  await client.call("names", {});
  daemon.emit(eventRow("/dev/sdb1"));
  assert.deepEqual(await second, ["/dev/sdb1"]);
});

Deno.test("ControlClient.watch() gives all of very many events to who takes them slowly", async () => {
  const daemon = new FakeDaemon();
  await using server = await serve({ handlers: daemon.handlers });
  await using client = await connectControl([server.path]);
  const events = client.watch();
  const first = events.next();
  await until(() => daemon.watchers.size === 1);
  for (let count = 0; count < 5000; count++) {
    daemon.emit(eventRow(`/dev/sd${count}`));
  }
  assert.equal((await first).value?.device, "/dev/sd0");
  const devices = await take(events, 4999);
  assert.deepEqual(
    devices,
    Array.from({ length: 4999 }, (_, index) => `/dev/sd${index + 1}`),
  );
});

Deno.test("ControlClient.call() throws when no answer comes in time, and ignores one that comes late", async () => {
  const slow = Promise.withResolvers<PingView>();
  const { handlers } = new FakeDaemon({ ping: () => slow.promise });
  await using server = await serve({ handlers });
  await using client = await connectControl([server.path]);
  await assert.rejects(client.call("ping", {}, { timeoutMs: 50 }), {
    name: "DaemonUnreachable",
    reason: "timeout",
    message: `the diskd on ${server.path} did not answer ping within 0.05 s; ` +
      "look at its log, or restart it",
  });
  slow.resolve(NOBODY);
  assert.deepEqual(await client.call("names", {}), ["backup-2019"]);
});

Deno.test("ControlClient.call() throws when the daemon ends, while it waits and after", async () => {
  const { handlers } = new FakeDaemon({ ping: () => new Promise(() => {}) });
  const server = await serve({ handlers });
  await using client = await connectControl([server.path]);
  const closed = {
    name: "DaemonUnreachable",
    reason: "closed",
    message:
      `the connection to the diskd on ${server.path} ended; look at its log, or start it again with: diskd --daemon`,
  };
  const ping = assert.rejects(client.call("ping", {}), closed);
  await client.call("names", {});
  await server.close();
  await ping;
  await assert.rejects(client.call("names", {}), closed);
});

Deno.test("ControlClient.call() throws when the client is closed while it waits", async () => {
  const { handlers } = new FakeDaemon({ ping: () => new Promise(() => {}) });
  await using server = await serve({ handlers });
  const client = await connectControl([server.path]);
  const ping = assert.rejects(client.call("ping", {}), { reason: "closed" });
  await client.call("names", {});
  await Promise.all([client.close(), client.close()]);
  await ping;
});

Deno.test("ControlClient.call() says why the daemon turned it away", async () => {
  await using server = await serve({ limits: { maxClients: 1 } });
  await using first = await connectControl([server.path]);
  await using second = await connectControl([server.path]);
  await assert.rejects(second.call("list", {}), {
    reason: "closed",
    message: /ended \(busy: diskd serves 1 clients at once; end one/,
  });
  assert.deepEqual(await first.call("names", {}), ["backup-2019"]);
});

Deno.test("ControlClient.call() says why the daemon hung up on its request", async () => {
  await using server = await serve({ limits: { maxLineBytes: 100 } });
  await using client = await connectControl([server.path]);
  await assert.rejects(client.call("where", { name: "x".repeat(100) }), {
    reason: "closed",
    message: /ended \(the line is longer than 100 bytes\)/,
  });
});

Deno.test("ControlClient bears answers that make no sense", async () => {
  using dir = tempDir();
  const path = `${dir.path}/control.sock`;
  await using _daemon = scripted(path, [
    GREETING,
    "{",
    '{"jsonrpc":"2.0","id":99,"result":1}',
    '{"jsonrpc":"2.0","method":"event","params":null}',
    '{"jsonrpc":"2.0","method":"other"}',
    '{"jsonrpc":"2.0","id":null,"error":{}}',
    '{"jsonrpc":"2.0","id":1,"result":["yes"]}',
  ]);
  const client = await connectControl([path]);
  assert.ok(client instanceof ControlClient);
  assert.deepEqual(
    await Promise.race([client.call("names", {}), client.call("names", {})]),
    ["yes"],
  );
  await client.close();
});

Deno.test("connectControl() takes the first path that a daemon answers on", async () => {
  using own = tempDir();
  await using server = await serve();
  const stale = `${own.path}/stale.sock`;
  leaveSocketFile(stale);
  await using client = await connectControl([
    `${own.path}/none.sock`,
    stale,
    server.path,
  ]);
  assert.equal(client.path, server.path);
});

Deno.test("connectControl() says what to type where no daemon answers", async () => {
  using dir = tempDir();
  const none = `${dir.path}/none.sock`;
  const stale = `${dir.path}/stale.sock`;
  leaveSocketFile(stale);
  await assert.rejects(connectControl([none]), {
    name: "DaemonUnreachable",
    reason: "not-found",
    message:
      `no diskd answers on ${none}; start it with: diskd --daemon (as root)`,
  });
  await assert.rejects(connectControl([none, stale]), {
    reason: "refused",
    message:
      `no diskd answers on ${none} or ${stale}; start it with: diskd --daemon (as root)`,
  });
});

Deno.test("unreachable() tells of a socket that may not be used before one that is not there", () => {
  const error = unreachable([
    { path: "/a", error: new Deno.errors.NotFound("No such file") },
    {
      path: "/b",
      error: new Deno.errors.PermissionDenied("Permission denied"),
    },
  ]);
  assert.equal(error.reason, "denied");
  assert.match(error.message, /you may not use \/b .* as root/);
});

Deno.test("unreachable() tells any other reason as it is", () => {
  const error = unreachable([
    { path: "/a", error: new Error("path too long") },
    { path: "/b", error: new Deno.errors.NotFound("No such file") },
  ]);
  assert.equal(error.reason, "failed");
  assert.match(
    error.message,
    /cannot connect to \/a: path too long; .*--socket/,
  );
});
