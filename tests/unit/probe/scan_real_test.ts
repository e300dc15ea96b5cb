import assert from "node:assert/strict";
import type { Disk } from "../../../src/inventory/disk.ts";
import { createScanner } from "../../../src/probe/scan.ts";
import { denoSystem } from "../../../src/system/deno_system.ts";
import { loopTest, must } from "./loop_devices.ts";

const MIB = 1024 * 1024;
const HOSTILE = 'a "\\x41\n\x1b[2J é';

/** Other loop devices may come and go meanwhile, so only these are looked at. */
async function scanFor(
  devices: readonly string[],
): Promise<Map<string, Disk>> {
  const { disks } = await createScanner(denoSystem()).scan();
  assert(disks, "lsblk and blkid are here");
  return new Map(
    disks.filter(({ device }) => devices.includes(device))
      .map((disk) => [disk.device, disk]),
  );
}

loopTest({
  name: "scan() finds real filesystems on real loop devices",
  programs: ["mkfs.ext4", "mkfs.vfat", "mkswap"],
}, async (loops) => {
  const ext4 = await loops.make(16 * MIB);
  const vfat = await loops.make(16 * MIB);
  const swap = await loops.make(16 * MIB);
  const blank = await loops.make(16 * MIB);
  const uuid = "8261f666-1c7e-4b4a-9d0b-6a8f4de2c301";
  await must("mkfs.ext4", "-q", "-U", uuid, "-L", HOSTILE, ext4);
  await must("mkfs.vfat", "-i", "5A1C90E7", "-n", "BACKUP 19", vfat);
  await must("mkswap", "-L", "swap", swap);

  const found = await scanFor([ext4, vfat, swap, blank]);
  assert.deepEqual([...found.keys()].sort(), [ext4, vfat, swap, blank].sort());
  assert.equal(found.get(blank)?.type, null);
  assert.equal(found.get(blank)?.health, null);
  const disk = found.get(ext4)!;
  assert.equal(disk.uuid, uuid);
  assert.equal(disk.label, HOSTILE);
  assert.equal(disk.type, "ext4");
  assert.equal(disk.size, 16 * MIB);
  assert.deepEqual(disk.mounts, []);
  assert.equal(found.get(vfat)?.uuid, "5A1C-90E7");
  assert.equal(found.get(vfat)?.label, "BACKUP 19");
  assert.equal(found.get(swap)?.type, "swap");
});

loopTest({
  name: "scan() finds XFS and both members of a btrfs",
  programs: ["mkfs.xfs", "mkfs.btrfs"],
}, async (loops) => {
  const xfs = await loops.make(320 * MIB);
  const first = await loops.make(160 * MIB);
  const second = await loops.make(160 * MIB);
  await must("mkfs.xfs", "-q", "-L", "media", xfs);
  await must("mkfs.btrfs", "-q", "-L", "two disks", first, second);

  const found = await scanFor([xfs, first, second]);
  assert.equal(found.get(xfs)?.label, "media");
  const [one, two] = [found.get(first)!, found.get(second)!];
  assert.equal(one.label, "two disks");
  assert.equal(one.uuid, two.uuid);
  assert.notEqual(one.uuid_sub, null);
  assert.notEqual(one.uuid_sub, two.uuid_sub);
});

loopTest({
  name: "scan() sees where a disk is mounted",
  programs: ["mkfs.ext4", "mount", "umount"],
}, async (loops) => {
  const device = await loops.make(16 * MIB);
  const point = await Deno.makeTempDir({ prefix: "diskd mount é " });
  await must("mkfs.ext4", "-q", device);
  await whileMounted([device, point], async () => {
    const found = await scanFor([device]);
    assert.deepEqual(found.get(device)?.mounts, [point]);
  });
});

loopTest({
  name: "scan() has a btrfs mounted read-only at both its members",
  programs: ["mkfs.btrfs", "mount", "umount"],
}, async (loops) => {
  const first = await loops.make(160 * MIB);
  const second = await loops.make(160 * MIB);
  const point = await Deno.makeTempDir({ prefix: "diskd ro é " });
  await must("mkfs.btrfs", "-q", first, second);
  await must("btrfs", "device", "scan", first, second);
  await whileMounted(["-o", "ro", first, point], async () => {
    const found = await scanFor([first, second]);
    for (const device of [first, second]) {
      assert.deepEqual(found.get(device)?.mounts, [point]);
      assert.deepEqual(found.get(device)?.mounts_ro, [point]);
    }
  });
});

loopTest({
  name: "scan() sees swap in use",
  programs: ["mkswap", "swapon", "swapoff"],
}, async (loops) => {
  const device = await loops.make(16 * MIB);
  await must("mkswap", device);
  await must("swapon", device);
  try {
    const found = await scanFor([device]);
    assert.deepEqual(found.get(device)?.mounts, ["[SWAP]"]);
  } finally {
    await must("swapoff", device);
  }
});

loopTest({
  name: "scan() finds a LUKS partition that is closed",
  programs: ["cryptsetup"],
}, async (loops) => {
  const device = await loops.make(32 * MIB);
  const key = await Deno.makeTempFile({ prefix: "diskd-key-" });
  await Deno.writeTextFile(key, "secret");
  const cheap = ["--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000"];
  await must("cryptsetup", "luksFormat", "-q", ...cheap, device, key);
  await Deno.remove(key);
  const disk = (await scanFor([device])).get(device);
  assert.equal(disk?.type, "crypto_LUKS");
  assert.deepEqual(disk?.holders, []);
});

loopTest({
  name: "scan() reads no medium but of the device that changed",
  programs: ["mkfs.ext4", "e2label"],
}, async (loops) => {
  const [quiet, busy] = [
    await loops.make(16 * MIB),
    await loops.make(16 * MIB),
  ];
  for (const device of [quiet, busy]) {
    await must("mkfs.ext4", "-q", "-L", "old", device);
  }
  const scanner = createScanner(denoSystem());
  await scanner.scan();
  const reads = () => [readsOf(quiet), readsOf(busy)];

  const atFirst = reads();
  await scanner.scan({ media: "changed", knames: new Set() });
  assert.deepEqual(reads(), atFirst);

  await must("e2label", busy, "new");
  const [quietBefore, busyBefore] = reads();
  const { disks } = await scanner.scan({
    media: "changed",
    knames: new Set([busy.slice("/dev/".length)]),
  });
  const labels = [quiet, busy].map((device) =>
    disks?.find((disk) => disk.device === device)?.label
  );
  assert.deepEqual(labels, ["old", "new"]);
  assert.equal(readsOf(quiet), quietBefore);
  assert.ok(readsOf(busy) > busyBefore!, "reads are not counted");

  await scanner.scan();
  assert.ok(readsOf(quiet) > quietBefore!, "reads are not counted");
});

/** Does something while `mount` has mounted what these words say, at the last of them. */
async function whileMounted(
  words: readonly string[],
  act: () => Promise<void>,
): Promise<void> {
  const point = words.at(-1)!;
  await must("mount", ...words);
  try {
    await act();
  } finally {
    await must("umount", point);
    await Deno.remove(point);
  }
}

/** Requests to read that a device has had, from the kernel's Documentation/block/stat.rst. */
function readsOf(device: string): number {
  const kname = device.slice("/dev/".length);
  const stat = Deno.readTextFileSync(`/sys/block/${kname}/stat`);
  return Number(stat.trim().split(/\s+/)[0]);
}
