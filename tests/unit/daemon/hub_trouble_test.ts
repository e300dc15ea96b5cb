import assert from "node:assert/strict";
import { openEnvelope, writeEnvelope } from "../../../src/codec/envelope.ts";
import { Clock } from "../../../src/daemon/clocks.ts";
import { Hub, type HubLink } from "../../../src/daemon/hub.ts";
import { readValue, writeValues } from "../../../src/daemon/hub_value.ts";
import { Log } from "../../../src/daemon/log.ts";
import type { NamedByHub } from "../../../src/peer/listener.ts";
import { MockedTime } from "../../support/mocked_time.ts";

const OWN = "a".repeat(32);
const OTHER = "b".repeat(32);
const PLACE = { site: "away", from: "192.0.2.7" };
const WALL_MS = 1_790_000_000_000;
const EVERY_MS = 30_000;
const LIST = Uint8Array.of(1, 2, 3);
const BUCKET = {
  isMade: false,
  madeAt: "monday",
  firstRevision: 1,
  lastRevision: 0,
  isRepublished: true,
  values: 1,
};

/** A server that does as the test says. */
class ScriptedServer {
  bucket = { ...BUCKET };
  /** What it keeps, by key, and when it came. */
  kept: [string, Uint8Array, Date][] = [];
  /** Why it takes nothing. */
  refusal: string | null = null;
  /** Why nobody connects. */
  isAway: string | null = null;
  opened = 0;
  reads = 0;
  /** What it does while all is read. */
  whileRead = () => {};
  readonly puts: string[] = [];
  readonly drops: string[] = [];
  readonly said: string[] = [];
  /** Values that were put. */
  readonly values: Uint8Array[] = [];
  tellPut: (key: string, value: Uint8Array) => void = () => {};
  tellBeat: (key: string, value: Uint8Array) => void = () => {};
  refuse: (reason: string) => void = () => {};
  end: (reason: string | null) => void = () => {};

  open = (): Promise<HubLink> => {
    this.opened++;
    if (this.isAway !== null) return Promise.reject(new Error(this.isAway));
    const ended = Promise.withResolvers<string | null>();
    this.end = ended.resolve;
    return Promise.resolve({
      server: "nats://a:4222",
      ended: () => ended.promise,
      onRefusal: (tell) => {
        this.refuse = tell;
        return Promise.resolve();
      },
      openBucket: () => Promise.resolve(this.bucket),
      put: (key, value) => {
        if (this.refusal !== null) {
          return Promise.reject(new Error(this.refusal));
        }
        this.puts.push(key);
        this.values.push(value);
        return Promise.resolve(++this.bucket.lastRevision);
      },
      drop: (key) => {
        this.drops.push(key);
        return Promise.resolve();
      },
      say: (subject) => void this.said.push(subject),
      listen: (onPut, onBeat) => {
        this.tellPut = onPut;
        this.tellBeat = onBeat;
      },
      readAll: (take) => {
        this.reads++;
        this.whileRead();
        for (const one of this.kept) take(...one);
        return Promise.resolve(this.kept.length);
      },
      answer: () => {},
      // deno-lint-ignore require-yield
      ask: async function* () {
        throw new Error("nobody asks");
      },
      close: () => {
        ended.resolve(null);
        return Promise.resolve();
      },
    });
  };
}

/** A hub on a scripted server, which a test drives by its time. */
function madeHub(time: MockedTime) {
  const server = new ScriptedServer();
  const received: (NamedByHub & { readonly bytes: Uint8Array })[] = [];
  const list = {
    mark: "1",
    datagrams: [LIST],
    address: "192.0.2.1" as string | null,
    /** As it said last. */
    everyMs: 0,
  };
  const wallClock = () => WALL_MS + time.now();
  const clock = new Clock({ now: time.now, wallClock });
  const hub = new Hub({
    servers: ["nats://a:4222"],
    bucket: "diskd",
    site: "home",
    isWatching: true,
    everyMs: () => EVERY_MS,
    open: server.open,
    id: () => OWN,
    address: () => list.address,
    mark: () => list.mark,
    announcement(everyMs) {
      list.everyMs = everyMs;
      return list.datagrams;
    },
    goodbye: () => [LIST],
    others: () => [],
    nearList: () => null,
    receive: (bytes, named) => received.push({ ...named, bytes }),
    system: { now: time.now, wallClock, random: () => 0.5 },
    clock,
    log: new Log({ level: "error", format: "text" }, {
      write: () => {},
      timeOfDay: () => new Date(0),
    }),
  });
  return { hub, server, received, list };
}

/** A value of another host. */
function theirs(datagram = LIST): Uint8Array {
  return writeValues([datagram], PLACE)[0]!;
}

function hubTest(
  name: string,
  run: (
    site: ReturnType<typeof madeHub> & { readonly time: MockedTime },
  ) => Promise<void>,
): void {
  Deno.test(`Hub ${name}`, async () => {
    using time = new MockedTime();
    const site = madeHub(time);
    site.hub.start();
    await time.pass(100);
    await run({ ...site, time });
    const stopped = site.hub.stop();
    await time.pass(100);
    await stopped;
  });
}

const KEY = `h.home.${OWN}.1`;

hubTest("puts the list at once, and changes of it, together", async (site) => {
  const { server, list, hub, time } = site;
  assert.deepEqual(server.puts, [KEY]);
  hub.said();
  await time.pass(100);
  assert.deepEqual(server.puts, [KEY]);
  list.mark = "2";
  hub.said();
  hub.said();
  await time.pass(100);
  assert.deepEqual(server.puts, [KEY, KEY]);
});

hubTest("gives a host without address one of its own", async (site) => {
  const { server, list, hub, time } = site;
  list.address = null;
  list.mark = "2";
  hub.said();
  await time.pass(100);
  const [, value] = server.values;
  const envelope = openEnvelope(readValue(value!)![0]!);
  assert.ok(envelope.format === "envelope");
  assert.equal(envelope.from, "100::aaaa:aaaa");
});

hubTest("drops the values that a shorter list lacks", async (site) => {
  const { server, list, hub, time } = site;
  const long = new Uint8Array(60_000);
  list.datagrams = Array.from({ length: 9 }, () => long);
  list.mark = "2";
  hub.said();
  await time.pass(100);
  assert.deepEqual(server.puts.slice(1).map((key) => key.slice(-1)), [
    ..."123",
  ]);
  list.datagrams = [LIST];
  list.mark = "3";
  hub.said();
  await time.pass(100);
  assert.deepEqual(server.drops.map((key) => key.slice(-1)), [..."23"]);
});

hubTest("says that it is there each interval, and goodbye", async (site) => {
  const { server, hub, time } = site;
  await time.pass(3 * EVERY_MS, 100);
  assert.deepEqual(new Set(server.said), new Set([`beat.home.${OWN}`]));
  assert.equal(server.said.length, 3);
  const stopped = hub.stop();
  await time.pass(100);
  await stopped;
  assert.equal(server.said.length, 4);
});

hubTest("puts the list again after a day", async ({ server, time }) => {
  await time.pass(24 * 60 * 60_000 + 2 * EVERY_MS, 10_000);
  assert.equal(server.puts.length, 2);
});

hubTest(
  "connects again for ever, later and later up to a minute",
  async (site) => {
    const { server, hub, time } = site;
    server.isAway = "connection refused";
    server.end("the server died");
    await time.pass(100);
    assert.equal(hub.view.reached, false);
    assert.match(hub.view.problem!, /No hub: the server died; tried nats:/);
    await time.pass(600_000, 100);
    assert.match(hub.view.problem!, /No hub: connection refused/);
    assert.ok(server.opened > 10 && server.opened < 20, `${server.opened}`);
    server.isAway = null;
    await time.pass(60_000, 100);
    assert.equal(hub.view.reached, true);
    assert.equal(hub.view.problem, null);
    assert.deepEqual(server.puts, [KEY, KEY]);
  },
);

hubTest("waits longer each time while there is no bucket", async (site) => {
  const { server, time, hub } = site;
  Object.defineProperty(server, "bucket", {
    get() {
      throw new Error("stream not found");
    },
  });
  server.end(null);
  await time.pass(600_000, 100);
  assert.match(hub.view.problem!, /cannot be made here .* nats kv add diskd/);
  assert.ok(server.opened < 20, `${server.opened}`);
});

hubTest("tells why a list is not taken, and tries again", async (site) => {
  const { server, hub, list, time } = site;
  server.refusal = 'Permissions Violation for Publish to "$KV.diskd.h"';
  list.mark = "2";
  hub.said();
  await time.pass(100);
  assert.match(hub.view.problem!, /does not take the list .*\$KV\.diskd\.h/);
  assert.equal(hub.view.reached, true);
  server.refusal = null;
  await time.pass(EVERY_MS, 100);
  assert.equal(hub.view.problem, null);
  assert.deepEqual(server.puts, [KEY, KEY]);
});

hubTest("tells what the server refuses unasked", async ({ server, hub }) => {
  server.refuse("Permissions Violation for Subscription");
  await Promise.resolve();
  assert.match(hub.view.problem!, /Permissions Violation for Subscription/);
});

const LOOK_MS = 12 * EVERY_MS;

for (
  const [how, after] of [
    ["made anew by somebody", { madeAt: "tuesday" }],
    ["emptied", { firstRevision: 5 }],
    ["gone", { isMade: true }],
  ] as const
) {
  hubTest(`puts all again in a bucket that is ${how}`, async (site) => {
    const { server, time } = site;
    server.bucket = { ...server.bucket, ...after };
    await time.pass(LOOK_MS, 100);
    assert.ok(server.puts.length >= 2);
    assert.ok(server.reads >= 2);
  });
}

hubTest(
  "says that the bucket tells of no change, until it does",
  async (site) => {
    const { server, hub, time } = site;
    server.bucket.isRepublished = false;
    server.end(null);
    await time.pass(2_000, 100);
    assert.match(
      hub.view.problem!,
      /tells nobody .* nats kv del diskd, and nats/,
    );
    await time.pass(LOOK_MS, 100);
    assert.match(hub.view.problem!, /tells nobody/);
    server.bucket = { ...server.bucket, madeAt: "now", isRepublished: true };
    await time.pass(LOOK_MS, 100);
    assert.equal(hub.view.problem, null);
  },
);

hubTest("reads all again if it was not told of all", async (site) => {
  const { server, time } = site;
  // Its own put.
  server.tellPut(KEY, theirs());
  await time.pass(4 * LOOK_MS, 100);
  assert.equal(server.reads, 1);
  server.bucket.lastRevision += 3;
  await time.pass(4 * LOOK_MS, 100);
  assert.equal(server.reads, 2);
  assert.equal(server.puts.length, 1);
});

hubTest("takes in what others say, and since when it is kept", async (site) => {
  const { server, received, hub, time } = site;
  const now = time.now();
  server.kept = [[`h.away.${OTHER}.1`, theirs(), new Date(WALL_MS - 5_000)]];
  server.end(null);
  await time.pass(2_000, 100);
  server.tellPut(`h.away.${OTHER}.1`, theirs());
  server.tellBeat(`away.${OTHER}`, theirs());
  const bytes = writeEnvelope(PLACE, LIST);
  const live = { id: OTHER, site: "away", keptSince: undefined, bytes };
  assert.ok(received[0]!.keptSince! < now);
  assert.deepEqual(received, [{ ...live, keptSince: -5_000 }, live, live]);
  assert.equal(hub.view.hosts, 1);
});

hubTest(
  "takes in what is said while it reads only after that",
  async (site) => {
    const { server, received, time } = site;
    server.kept = [[`h.away.${OTHER}.1`, theirs(), new Date(WALL_MS - 5_000)]];
    server.whileRead = () => {
      server.tellBeat(`away.${OTHER}`, theirs());
      server.tellPut(`h.away.${OTHER}.1`, theirs());
    };
    server.end(null);
    await time.pass(2_000, 100);
    const keptSince = received.map(({ keptSince }) => keptSince);
    assert.deepEqual(keptSince, [-5_000, undefined, undefined]);
  },
);

hubTest("forgets what it held of a connection that ended", async (site) => {
  const { server, received, time } = site;
  server.whileRead = () => {
    server.whileRead = () => {};
    server.tellBeat(`away.${OTHER}`, theirs());
    throw new Error("the server died");
  };
  server.end(null);
  await time.pass(10_000, 100);
  assert.equal(server.reads, 3);
  assert.deepEqual(received, []);
});

hubTest("reads all again if too much is said while it reads", async (site) => {
  const { server, time } = site;
  const value = new Uint8Array(60_000_000);
  server.whileRead = () => {
    server.whileRead = () => {};
    for (let i = 0; i < 2; i++) server.tellPut(`h.away.${OTHER}.1`, value);
  };
  server.end(null);
  await time.pass(2_000, 100);
  assert.equal(server.reads, 2);
  server.bucket.lastRevision += 2;
  await time.pass(2 * LOOK_MS, 100);
  assert.equal(server.reads, 3);
});

hubTest("takes in no garbage", async (site) => {
  const { server, received, hub } = site;
  const garbage = [
    Uint8Array.of(0, 0),
    Uint8Array.of(0, 9, 1),
    Uint8Array.of(7),
    new Uint8Array(300_000),
  ];
  for (const value of garbage) server.tellPut(`h.away.${OTHER}.1`, value);
  server.tellPut(`h.away.${OTHER}`, theirs());
  server.tellPut(`x.away.${OTHER}.1`, theirs());
  server.tellBeat("away.nobody", theirs());
  await Promise.resolve();
  assert.deepEqual(received, []);
  assert.equal(hub.view.rejected, garbage.length);
  assert.equal(hub.view.hosts, 0);
});

hubTest(
  "takes in what is said in its own name, as no other host",
  async (site) => {
    const { server, received, hub, time } = site;
    server.kept = [[`h.home.${OWN}.1`, theirs(), new Date(WALL_MS)]];
    server.end(null);
    await time.pass(2_000, 100);
    assert.deepEqual(received, []);
    server.tellBeat(`away.${OWN}`, theirs());
    assert.equal(received.length, 1);
    assert.equal(hub.view.hosts, 0);
  },
);

hubTest(
  "says less often that it is there where ten thousand hosts are",
  async (site) => {
    const { server, list, time } = site;
    assert.equal(list.everyMs, EVERY_MS);
    server.bucket.values = 10_000;
    await time.pass(2 * LOOK_MS, 100);
    assert.equal(list.everyMs, 100_000);
    const before = server.said.length;
    await time.pass(1_000_000, 1_000);
    const said = server.said.length - before;
    assert.ok(said >= 8 && said <= 12, `${said}`);
  },
);
