import assert from "node:assert/strict";
import { byteLength } from "../../../src/codec/quote_text.ts";
import { writeRow } from "../../../src/codec/write_datagram.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { wholeDisk } from "./support.ts";

type RowArray = [
  string | null,
  string | null,
  string,
  Record<string, unknown>,
];

function shortened(disk: Disk, maxBytes: number): RowArray {
  const row = writeRow(disk, maxBytes);
  assert.ok(byteLength(row) <= maxBytes, `${byteLength(row)} > ${maxBytes}`);
  return JSON.parse(row);
}

Deno.test("writeRow() leaves a disk that just fits as it is", () => {
  const row = writeRow(wholeDisk(), 10_000);
  assert.equal(writeRow(wholeDisk(), byteLength(row)), row);
  assert.notEqual(writeRow(wholeDisk(), byteLength(row) - 1), row);
});

Deno.test("writeRow() drops the last mount points first, and only as many as it must", () => {
  const mounts = Array.from({ length: 5000 }, (_, i) => `/mnt/${i}`);
  const disk = wholeDisk({ mounts, mounts_ro: [] });
  const [, , , details] = shortened(disk, 1000);
  const kept = details.mounts as string[];
  assert.deepEqual(kept, mounts.slice(0, kept.length));
  assert.equal(details.binds, mounts.length - kept.length);
  assert.equal(details.model, wholeDisk().model);
  assert.ok(byteLength(writeRow(disk, 1000)) > 1000 - 15);
});

Deno.test("writeRow() says of each mount point that it keeps whether it is read-only", () => {
  const mounts = Array.from({ length: 5000 }, (_, i) => `/mnt/${i}`);
  const mounts_ro = mounts.filter((_, i) => i % 2 === 1);
  const disk = wholeDisk({ mounts, mounts_ro });
  const [, , , details] = shortened(disk, 1000);
  const kept = details.mounts as string[];
  assert.ok(kept.length > 10);
  assert.deepEqual(kept, mounts.slice(0, kept.length));
  const readOnly = kept.filter((mount) => mounts_ro.includes(mount));
  assert.deepEqual(details.mounts_ro, readOnly);
  assert.ok(byteLength(writeRow(disk, 1000)) > 1000 - 25);
});

Deno.test("writeRow() gives up details in a fixed order", () => {
  const disk = wholeDisk({
    types: ["ext4", "zfs_member"],
    parents: ["/dev/sdb"],
    kname: "dm-3",
    kind: "lvm",
    port: "pci-0000:00:17.0-ata-3",
    slot: "bay 3",
    vg: "vg0",
  });
  const order: string[] = [];
  let before = Object.keys(shortened(disk, 10_000)[3]);
  for (let maxBytes = 800; maxBytes >= 70; maxBytes--) {
    const after = Object.keys(shortened(disk, maxBytes)[3]);
    order.push(...before.filter((key) => !after.includes(key)));
    before = after.filter((key) => key !== "binds");
  }
  assert.deepEqual(order, [
    "holders",
    "mounts_ro",
    "types",
    "parents",
    "port",
    "slot",
    "model",
    "tran",
    "wwn",
    "vg",
    "serial",
    "partlabel",
    "partuuid",
    "uuid_sub",
    "rm",
    "ro",
    "size",
    "type",
    "kname",
    "kind",
    "mounts",
  ]);
});

Deno.test("writeRow() cuts the label before the UUID before the device", () => {
  const uuid = "u".repeat(250);
  const label = "l".repeat(400);
  const device = "d".repeat(150);
  const row = (maxBytes: number) =>
    shortened(makeDisk({ uuid, label, device }), maxBytes).slice(0, 3);

  assert.equal(
    byteLength(writeRow(makeDisk({ uuid, label, device }), 700)),
    700,
  );
  const [uuid1, label1, device1] = row(700) as string[];
  assert.match(label1!, /^l{230,}\u2026$/);
  assert.deepEqual([uuid1, device1], [uuid, device]);

  const [uuid2, label2, device2] = row(550) as string[];
  assert.match(label2!, /^l{170,}\u2026$/);
  assert.match(uuid2!, /^u{170,}\u2026$/);
  assert.equal(device2, device);

  const all = row(300) as string[];
  assert.ok(all.every((text) => /^(.)\1{85,}\u2026$/.test(text)));
});

Deno.test("writeRow() cuts a long device when nothing else is there", () => {
  const [uuid, label, device] = shortened(
    makeDisk({ device: "/" + "d".repeat(2000) }),
    900,
  );
  assert.deepEqual([uuid, label], [null, null]);
  assert.match(device, /^\/d{870,}\u2026$/);
});

Deno.test("writeRow() keeps the first mount point, and always what a disk is to its host", () => {
  const long = (n: number) => `/${String(n).repeat(150)}`;
  const disk = wholeDisk({
    mounts: ["/", ...[1, 2, 3].map(long)],
    binds: 7,
    inUse: true,
    health: "unreadable",
    hidden: "twin",
    parents: [4, 5, 6].map(long),
    types: ["ext4", "zfs_member"],
  });
  const [, , , some] = shortened(disk, 700);
  assert.deepEqual([some.mounts, some.binds], [["/"], 10]);
  const told = { inUse: true, health: "unreadable", hidden: "twin" };
  const [, , , few] = shortened(disk, 250);
  assert.deepEqual({ ...few, ...told, mounts: ["/"] }, few);
  assert.equal(few.parents, undefined);
  const { mounts, ...least } = shortened(disk, 125)[3];
  assert.deepEqual(least, { ...told, binds: 11 });
  assert.equal(mounts, undefined);
});
