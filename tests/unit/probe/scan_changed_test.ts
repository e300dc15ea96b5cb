import assert from "node:assert/strict";
import { DEVICE_RETRY_MS } from "../../../src/probe/device_table.ts";
import { createScanner } from "../../../src/probe/scan.ts";
import type { RunOutcome } from "../../../src/system/system.ts";
import { eventually } from "../../support/eventually.ts";
import { exited, scriptedSystem } from "../../support/scripted_system.ts";
import { changed, ext4, lsblk, rows, scannerOf } from "./scripted_host.ts";

const FAILED = exited({ code: 1, stderr: "blkid: I/O error" });
const ABSENT = exited({
  code: 2,
  stderr: "blkid: error: /dev/sda: No such file or directory\n",
});

function twoDisks() {
  return scannerOf({
    lsblk: lsblk({ name: "sda", size: 1 }, { name: "sdb", size: 2 }),
    blkid: ext4,
  });
}

Deno.test("scan() reads nothing when nothing changed, and knows it all", async () => {
  const { scanner, takeRead } = twoDisks();
  const first = await scanner.scan();
  assert.equal(first.read, 2);
  takeRead();
  const second = await scanner.scan(changed());
  assert.deepEqual(takeRead(), []);
  assert.equal(second.read, 0);
  assert.equal(second.ok, true);
  assert.deepEqual(second.disks, first.disks);
});

Deno.test("scan() reads everything by default", async () => {
  const { scanner, takeRead } = twoDisks();
  await scanner.scan();
  takeRead();
  assert.equal((await scanner.scan()).read, 2);
  assert.deepEqual(takeRead(), ["/dev/sda", "/dev/sdb"]);
});

Deno.test("scan() reads the device that is named, and no other", async () => {
  const { scanner, takeRead, state } = twoDisks();
  await scanner.scan();
  takeRead();
  state.blkid = () => ext4("new");
  const result = await scanner.scan(changed("sdb"));
  assert.deepEqual(takeRead(), ["/dev/sdb"]);
  assert.equal(result.read, 1);
  assert.deepEqual(rows(result), ["/dev/sda /dev/sda", "/dev/sdb new"]);
});

Deno.test("scan() reads a named device at the same moment as lsblk runs", async () => {
  const { scanner, calls, state } = twoDisks();
  await scanner.scan();
  const gate = Promise.withResolvers<RunOutcome>();
  state.lsblk = gate.promise;
  calls.length = 0;
  const scanned = scanner.scan(changed("sda", "sdc"));
  assert.deepEqual(calls.filter((call) => call.startsWith("blkid")), [
    "blkid -p -o udev /dev/sda",
    "blkid -p -o udev /dev/sdc",
  ]);
  gate.resolve(lsblk({ name: "sda", size: 1 }, { name: "sdc", size: 3 }));
  const result = await scanned;
  assert.deepEqual(rows(result), ["/dev/sda /dev/sda", "/dev/sdc /dev/sdc"]);
  assert.equal(calls.filter((call) => call.startsWith("blkid")).length, 2);
});

Deno.test("scan() finds the path of a named device of the device mapper in lsblk's list", async () => {
  const { scanner, takeRead, state } = scannerOf({
    lsblk: lsblk(),
    blkid: ext4,
  });
  await scanner.scan();
  state.lsblk = lsblk({
    name: "vg-root",
    kname: "dm-0",
    path: "/dev/mapper/vg-root",
  });
  await scanner.scan(changed("dm-0"));
  assert.deepEqual(takeRead(), ["/dev/mapper/vg-root"]);
  await scanner.scan(changed("dm-0"));
  assert.deepEqual(takeRead(), ["/dev/mapper/vg-root"]);
});

Deno.test("scan() knows a device whose name has the ! of sysfs", async () => {
  const { scanner, takeRead } = scannerOf({
    lsblk: lsblk({ name: "cciss/c0d0", path: "/dev/cciss/c0d0" }),
    blkid: ext4,
  });
  await scanner.scan();
  takeRead();
  await scanner.scan(changed("cciss!c0d0"));
  assert.deepEqual(takeRead(), ["/dev/cciss/c0d0"]);
});

Deno.test("scan() lists no device for a name that lsblk does not have", async () => {
  const { scanner } = twoDisks();
  await scanner.scan();
  const result = await scanner.scan(changed("sdx", "../../etc/shadow"));
  assert.deepEqual(rows(result), ["/dev/sda /dev/sda", "/dev/sdb /dev/sdb"]);
});

Deno.test("scan() takes nothing for a path that is not a plain name", async () => {
  const { scanner, takeRead } = twoDisks();
  await scanner.scan();
  takeRead();
  await scanner.scan(changed("../etc/passwd", "-o", "", "dm-7"));
  assert.deepEqual(takeRead(), []);
});

const ANOTHER_MEDIUM: readonly [what: string, before: object, now: object][] = [
  ["size", { size: 1 }, { size: 2 }],
  ["size, for the first time", { size: null }, { size: 2 }],
  ["serial number", { serial: "S1" }, { serial: "S2" }],
  ["kernel name", { kname: "dm-0" }, { kname: "dm-1" }],
  ["label of udev", { label: "a" }, { label: "b" }],
  ["type of udev", { fstype: "ext4" }, { fstype: "xfs" }],
  ["UUID of udev", { uuid: "/dev/sda" }, { uuid: "other" }],
  ["UUID of udev, which is gone,", { uuid: "/dev/sda" }, { uuid: null }],
  ["PARTUUID of udev", { partuuid: null }, { partuuid: "p" }],
  ["PARTLABEL of udev", { partlabel: null }, { partlabel: "p" }],
];

for (const [what, before, now] of ANOTHER_MEDIUM) {
  Deno.test(`scan() reads a device again when lsblk shows another ${what}`, async () => {
    const row = { name: "sda", path: "/dev/sda" };
    const { scanner, takeRead, state } = scannerOf({
      lsblk: lsblk({ ...row, ...before }, { name: "sdb" }),
      blkid: ext4,
    });
    await scanner.scan();
    takeRead();
    state.lsblk = lsblk({ ...row, ...now }, { name: "sdb" });
    await scanner.scan(changed());
    assert.deepEqual(takeRead(), ["/dev/sda"]);
    await scanner.scan(changed());
    assert.deepEqual(takeRead(), [], "read once");
  });
}

Deno.test("scan() does not read again what udev finds out later and blkid has read already", async () => {
  const { scanner, takeRead, state } = scannerOf({
    lsblk: lsblk({ name: "sda" }),
    blkid: () => ext4("u1"),
  });
  await scanner.scan();
  takeRead();
  state.lsblk = lsblk({ name: "sda", uuid: "u1", fstype: "ext4" });
  await scanner.scan(changed());
  assert.deepEqual(takeRead(), []);
});

Deno.test("scan() does not read again because something is mounted, or the model is known", async () => {
  const { scanner, takeRead, state } = twoDisks();
  await scanner.scan();
  takeRead();
  state.lsblk = lsblk(
    { name: "sda", size: 1, mountpoints: ["/mnt"] },
    { name: "sdb", size: 2, model: "M", ro: true },
  );
  const { disks } = await scanner.scan(changed());
  assert.deepEqual(takeRead(), []);
  assert.deepEqual(disks?.[0]?.mounts, ["/mnt"]);
  assert.equal(disks?.[1]?.ro, true);
});

for (
  const [what, before, now] of [
    ["serial number", { serial: "S1" }, { serial: "S2" }],
    ["size", { size: 1 }, { size: 2 }],
  ] as const
) {
  Deno.test(`scan() forgets at once what was on a device when one of another ${what} has its name`, async () => {
    const { scanner, state } = scannerOf({
      lsblk: lsblk({ name: "sda", ...before }),
      blkid: ext4,
    });
    await scanner.scan();
    state.lsblk = lsblk({ name: "sda", ...now });
    state.blkid = () => FAILED;
    assert.deepEqual(rows(await scanner.scan(changed())), ["/dev/sda null"]);
  });
}

Deno.test("scan() reads a device that came, and forgets one that left", async () => {
  const { scanner, takeRead, state } = twoDisks();
  await scanner.scan();
  takeRead();
  state.lsblk = lsblk({ name: "sdb", size: 2 }, { name: "sdc" });
  const result = await scanner.scan(changed());
  assert.deepEqual(takeRead(), ["/dev/sdc"]);
  assert.deepEqual(rows(result), ["/dev/sdb /dev/sdb", "/dev/sdc /dev/sdc"]);
});

Deno.test("scan() leaves alone a device without a node in /dev until it has one", async () => {
  const { scanner, takeRead, state } = scannerOf({
    lsblk: lsblk({ name: "sda", mode: null }),
    blkid: ext4,
  });
  assert.deepEqual((await scanner.scan()).disks, []);
  await scanner.scan(changed());
  assert.deepEqual(takeRead(), []);
  state.lsblk = lsblk({ name: "sda", mode: "brw-rw----" });
  const result = await scanner.scan(changed());
  assert.deepEqual(takeRead(), ["/dev/sda"]);
  assert.deepEqual(rows(result), ["/dev/sda /dev/sda"]);
  state.lsblk = lsblk({ name: "sda", mode: null });
  assert.deepEqual((await scanner.scan(changed("sda"))).disks, []);
  state.lsblk = lsblk({ name: "sda", mode: "brw-rw----" });
  state.blkid = () => ext4("another");
  assert.deepEqual(rows(await scanner.scan(changed())), ["/dev/sda another"]);
});

Deno.test("scan() tries again a device whose node was not there when it was read", async () => {
  const { scanner, state } = scannerOf({
    lsblk: lsblk({ name: "sda" }),
    blkid: () => ABSENT,
  });
  const first = await scanner.scan();
  assert.deepEqual(first.disks, []);
  assert.equal(first.ok, true);
  state.blkid = ext4;
  assert.deepEqual(rows(await scanner.scan(changed())), ["/dev/sda /dev/sda"]);
});

Deno.test("scan() tries a device that failed again after a while, or when it is named", async () => {
  let now = 0;
  let read = 0;
  const scanner = createScanner({
    ...scriptedSystem(({ program }) => {
      if (program === "lsblk") return lsblk({ name: "sda" });
      if (program === "findmnt") return { kind: "missing" };
      read++;
      return FAILED;
    }),
    now: () => now,
  });
  await scanner.scan();
  now += DEVICE_RETRY_MS - 1;
  const { ok, problems } = await scanner.scan(changed());
  assert.equal(read, 1);
  assert.equal(ok, false, "what is wrong is still said");
  assert.match(problems[0]!, /^blkid on \/dev\/sda failed/);
  await scanner.scan(changed("sda"));
  assert.equal(read, 2);
  now += DEVICE_RETRY_MS;
  await scanner.scan(changed());
  assert.equal(read, 3);
});

Deno.test("scan() reads later what it could not list", async () => {
  const { scanner, takeRead, state } = twoDisks();
  await scanner.scan();
  const list = state.lsblk;
  state.lsblk = exited({ code: 1 });
  assert.equal((await scanner.scan(changed("sdb"))).disks, null);
  takeRead();
  state.lsblk = list;
  state.blkid = () => ext4("new");
  const result = await scanner.scan(changed());
  assert.deepEqual(takeRead(), ["/dev/sdb"]);
  assert.deepEqual(rows(result), ["/dev/sda /dev/sda", "/dev/sdb new"]);
});

Deno.test("scan() reads for all who wait what each of them asked for", async () => {
  const { scanner, takeRead } = twoDisks();
  await scanner.scan();
  takeRead();
  const running = scanner.scan(changed());
  const waiting = [scanner.scan(changed("sda")), scanner.scan(changed("sdb"))];
  await running;
  assert.deepEqual(takeRead(), ["/dev/sda", "/dev/sdb"]);
  assert.equal(await waiting[0], await waiting[1]);

  const again = scanner.scan(changed());
  const all = [scanner.scan(changed("sda")), scanner.scan()];
  await again;
  await Promise.all(all);
  assert.deepEqual(takeRead(), ["/dev/sda", "/dev/sdb"]);
});

Deno.test("scan() reads again a device that is named while it is being read", async () => {
  const { scanner, takeRead, state } = twoDisks();
  await scanner.scan();
  takeRead();
  const gate = Promise.withResolvers<RunOutcome>();
  state.blkid = () => gate.promise;
  const first = scanner.scan(changed("sda"));
  await Promise.resolve();
  const second = scanner.scan(changed("sda"));
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(takeRead(), ["/dev/sda"], "never two at once");
  state.blkid = () => ext4("second");
  gate.resolve(ext4("first"));
  assert.deepEqual(rows(await first)?.[0], "/dev/sda first");
  assert.deepEqual(rows(await second)?.[0], "/dev/sda second");
});

Deno.test("scan() takes nothing that was read before another disk had its name", async () => {
  const { scanner, state } = scannerOf({
    lsblk: lsblk({ name: "sda", serial: "S1" }),
    blkid: ext4,
  });
  await scanner.scan();
  const gate = Promise.withResolvers<RunOutcome>();
  state.blkid = () => gate.promise;
  const reading = scanner.scan(changed("sda"));
  await new Promise((resolve) => setTimeout(resolve, 1));
  state.lsblk = lsblk({ name: "sda", serial: "S2" });
  const exchanged = scanner.scan(changed());
  await new Promise((resolve) => setTimeout(resolve, 1));
  state.blkid = () => ext4("new");
  gate.resolve(ext4("old"));
  assert.deepEqual(rows(await reading), []);
  assert.deepEqual(rows(await exchanged), ["/dev/sda new"]);
});

Deno.test("scan() has what was read for it also when the next scan is listing by then", async () => {
  const lists = lsblk({ name: "sda", size: 1 });
  const blkid = Promise.withResolvers<RunOutcome>();
  const second = Promise.withResolvers<RunOutcome>();
  const { scanner, state, calls } = scannerOf({
    lsblk: lists,
    blkid: () => blkid.promise,
  });
  const scanned = scanner.scan();
  await eventually(() =>
    assert.ok(calls.some((call) => call.startsWith("blkid")))
  );
  state.lsblk = second.promise;
  const again = scanner.scan(changed());
  await eventually(() =>
    assert.equal(calls.filter((call) => call.startsWith("lsblk")).length, 2)
  );
  blkid.resolve(ext4("there"));
  setTimeout(() => second.resolve(lists), 20);
  assert.deepEqual(rows(await scanned), ["/dev/sda there"]);
  assert.deepEqual(rows(await again), ["/dev/sda there"]);
});

Deno.test("what blkid failed to read of a device without a node is no problem of this host", async () => {
  const host = scannerOf({
    lsblk: lsblk(
      { name: "sda", mode: "brw-rw----", size: 1 },
      { name: "loop7", mode: null, size: 1 },
    ),
    blkid: () => ext4("a"),
  });
  await host.scanner.scan();
  host.state.blkid = () => ({ kind: "denied", reason: "not executable" });
  // The kernel tells every container of each device.
  await host.scanner.scan(changed("loop8"));
  host.state.lsblk = lsblk(
    { name: "sda", mode: "brw-rw----", size: 1 },
    { name: "loop7", mode: null, size: 1 },
    { name: "loop8", mode: null, size: 1 },
  );
  const failed = host.scanner.scan(changed("loop8"));
  assert.deepEqual((await failed).problems, []);
  host.state.blkid = () => ext4("a");
  assert.deepEqual((await host.scanner.scan()).problems, []);
});
