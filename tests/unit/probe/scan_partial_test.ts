import assert from "node:assert/strict";
import type { Disk } from "../../../src/inventory/disk.ts";
import type { ScannerOptions } from "../../../src/probe/scan.ts";
import type { RunOutcome } from "../../../src/system/system.ts";
import { eventually } from "../../support/eventually.ts";
import { changed, ext4, lsblk, rows, scannerOf } from "./scripted_host.ts";

/** A host on which blkid answers when the test says so. */
function gatedHost(names: readonly string[], options: ScannerOptions = {}) {
  const gates = new Map<string, (outcome: RunOutcome) => void>();
  const lists: (readonly string[])[] = [];
  const host = scannerOf({
    lsblk: lsblk(...names.map((name) => ({ name }))),
    blkid: (device) =>
      new Promise<RunOutcome>((resolve) => gates.set(device, resolve)),
  }, {
    ...options,
    onDisks: (disks) => lists.push(devicesOf(disks)),
  });
  return {
    ...host,
    lists,
    /** Waits until blkid runs on it, and lets it find a filesystem. */
    answer: async (device: string, uuid = device) => {
      const answer = await eventually(
        () => gates.get(device) ?? assert.fail(),
        { pauseMs: 5 },
      );
      gates.delete(device);
      answer(ext4(uuid));
      await new Promise((resolve) => setTimeout(resolve, 1));
    },
  };
}

function devicesOf(disks: readonly Disk[]): string[] {
  return disks.map(({ device, uuid }) =>
    device === uuid ? device : `${device} ${uuid}`
  );
}

Deno.test("onDisks hears the first list when all of it is read", async () => {
  const { scanner, lists, answer } = gatedHost(["sda", "sdb"]);
  const scanned = scanner.scan();
  await answer("/dev/sdb");
  assert.deepEqual(lists, []);
  await answer("/dev/sda");
  await scanned;
  assert.deepEqual(lists, [["/dev/sda", "/dev/sdb"]]);
});

Deno.test("onDisks hears the first list without a slow device, which is told when it answers", async () => {
  const { scanner, lists, answer } = gatedHost(["sda", "sdb"], { slowMs: 300 });
  const scanned = scanner.scan();
  await answer("/dev/sdb");
  assert.deepEqual(lists, []);
  const result = await scanned;
  assert.deepEqual(lists, [["/dev/sdb"]]);
  assert.deepEqual(rows(result), ["/dev/sdb /dev/sdb"]);
  assert.deepEqual(result.problems, [
    "blkid on /dev/sda takes longer than 0.3 s. Its last known contents stay listed.",
  ]);
  await answer("/dev/sda");
  await eventually(() =>
    assert.deepEqual(lists.at(-1), ["/dev/sda", "/dev/sdb"])
  );
  assert.equal(lists.length, 2);
});

Deno.test("onDisks hears no half of the first list from a second scan", async () => {
  const { scanner, lists, answer, state } = gatedHost(["sda", "sdb"]);
  const first = scanner.scan();
  await answer("/dev/sdb");
  const second = scanner.scan(changed("sdb"));
  await answer("/dev/sdb", "again");
  state.lsblk = lsblk({ name: "sda" }, { name: "sdb" });
  assert.deepEqual(lists, []);
  await answer("/dev/sda");
  await first;
  assert.deepEqual(rows(await second), ["/dev/sda /dev/sda", "/dev/sdb again"]);
  assert.deepEqual(lists, [["/dev/sda", "/dev/sdb again"]]);
});

Deno.test("onDisks hears an empty first list", async () => {
  const { scanner, lists } = gatedHost([]);
  await scanner.scan();
  assert.deepEqual(lists, [[]]);
});

Deno.test("onDisks hears nothing more in the pause after a list, but what ends a scan", async () => {
  const pauseMs = 60_000;
  const { scanner, lists, answer, state } = gatedHost([], { pauseMs });
  await scanner.scan();
  state.lsblk = lsblk({ name: "a" }, { name: "b" });
  const scanned = scanner.scan(changed());
  await answer("/dev/b");
  assert.deepEqual(lists, [[]]);
  await answer("/dev/a");
  await scanned;
  assert.deepEqual(lists, [[], ["/dev/a", "/dev/b"]]);
});

Deno.test("onDisks hears of the first disk at once after a quiet time", async () => {
  const { scanner, lists, answer, state } = gatedHost([], { pauseMs: 50 });
  await scanner.scan();
  await new Promise((resolve) => setTimeout(resolve, 60));
  lists.length = 0;
  state.lsblk = lsblk(...["a", "b", "c", "d"].map((name) => ({ name })));
  const scanned = scanner.scan(changed());
  await answer("/dev/c");
  assert.deepEqual(lists, [["/dev/c"]]);
  await answer("/dev/a");
  await answer("/dev/b");
  await eventually(() =>
    assert.deepEqual(lists.at(-1), ["/dev/a", "/dev/b", "/dev/c"])
  );
  await answer("/dev/d");
  await scanned;
  assert.deepEqual(lists.at(-1), ["/dev/a", "/dev/b", "/dev/c", "/dev/d"]);
});

Deno.test("onDisks hears of a disk that left before one that came is read", async () => {
  const { scanner, lists, answer, state } = gatedHost(["a"], {
    pauseMs: 0,
    slowMs: 60_000,
  });
  const first = scanner.scan();
  await answer("/dev/a");
  await first;
  state.lsblk = lsblk({ name: "b" });
  const second = scanner.scan(changed());
  await eventually(() => assert.deepEqual(lists.at(-1), []));
  await answer("/dev/b");
  await second;
  assert.deepEqual(lists, [["/dev/a"], [], ["/dev/b"]]);
});

Deno.test("onDisks hears nothing of a scan that finds the same", async () => {
  const { scanner, lists, answer } = gatedHost(["a"]);
  for (let scans = 0; scans < 2; scans++) {
    const scanned = scanner.scan();
    await answer("/dev/a");
    await scanned;
  }
  await scanner.scan(changed());
  assert.deepEqual(lists, [["/dev/a"]]);
});

Deno.test("onDisks hears nothing when lsblk fails", async () => {
  const { scanner, lists, answer, state } = gatedHost(["a"]);
  const scanned = scanner.scan();
  await answer("/dev/a");
  await scanned;
  state.lsblk = { kind: "overflow", limitBytes: 1 };
  assert.equal((await scanner.scan()).disks, null);
  assert.deepEqual(lists, [["/dev/a"]]);
});
