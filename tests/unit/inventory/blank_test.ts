import assert from "node:assert/strict";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { isBlank, isContainer } from "../../../src/inventory/place.ts";

Deno.test("isBlank() is of what is there, idle and without any contents", () => {
  const blank = makeDisk({ device: "/dev/sdb", kind: "disk", inUse: false });
  assert.equal(isBlank(blank), true);
  const others: Partial<Disk>[] = [
    // As a host of 0.01 tells of its disks.
    { kind: null },
    { inUse: true },
    { hidden: "parts" },
    { health: "unreadable" },
    { uuid: "1" },
    { label: "a" },
    { type: "ext4" },
    { types: ["ext4", "swap"] },
  ];
  for (const known of others) {
    assert.equal(isBlank({ ...blank, ...known }), false, JSON.stringify(known));
  }
});

Deno.test("isContainer() is of members and of LUKS", () => {
  const types = ["zfs_member", "LVM2_member", "crypto_LUKS"];
  for (const type of types) assert.equal(isContainer({ type }), true, type);
  for (const type of ["ext4", "btrfs", null]) {
    assert.equal(isContainer({ type }), false, `${type}`);
  }
});
