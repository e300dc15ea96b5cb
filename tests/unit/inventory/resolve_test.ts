import assert from "node:assert/strict";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import {
  type DiskIdentifiers,
  NAME_WAYS,
  RANK,
  resolveDisks,
  resolveHosts,
} from "../../../src/inventory/resolve.ts";

const DRIVE = {
  model: "WDC WD10EACS-00D6B1",
  serial: "WD-WX000001",
  wwn: "0x50014ee2acbf0001",
  port: "pci-0000:00:17.0-ata-3",
  slot: "bay 3",
};

/** A host with a drive of partitions, a blank one, LUKS, LVM, RAID, ZFS, NVMe and more. */
const HOST = [
  makeDisk({ ...DRIVE, device: "/dev/sda", kind: "disk", hidden: "parts" }),
  makeDisk({
    ...DRIVE,
    device: "/dev/sda1",
    kind: "part",
    type: "crypto_LUKS",
    uuid: "11111111-1111-4222-8333-444444444444",
    partuuid: "12345678-01",
    partlabel: "home-enc",
  }),
  makeDisk({
    ...DRIVE,
    device: "/dev/mapper/luks-home",
    kname: "dm-0",
    kind: "crypt",
    type: "ext4",
    uuid: "22222222-1111-4222-8333-444444444444",
    label: "My Disk",
  }),
  makeDisk({
    device: "/dev/sda2",
    kind: "part",
    type: "LVM2_member",
    uuid: "lvmPVu-aaaa",
    vg: "vg0",
    port: "pci-0000:00:17.0-ata-3",
    wwn: "0x50014ee2acbf0001",
    serial: "WD-WX000001",
    model: DRIVE.model,
  }),
  makeDisk({
    device: "/dev/mapper/vg0-root",
    kname: "dm-1",
    kind: "lvm",
    label: "root",
    vg: "vg0",
  }),
  makeDisk({
    device: "/dev/mapper/vg0-demo--snapshot",
    kname: "dm-2",
    kind: "lvm",
    vg: "vg0",
  }),
  makeDisk({
    device: "/dev/mapper/vg1-data",
    kname: "dm-3",
    kind: "lvm",
    vg: "vg1",
  }),
  makeDisk({
    device: "/dev/sdb",
    kind: "disk",
    model: "Ultra Fit",
    serial: "4C530001",
  }),
  makeDisk({
    device: "/dev/sdc1",
    kind: "part",
    type: "linux_raid_member",
    uuid: "3aaa0122-2982-7cfa-5331-ad66ca767371",
    label: "nas:archive",
  }),
  makeDisk({
    device: "/dev/md126",
    kind: "raid1",
    type: "xfs",
    uuid: "33333333-1111-4222-8333-444444444444",
  }),
  makeDisk({
    device: "/dev/sdd1",
    kind: "part",
    type: "zfs_member",
    label: "tank",
    uuid: "4012345678901234567",
  }),
  makeDisk({
    device: "/dev/nvme0n1p1",
    kind: "part",
    model: "Samsung SSD 970",
    serial: "S466NX0K",
    wwn: "eui.0025385b71b00001",
  }),
  makeDisk({
    device: "/dev/mmcblk0p2",
    kind: "part",
    serial: "0x1a2b3c4d",
    model: "XUHS-1 UHS-1",
    port: "platform-fe340000.mmc.0",
  }),
  makeDisk({ device: "/dev/nvme1n1", wwn: "nvme.144d-5334-53616d-00000001" }),
  makeDisk({ device: "/dev/sde1", kind: "part", label: "backup-2019" }),
  makeDisk({ device: "/dev/sdf1", kind: "part", label: "backup-2020" }),
];

const HOME = ["/dev/sda1", "/dev/mapper/luks-home", "/dev/sda2"];

/** What people type, and what they mean. */
const NAMES: readonly (readonly [name: string, ...devices: string[]])[] = [
  ["My Disk", "/dev/mapper/luks-home"],
  ["my disk", "/dev/mapper/luks-home"],
  ["LABEL=My Disk", "/dev/mapper/luks-home"],
  ['LABEL="My Disk"', "/dev/mapper/luks-home"],
  ["label='My Disk'", "/dev/mapper/luks-home"],
  ["LABEL=My\\040Disk", "/dev/mapper/luks-home"],
  ["/dev/disk/by-label/My\\x20Disk", "/dev/mapper/luks-home"],
  ["by-label/My\\x20Disk", "/dev/mapper/luks-home"],
  ["LABEL=home-enc"],
  ["UUID=My Disk"],
  // Devices.
  ["/dev/sda", "/dev/sda"],
  ["sda", "/dev/sda"],
  ["sda1", "/dev/sda1"],
  ["/dev/disk/sda1"],
  ["dm-0", "/dev/mapper/luks-home"],
  ["/dev/dm-0", "/dev/mapper/luks-home"],
  ["luks-home", "/dev/mapper/luks-home"],
  ["mapper/luks-home", "/dev/mapper/luks-home"],
  ["/dev/mapper/luks-home", "/dev/mapper/luks-home"],
  ["md126", "/dev/md126"],
  ["dm-name-luks-home", "/dev/mapper/luks-home"],
  [
    "/dev/disk/by-id/dm-uuid-CRYPT-LUKS2-11111111111142228333444444444444-luks-home",
    "/dev/mapper/luks-home",
  ],
  ["dm-uuid-CRYPT-PLAIN-luks-home", "/dev/mapper/luks-home"],
  // Volumes and their groups.
  ["vg0-root", "/dev/mapper/vg0-root"],
  ["vg0/root", "/dev/mapper/vg0-root"],
  ["/dev/vg0/root", "/dev/mapper/vg0-root"],
  ["vg0/demo-snapshot", "/dev/mapper/vg0-demo--snapshot"],
  ["/dev/vg0/demo-snapshot", "/dev/mapper/vg0-demo--snapshot"],
  ["vg0-demo--snapshot", "/dev/mapper/vg0-demo--snapshot"],
  ["dm-name-vg0-demo--snapshot", "/dev/mapper/vg0-demo--snapshot"],
  ["vg0", "/dev/sda2"],
  ["vg1", "/dev/mapper/vg1-data"],
  ["lvm-pv-uuid-lvmPVu-aaaa", "/dev/sda2"],
  ["tank", "/dev/sdd1"],
  // Arrays.
  ["archive", "/dev/sdc1"],
  ["nas:archive", "/dev/sdc1"],
  ["/dev/md/archive", "/dev/sdc1"],
  ["md/archive", "/dev/sdc1"],
  ["md-name-nas:archive", "/dev/sdc1"],
  ["3aaa0122:29827cfa:5331ad66:ca767371", "/dev/sdc1"],
  ["UUID=3AAA0122:29827cfa:5331ad66:ca767371", "/dev/sdc1"],
  ["md-uuid-3aaa0122:29827cfa:5331ad66:ca767371", "/dev/sdc1"],
  // UUIDs.
  ["11111111-1111-4222-8333-444444444444", "/dev/sda1"],
  ["11111111111142228333444444444444", "/dev/sda1"],
  ["UUID=11111111-1111-4222-8333-444444444444", "/dev/sda1"],
  ["uuid=11111111-1111-4222-8333-444444444444", "/dev/sda1"],
  ["by-uuid/11111111-1111-4222-8333-444444444444", "/dev/sda1"],
  ["/dev/disk/by-uuid/11111111-1111-4222-8333-444444444444", "/dev/sda1"],
  ["1111", "/dev/sda1"],
  ["111"],
  ["11111111...", "/dev/sda1"],
  ["11111111\u2026", "/dev/sda1"],
  ["1...", "/dev/sda1"],
  ["..."],
  ["PARTUUID=12345678-01", "/dev/sda1"],
  ["/dev/disk/by-partuuid/12345678-01", "/dev/sda1"],
  ["PARTLABEL=home-enc", "/dev/sda1"],
  ["PARTLABEL=HOME-ENC", "/dev/sda1"],
  ["by-partlabel/home-enc", "/dev/sda1"],
  // Drives, which mean what is on them.
  ["WD-WX000001", ...HOME],
  ["wd-wx000001", ...HOME],
  ["WX000001", ...HOME],
  ["WD-WX0", ...HOME],
  ["001"],
  ["X000"],
  ["WDC WD10EACS-00D6B1", ...HOME],
  ["WD10EACS", ...HOME],
  ["00D6B1", ...HOME],
  ["D10EACS"],
  ["Fit"],
  ["0x50014ee2acbf0001", ...HOME],
  ["50014EE2ACBF0001", ...HOME],
  ["wwn-0x50014ee2acbf0001", ...HOME],
  ["/dev/disk/by-id/wwn-0x50014ee2acbf0001-part2", "/dev/sda2"],
  ["scsi-350014ee2acbf0001", ...HOME],
  ["naa.50014ee2acbf0001", ...HOME],
  ["ata-WDC_WD10EACS-00D6B1_WD-WX000001", ...HOME],
  ["ata-WDC_WD10EACS-00D6B1_WD-WX000001-part1", "/dev/sda1"],
  ["by-id/ata-WDC_WD10EACS-00D6B1_WD-WX000001-part2", "/dev/sda2"],
  ["ID=ata-WDC_WD10EACS-00D6B1_WD-WX000001-part2", "/dev/sda2"],
  ["ata-WDC_WD10EACS-00D6B1_WD-WX000001-part3"],
  ["ata-WDC_WD10EACS-00D6B1_WX000001"],
  ["pci-0000:00:17.0-ata-3", ...HOME.slice(0, 2), "/dev/sda2"],
  ["/dev/disk/by-path/pci-0000:00:17.0-ata-3-part2", "/dev/sda2"],
  ["pci-0000:00:17.0-ata-3.0-part2", "/dev/sda2"],
  ["Bay 3", ...HOME.slice(0, 2)],
  ["usb-SanDisk_Ultra_Fit_4C530001-0:0", "/dev/sdb"],
  ["ultra fit", "/dev/sdb"],
  ["sdb", "/dev/sdb"],
  ["nvme-Samsung_SSD_970_S466NX0K-part1", "/dev/nvme0n1p1"],
  ["nvme-Samsung_SSD_970_S466NX0K_1-part1", "/dev/nvme0n1p1"],
  ["nvme-eui.0025385b71b00001", "/dev/nvme0n1p1"],
  ["0025385b71b00001", "/dev/nvme0n1p1"],
  ["scsi-20025385b71b00001", "/dev/nvme0n1p1"],
  ["nvme-nvme.144d-5334-53616d-00000001", "/dev/nvme1n1"],
  ["mmc-SC16G_0x1a2b3c4d-part2", "/dev/mmcblk0p2"],
  ["platform-fe340000.mmc", "/dev/mmcblk0p2"],
  ["uhs-1", "/dev/mmcblk0p2"],
  // Patterns, and what a table cut.
  ["backup-*", "/dev/sde1", "/dev/sdf1"],
  ["BACKUP-20?9", "/dev/sde1"],
  ["backup-...", "/dev/sde1", "/dev/sdf1"],
  ["LABEL=backup-*", "/dev/sde1", "/dev/sdf1"],
  ["UUID=backup-*"],
  ["sde*", "/dev/sde1"],
  ["/dev/sd[ef]*"],
  ["vg0/*", "/dev/mapper/vg0-root", "/dev/mapper/vg0-demo--snapshot"],
  ["dm-?", ...HOST.slice(2, 7).map(({ device }) => device).filter(isMapped)],
  ["S466*", "/dev/nvme0n1p1"],
  ["/dev/mapp...", ...HOST.map(({ device }) => device).filter(isMapped)],
  // A host and a device.
  ["alpha:/dev/sde1", "/dev/sde1"],
  ["ALPHA:sde1", "/dev/sde1"],
  ["0a:dm-0", "/dev/mapper/luks-home"],
  ["alpha:My Disk"],
  ["beta:/dev/sde1"],
  [":/dev/sde1"],
  ["LABEL=alpha:/dev/sde1"],
  ["nothing"],
  [""],
  ["null"],
];

for (const [name, ...devices] of NAMES) {
  Deno.test(`resolveDisks() takes ${JSON.stringify(name)} for ${devices.join(", ") || "no disk"}`, () => {
    assert.deepEqual(resolve(name, HOST).found, devices);
  });
}

/** Each of these is found as it is, in other cases, by a pattern, or if cut. */
const LIKE_TEXT = {
  label: ["Some Name", "some name", "*me n*", "Some N..."],
  partlabel: ["Some Name", "some name", "*me n*", "Some N..."],
  serial: ["Some Name", "some name", "*me n*", "Some N..."],
  model: ["Some Name", "some name", "*me n*", "Some N..."],
  uuid: ["Some-Name", "some-name", "*me-n*", "S..."],
  partuuid: ["Some-Name", "some-name"],
  uuid_sub: ["Some-Name", "some-name"],
  device: ["/dev/Some", "Some", "/dev/So*", "S*e", "/dev/So...", "S..."],
};

for (const [field, [value = "", ...others]] of Object.entries(LIKE_TEXT)) {
  Deno.test(`resolveDisks() finds a disk by its ${field}`, () => {
    const disk = { device: "/dev/x", [field]: value };
    for (const name of [value, ...others]) {
      assert.equal(resolve(name, [disk]).found.length, 1, name);
    }
  });
}

function isMapped(device: string): boolean {
  return device.startsWith("/dev/mapper/");
}

Deno.test("resolveDisks() says how well a name fits", () => {
  const ranks = {
    "home-enc": RANK.exact,
    "/dev/sda1": RANK.exact,
    "sda1": RANK.anyCase,
    "wdc wd10eacs-00d6b1": RANK.anyCase,
    "WD10EACS": RANK.part,
    "backup-*": RANK.pattern,
    "alpha:/dev/sda1": RANK.hostName,
    "nothing": RANK.none,
  };
  for (const [name, rank] of Object.entries(ranks)) {
    assert.equal(resolve(name, HOST).rank, rank, name);
  }
});

Deno.test("resolveDisks() takes the best rank alone, and all disks of it", () => {
  const disks = [
    makeDisk({ device: "/dev/a", label: "CAFE", uuid: "1" }),
    makeDisk({ device: "/dev/b", label: "cafe", uuid: "2" }),
    makeDisk({ device: "/dev/c", serial: "cafe", uuid: "3" }),
    makeDisk({ device: "/dev/d", uuid: "cafe-4" }),
  ];
  assert.deepEqual(resolve("cafe", disks).found, ["/dev/b", "/dev/c"]);
  assert.deepEqual(resolve("Cafe", disks).found, [
    "/dev/a",
    "/dev/b",
    "/dev/c",
  ]);
  assert.deepEqual(resolve("CAFE-", disks).found, ["/dev/d"]);
});

Deno.test("resolveDisks() takes a label that looks like a tag, a pattern or a host's device as typed", () => {
  const odd = ["LABEL=x", "a*", "b...", "alpha:/dev/b", "disk-part1"];
  const disks = [
    ...odd.map((label) => makeDisk({ device: `/dev/${label}`, label })),
    makeDisk({ device: "/dev/b", label: "ab" }),
    makeDisk({ device: "/dev/c", label: "x" }),
  ];
  for (const label of odd.filter((one) => !one.startsWith("LABEL="))) {
    const { found, isSeveral } = resolve(label, disks);
    assert.ok(found.includes(`/dev/${label}`), label);
    assert.equal(isSeveral, false);
  }
  assert.deepEqual(resolve("a*", disks).found, ["/dev/a*"]);
  assert.deepEqual(resolve("LABEL=x", disks).found, [
    "/dev/LABEL=x",
    "/dev/c",
  ]);
});

Deno.test("resolveDisks() finds a disk by what it was called before any pattern, and after any name that it has", () => {
  const disks: DiskIdentifiers[] = [
    { device: "/dev/a", label: "new", formerLabel: "old" },
    { device: "/dev/b", uuid: "old-uuid" },
  ];
  const { found, rank } = resolve("old", disks);
  assert.deepEqual([found, rank], [["/dev/a"], RANK.former]);
  const both = [...disks, { device: "/dev/c", label: "OLD" }];
  assert.deepEqual(resolve("old", both).found, ["/dev/c"]);
});

Deno.test("resolveDisks() says that a name stands for several: a pattern, or a part of different names", () => {
  const disks = [
    makeDisk({ device: "/dev/sda1", serial: "WX-0001", uuid: "a" }),
    makeDisk({ device: "/dev/sda2", serial: "WX-0001", uuid: "b" }),
    makeDisk({ device: "/dev/sdb1", serial: "ZX-0001", uuid: "c" }),
    makeDisk({ device: "/dev/sdb2", serial: "zx-0001", uuid: "d" }),
  ];
  for (
    const [name, count, isSeveral] of [
      ["0001", 4, true],
      ["WX-0", 2, false],
      ["ZX-0", 2, false],
      ["WX-*", 2, true],
      ["WX-0001", 2, false],
    ] as const
  ) {
    const resolved = resolve(name, disks);
    assert.equal(resolved.found.length, count, name);
    assert.equal(resolved.isSeveral, isSeveral, name);
  }
});

Deno.test("resolveDisks() means a hidden device by its path, or where no shown one fits as well", () => {
  const hidden = makeDisk({
    device: "/dev/sda",
    kname: "sdx",
    serial: "WD-42",
    uuid: "u",
    hidden: "parts",
  });
  const shown = { ...hidden, device: "/dev/sda1", kname: null, hidden: null };
  const elsewhere = { ...shown, device: "/dev/sda", uuid: "v" };
  const found = (name: string, ...disks: Disk[]) =>
    resolveDisks(name, disks, { diskOf: (disk) => disk }).found;
  assert.deepEqual(found("WD-42", hidden, shown), [shown]);
  assert.deepEqual(found("WD-42", hidden), [hidden]);
  const worse = { ...shown, serial: "wd-42" };
  assert.deepEqual(found("WD-42", hidden, worse), [hidden]);
  assert.deepEqual(found("/dev/sda", hidden, elsewhere), [hidden, elsewhere]);
  assert.deepEqual(found("sdx", hidden, { ...shown, label: "sdx" }).length, 2);
});

Deno.test("resolveDisks() takes the device of the host with exactly this name, if there is one", () => {
  const items = ["Alpha", "alpha"].map((name) => ({
    disk: makeDisk({ device: "/dev/sda" }),
    host: { id: name, name },
  }));
  const names = (typed: string) =>
    resolveDisks(typed, items, {
      diskOf: ({ disk }) => disk,
      hostOf: ({ host }) => host,
    }).found.map(({ host }) => host.name);
  assert.deepEqual(names("alpha:/dev/sda"), ["alpha"]);
  assert.deepEqual(names("ALPHA:sda"), ["Alpha", "alpha"]);
});

Deno.test("resolveDisks() ignores the case of labels in every language, of UUIDs from A to F alone", () => {
  const disk = (known: Partial<Disk>) =>
    makeDisk({ device: "/dev/a", ...known });
  assert.equal(resolve("ÜBER", [disk({ label: "über" })]).found.length, 1);
  assert.equal(resolve("ÜBER", [disk({ uuid: "über" })]).rank, RANK.none);
  assert.equal(resolve("\u212abcd", [disk({ uuid: "kbcd" })]).rank, RANK.none);
});

Deno.test("resolveDisks() knows nothing by a field that is not asked", () => {
  const disk = { ...makeDisk({ device: "/dev/a" }), device: null };
  assert.equal(resolve("/dev/a", [disk]).rank, RANK.none);
});

Deno.test("resolveDisks() takes a label before a device without its folder", () => {
  const label = makeDisk({ device: "/dev/sdb1", label: "home" });
  const device = makeDisk({ device: "/dev/mapper/home" });
  assert.deepEqual(resolve("home", [device, label]).found, ["/dev/sdb1"]);
  assert.deepEqual(resolve("/dev/mapper/home", [device, label]).found, [
    "/dev/mapper/home",
  ]);
});

Deno.test("NAME_WAYS is sorted by rank", () => {
  const ranks = NAME_WAYS.map(({ rank }) => rank);
  assert.deepEqual(ranks, ranks.toSorted());
});

Deno.test("resolveDisks() compares a long pattern with nothing", () => {
  const disk = makeDisk({ device: "/dev/a", label: "a".repeat(200) });
  const pattern = (length: number) => "*a".repeat(length / 2);
  assert.equal(resolve(pattern(128), [disk]).rank, RANK.pattern);
  assert.equal(resolve(pattern(130), [disk]).rank, RANK.none);
});

Deno.test("resolveHosts() takes an id before a name, and a name before one in another case", () => {
  const hosts = [
    { id: "1", name: "Alpha" },
    { id: "2", name: "alpha" },
    { id: "3", name: "1" },
    { id: "4", name: "beta" },
  ];
  const ids = (name: string) => resolveHosts(name, hosts).map(({ id }) => id);
  assert.deepEqual(ids("1"), ["1"], "a host cannot take the id of another");
  assert.deepEqual(ids("alpha"), ["2"]);
  assert.deepEqual(ids("ALPHA"), ["1", "2"]);
  assert.deepEqual(ids("BETA"), ["4"]);
  assert.deepEqual(ids("alph"), []);
});

function resolve(name: string, disks: readonly DiskIdentifiers[]) {
  const resolved = resolveDisks(name, disks, {
    diskOf: (disk) => disk,
    hostOf: () => ({ id: "0a", name: "alpha" }),
  });
  return { ...resolved, found: resolved.found.map(({ device }) => device) };
}
