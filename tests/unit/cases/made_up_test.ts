/** Further hosts, of the kinds that people have. */
import assert from "node:assert/strict";
import { createScanner } from "../../../src/probe/scan.ts";
import { exited } from "../../support/scripted_system.ts";
import {
  bothViews,
  type CaseHost,
  checkHost,
  duplicatesOf,
  type ExpectedOfHost,
  Watcher,
} from "./case_host.ts";
import {
  blkidLines,
  drive,
  madeHost,
  mapped,
  part,
  signature,
} from "./made_host.ts";

const RAID = signature("linux_raid_member", "aaaa-raid", { LABEL: "nas:0" });

const CASES: Readonly<Record<string, [CaseHost, ExpectedOfHost]>> = {
  "an array with its superblock at the end, partitions seen on its members": [
    madeHost(
      ["sda", "sdb"].map((disk) =>
        drive(disk, {
          blkid: { ...RAID, UUID_SUB: disk },
          children: [
            part(`${disk}1`, {
              blkid: signature("ext4", "root-1", { LABEL: "root" }),
            }),
            {
              kname: "md127",
              kind: "raid1",
              children: [
                part("md127p1", {
                  blkid: signature("ext4", "root-1", { LABEL: "root" }),
                }),
              ],
            },
          ],
        })
      ),
      [{ target: "/", source: "/dev/md127p1", fstype: "ext4", fsroot: "/" }],
    ),
    {
      list: [
        "md127p1 root ext4 / used",
        "sda nas:0 linux_raid_member used",
        "sdb nas:0 linux_raid_member used",
      ],
      hidden: { sda1: "twin", sdb1: "twin", md127: "parts" },
      where: { root: "md127p1", md127: "md127" },
    },
  ],
  "LUKS on LVM on RAID": [
    madeHost(
      ["sda", "sdb"].map((disk) =>
        drive(disk, {
          children: [part(`${disk}1`, {
            blkid: { ...RAID, UUID_SUB: disk },
            children: [{
              kname: "md0",
              kind: "raid1",
              blkid: signature("LVM2_member", "pv-1"),
              children: [mapped("dm-0", "vg-safe", {
                blkid: signature("crypto_LUKS", "luks-1"),
                children: [mapped("dm-1", "opened", {
                  kind: "crypt",
                  blkid: signature("ext4", "fs-1", { LABEL: "secret" }),
                })],
              })],
            }],
          })],
        })
      ),
      [{ target: "/srv", source: "/dev/mapper/opened", fsroot: "/" }],
    ),
    {
      list: [
        "mapper/opened secret ext4 /srv used",
        "mapper/vg-safe luks-1 crypto_LUKS used",
        "md0 pv-1 LVM2_member used",
        "sda1 nas:0 linux_raid_member used",
        "sdb1 nas:0 linux_raid_member used",
      ],
      hidden: { sda: "parts" },
      where: {
        secret: "mapper/opened",
        "vg/safe": "mapper/vg-safe",
        "dm-1": "mapper/opened",
        opened: "mapper/opened",
      },
    },
  ],
  bcache: [
    madeHost(
      ["sda", "nvme0n1"].map((disk) =>
        drive(disk, {
          blkid: signature("bcache", `bcache-${disk}`),
          children: [drive("bcache0", {
            blkid: signature("ext4", "fs-1", { LABEL: "data" }),
          })],
        })
      ),
      [{ target: "/data", source: "/dev/bcache0", fsroot: "/" }],
    ),
    {
      list: [
        "bcache0 data ext4 /data used",
        "nvme0n1 bcache-nvme0n1 bcache used",
        "sda bcache-sda bcache used",
      ],
    },
  ],
  "bcachefs on two drives": [
    madeHost(
      ["sda", "sdb"].map((disk) =>
        drive(disk, {
          blkid: {
            ...signature("bcachefs", "bch-1", { LABEL: "pool" }),
            UUID_SUB: disk,
          },
        })
      ),
      [{
        target: "/pool",
        source: "/dev/sda:/dev/sdb",
        fstype: "bcachefs",
        fsroot: "/",
      }],
    ),
    {
      list: [
        "sda pool bcachefs /pool used",
        "sdb pool bcachefs /pool used",
      ],
    },
  ],
  "btrfs with subvolumes and a bind mount": [
    madeHost([
      drive("sda", {
        children: [
          part("sda2", {
            blkid: signature("btrfs", "btr-1", { LABEL: "sys" }),
          }),
        ],
      }),
    ], [
      {
        target: "/home",
        source: "/dev/sda2",
        fsroot: "/@home",
        options: "rw,subvol=/@home",
      },
      {
        target: "/",
        source: "/dev/sda2",
        fsroot: "/@",
        options: "rw,subvol=/@",
      },
      {
        target: "/srv/x",
        source: "/dev/sda2",
        fsroot: "/@home/x",
        options: "rw,subvol=/@home",
      },
    ]),
    { list: ["sda2 sys btrfs /,/home +1 used"] },
  ],
  "a thin pool with a snapshot": [
    madeHost([
      drive("sda", {
        blkid: signature("LVM2_member", "pv-1"),
        children: ["tmeta", "tdata"].map((sub, n) =>
          mapped(`dm-${n}`, `vg-pool_${sub}`, {
            children: [mapped("dm-2", "vg-pool-tpool", {
              children: [
                mapped("dm-3", "vg-pool"),
                mapped("dm-4", "vg-thin", {
                  blkid: signature("ext4", "fs-1", { LABEL: "thin" }),
                }),
                mapped("dm-5", "vg-snap", {
                  blkid: signature("ext4", "fs-1", { LABEL: "thin" }),
                }),
              ],
            })],
          })
        ),
      }),
    ], [{ target: "/thin", source: "/dev/mapper/vg-thin", fsroot: "/" }]),
    {
      list: [
        "mapper/vg-thin thin ext4 /thin used",
        "sda pv-1 LVM2_member used",
      ],
      hidden: {
        "mapper/vg-pool_tmeta": "inner",
        "mapper/vg-pool_tdata": "inner",
        "mapper/vg-pool-tpool": "inner",
        "mapper/vg-pool": "inner",
        "mapper/vg-snap": "snapshot",
      },
      where: { thin: "mapper/vg-thin", "vg/snap": "mapper/vg-snap" },
    },
  ],
  "a snapshot that is mounted besides its origin": [
    madeHost([
      drive("sda", {
        blkid: signature("LVM2_member", "pv-1"),
        children: [mapped("dm-2", "vg-pool-tpool", {
          children: ["thin", "snap"].map((name, n) =>
            mapped(`dm-${n}`, `vg-${name}`, {
              blkid: signature("ext4", "fs-1", { LABEL: "thin" }),
            })
          ),
        })],
      }),
    ], [
      { target: "/thin", source: "/dev/mapper/vg-thin", fsroot: "/" },
      { target: "/backup", source: "/dev/mapper/vg-snap", fsroot: "/" },
    ]),
    {
      list: [
        "mapper/vg-snap thin ext4 /backup used",
        "mapper/vg-thin thin ext4 /thin used",
        "sda pv-1 LVM2_member used",
      ],
      duplicates: [["copy", "fs-1", 2]],
    },
  ],
  "only the snapshot is mounted": [
    madeHost([
      drive("sda", {
        blkid: signature("LVM2_member", "pv-1"),
        children: [
          mapped("dm-0", "vg-root-real", {
            children: [
              mapped("dm-1", "vg-root", { blkid: signature("ext4", "fs-1") }),
              mapped("dm-2", "vg-snap", { blkid: signature("ext4", "fs-1") }),
            ],
          }),
          mapped("dm-3", "vg-snap-cow", {
            children: [
              mapped("dm-2", "vg-snap", { blkid: signature("ext4", "fs-1") }),
            ],
          }),
        ],
      }),
    ], [{ target: "/backup", source: "/dev/mapper/vg-snap", fsroot: "/" }]),
    {
      list: [
        "mapper/vg-root fs-1 ext4",
        "mapper/vg-snap fs-1 ext4 /backup used",
        "sda pv-1 LVM2_member used",
      ],
      unmounted: ["mapper/vg-root"],
      duplicates: [["copy", "fs-1", 2]],
    },
  ],
  "VDO and a cached volume": [
    madeHost([
      drive("sda", {
        blkid: signature("LVM2_member", "pv-1"),
        children: [
          mapped("dm-0", "vg-vpool0_vdata", {
            children: [mapped("dm-1", "vg-vpool0-vpool", {
              children: [mapped("dm-2", "vg-vdo", {
                blkid: signature("xfs", "fs-1", { LABEL: "deduped" }),
              })],
            })],
          }),
          ...["fast_cvol", "slow_corig"].map((sub, n) =>
            mapped(`dm-${3 + n}`, `vg-${sub}`, {
              children: [mapped("dm-5", "vg-slow", {
                blkid: signature("xfs", "fs-2", { LABEL: "cached" }),
              })],
            })
          ),
        ],
      }),
    ]),
    {
      list: [
        "mapper/vg-slow cached xfs",
        "mapper/vg-vdo deduped xfs",
        "sda pv-1 LVM2_member used",
      ],
      unmounted: ["mapper/vg-slow", "mapper/vg-vdo"],
      hidden: {
        "mapper/vg-vpool0_vdata": "inner",
        "mapper/vg-vpool0-vpool": "inner",
        "mapper/vg-fast_cvol": "inner",
        "mapper/vg-slow_corig": "inner",
      },
    },
  ],
  "DRBD with its metadata elsewhere": [
    madeHost([
      drive("sda", {
        children: [part("sda3", {
          blkid: signature("ext4", "fs-1", { LABEL: "shared" }),
          children: [drive("drbd0", {
            blkid: signature("ext4", "fs-1", { LABEL: "shared" }),
          })],
        })],
      }),
    ], [{ target: "/srv", source: "/dev/drbd0", fsroot: "/" }]),
    {
      list: ["drbd0 shared ext4 /srv used"],
      hidden: { sda3: "twin" },
      where: { shared: "drbd0" },
    },
  ],
  "a loop device with partitions": [
    madeHost([
      {
        kname: "loop0",
        kind: "loop",
        children: [
          part("loop0p1", {
            blkid: signature("ext4", "fs-1", { LABEL: "image" }),
          }),
        ],
      },
    ]),
    {
      list: ["loop0p1 image ext4"],
      unmounted: ["loop0p1"],
      hidden: { loop0: "parts" },
    },
  ],
  "an eMMC, an extended partition, and one of Microsoft": [
    madeHost([
      drive("mmcblk0", {
        children: [part("mmcblk0p1", { blkid: signature("ext4", "r-1") })],
      }),
      drive("mmcblk0boot0", { size: 4 << 20 }),
      drive("mmcblk0boot1", { size: 4 << 20 }),
      drive("sda", {
        children: [
          part("sda2", { size: 1024, blkid: { ENTRY_TYPE: "0x5" } }),
          part("sda5", {
            blkid: signature("swap", "swap-1"),
            mounts: ["[SWAP]"],
          }),
        ],
      }),
      drive("sdb", {
        children: [
          part("sdb1", {
            size: 16 << 20,
            blkid: {
              ENTRY_NAME: "Microsoft\\x20reserved\\x20partition",
              ENTRY_TYPE: "e3c9e316-0b5c-4db8-817d-f92df00215ae",
            },
          }),
          part("sdb2", { blkid: { TYPE: "BitLocker", ENTRY_UUID: "b-2" } }),
        ],
      }),
    ], [{ target: "/", source: "/dev/mmcblk0p1", fsroot: "/" }]),
    {
      list: [
        "mmcblk0p1 r-1 ext4 / used",
        "sda5 swap-1 swap [SWAP] used",
        "sdb2 - BitLocker",
      ],
      unmounted: ["sdb2"],
      hidden: {
        mmcblk0boot0: "reserved",
        mmcblk0boot1: "reserved",
        sda2: "reserved",
        sdb1: "reserved",
      },
      where: { "b-2": "sdb2" },
    },
  ],
  "multipath with LVM on top": [
    madeHost(
      ["sda", "sdb"].map((disk) =>
        drive(disk, {
          serial: "3600508b4",
          wwn: "0x600508b400000001",
          blkid: signature("LVM2_member", "pv-1"),
          children: [mapped("dm-0", "mpatha", {
            kind: "mpath",
            blkid: signature("LVM2_member", "pv-1"),
            children: [mapped("dm-1", "vg-data", {
              blkid: signature("xfs", "fs-1", { LABEL: "data" }),
            })],
          })],
        })
      ),
      [{ target: "/data", source: "/dev/mapper/vg-data", fsroot: "/" }],
    ),
    {
      list: [
        "mapper/mpatha pv-1 LVM2_member used",
        "mapper/vg-data data xfs /data used",
      ],
      hidden: { sda: "path", sdb: "path" },
      where: { mpatha: "mapper/mpatha", "vg/data": "mapper/vg-data" },
    },
  ],
  "two namespaces of one NVMe drive": [
    madeHost([1, 2].map((n) =>
      drive(`nvme0n${n}`, {
        serial: "S4EVNF0M1",
        wwn: `eui.002538500000000${n}`,
        blkid: signature("ext4", `fs-${n}`),
      })
    )),
    {
      list: ["nvme0n1 fs-1 ext4", "nvme0n2 fs-2 ext4"],
      unmounted: ["nvme0n1", "nvme0n2"],
    },
  ],
  Unraid: [
    madeHost([
      drive("sdb", {
        children: [part("sdb1", { blkid: signature("xfs", "fs-1") })],
      }),
      { kname: "md1p1", kind: "md", blkid: signature("xfs", "fs-1") },
    ], [{ target: "/mnt/disk1", source: "/dev/md1p1", fsroot: "/" }]),
    {
      list: ["md1p1 fs-1 xfs /mnt/disk1 used"],
      hidden: { sdb1: "twin", sdb: "parts" },
    },
  ],
  "a root pool in opened LUKS, by a dataset alone": [
    madeHost([
      drive("sda", {
        blkid: signature("crypto_LUKS", "luks-1"),
        children: [mapped("dm-0", "crypt", {
          kind: "crypt",
          blkid: {
            ...signature("zfs_member", "77", { LABEL: "rpool" }),
            UUID_SUB: "1",
          },
        })],
      }),
    ], [{ target: "/", source: "rpool/ROOT/debian", fstype: "zfs" }]),
    {
      list: [
        "mapper/crypt rpool zfs_member / used",
        "sda luks-1 crypto_LUKS used",
      ],
      where: { rpool: "mapper/crypt" },
    },
  ],
  "a CD in its drive, a card in one slot of a reader, nothing in another": [
    madeHost([
      {
        kname: "sr0",
        kind: "rom",
        blkid: signature("iso9660", "i-1", { LABEL: "CD" }),
      },
      drive("sdc", {
        size: 0,
        fails: () =>
          exited({
            code: 2,
            stderr: "blkid: error: /dev/sdc: No medium found",
          }),
      }),
      drive("sdd", {
        children: [
          part("sdd1", { blkid: signature("vfat", "AB-1", { LABEL: "DCIM" }) }),
        ],
      }),
    ]),
    {
      list: ["sdd1 DCIM vfat", "sr0 CD iso9660"],
      unmounted: ["sdd1", "sr0"],
      hidden: { sdc: "empty", sdd: "parts" },
    },
  ],
  "a drive that fails from the start": [
    madeHost([drive("sda", {
      serial: "WD-DYING01",
      fails: (_, isDebugging) =>
        exited({
          code: 2,
          stderr: isDebugging
            ? "9: libblkid: LOWPROBE: \tread failed: Input/output error\n"
            : "",
        }),
    })]),
    {
      list: ["sda - blank unreadable"],
      unmounted: ["sda"],
      where: { "wd-dying01": "sda", DYING01: "sda" },
      problems: /sda cannot be read/,
    },
  ],
  "a host without findmnt": [
    madeHost([
      drive("sda", {
        blkid: signature("ext4", "fs-1", { LABEL: "data" }),
        mounts: ["/var/snap/x", "/"],
      }),
    ], null),
    { list: ["sda data ext4 / +1 used"] },
  ],
  "a btrfs on two partitions, of which findmnt names one": [
    madeHost(
      ["sda", "sdb"].map((disk) =>
        drive(disk, {
          children: [part(`${disk}1`, {
            blkid: signature("btrfs", "btr-1", {
              LABEL: "pair",
              UUID_SUB: disk,
            }),
          })],
        })
      ),
      [{ target: "/pair", source: "/dev/sda1", fstype: "btrfs", fsroot: "/" }],
    ),
    { list: ["sda1 pair btrfs /pair used", "sdb1 pair btrfs /pair used"] },
  ],
  "a mirrored logical volume": [
    madeHost(
      ["sda", "sdb"].map((disk, n) =>
        drive(disk, {
          blkid: signature("LVM2_member", `pv-${n}`),
          children: ["rmeta", "rimage"].map((sub, m) =>
            mapped(`dm-${2 * n + m}`, `vg-lv_${sub}_${n}`, {
              children: [
                mapped("dm-9", "vg-lv", {
                  blkid: signature("xfs", "fs-1", { LABEL: "mirror" }),
                }),
              ],
            })
          ),
        })
      ),
      [{ target: "/m", source: "/dev/mapper/vg-lv", fsroot: "/" }],
    ),
    {
      list: [
        "mapper/vg-lv mirror xfs /m used",
        "sda pv-0 LVM2_member used",
        "sdb pv-1 LVM2_member used",
      ],
      hidden: {
        "mapper/vg-lv_rmeta_0": "inner",
        "mapper/vg-lv_rimage_1": "inner",
      },
    },
  ],
  "members of a mainboard's RAID by dmraid": [
    madeHost(["sda", "sdb"].map((disk) =>
      drive(disk, {
        blkid: signature("isw_raid_member"),
        children: [
          part(`${disk}1`, {
            blkid: signature("ntfs", "AB12", { LABEL: "win" }),
          }),
          mapped("dm-0", "isw_x_Volume0", {
            kind: "dmraid",
            children: [
              mapped("dm-1", "isw_x_Volume0p1", {
                kind: "part",
                blkid: signature("ntfs", "AB12", { LABEL: "win" }),
              }),
            ],
          }),
        ],
      })
    )),
    {
      list: [
        "mapper/isw_x_Volume0p1 win ntfs",
        "sda - isw_raid_member used",
        "sdb - isw_raid_member used",
      ],
      unmounted: ["mapper/isw_x_Volume0p1"],
      hidden: { sda1: "twin", sdb1: "twin", "mapper/isw_x_Volume0": "parts" },
    },
  ],
  "network block devices": [
    madeHost([
      drive("nbd0", { size: 0 }),
      drive("rbd0", { blkid: signature("ext4", "fs-1", { LABEL: "rbd" }) }),
    ], [{ target: "/rbd", source: "/dev/rbd0", fsroot: "/" }]),
    { list: ["rbd0 rbd ext4 /rbd used"], hidden: { nbd0: "empty" } },
  ],
  "guests on logical volumes, and Ceph": [
    madeHost([drive("sda", {
      blkid: signature("LVM2_member", "pv-1"),
      children: [
        mapped("dm-0", "vg-vm--1", {
          children: [
            mapped("dm-3", "vg-vm--1p1", {
              kind: "part",
              blkid: signature("ext4", "g-1"),
            }),
          ],
        }),
        mapped("dm-1", "vg-vm--2"),
        mapped("dm-2", "ceph--1-osd--block", {
          blkid: signature("ceph_bluestore"),
        }),
      ],
    })]),
    {
      list: [
        "mapper/ceph--1-osd--block - ceph_bluestore",
        "sda pv-1 LVM2_member used",
      ],
      unmounted: ["mapper/ceph--1-osd--block"],
      hidden: {
        "mapper/vg-vm--1": "guest",
        "mapper/vg-vm--1p1": "guest",
        "mapper/vg-vm--2": "guest",
      },
      where: { "vg/vm-1": "mapper/vg-vm--1" },
    },
  ],
  "a partition that cannot be read, by a blkid without debug messages": [
    madeHost([
      drive("sda", {
        children: [part("sda1", { fails: () => exited({ code: 2 }) })],
      }),
    ]),
    {
      list: ["sda1 - blank unreadable"],
      unmounted: ["sda1"],
      problems: /sda1 cannot be read/,
    },
  ],
  "two paths to one drive without a map": [
    madeHost(
      ["sda", "sdb"].map((disk) =>
        drive(disk, {
          serial: "3600508b4",
          wwn: "0x600508b400000001",
          blkid: signature("ext4", "fs-1", { LABEL: "lun" }),
        })
      ),
    ),
    {
      list: ["sda lun ext4", "sdb lun ext4"],
      unmounted: ["sda", "sdb"],
      duplicates: [["shared", "fs-1", 2]],
    },
  ],
};

for (const [name, [host, expected]] of Object.entries(CASES)) {
  Deno.test(`${name}: here and on another host`, async () => {
    await checkHost(host, expected);
  });
}

Deno.test("the drives below LUKS on LVM on RAID are both members'", async () => {
  const [host] = CASES["LUKS on LVM on RAID"]!;
  for (const view of await bothViews(host)) {
    const { rows } = await view.find("secret");
    assert.deepEqual(
      rows.map(({ drives, layers }) => [
        drives.map(({ device }) => device).sort(),
        layers.length,
      ]),
      [[["/dev/sda", "/dev/sdb"], 6]],
    );
  }
});

for (
  const [field, value] of [
    ["serial", "000000000000"],
    ["serial", "00000000000000000001"],
    ["serial", "1234567890AB"],
    ["serial", "123456789012"],
    ["serial", "ABCDEF0123456789"],
    ["serial", "FFFFFFFFFFFF"],
    ["serial", "NA"],
    ["wwn", "0x5000000000000000"],
    ["wwn", "0x5000000000000001"],
    ["wwn", "eui.0000000000000000"],
    ["wwn", "eui.0000000000000001"],
    ["wwn", "0xffffffffffffffff"],
  ] as const
) {
  Deno.test(`the ${field} ${value} on two hosts is no duplicate`, async () => {
    const view = new Watcher();
    for (const host of ["one", "other"]) {
      const blkid = signature("ext4", `fs-${host}`);
      await view.hear(
        host,
        madeHost([drive("sda", { [field]: value, blkid })]),
      );
    }
    assert.deepEqual(duplicatesOf(view), []);
  });
}

const AMBIVALENT_DEBUG = [
  "9: libblkid: LOWPROBE: [35] ext4:",
  "9: libblkid: LOWPROBE: assigning TYPE [superblocks]",
  "9: libblkid: LOWPROBE: [11] zfs_member:",
  "9: libblkid: LOWPROBE: assigning TYPE [superblocks]",
  "9: libblkid: LOWPROBE: ERROR: superblocks chain: ambivalent result detected",
].join("\n");

const EXT4 = blkidLines(signature("ext4", "fs-1", { LABEL: "data" })).join("");
const BOTH =
  "ID_FS_AMBIVALENT=filesystem:ext4:1.0 raid:zfs_member:5000\nID_PART_ENTRY_SCHEME=gpt\n";

for (const version of ["2.36", "2.38", "2.41", "2.42"]) {
  const isOld = version < "2.41";
  Deno.test(`two signatures, as blkid ${version} tells them`, async () => {
    const host = madeHost([drive("sda", {
      children: [part("sda1", {
        fails: (types, isDebugging) => {
          if (types === "ext4") return exited({ stdout: EXT4 });
          if (isOld) return exited({ code: 8, stdout: BOTH });
          return exited({
            code: 2,
            stderr: isDebugging ? AMBIVALENT_DEBUG : "",
          });
        },
      })],
    })], [{ target: "/m", source: "/dev/sda1", fstype: "ext4", fsroot: "/" }]);
    await checkHost(host, { list: ["sda1 data ext4,zfs_member /m used"] });
  });
}

Deno.test("one serial number for all drives of an enclosure, on two hosts", async () => {
  const view = new Watcher();
  for (const host of ["one", "other"]) {
    await view.hear(
      host,
      madeHost([1, 2].map((n) =>
        drive(`sd${n}`, {
          serial: "JBOD-77",
          blkid: signature("ext4", `${host}-${n}`),
        })
      )),
    );
  }
  assert.deepEqual(duplicatesOf(view), []);
});

Deno.test("a drive that begins to fail stays attached with its names, on both hosts", async () => {
  let isDying = false;
  const host = madeHost([drive("sda", {
    serial: "WD-DYING01",
    fails: (_, isDebugging) =>
      isDying
        ? exited({
          code: 2,
          stderr: isDebugging
            ? "9: LOWPROBE: \tread failed: Input/output error\n"
            : "",
        })
        : exited({
          stdout: blkidLines(signature("ext4", "fs-1", { LABEL: "old" })).join(
            "",
          ),
        }),
  })]);
  for (const isItself of [true, false]) {
    isDying = false;
    const scanner = createScanner(host);
    const view = new Watcher();
    const look = async () => {
      const changes = isItself
        ? await view.scan(scanner)
        : await view.hear("other", scanner);
      return changes.map(({ event }) => event);
    };
    await look();
    isDying = true;
    assert.deepEqual(await look(), ["failing"]);
    const { rows, verdict } = await view.find("old");
    assert.deepEqual(
      [verdict.kind, ...rows.map(({ state, health }) => [state, health])],
      ["attached", ["attached", "unreadable"]],
    );
    isDying = false;
    assert.deepEqual(await look(), ["recovered"]);
  }
});
