/** Disks as people have them, made for real on loop devices. */
import assert from "node:assert/strict";
import type { Disk } from "../../../src/inventory/disk.ts";
import { createScanner } from "../../../src/probe/scan.ts";
import { denoSystem } from "../../../src/system/deno_system.ts";
import { loopTest, must } from "../probe/loop_devices.ts";

const MIB = 1024 * 1024;

/** Scans, and finds the disks at these devices. */
async function scanFor(
  devices: readonly string[],
  scanner = createScanner(denoSystem()),
): Promise<{ found: Map<string, Disk>; problems: string }> {
  const { disks, problems } = await scanner.scan();
  const found = new Map(
    disks!.filter(({ device }) => devices.includes(device))
      .map((disk) => [disk.device, disk]),
  );
  const own = problems.filter((problem) =>
    devices.some((device) => problem.startsWith(`${device} `))
  );
  return { found, problems: own.join("\n") };
}

/** Writes bytes somewhere on a device. */
async function write(
  device: string,
  at: number,
  bytes: Uint8Array,
): Promise<void> {
  using file = await Deno.open(device, { write: true });
  await file.seek(at, Deno.SeekMode.Start);
  for (let done = 0; done < bytes.length;) {
    done += await file.write(bytes.subarray(done));
  }
  await file.sync();
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

loopTest({
  name: "a disk whose reads fail stays, and so does what could be read before",
  programs: ["mkfs.ext4"],
}, async (loops) => {
  const image = loops.path("dying.img");
  await Deno.writeFile(image, new Uint8Array());
  await Deno.truncate(image, 16 * MIB);
  const device = await loops.over(image);
  const uuid = "11111111-2222-3333-4444-555555555555";
  await must("mkfs.ext4", "-q", "-F", "-L", "olddisk", "-U", uuid, device);
  const scanner = createScanner(denoSystem());
  const before = await scanFor([device], scanner);
  assert.equal(before.problems, "");
  await Deno.truncate(image, 0);
  const after = await scanFor([device], scanner);
  assert.deepEqual(after.found.get(device), {
    ...before.found.get(device)!,
    health: "unreadable",
  });
  assert.match(after.problems, /cannot be read \(Input\/output error\)/);
  const fromTheStart = await scanFor([device]);
  const dead = fromTheStart.found.get(device);
  assert.deepEqual(
    [dead?.uuid, dead?.health, dead?.size, dead?.hidden],
    [null, "unreadable", 16 * MIB, null],
  );
});

loopTest({
  name: "a blank disk begins to fail, and so it does when it is known as blank",
  programs: [],
}, async (loops) => {
  const image = loops.path("blank.img");
  await Deno.writeFile(image, new Uint8Array());
  await Deno.truncate(image, 16 * MIB);
  const device = await loops.over(image);
  const scanner = createScanner(denoSystem());
  for (let i = 0; i < 2; i++) {
    const { found } = await scanFor([device], scanner);
    assert.equal(found.get(device)?.health, null);
  }
  await Deno.truncate(image, 0);
  const { found, problems } = await scanFor([device], scanner);
  assert.equal(found.get(device)?.health, "unreadable");
  assert.match(problems, /cannot be read/);
});

loopTest({
  name: "what has neither UUID nor label is a disk, whatever it is",
  programs: ["mkfs.ext4", "mkfs.vfat", "sfdisk", "partx"],
}, async (loops) => {
  const devices: string[] = [];
  for (let i = 0; i < 8; i++) devices.push(await loops.make(16 * MIB));
  const [ceph, bitlocker, intel, blank, gpt, stick, fat, nil] = devices;
  await write(
    ceph!,
    0,
    ascii("bluestore block device\n8c1c5bd0-1111-2222-3333\n"),
  );
  await write(bitlocker!, 0, bitLocker());
  await write(bitlocker!, 0x100000, ascii("-FVE-FS-\x40\x00\x02\x00"));
  await write(intel!, 16 * MIB - 1024, ascii("Intel Raid ISM Cfg Sig. 1.3.00"));
  const table = loops.path("table");
  await Deno.writeTextFile(table, 'label: gpt\nsize=8M,name="backup-new"\n');
  await must("sh", "-c", `sfdisk -q --no-tell-kernel ${gpt} < ${table}`);
  await loops.findPartitions(gpt!);
  await must("mkfs.vfat", "-n", "STICK", "-i", "00000000", stick!);
  await must("mkfs.vfat", "-i", "0", fat!);
  await must("mkfs.ext4", "-q", "-F", "-U", "clear", nil!);
  const part = `${gpt}p1`;
  const { found } = await scanFor([...devices, part]);
  const told = (device: string) => {
    const { type, label, partlabel, uuid, hidden } = found.get(device)!;
    return [type, label ?? partlabel ?? uuid, hidden];
  };
  assert.deepEqual(told(ceph!), ["ceph_bluestore", null, null]);
  assert.deepEqual(told(bitlocker!), ["BitLocker", null, null]);
  assert.deepEqual(told(intel!), ["isw_raid_member", null, null]);
  assert.deepEqual(told(blank!), [null, null, null]);
  assert.deepEqual(told(gpt!), [null, null, "parts"]);
  assert.deepEqual(told(part), [null, "backup-new", null]);
  assert.deepEqual(told(stick!), ["vfat", "STICK", null]);
  assert.deepEqual(told(fat!), ["vfat", null, null]);
  assert.deepEqual(told(nil!), ["ext4", null, null]);
});

/** The first sector of a volume of Windows 7 or later. */
function bitLocker(): Uint8Array {
  const sector = new Uint8Array(512);
  sector.set([0xeb, 0x58, 0x90]);
  sector.set(ascii("-FVE-FS-"), 3);
  const view = new DataView(sector.buffer);
  view.setUint16(0x0b, 512, true);
  sector[0x0d] = 8;
  const guid = "3bd67d49292ed84a8399f6a339e3d001";
  sector.set(Uint8Array.fromHex(guid), 0xa0);
  [0x100000n, 0x200000n, 0x300000n].forEach((offset, i) =>
    view.setBigUint64(0xb0 + 8 * i, offset, true)
  );
  sector.set([0x55, 0xaa], 510);
  return sector;
}

loopTest({
  name:
    "a mounted ext4 with the labels of an old ZFS pool is listed, as ambivalent",
  programs: ["mkfs.ext4", "mount", "umount"],
}, async (loops) => {
  const size = 64 * MIB;
  const device = await loops.make(size);
  const uuid = "c0000001-7f03-4cd6-87e0-000000000001";
  await must("mkfs.ext4", "-q", "-F", "-L", "data", "-U", uuid, device);
  for (const label of [size - 512 * 1024, size - 256 * 1024]) {
    await write(device, label + 16 * 1024, zfsConfig());
    await write(device, label + 128 * 1024, zfsUberblocks());
  }
  const idle = (await scanFor([device])).found.get(device);
  const types = ["ext4", "zfs_member"];
  assert.deepEqual([idle?.label, idle?.type, idle?.types], [
    "data",
    "ext4",
    types,
  ]);
  const folder = loops.path("mounted");
  await Deno.mkdir(folder);
  await must("mount", "-t", "ext4", device, folder);
  try {
    const { found, problems } = await scanFor([device]);
    const disk = found.get(device);
    assert.deepEqual(
      [disk?.label, disk?.uuid, disk?.type, disk?.types, disk?.mounts],
      ["data", uuid, "ext4", types, [folder]],
    );
    assert.deepEqual([disk?.inUse, disk?.health, problems], [true, null, ""]);
  } finally {
    await must("umount", folder);
  }
});

/** 128 uberblocks of a kilobyte each. */
function zfsUberblocks(): Uint8Array {
  const bytes = new Uint8Array(128 * 1024);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 128; i++) {
    [0x00bab10cn, 5000n, 100n + BigInt(i), 1n, 1_700_000_000n]
      .forEach((word, j) => view.setBigUint64(i * 1024 + 8 * j, word, true));
  }
  return bytes;
}

/** The configuration of a pool, an nvlist in XDR (RFC 4506). */
function zfsConfig(): Uint8Array {
  const bytes: number[] = [1, 1, 0, 0, ...word(0), ...word(1)];
  bytes.push(...pair("version", 8, long(5000n)));
  bytes.push(...pair("name", 9, text("oldtank")));
  bytes.push(...pair("state", 8, long(0n)));
  bytes.push(...pair("txg", 8, long(100n)));
  bytes.push(...pair("pool_guid", 8, long(9593340550191022900n)));
  bytes.push(...pair("guid", 8, long(123456789012345n)));
  return Uint8Array.from([...bytes, ...new Array<number>(8).fill(0)]);
}

function word(value: number): number[] {
  return [...new Uint8Array(new Uint32Array([value]).buffer)].reverse();
}

function long(value: bigint): number[] {
  return [...new Uint8Array(new BigUint64Array([value]).buffer)].reverse();
}

function text(value: string): number[] {
  const bytes = [...ascii(value)];
  while (bytes.length % 4 !== 0) bytes.push(0);
  return [...word(value.length), ...bytes];
}

function pair(name: string, type: number, value: readonly number[]): number[] {
  const body = [...text(name), ...word(type), ...word(1), ...value];
  const length = body.length + 8;
  return [...word(length), ...word(length), ...body];
}

loopTest({
  name: "a hybrid ISO on a stick is one disk",
  programs: ["xorriso", "mkfs.vfat", "partx"],
}, async (loops) => {
  const [efi, iso, files] = ["efi", "iso", "files"].map((one) =>
    loops.path(one)
  );
  await Deno.writeFile(efi!, new Uint8Array(4 * MIB));
  await must("mkfs.vfat", "-n", "EFIBOOT", efi!);
  await Deno.mkdir(files!);
  await Deno.writeFile(`${files}/f`, new Uint8Array(3 * MIB));
  const options = [
    "-quiet",
    "-V",
    "Live 12.5 amd64",
    "-partition_offset",
    "16",
  ];
  const appended = ["-append_partition", "2", "0xef", efi!];
  await must(
    "xorriso",
    "-as",
    "mkisofs",
    ...options,
    ...appended,
    "-o",
    iso!,
    files!,
  );
  await Deno.truncate(iso!, 64 * MIB);
  const device = await loops.over(iso!);
  await loops.findPartitions(device);
  const parts = [1, 2].map((n) => `${device}p${n}`);
  const { found } = await scanFor([device, ...parts]);
  const told = [device, ...parts].map((path) => {
    const { label, hidden } = found.get(path)!;
    return [label, hidden];
  });
  assert.deepEqual(told, [
    ["Live 12.5 amd64", null],
    ["Live 12.5 amd64", "twin"],
    ["EFIBOOT", null],
  ]);
});
