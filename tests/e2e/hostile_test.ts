import assert from "node:assert/strict";
import type { StatusView } from "../../src/control/views.ts";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { damaged } from "../support/floods.ts";
import { forgedDatagram } from "../support/hostile_datagrams.ts";
import { realKey, signedBy } from "../support/host_keys.ts";
import { sendAll } from "../support/hostile_peer.ts";
import { type Host, inSteps, lanTest } from "../support/lan.ts";
import { startRawFlood } from "../support/raw_peer.ts";

/** More of it, and longer: tests/hostile. */
const FLOOD = { rate: 20_000, seconds: 8 };
const FLOOD_TIMEOUT_MS = 180_000;
/** The kernel drops what comes faster than it is read; but a good part must be seen. */
const LEAST_RECEIVED = 15_000;
/** It takes less than 200. */
const MAX_MEMORY_MB = 300;

const HALF = realKey("half");
const HEADER =
  `"id":"${HALF.id}","key":"${HALF.publicKey}","boot":1,"every":30`;
const FIXTURE = new URL("../fixtures/v1/05-mixed-missing.bin", import.meta.url);

/** Not counted as anything. */
const RIGHT = "right";

/** Bytes, and how each must be counted. Version 1 first: none is listened to from a host that also speaks version 2. */
const WRONG: readonly (readonly [reason: string, bytes: Uint8Array])[] = [
  ["not-diskd", encode("")],
  ["not-diskd", encode("hello")],
  ["not-diskd", encode("DISKD:--- []\n")],
  ["not-utf8", new Uint8Array([...encode("diskd:- - "), 0xff, 0xfe])],
  ["bad-body", encode("diskd:---\n- [")],
  ["bad-list", encode("diskd:--- {}\n")],
  ["bad-list", encode("diskd:---\n- text\n")],
  ["bad-body", encode("diskd:")],
  ["bad-header", encode("diskd:#{")],
  ["bad-header", encode('diskd:#{"v":2}\n[]\n')],
  ["bad-version", encode(`diskd:#{"v":3,${HEADER}}\n[]\n`)],
  ["not-utf8", new Uint8Array([...encode('diskd:#{"v":2'), 0xff, 0x0a])],
  ["too-long", encode(`diskd:#{"v":2,${HEADER}}\n${" ".repeat(9_000)}`)],
  ["unsigned", encode(`diskd:#{"v":2,${HEADER},"seq":1}\n[]\n`)],
  [
    "bad-body",
    signedBy(HALF, encode(`diskd:#{"v":2,${HEADER},"seq":1}\n[[\n`)),
  ],
  [
    "bad-list",
    signedBy(HALF, encode(`diskd:#{"v":2,${HEADER},"seq":2}\n{}\n`)),
  ],
  [RIGHT, forgedDatagram("forged", 2)],
  ["old", forgedDatagram("forged", 1)],
  ["shadowed", encode("diskd:--- []\n")],
];

interface Site {
  readonly daemons: readonly Daemon[];
  readonly mallory: Host;
  readonly trent: Host;
}

lanTest({
  name: "diskd bears whatever comes over the network",
  hosts: ["alpha", "beta", "mallory", "trent"],
}, async ({ lan }, t) => {
  const [alpha, beta, mallory, trent] = lan.hosts as [Host, Host, Host, Host];
  for (const host of [alpha, beta]) {
    await host.attach(await host.disk({ type: "swap", label: host.name }));
  }
  await using one = await Daemon.start(alpha, { quiet: true });
  await using other = await Daemon.start(beta, { quiet: true });
  const site: Site = { daemons: [one, other], mallory, trent };
  await answersAreRight(site);

  await inSteps(t, site, {
    "what is wrong is counted by its reason": countsByReason,
    "half a datagram is none": refusesHalves,
    "half a list of 0.01 is replaced by the whole": recoversFromHalves,
    "20,000 hostile datagrams a second leave it as it was": bearsAFlood,
  });
  await t.step("it still hears what is true", async () => {
    await beta.attach(await beta.disk({ type: "swap", label: "later" }));
    await other.json("refresh");
    await eventually(async () => {
      const [row] = await one.json("where", "later");
      assert.equal(row?.host, "beta");
    });
  });
});

async function countsByReason(site: Site): Promise<void> {
  const before = await countsOf(site);
  await sendAll(site.mallory, WRONG.map(([, bytes]) => bytes));
  const expected = Object.fromEntries(
    Object.entries(Object.groupBy(WRONG, ([reason]) => reason))
      .filter(([reason]) => reason !== RIGHT)
      .map(([reason, all]) => [reason, all!.length]),
  );
  assert.deepEqual(before.map(({ rejected }) => rejected), [{}, {}]);
  await eventually(async () => {
    for (const { rejected } of await countsOf(site)) {
      assert.deepEqual(rejected, expected);
    }
  });
  await answersAreRight(site);
}

async function refusesHalves(site: Site): Promise<void> {
  const whole = forgedDatagram("cut");
  // Without its last line end it would be whole.
  const halves = Array.from(
    { length: whole.length - 1 },
    (_, end) => whole.subarray(0, end),
  );
  const before = await countsOf(site);
  await sendAll(site.mallory, halves);
  await eventually(async () => {
    const counts = await countsOf(site);
    for (const [i, { rejected }] of counts.entries()) {
      const more = sum(rejected) - sum(before[i]!.rejected);
      // A busy kernel drops some.
      assert.ok(more > halves.length / 2, `${more} of ${halves.length}`);
    }
  });
  for (const daemon of site.daemons) {
    const hosts = await daemon.json("hosts");
    assert.ok(hosts.every(({ hostId }) => hostId !== "cut"));
  }
  await answersAreRight(site);
}

/** Half a YAML list is often a list too, so what counts is what is known in the end. */
async function recoversFromHalves({ trent, daemons }: Site): Promise<void> {
  const whole = Deno.readFileSync(FIXTURE);
  const halves = Array.from(
    { length: whole.length },
    (_, end) => whole.subarray(0, end),
  );
  await sendAll(trent, halves);
  for (const daemon of daemons) {
    await eventually(async () => {
      // So much YAML at once is not all read.
      await sendAll(trent, [whole]);
      const rows = await daemon.json("list");
      assert.deepEqual(
        rows.filter(({ host }) => host === trent.address)
          .map(({ device }) => device),
        [1, 5, 6, 7, 8, 9].map((number) => `/dev/loop${number}`),
      );
    });
  }
}

/** Half of it from one address, half from any. */
async function bearsAFlood(site: Site): Promise<void> {
  const { daemons, mallory } = site;
  const datagrams = damaged(mallory.address, FLOOD.rate * FLOOD.seconds / 4);
  const flood = await startRawFlood(mallory, { ...FLOOD, datagrams });
  let answers = 0;
  while (flood.running) {
    for (const daemon of daemons) await findsBeta(daemon);
    answers++;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const { code, stderr } = await flood.end(FLOOD_TIMEOUT_MS);
  assert.equal(code, 0, stderr);
  assert.ok(answers > 5, `only ${answers} answers in all that time`);
  for (const daemon of daemons) {
    assert.ok(daemon.process.running, daemon.process.log);
    const { datagrams } = await daemon.call("status", {});
    assert.ok(datagrams.received > LEAST_RECEIVED, JSON.stringify(datagrams));
    for (const reason of FLOOD_REASONS) {
      assert.ok(datagrams.rejected[reason]! > 10, JSON.stringify(datagrams));
    }
    const memoryMb = await peakMemoryMb(daemon);
    assert.ok(memoryMb < MAX_MEMORY_MB, `it took ${memoryMb} MB`);
    assert.equal(daemon.process.log, "");
  }
  await answersAreRight(site);
}

/** What is named in `status`, among others. */
const FLOOD_REASONS = [
  ...["not-diskd", "not-utf8", "bad-header", "bad-body", "too-fast"],
  "bad-signature",
];

/** Answers in time, and rightly, whatever else it is busy with. */
async function findsBeta(daemon: Daemon): Promise<void> {
  const rows = await daemon.call("where", { name: "beta" });
  assert.deepEqual(
    rows.map(({ host, state }) => ({ host, state })),
    [{ host: "beta", state: "attached" }],
  );
}

/** The two real hosts and their disks are known, whoever else is made up beside them. */
async function answersAreRight({ daemons }: Site): Promise<void> {
  for (const daemon of daemons) {
    await eventually(async () => {
      const rows = await daemon.call("list", {});
      assert.deepEqual(
        rows.filter(({ host }) => host === "alpha" || host === "beta")
          .map(({ host, label, state }) => ({ host, label, state })),
        ["alpha", "beta"].map((host) => ({
          host,
          label: host,
          state: "attached",
        })),
      );
    });
  }
}

function countsOf({ daemons }: Site): Promise<StatusView["datagrams"][]> {
  return Promise.all(
    daemons.map(async (daemon) => (await daemon.call("status", {})).datagrams),
  );
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** The most that it ever had in memory at once. */
async function peakMemoryMb({ process }: Daemon): Promise<number> {
  const status = Deno.readTextFileSync(`/proc/${await process.pid()}/status`);
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  assert.ok(kilobytes, status);
  return Number(kilobytes) / 1024;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
