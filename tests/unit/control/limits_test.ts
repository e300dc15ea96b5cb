import assert from "node:assert/strict";
import { CONTROL_LIMITS } from "../../../src/control/limits.ts";
import { Seats } from "../../../src/control/seats.ts";
import { until } from "../../support/eventually.ts";
import { FakeDaemon, serve, Typist } from "./support.ts";

Deno.test("of 64 clients half may come by a socket for reading", () => {
  const seats = new Seats(CONTROL_LIMITS);
  const came = Array.from({ length: 64 }, () => seats.take("read"));
  assert.equal(came.filter((isIn) => isIn).length, 32);
  const owners = Array.from({ length: 64 }, () => seats.take("all"));
  assert.equal(owners.filter((isIn) => isIn).length, 32);
});

Deno.test("all clients that do not read hold at most 256 MiB, and each less than a minute", () => {
  const { maxClients, maxPendingBytes, stallMs } = CONTROL_LIMITS;
  assert.ok(maxClients * maxPendingBytes <= 256 * 1024 * 1024);
  assert.ok(stallMs < 60_000);
});

Deno.test("serveControl() works on 16 requests of one client at once", async () => {
  const started: (() => void)[] = [];
  const { handlers } = new FakeDaemon({
    names: () => new Promise((resolve) => started.push(() => resolve([]))),
  });
  await using server = await serve({ handlers });
  using typist = await Typist.greeted(server.path);
  for (let id = 0; id < 20; id++) {
    await typist.type(`{"jsonrpc":"2.0","id":${id},"method":"names"}\n`);
  }
  await until(() => started.length === 16);
  // Somebody else is served meanwhile, so no more were begun.
  using other = await Typist.greeted(server.path);
  assert.equal((await other.ask("hosts")).length, 0);
  assert.equal(started.length, 16);
  for (const finish of started) finish();
  await until(() => started.length === 20);
  for (const finish of started) finish();
  for (let left = 20; left > 0; left--) await typist.json();
});
