import assert from "node:assert/strict";
import type { DiskRow } from "../../src/control/views.ts";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { HotDisk } from "../support/hot_disk.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { attachNew } from "../support/plug.ts";
import { ReplacedPrograms } from "../support/replaced_programs.ts";
import { startUdevd, UDEVD } from "../support/udisks.ts";

/** No look at an interval comes while a test runs: what is seen, an event told. */
const EVENTS_ONLY = ["--scan-interval", "1h"];

const WATCHERS = ["udevadm", "findmnt"];
const ENCLOSURE_DISKS = 24;
const MOUNT_POINT = "/run/mount-point";

lanTest({
  name: "what happens to a disk is known to another host without a look",
  programs: WATCHERS,
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  await using disk = await HotDisk.create({ type: "ext4", label: "stick" });
  await using daemon = await Daemon.start(alpha, { args: EVENTS_ONLY });
  await using there = await Daemon.start(beta);
  await alpha.run(["mkdir", MOUNT_POINT]);
  await t.step("attached", async () => {
    await disk.plugInto(alpha);
    await finds(there, "stick", ({ device, host, state }) => {
      assert.deepEqual([device, host, state], [
        disk.device,
        "alpha",
        "attached",
      ]);
    });
    await noticesAll(daemon);
  });
  await t.step("mounted", async () => {
    await run(alpha, ["mount", disk.device, MOUNT_POINT]);
    await finds(there, "stick", ({ mounts, mounts_ro }) => {
      assert.deepEqual([mounts, mounts_ro], [[MOUNT_POINT], []]);
    });
  });
  await t.step("mounted read-only", async () => {
    await run(alpha, ["mount", "-o", "remount,ro", MOUNT_POINT]);
    await finds(there, "stick", ({ mounts_ro }) => {
      assert.deepEqual(mounts_ro, [MOUNT_POINT]);
    });
  });
  await t.step("unmounted", async () => {
    await run(alpha, ["umount", MOUNT_POINT]);
    await finds(there, "stick", ({ mounts, mounts_ro }) => {
      assert.deepEqual([mounts, mounts_ro], [[], []]);
    });
  });
  await t.step("detached", async () => {
    await disk.pull();
    await finds(there, "stick", isDetached);
  });
});

lanTest({
  name: "where udev runs, what is written to a disk gives an event",
  programs: [...WATCHERS, UDEVD],
  hosts: ["alpha"],
}, async ({ alpha }) => {
  await startUdevd(alpha);
  await using disk = await HotDisk.create({ type: "ext4", label: "before" });
  await disk.plugInto(alpha);
  await using daemon = await Daemon.start(alpha, { args: EVENTS_ONLY });
  await eventually(async () => {
    const { scan } = await daemon.call("status", {});
    assert.equal(scan.deviceEvents, "udev");
  });
  await run(alpha, ["e2label", disk.device, "after"]);
  await finds(daemon, "after", ({ device }) => {
    assert.equal(device, disk.device);
  });
  await run(alpha, ["mkswap", "-L", "swapped", disk.device]);
  await finds(daemon, "swapped", ({ type }) => assert.equal(type, "swap"));
});

lanTest({
  name: "where udev runs, a disk is not read for what happens to another",
  programs: [...WATCHERS, UDEVD],
  hosts: ["alpha"],
}, async ({ alpha }) => {
  await startUdevd(alpha);
  await using asleep = await HotDisk.create({
    type: "ext4",
    label: "sleeps",
  });
  await using busy = await HotDisk.create({ type: "ext4", label: "busy" });
  await asleep.plugInto(alpha);
  await using daemon = await Daemon.start(alpha, {
    args: ["--scan-interval", "100ms"],
  });
  await finds(daemon, "sleeps", isAttached);
  await settled(asleep);
  const reads = asleep.reads();
  await alpha.run(["mkdir", MOUNT_POINT]);
  for (let round = 0; round < 3; round++) {
    await busy.plugInto(alpha);
    await finds(daemon, "busy", isAttached);
    await run(alpha, ["mount", busy.device, MOUNT_POINT]);
    await finds(daemon, "busy", ({ mounts }) => {
      assert.deepEqual(mounts, [MOUNT_POINT]);
    });
    await run(alpha, ["umount", MOUNT_POINT]);
    await busy.pull();
    await finds(daemon, "busy", isDetached);
  }
  assert.equal(asleep.reads(), reads);
  await daemon.call("refresh", {});
  assert.ok(
    asleep.reads() > reads,
    "nothing reads it, or reads do not count",
  );
});

lanTest({
  name: "without udev, a new label is found by looking",
  programs: WATCHERS,
  hosts: ["alpha"],
}, async ({ alpha }) => {
  const disk = await attachNew(alpha, { type: "ext4", label: "before" });
  await using daemon = await Daemon.start(alpha);
  await run(alpha, ["e2label", disk.device, "after"]);
  await finds(daemon, "after", ({ device }) => {
    assert.equal(device, disk.device);
  });
});

lanTest({
  name:
    "an enclosure that is switched on is looked at a few times, and all its disks are found",
  programs: WATCHERS,
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }) => {
  const programs = new ReplacedPrograms(alpha);
  const lsblk = await programs.original("lsblk");
  await programs.replace(
    "lsblk",
    `echo x >>/run/looks; exec ${lsblk} "$@"`,
  );
  await using disks = new AsyncDisposableStack();
  const enclosure: HotDisk[] = [];
  for (let i = 0; i < ENCLOSURE_DISKS; i++) {
    const options = { type: "ext4", label: `bay-${i}` } as const;
    enclosure.push(disks.use(await HotDisk.create(options)));
  }
  await using _daemon = await Daemon.start(alpha, { args: EVENTS_ONLY });
  await using there = await Daemon.start(beta);
  await eventually(async () => {
    const hosts = await there.call("hosts", {});
    assert.equal(hosts.length, 2);
  });
  const before = looks(alpha);
  for (const disk of enclosure) await disk.plugInto(alpha);
  await eventually(async () => {
    const rows = await there.call("list", {});
    const labels = rows.map(({ label }) => label).sort();
    assert.deepEqual(labels, enclosure.map(({ label }) => label).sort());
  }, { pauseMs: 10 });
  const taken = looks(alpha) - before;
  assert.ok(taken < ENCLOSURE_DISKS / 2, `${taken} looks`);
});

lanTest({
  name: "a disk that hangs holds back neither another nor later ones",
  programs: WATCHERS,
  hosts: ["alpha"],
}, async ({ alpha }) => {
  await using sick = await HotDisk.create({ type: "ext4", label: "sick" });
  await using well = await HotDisk.create({ type: "ext4", label: "well" });
  await using later = await HotDisk.create({ type: "ext4", label: "later" });
  const programs = new ReplacedPrograms(alpha);
  await using daemon = await Daemon.start(alpha, { args: EVENTS_ONLY });
  await sick.plugInto(alpha);
  await finds(daemon, "sick", isAttached);
  const blkid = await programs.original("blkid");
  const hangs = `case "$*" in *${sick.device}) exec sleep 60;; esac`;
  await programs.replace("blkid", `${hangs}\nexec ${blkid} "$@"`);
  const refreshed = daemon.call("refresh", {});
  const startedAt = performance.now();
  for (const disk of [well, later]) {
    await disk.plugInto(alpha);
    await finds(daemon, disk.label!, isAttached);
  }
  // A hanging blkid is given up after 15 s.
  assert.ok(performance.now() - startedAt < 14_000);
  const { ok, problems } = await refreshed;
  assert.equal(ok, false);
  assert.match(problems.join("\n"), new RegExp(`blkid on ${sick.device}`));
  await finds(daemon, "sick", isAttached);
});

lanTest({
  name: "a watcher that is killed is started again, and made up for meanwhile",
  programs: [...WATCHERS, "pidof"],
  hosts: ["alpha"],
}, async ({ alpha }) => {
  await using disk = await HotDisk.create({ type: "ext4", label: "stick" });
  await using daemon = await Daemon.start(alpha);
  await noticesAll(daemon);
  // Not at once: a scan's own findmnt may have ended meanwhile.
  const killEach =
    "for pid in $(pidof udevadm findmnt); do kill -KILL $pid || :; done";
  await run(alpha, ["sh", "-c", killEach]);
  await disk.plugInto(alpha);
  await finds(daemon, "stick", isAttached);
  await noticesAll(daemon);
  await daemon.stop();
  const { code, stdout } = await alpha.run(["pidof", "udevadm", "findmnt"]);
  assert.equal(code, 1, `still running: ${stdout}`);
});

/** Waits until every change that gives an event without udev is heard of. */
async function noticesAll(daemon: Daemon): Promise<void> {
  await eventually(async () => {
    const { scan } = await daemon.call("status", {});
    assert.equal(scan.deviceEvents, "kernel");
    assert.equal(scan.mountEvents, "events");
  });
}

function isAttached({ state }: DiskRow): void {
  assert.equal(state, "attached");
}

function isDetached({ state }: DiskRow): void {
  assert.equal(state, "detached");
}

/** Waits until `where` has one row that passes. */
async function finds(
  daemon: Daemon,
  name: string,
  check: (row: DiskRow) => void,
): Promise<void> {
  await eventually(async () => {
    const rows = await daemon.call("where", { name });
    assert.equal(rows.length, 1);
    check(rows[0]!);
  }, { pauseMs: 10 });
}

async function run(host: Host, argv: readonly string[]): Promise<void> {
  const { code, stderr } = await host.run(argv);
  assert.equal(code, 0, stderr);
}

/** Waits until udev and diskd have read all that they want of it. */
async function settled(disk: HotDisk): Promise<void> {
  let before = -1;
  await eventually(() => {
    const reads = disk.reads();
    const same = reads === before;
    before = reads;
    assert.ok(same);
  }, { pauseMs: 1_000 });
}

/** How often lsblk ran. */
function looks(host: Host): number {
  return Deno.readTextFileSync(host.path("/run/looks")).length / 2;
}
