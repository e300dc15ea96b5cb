import assert from "node:assert/strict";
import type { DiskRow } from "../../src/control/views.ts";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, lanTest } from "../support/lan.ts";
import {
  type MadeUp,
  madeUpDisks,
  pretendToHave,
  writeLsblk,
} from "../support/made_up_disks.ts";

const MANY = 1_000;
/** As real loop devices; some two datagrams more than fit in one. */
const REAL = 40;

lanTest({
  name: "diskd takes in long lists whole, and never a part of one",
  hosts: ["alpha", "beta", "gamma"],
}, async ({ lan }, t) => {
  const [alpha, beta, gamma] = lan.hosts as [Host, Host, Host];
  const disks = madeUpDisks(MANY);
  await pretendToHave(alpha, disks);
  const real = await attachMany(gamma, REAL);
  await using observer = await Daemon.start(beta);
  const counts = new Counts(observer, "alpha");
  assert.equal(await counts.look(), 0);
  await using other = await Daemon.start(gamma);
  const [, started] = await Promise.all([
    counts.reach(MANY),
    Daemon.start(alpha),
  ]);
  await using sender = started;

  await t.step(`${MANY} disks of one host arrive`, async () => {
    for (const daemon of [observer, other]) {
      await eventually(async () => {
        assert.deepEqual(disksOn("alpha", await daemon.json("list")), disks);
      });
    }
    assert.deepEqual([...counts.seen], [0, MANY]);
  });
  await t.step("one disk less is told as well", async () => {
    const fewer = disks.toSpliced(500, 1);
    await writeLsblk(alpha, fewer);
    await Promise.all([counts.reach(MANY - 1), sender.json("refresh")]);
    assert.deepEqual(disksOn("alpha", await observer.json("list")), fewer);
    assert.deepEqual([...counts.seen], [0, MANY, MANY - 1]);
  });
  await t.step(`${REAL} real disks of one host arrive`, async () => {
    for (const daemon of [observer, sender]) {
      await eventually(async () => {
        const rows = disksOn("gamma", await daemon.call("list", {}));
        assert.deepEqual(rows, real);
      });
    }
  });
  await t.step("nothing was refused, and no list given up", async () => {
    for (const daemon of [observer, other, sender]) {
      const { datagrams } = await daemon.call("status", {});
      assert.deepEqual(datagrams.rejected, {});
    }
  });
});

/** How many disks a host was ever seen with. */
class Counts {
  /** In the order in which they were first seen. */
  readonly seen = new Set<number>();
  readonly #observer: Daemon;
  readonly #host: string;

  constructor(observer: Daemon, host: string) {
    this.#observer = observer;
    this.#host = host;
  }

  async look(): Promise<number> {
    const rows = await this.#observer.call("list", {});
    const { length } = rows.filter(({ host }) => host === this.#host);
    this.seen.add(length);
    return length;
  }

  /** Looks, often enough to see what comes in between, until it is `count`. */
  async reach(count: number): Promise<void> {
    const look = async () => assert.equal(await this.look(), count);
    await eventually(look, { pauseMs: 2 });
  }
}

async function attachMany(host: Host, count: number): Promise<MadeUp[]> {
  const made: MadeUp[] = [];
  for (let i = 0; i < count; i++) {
    const disk = await host.disk({ type: "swap", label: `real ${i}` });
    await host.attach(disk);
    const { device, uuid, label } = disk;
    made.push({ device, uuid: uuid!, label: label! });
  }
  return made.toSorted(byDevice);
}

function disksOn(name: string, rows: readonly DiskRow[]): MadeUp[] {
  return rows.filter(({ host }) => host === name)
    .map(({ device, uuid, label }) => ({ device, uuid: uuid!, label: label! }))
    .toSorted(byDevice);
}

function byDevice(a: MadeUp, b: MadeUp): number {
  return a.device < b.device ? -1 : 1;
}
