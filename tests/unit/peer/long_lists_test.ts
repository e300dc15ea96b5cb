import assert from "node:assert/strict";
import { readDatagram, readDisks } from "../../../src/codec/read_datagram.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { Assemblies } from "../../../src/peer/assembly.ts";
import { announcement, signedDatagrams } from "../../support/announcements.ts";

const ALPHA = { id: "alpha", name: "alpha", version: "0.1.0", everyMs: 30_000 };
const SELF = { ...ALPHA, id: "self", name: "self" };

/** The disks of alpha that another host lists, once alpha has announced them. */
function listedElsewhere(disks: readonly Disk[]): readonly Disk[] {
  const inventory = new Inventory(SELF);
  const lists = new Assemblies();
  for (const bytes of signedDatagrams(announcement({ disks }))) {
    const datagram = readDatagram(bytes);
    assert.ok(datagram.format === 2);
    const read = readDisks(datagram);
    assert.ok(read.format === "disks");
    const { boot, rev, part, parts } = datagram.header;
    const key = { id: ALPHA.id, boot, rev, part, parts };
    const whole = lists.add(
      { ...key, isKnown: false, address: "10.0.0.2" },
      read.disks,
      0,
    );
    if (whole === null) continue;
    const from = { address: "10.0.0.1", now: 0 };
    const applied = inventory.applyAnnouncement(ALPHA, whole, from);
    assert.equal(applied.shortage, null);
  }
  return inventory.host(ALPHA.id)!.disks;
}

function byDevice(disks: readonly Disk[]): Disk[] {
  return disks.toSorted((a, b) => a.device < b.device ? -1 : 1);
}

Deno.test("a host with 4,096 rows of which everything is known is listed whole elsewhere", () => {
  const disks = Array.from({ length: 4096 }, (_, i) =>
    makeDisk({
      device: `/dev/mapper/vg0-data--${i}`,
      uuid: `8261f666-75d5-4a2f-95f8-4bb1bacd${i}`,
      label: i % 3 === 0 ? null : `backup-2019-${i}`,
      type: "ext4",
      size: 4000787030016,
      mounts: [`/srv/backup/${i}`],
      binds: 3,
      inUse: true,
      holders: [`/dev/mapper/vg1-data--${i}`],
      parents: ["/dev/sda1", "/dev/sdb1"],
      kname: `dm-${i}`,
      kind: "lvm",
      port: `pci-0000:00:17.0-ata-${i}`,
      slot: `bay ${i}`,
      vg: "vg0",
      partuuid: "5faea5d0-75d5-4a2f-95f8-4bb1bacddd41",
      partlabel: "primary",
      uuid_sub: "5faea5d0-75d5-4a2f-95f8-4bb1bacddd41",
      model: "WDC WD40EFRX-68N32N0",
      serial: `WD-WCC7K${i}`,
      wwn: `0x50014ee2b${i}`,
      tran: "sata",
      rm: false,
      ro: false,
    }));
  const unnamed = disks.map((disk, i) =>
    i % 5 === 0 ? { ...disk, uuid: null, label: null } : disk
  );
  assert.deepEqual(byDevice(listedElsewhere(unnamed)), byDevice(unnamed));
});

Deno.test("300 members with 60 volumes each are in use elsewhere, and so is each whose mounts were cut", () => {
  const many = (start: string) =>
    Array.from({ length: 60 }, (_, i) => `${start}${i}`.padEnd(65, "x"));
  const disks = Array.from({ length: 300 }, (_, i) =>
    makeDisk({
      device: `/dev/sd${i}`,
      uuid: `aB3dEf-${i}`,
      type: i % 2 === 0 ? "LVM2_member" : "ext4",
      inUse: true,
      holders: many(`/dev/mapper/cinder-${i}-`),
      mounts: i % 2 === 0 ? [] : ["/", ...many("/var/lib/kubelet/pods/")],
      kind: "disk",
    }));
  const listed = listedElsewhere(disks);
  assert.deepEqual(
    listed.map(({ device, inUse }) => [device, inUse]),
    disks.map(({ device }) => [device, true]),
  );
  for (const { type, mounts, binds, holders } of listed) {
    if (type === "LVM2_member") assert.ok(holders.length > 5);
    else assert.deepEqual([mounts[0], mounts.length + binds!], ["/", 61]);
  }
});
