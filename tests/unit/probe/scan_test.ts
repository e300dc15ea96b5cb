import assert from "node:assert/strict";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { createScanner, MAX_DEVICES } from "../../../src/probe/scan.ts";
import { exited, scriptedSystem } from "../../support/scripted_system.ts";
import { ext4, lsblk, rows, scan, scannerOf } from "./scripted_host.ts";

const NOTHING = exited({ code: 2 });
const DENIED = exited({
  code: 2,
  stderr: "blkid: error: /dev/sda1: Permission denied\n",
});

Deno.test("scan() merges what blkid reads and what lsblk knows", async () => {
  const result = await scan({
    lsblk: lsblk({
      name: "sda",
      size: 100,
      model: "M",
      serial: "S",
      tran: "usb",
      rm: true,
      ro: false,
      children: [{
        name: "sda1",
        size: 90,
        uuid: "stale",
        label: "stale",
        partlabel: "from lsblk",
        partuuid: "stale",
        mountpoints: ["/mnt", null],
      }],
    }),
    blkid: (device) =>
      device === "/dev/sda1"
        ? exited({
          stdout: "ID_FS_UUID_ENC=u1\nID_FS_TYPE=ext4\nID_PART_ENTRY_UUID=p1\n",
        })
        : NOTHING,
  });
  assert.deepEqual(result.problems, []);
  assert.equal(result.ok, true);
  const hardware = { model: "M", serial: "S", tran: "usb", rm: true };
  assert.deepEqual(result.disks, [
    makeDisk({
      device: "/dev/sda",
      size: 100,
      inUse: true,
      hidden: "parts",
      ...hardware,
      ro: false,
    }),
    makeDisk({
      device: "/dev/sda1",
      uuid: "u1",
      type: "ext4",
      size: 90,
      mounts: ["/mnt"],
      inUse: true,
      parents: ["/dev/sda"],
      partuuid: "p1",
      partlabel: "from lsblk",
      ...hardware,
    }),
  ]);
});

Deno.test("scan() lists a device on which blkid finds nothing as blank, whatever udev says", async () => {
  const result = await scan({
    lsblk: lsblk({ name: "sda", uuid: "u1", fstype: "ext4" }),
    blkid: () => NOTHING,
  });
  assert.deepEqual(result.disks, [
    makeDisk({ device: "/dev/sda", inUse: false }),
  ]);
  assert.equal(result.ok, true);
});

Deno.test("scan() takes exit code 8 of blkid for no error", async () => {
  const result = await scan({
    lsblk: lsblk({ name: "sda" }),
    blkid: () =>
      exited({
        code: 8,
        stdout: "ID_FS_AMBIVALENT=filesystem:ext4:1.0 filesystem:btrfs\n",
      }),
  });
  assert.deepEqual(result.disks?.[0]?.types, ["ext4", "btrfs"]);
  assert.equal(result.ok, true);
});

Deno.test("scan() lists a partition that has nothing but its own name", async () => {
  const result = await scan({
    lsblk: lsblk({ name: "sda1" }),
    blkid: () =>
      exited({ stdout: "ID_PART_ENTRY_NAME=data\nID_PART_ENTRY_UUID=p\n" }),
  });
  assert.equal(result.disks?.[0]?.partlabel, "data");
  assert.equal(result.disks?.[0]?.hidden, null);
});

Deno.test("scan() lists a disk that has a label and no UUID", async () => {
  const result = await scan({
    lsblk: lsblk({ name: "sda" }),
    blkid: () => exited({ stdout: "ID_FS_LABEL_ENC=SCRATCH\n" }),
  });
  assert.equal(result.disks?.[0]?.label, "SCRATCH");
});

Deno.test("scan() asks blkid with its cache left out, one device a call", async () => {
  const { scanner, calls } = scannerOf({
    lsblk: lsblk({ name: "sda" }, { name: "sdb" }),
    blkid: ext4,
  });
  await scanner.scan();
  assert.deepEqual(calls.slice(2), [
    "blkid -p -o udev /dev/sda",
    "blkid -p -o udev /dev/sdb",
  ]);
});

Deno.test("scan() asks at most four devices at once and keeps their order", async () => {
  let running = 0;
  let most = 0;
  const names = Array.from({ length: 20 }, (_, index) => `sd${index}`);
  const result = await scan({
    lsblk: lsblk(...names.map((name) => ({ name }))),
    blkid: async (device) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      return ext4(device);
    },
  });
  assert.equal(most, 4);
  assert.deepEqual(
    result.disks?.map(({ uuid }) => uuid),
    names.map((name) => `/dev/${name}`),
  );
});

Deno.test("scan() asks an older lsblk for the columns that it has", async () => {
  const system = scriptedSystem(({ program, args }) => {
    if (program === "findmnt") return { kind: "missing" };
    if (program === "blkid") return ext4("u1");
    return /PATH|MOUNTPOINTS/.test(args.at(-1)!)
      ? exited({ code: 1, stderr: "lsblk: unknown column: PATH\n" })
      : lsblk({ name: "sda", mountpoint: "/mnt" });
  });
  const result = await createScanner(system).scan();
  assert.deepEqual(rows(result), ["/dev/sda u1"]);
  assert.deepEqual(result.disks?.[0]?.mounts, ["/mnt"]);
  assert.equal(result.ok, true);
});

Deno.test("scan() takes udev's word where this user may not read the device", async () => {
  const result = await scan({
    lsblk: lsblk({ name: "sda1", uuid: "u1", label: "l1", fstype: "ext4" }),
    blkid: () => DENIED,
  });
  assert.deepEqual(rows(result), ["/dev/sda1 u1"]);
  assert.equal(result.disks?.[0]?.type, "ext4");
  assert.equal(result.disks?.[0]?.label, "l1");
  assert.equal(result.ok, true);
});

Deno.test("scan() says so where neither blkid nor udev can tell", async () => {
  const result = await scan({
    lsblk: lsblk(...["a", "b", "c", "d", "e"].map((name) => ({ name }))),
    blkid: () => DENIED,
  });
  assert.deepEqual(result.disks, []);
  assert.equal(result.ok, false);
  assert.match(
    result.problems.join("\n"),
    /^No permission to read \/dev\/a, \/dev\/b, \/dev\/c and 2 more.*root/,
  );
});

Deno.test("scan() goes on with udev's data where blkid is missing", async () => {
  const { scanner, calls } = scannerOf({
    lsblk: lsblk(
      { name: "sda1", uuid: "u1", fstype: "ext4" },
      ...Array.from({ length: 20 }, (_, index) => ({ name: `sd${index}` })),
    ),
    blkid: () => ({ kind: "missing" }),
  });
  const result = await scanner.scan();
  assert.equal(rows(result)?.[0], "/dev/sda1 u1");
  assert.equal(result.ok, false);
  assert.equal(result.problems.length, 1);
  assert.match(result.problems[0]!, /blkid was not found.*install util-linux/);
  assert(calls.length < 10, "blkid is not looked for once a device");
});

Deno.test("scan() keeps the last list where blkid is missing and udev knows nothing", async () => {
  const result = await scan({
    lsblk: lsblk({ name: "sda1" }),
    blkid: () => ({ kind: "denied", reason: "not allowed" }),
  });
  assert.equal(result.disks, null);
  assert.match(result.problems[0]!, /blkid cannot be run \(not allowed\)/);
});

Deno.test("scan() lists devices by blkid where lsblk is missing", async () => {
  const system = scriptedSystem(({ program, args }) => {
    if (program !== "blkid") return { kind: "missing" };
    if (args.includes("-p")) return ext4("u1");
    assert.deepEqual(args, ["-c", "/dev/null", "-o", "device"]);
    return exited({ stdout: "/dev/sda1\n/dev/sdb1\n" });
  });
  const result = await createScanner(system).scan();
  assert.deepEqual(rows(result), ["/dev/sda1 u1", "/dev/sdb1 u1"]);
  assert.equal(result.ok, false);
  assert.match(result.problems[0]!, /lsblk was not found.*install util-linux/);
});

Deno.test("scan() refuses a list of blkid that is no list of devices", async () => {
  const system = scriptedSystem(({ program }) =>
    program === "blkid"
      ? exited({ stdout: "Usage: blkid\n" })
      : { kind: "missing" }
  );
  const result = await createScanner(system).scan();
  assert.equal(result.disks, null);
  assert.match(result.problems[1]!, /found "Usage: blkid", expected a path/);
});

Deno.test("scan() looks at so many devices and no more, and says so", async () => {
  const names = Array.from({ length: MAX_DEVICES + 3 }, (_, n) => `sd${n}`);
  const result = await scan({
    lsblk: lsblk(...names.map((name) => ({ name }))),
    blkid: ext4,
  });
  assert.equal(result.disks?.length, MAX_DEVICES);
  assert.equal(result.ok, false);
  assert.match(result.problems[0]!, /lsblk lists 4099 .*: 3 were not/);
});

Deno.test("scan() says how long it took by the system's clock", async () => {
  let now = 1000;
  const system = {
    ...scriptedSystem(({ program }) => {
      if (program === "findmnt") return { kind: "missing" };
      now += 7;
      return lsblk();
    }),
    now: () => now,
  };
  assert.equal((await createScanner(system).scan()).durationMs, 7);
});

Deno.test("scan() begins after the call, and all calls that wait share one scan", async () => {
  const gate = Promise.withResolvers<void>();
  let started = 0;
  const system = scriptedSystem(async ({ program }) => {
    if (program === "findmnt") return { kind: "missing" };
    started++;
    await gate.promise;
    return lsblk();
  });
  const scanner = createScanner(system);
  const first = scanner.scan();
  const second = scanner.scan();
  const third = scanner.scan();
  assert.equal(started, 1, "never two scans at once");
  gate.resolve();
  assert.equal(await second, await third);
  assert.notEqual(await first, await second);
  assert.equal(started, 2);
  await scanner.scan();
  assert.equal(started, 3);
});
