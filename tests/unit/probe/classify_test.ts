import assert from "node:assert/strict";
import { classify, type Contents } from "../../../src/probe/classify.ts";
import { bareDevice, type Device } from "../../../src/probe/device.ts";
import { DeviceGraph } from "../../../src/probe/device_graph.ts";
import { NOT_MOUNTED } from "../../../src/probe/mounts.ts";
import {
  NO_SIGNATURE,
  type Signature,
} from "../../../src/probe/parse_blkid.ts";

/** A device by its values that differ from those of a blank drive. */
interface Row extends Partial<Omit<Device, "mounts">> {
  readonly name: string;
  readonly has?: Partial<Signature>;
  /** Where it is mounted. */
  readonly at?: string;
  /** Where another member of its pool is mounted. */
  readonly poolAt?: string;
  readonly isFailing?: boolean;
  readonly isEmpty?: boolean;
}

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

function contents(
  { name, has, at, poolAt, isFailing = false, isEmpty = false, ...device }: Row,
): Contents {
  const mounts = [at ?? poolAt].filter((mount) => mount !== undefined);
  return {
    device: {
      ...bareDevice(`/dev/${name}`),
      kind: "disk",
      size: GIB,
      ...device,
    },
    signature: { ...NO_SIGNATURE, ...has },
    mounted: mounts.length === 0 ? NOT_MOUNTED : { ...NOT_MOUNTED, mounts },
    isMountedItself: at !== undefined,
    isFailing,
    isEmpty,
  };
}

function standings(...rows: readonly Row[]) {
  const all = rows.map(contents);
  return classify(all, new DeviceGraph(all.map(({ device }) => device)));
}

/** Why each device is hidden, by name, without those that are shown. */
function hidden(...rows: readonly Row[]): Record<string, string> {
  return Object.fromEntries(
    [...standings(...rows)].flatMap(([name, { hidden }]) =>
      hidden === null ? [] : [[name, hidden]]
    ),
  );
}

const EXT4 = { type: "ext4", uuid: "u1" };

function part(name: string, parent: string, more: Partial<Row> = {}): Row {
  return { name, parents: [parent], kind: "part", ...more };
}

/** A device of LVM with this name in the mapper. */
function volume(
  name: string,
  mapper: string,
  parents: readonly string[],
  more: Partial<Row> = {},
): Row {
  const path = `/dev/mapper/${mapper}`;
  return { name, path, kind: "lvm", parents, has: EXT4, ...more };
}

const ALONE: readonly (readonly [row: Row, why: string | null])[] = [
  [{ name: "ram0" }, "ram"],
  [{ name: "zram12" }, "ram"],
  [{ name: "nvram0" }, null],
  [{ name: "ram0x" }, null],
  [{ name: "sda", isEmpty: true }, "empty"],
  [{ name: "sda", size: 0 }, "empty"],
  [{ name: "sda", size: null }, null],
  [{ name: "loop0", kind: "loop", size: null }, "empty"],
  [{ name: "loop0", kind: "loop" }, null],
  [{ name: "sr0" }, "empty"],
  [{ name: "fd1" }, "empty"],
  [{ name: "sr0", has: EXT4 }, null],
  [{ name: "sr0", has: EXT4, isFailing: true }, "empty"],
  [{ name: "sda", isFailing: true }, null],
  [{ name: "xsr0" }, null],
  [{ name: "fd0x" }, null],
  [{ name: "loop0", kind: "loop", has: { type: "squashfs" } }, "image"],
  [{ name: "loop0", kind: "loop", has: { type: "erofs" } }, "image"],
  [{ name: "loop0", kind: "loop", has: { type: "iso9660" } }, null],
  [{ name: "sda", has: { type: "squashfs" } }, null],
  [{ name: "mmcblk0boot1" }, "reserved"],
  [{ name: "mmcblk0rpmb" }, "reserved"],
  [{ name: "mmcblk0gp2" }, "reserved"],
  [{ name: "mmcblk0gp2p1" }, null],
  [{ name: "mmcblk0" }, null],
  [{ name: "dm-0", has: { type: "DM_snapshot_cow" } }, "inner"],
  [{ name: "nvme0c1n1" }, "path"],
  [{ name: "nvme0n1" }, null],
  [{ name: "nvme0c1n1p1" }, null],
  [{ name: "sda", has: { type: "mpath_member" } }, "path"],
  [{ name: "sda", fstype: "mpath_member" }, "path"],
  [{ name: "zd0" }, "guest"],
  [{ name: "zd16", has: EXT4 }, "guest"],
  [{ name: "zd16p2", has: EXT4 }, "guest"],
  [{ name: "zd16", at: "/srv" }, null],
  [{ name: "zd16x" }, null],
  [{ name: "xzd16" }, null],
];

for (const [row, why] of ALONE) {
  const { name, ...values } = row;
  Deno.test(`classify() hides ${name} ${JSON.stringify(values)}: ${why}`, () => {
    assert.deepEqual(hidden(row), why === null ? {} : { [name]: why });
  });
}

const VOLUMES: readonly (readonly [mapper: string, isInner: boolean])[] = [
  ..."tdata tmeta cdata cmeta cvol corig wcorig vdata vorigin pmspare imeta iorig mlog rimage_0 mimage_12 rmeta_1"
    .split(" ").map((suffix) => [`vg-a_${suffix}`, true] as const),
  ["vg-a-real", true],
  ["vg-a", false],
  ["vg-a--real", false],
  ["my--vg-a", false],
  ["my--own--vg-a--b--c", false],
  ["vg-mdata", false],
  ["vg-tdata", false],
  ["vg-a_tdata2", false],
  ["vg-a_rmeta_1x", false],
  ["vg", false],
];

for (const [mapper, isInner] of VOLUMES) {
  const what = isInner ? "an inner" : "no inner";
  Deno.test(`classify() takes ${mapper} for ${what} volume`, () => {
    assert.deepEqual(
      hidden(volume("dm-0", mapper, [])),
      isInner ? { "dm-0": "inner" } : {},
    );
  });
}

const HOSTS: readonly (readonly [
  what: string,
  rows: readonly Row[],
  hidden: Record<string, string>,
])[] = [
  [
    "a mapping named like an inner volume that is none of LVM",
    [volume("dm-0", "vg-a-real", [], { kind: "crypt" })],
    {},
  ],
  [
    "a volume by another path",
    [{
      name: "dm-0",
      path: "/dev/some/where/vg-a-real",
      kind: "lvm",
      has: EXT4,
    }],
    {},
  ],
  [
    "a thin pool, but not its volumes nor those of another name",
    [
      volume("dm-0", "vg-pool-tpool", []),
      volume("dm-1", "vg-pool", ["dm-0"], { has: {} }),
      volume("dm-2", "vg-a", ["dm-0"], { has: { type: "xfs" } }),
      volume("dm-3", "wg-pool", ["dm-0"], { has: { type: "btrfs" } }),
      volume("dm-4", "vg-b-real", []),
      volume("dm-5", "vg-b", ["dm-4"], { has: { type: "vfat" } }),
    ],
    { "dm-0": "inner", "dm-1": "inner", "dm-4": "inner" },
  ],
  [
    "paths to a drive and their partitions",
    [
      { name: "sda", has: { type: "mpath_member" } },
      part("sda1", "sda", { has: EXT4 }),
      { name: "sdb" },
      part("sdb1", "sdb", { has: EXT4 }),
      {
        name: "dm-0",
        kind: "mpath",
        parents: ["sda", "sdb"],
        has: { type: "xfs", uuid: "u2" },
      },
    ],
    { sda: "path", sda1: "path", sdb: "path", sdb1: "path" },
  ],
  [
    "a partition that a map on its drive shows again, unless it is mounted or held",
    [
      { name: "sda", has: { type: "ddf_raid_member" } },
      part("sda1", "sda", { has: EXT4 }),
      part("sda2", "sda", { has: { type: "xfs" }, at: "/" }),
      part("sda3", "sda", { has: { type: "LVM2_member" } }),
      volume("dm-1", "vg-a", ["sda3"], { has: { type: "btrfs" } }),
      { name: "dm-0", kind: "dmraid", parents: ["sda"], has: { type: "vfat" } },
    ],
    { sda1: "twin" },
  ],
  [
    "a mapping on another mapping is no partition",
    [
      { name: "dm-0", kind: "crypt", has: { type: "LVM2_member" } },
      volume("dm-1", "vg-a", ["dm-0"]),
      volume("dm-2", "vg-b", ["dm-0"], { has: { type: "xfs" } }),
    ],
    {},
  ],
  [
    "a hybrid ISO",
    [{ name: "sda", has: EXT4 }, part("sda1", "sda", { has: EXT4 })],
    { sda1: "twin" },
  ],
  [
    "a hybrid ISO whose partition is mounted",
    [{ name: "sda", has: EXT4 }, part("sda1", "sda", { has: EXT4, at: "/a" })],
    { sda: "twin" },
  ],
  [
    "a hybrid ISO with both mounted",
    [
      { name: "sda", has: EXT4, at: "/b" },
      part("sda1", "sda", { has: EXT4, at: "/a" }),
    ],
    {},
  ],
  [
    "contents without a UUID are not alike",
    [
      { name: "sda", has: { type: "ext4" } },
      part("sda1", "sda", { has: { type: "ext4" } }),
    ],
    {},
  ],
  [
    "other contents are not alike",
    [
      { name: "sda", has: EXT4 },
      part("sda1", "sda", { has: { ...EXT4, type: "xfs" } }),
      part("sda2", "sda", { has: { ...EXT4, uuid_sub: "1" } }),
      part("sda3", "sda", { has: { ...EXT4, uuid: "u2" } }),
    ],
    {},
  ],
  [
    "copies on other drives and partitions are things of their own",
    [
      { name: "sda", has: EXT4 },
      { name: "sdb", has: EXT4 },
      { name: "sdc", has: { type: "LVM2_member" } },
      part("sdc1", "sdc", { has: EXT4 }),
      part("sdc2", "sdc", { has: EXT4 }),
    ],
    {},
  ],
  [
    "of a device and a map of it the upper one is shown",
    [
      { name: "sda", has: EXT4 },
      { name: "dm-0", kind: "dm", parents: ["sda"], has: EXT4 },
      { name: "dm-1", kind: "dm", parents: ["dm-0"], has: EXT4 },
    ],
    { sda: "twin", "dm-0": "twin" },
  ],
  [
    "a snapshot, but not its origin",
    [
      volume("dm-3", "vg-snap", ["dm-1", "dm-2"]),
      volume("dm-0", "vg-a", ["dm-1"]),
      volume("dm-1", "vg-a-real", []),
      volume("dm-2", "vg-snap-cow", []),
    ],
    { "dm-1": "inner", "dm-2": "inner", "dm-3": "snapshot" },
  ],
  [
    "no origin whose snapshot is mounted",
    [
      volume("dm-3", "vg-snap", ["dm-1", "dm-2"], { at: "/mnt" }),
      volume("dm-0", "vg-a", ["dm-1"]),
      volume("dm-1", "vg-a-real", []),
      volume("dm-2", "vg-snap-cow", []),
    ],
    { "dm-1": "inner", "dm-2": "inner" },
  ],
  [
    "a snapshot, if another one is mounted",
    [
      volume("dm-3", "vg-snap", ["dm-1", "dm-2"], { at: "/mnt" }),
      volume("dm-4", "vg-snap2", ["dm-1", "dm-5"]),
      volume("dm-1", "vg-a-real", []),
      volume("dm-2", "vg-snap-cow", []),
      volume("dm-5", "vg-snap2-cow", []),
    ],
    { "dm-1": "inner", "dm-2": "inner", "dm-4": "snapshot", "dm-5": "inner" },
  ],
  [
    "a thin volume, if another one with its contents is mounted",
    [
      volume("dm-0", "vg-pool-tpool", []),
      volume("dm-1", "vg-a", ["dm-0"]),
      volume("dm-2", "vg-b", ["dm-0"], { at: "/mnt" }),
    ],
    { "dm-0": "inner", "dm-1": "snapshot" },
  ],
  [
    "a clone of a volume on the same drive is no snapshot",
    [
      { name: "sda", has: { type: "LVM2_member" } },
      volume("dm-0", "vg-a", ["sda"]),
      volume("dm-1", "vg-b", ["sda"]),
    ],
    {},
  ],
  [
    "a disk of Unraid that its array shows",
    [
      { name: "sda", has: { type: "LVM2_member" } },
      part("sda1", "sda", { has: EXT4 }),
      { name: "md1p1", has: EXT4, at: "/mnt/disk1" },
    ],
    { sda1: "twin" },
  ],
  [
    "a disk of Unraid that its array shows, not mounted",
    [
      { name: "md1p1", has: EXT4 },
      { name: "sda", has: { type: "LVM2_member" } },
      part("sda1", "sda", { has: EXT4 }),
    ],
    { sda1: "twin" },
  ],
  [
    "two arrays of Unraid with one UUID",
    [{ name: "md1p1", has: EXT4 }, { name: "md2p1", has: EXT4 }],
    {},
  ],
  [
    "a partition of another array",
    [
      { name: "md1", kind: "raid1", has: { type: "LVM2_member" } },
      part("md1p1", "md1", { has: EXT4 }),
      { name: "sda", has: EXT4 },
    ],
    {},
  ],
  [
    "a copy of an array without partitions",
    [{ name: "md1", kind: "raid1", has: EXT4 }, { name: "sda", has: EXT4 }],
    {},
  ],
  [
    "of a drive and its partition the one that another device holds is shown",
    [
      { name: "sda", has: EXT4 },
      part("sda1", "sda", { has: EXT4 }),
      volume("dm-0", "vg-a", ["sda1"], { has: { type: "xfs" } }),
    ],
    { sda: "twin" },
  ],
  [
    "volumes for guests",
    [
      volume("dm-0", "vg-vm", [], { has: {} }),
      volume("dm-1", "vg-vm2", [], { has: {} }),
      part("dm-2", "dm-1", { has: EXT4 }),
      volume("dm-3", "vg-a", [], { has: { type: "xfs" } }),
    ],
    { "dm-0": "guest", "dm-1": "guest", "dm-2": "guest" },
  ],
  [
    "a volume that the host uses is no guest's",
    [
      volume("dm-0", "vg-a", [], { has: {}, at: "/a" }),
      volume("dm-1", "vg-b", [], { has: {} }),
      part("dm-2", "dm-1", { has: EXT4, at: "/b" }),
      volume("dm-3", "vg-c", [], { has: {} }),
      { name: "dm-4", kind: "crypt", parents: ["dm-3"], has: { type: "xfs" } },
      { name: "zd0" },
      part("zd0p1", "zd0", { has: { type: "btrfs" }, at: "/c" }),
    ],
    { "dm-1": "parts", "dm-3": "parts", zd0: "parts" },
  ],
  [
    "a drive with partitions, but not one with a filesystem or a mount",
    [
      { name: "sda" },
      part("sda1", "sda", { has: EXT4 }),
      { name: "sdb", has: { type: "xfs" } },
      part("sdb1", "sdb", { has: { type: "vfat" } }),
      { name: "sdc", at: "/c" },
      part("sdc1", "sdc", { has: { type: "swap" } }),
    ],
    { sda: "parts" },
  ],
  [
    "a drive with nothing but reserved or empty devices is shown",
    [
      { name: "sda" },
      part("sda1", "sda", { size: MIB }),
      { name: "sdb" },
      part("sdb1", "sdb", { size: 0 }),
    ],
    { sda1: "reserved", sdb1: "empty" },
  ],
  [
    "a device in memory with partitions stays one",
    [{ name: "ram0" }, part("ram0p1", "ram0", { has: EXT4 })],
    { ram0: "ram" },
  ],
  [
    "an area of an eMMC whose partition is blank and small",
    [part("mmcblk0gp1", "mmcblk0", { size: GIB })],
    { mmcblk0gp1: "reserved" },
  ],
];

for (const [what, rows, expected] of HOSTS) {
  Deno.test(`classify(), what is hidden: ${what}`, () => {
    assert.deepEqual(hidden(...rows), expected);
  });
}

const RESERVED: readonly (readonly [more: Partial<Row>, is: boolean])[] = [
  ...[
    "0x5",
    "0xf",
    "0x85",
    "e3c9e316-0b5c-4db8-817d-f92df00215ae",
    "E3C9E316-0B5C-4DB8-817D-F92DF00215AE",
    "21686148-6449-6e6f-744e-656564454649",
    "9e1a2d38-c612-4316-aa26-8b49521e5a8b",
    "6a945a3b-1dd2-11b2-99a6-080020736631",
  ].map((parttype) => [{ has: { parttype } }, true] as const),
  [{ has: { parttype: "0x83" } }, false],
  [{ has: { parttype: "0x5", type: "ext4" } }, false],
  [{ has: { parttype: "0x5" }, at: "/a" }, false],
  [{ size: 128 * MIB }, true],
  [{ size: 128 * MIB + 512 }, false],
  [{ size: null }, false],
  [{ size: MIB, has: { partlabel: "data" } }, false],
  [{ size: MIB, partlabel: "data" }, false],
  [{ size: MIB, kind: "disk" }, false],
  [{ size: MIB, has: { type: "vfat" } }, false],
  [{ size: MIB, at: "/a" }, false],
];

for (const [more, is] of RESERVED) {
  const what = is ? "reserved" : "for something";
  Deno.test(`classify() takes the partition ${JSON.stringify(more)} to be ${what}`, () => {
    const row = { ...part("sdx9", "sdx"), ...more };
    // As a kernel names no partition, so that its kind alone makes it one.
    const named = { ...row, name: "dm-9" };
    assert.deepEqual(hidden(named), is ? { "dm-9": "reserved" } : {});
  });
}

Deno.test("classify() does not take a partition with something on it to be reserved", () => {
  assert.deepEqual(
    hidden(
      part("sda1", "sda", { size: MIB }),
      { name: "dm-0", kind: "crypt", parents: ["sda1"], has: EXT4 },
    ),
    { sda1: "parts" },
  );
});

const USES: readonly (readonly [
  what: string,
  rows: readonly (Row & { readonly mounts?: readonly string[] })[],
  used: readonly string[],
])[] = [
  ["nothing", [{ name: "sda" }, part("sda1", "sda", { has: EXT4 })], []],
  [
    "a mount and all below it",
    [
      { name: "sda" },
      part("sda1", "sda", { has: EXT4, at: "/a" }),
      part("sda2", "sda"),
    ],
    ["sda", "sda1"],
  ],
  ["the mount of a pool", [{ name: "sda", has: EXT4, poolAt: "/a" }], ["sda"]],
  ["a volume of a guest", [{ name: "zd0" }], ["zd0"]],
  [
    "a held device, but not its holder",
    [
      { name: "sda" },
      part("sda1", "sda", { has: { type: "crypto_LUKS" } }),
      { name: "dm-0", kind: "crypt", parents: ["sda1"], has: EXT4 },
    ],
    ["sda", "sda1"],
  ],
];

for (const [what, rows, used] of USES) {
  Deno.test(`classify() tells what is in use: ${what}`, () => {
    const found = [...standings(...rows)].flatMap(([name, { inUse }]) =>
      inUse ? [name] : []
    );
    assert.deepEqual(found, used);
  });
}

Deno.test("classify() has a device in use that lsblk alone sees mounted", () => {
  const one = contents({ name: "sda", has: EXT4 });
  const device = { ...one.device, mounts: ["/elsewhere"] };
  const found = classify([{ ...one, device }], new DeviceGraph([device]));
  assert.equal(found.get("sda")?.inUse, true);
});

Deno.test("classify() names the volume group of a volume and of its physical volume", () => {
  const found = standings(
    { name: "sda", has: { type: "LVM2_member" } },
    volume("dm-0", "my--own--vg-a", ["sda"]),
    { name: "sdb", has: { type: "LVM2_member" } },
    { name: "dm-1", kind: "crypt", parents: ["sdb"] },
    volume("dm-2", "other-a", ["sdb"]),
    { name: "sdc", has: { type: "LVM2_member" } },
    { name: "sdd", has: { type: "crypto_LUKS" } },
    volume("dm-3", "third-a", ["sdd"]),
    volume("dm-4", "fourth", ["sdc"]),
  );
  assert.deepEqual(
    [...found].map(([name, { vg }]) => `${name} ${vg}`),
    [
      "sda my-own-vg",
      "dm-0 my-own-vg",
      "sdb other",
      "dm-1 null",
      "dm-2 other",
      "sdc null",
      "sdd null",
      "dm-3 third",
      "dm-4 null",
    ],
  );
});
