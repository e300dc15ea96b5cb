import assert from "node:assert/strict";
import { checkContents, checkMountable } from "../../../src/mount/mountable.ts";
import { Refusal } from "../../../src/mount/refusal.ts";
import { diskRow } from "../render/rows.ts";

const DEVICE = { device: "/dev/sdb1", holders: [] };

function refusal(
  type: string | null,
  { usage = null, holders = [] }: {
    usage?: string | null;
    holders?: string[];
  } = {},
): Refusal | null {
  try {
    checkMountable({ ...DEVICE, holders }, { type, usage });
    return null;
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.kind, "refused");
    return error;
  }
}

for (const type of ["ext4", "vfat", "ntfs", "btrfs", "hfsplus", "f2fs"]) {
  Deno.test(`checkMountable() has nothing against ${type}`, () => {
    assert.equal(refusal(type, { usage: "filesystem" }), null);
    assert.equal(refusal(type), null);
  });
}

const CONTAINERS: readonly (readonly [string, RegExp, RegExp])[] = [
  ["swap", /it is swap space$/, /no files/],
  ["swsuspend", /it is swap space$/, /no files/],
  ["crypto_LUKS", /it is encrypted with LUKS$/, /cryptsetup open/],
  ["BitLocker", /it is an encrypted volume$/, /cryptsetup open/],
  ["LVM2_member", /it is a physical volume of LVM$/, /vgchange -ay/],
  ["linux_raid_member", /it is a member of a RAID$/, /mdadm/],
  ["isw_raid_member", /it is a member of a RAID$/, /mdadm/],
  ["zfs_member", /it is a member of a ZFS pool$/, /zpool import/],
  ["mpath_member", /it is one path of a multipath device$/, /Mount/],
  ["drbd", /it is the lower half of another device$/, /Mount/],
  ["bcache", /it is the lower half of another device$/, /Mount/],
  ["VMFS_volume_member", /it is a member of something larger$/, /Mount/],
  ["ceph_bluestore", /it is an OSD of Ceph$/, /Ceph itself/],
  ["jbd", /it is the journal of another filesystem$/, /no files/],
];

for (const [type, message, hint] of CONTAINERS) {
  Deno.test(`checkMountable() says what ${type} is, and what to do`, () => {
    const found = refusal(type);
    assert.match(found!.message, message);
    assert.match(found!.hints[0]!, hint);
  });
}

Deno.test("checkMountable() refuses what blkid says to be no filesystem", () => {
  const found = refusal("DM_integrity", { usage: "other" });
  assert.match(
    found!.message,
    /it is DM_integrity, which is not a filesystem$/,
  );
});

Deno.test("checkMountable() refuses a type that could be an option", () => {
  for (const type of ["-o", "ext4,suid", "a b", "", "../x", "\x1b[1m"]) {
    assert.match(refusal(type)!.message, /which is not valid$/, type);
  }
});

Deno.test("checkMountable() names what lies on it", () => {
  const holders = ["/dev/mapper/secret", "/dev/\x1b"];
  const found = refusal("crypto_LUKS", { holders });
  assert.match(found!.message, /it is encrypted with LUKS$/);
  assert.deepEqual(found!.hints, [
    "Mount the device on top of it: /dev/mapper/secret, /dev/\\x1b",
  ]);
  assert.match(
    refusal("ext4", { holders })!.message,
    /it is part of another device$/,
  );
});

Deno.test("checkContents() says why a device has no UUID", () => {
  const cases = [
    [
      { type: null, kind: "disk", inUse: false },
      /sdb1 cannot be mounted: it is blank, as far as/,
    ],
    [{ type: "BitLocker", types: ["BitLocker"] }, /it is an encrypted volume$/],
    [
      { type: null, health: "unreadable" },
      /it is there, but it cannot be read$/,
    ],
    [{ type: null, hidden: "parts" }, /it is a drive with partitions$/],
    [{ type: "ext4", holders: ["/dev/dm-0"] }, /it is part of another device/],
  ] as const;
  for (const [about, message] of cases) {
    const row = diskRow({ uuid: null, label: null, types: [], ...about });
    assert.throws(
      () => checkContents({ ...row, device: "/dev/sdb1" }),
      (error: unknown) => {
        assert.ok(error instanceof Refusal, String(error));
        assert.equal(error.kind, "refused");
        assert.match(error.message, message);
        assert.doesNotMatch(error.hints.join(), /grep \/dev/);
        return true;
      },
    );
  }
  checkContents(diskRow({ uuid: null, type: "ext4" }));
});
