import assert from "node:assert/strict";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { mountedDisks } from "../../../src/inventory/place.ts";

Deno.test("mountedDisks() takes swap in use for mounted, and a member when something on it is", () => {
  const disks = [
    makeDisk({ device: "/dev/sda1", mounts: ["/boot"] }),
    makeDisk({ device: "/dev/sda2", mounts: ["[SWAP]"] }),
    makeDisk({ device: "/dev/sda3", holders: ["/dev/md0"] }),
    makeDisk({ device: "/dev/sdb3", holders: ["/dev/md0"] }),
    makeDisk({
      device: "/dev/md0",
      holders: ["/dev/mapper/vg-a", "/dev/mapper/vg-b"],
    }),
    makeDisk({ device: "/dev/mapper/vg-a" }),
    makeDisk({ device: "/dev/mapper/vg-b", mounts: ["/srv"] }),
    makeDisk({ device: "/dev/sdc1", holders: ["/dev/mapper/idle"] }),
    makeDisk({ device: "/dev/mapper/idle" }),
    makeDisk({ device: "/dev/sdd1" }),
  ];
  assert.deepEqual([...mountedDisks(disks)].map(({ device }) => device), [
    "/dev/sda1",
    "/dev/sda2",
    "/dev/mapper/vg-b",
    "/dev/md0",
    "/dev/sda3",
    "/dev/sdb3",
  ]);
});

Deno.test("mountedDisks() ends where a host says that disks lie on each other", () => {
  const disks = [
    makeDisk({ device: "/dev/a", holders: ["/dev/b", "/dev/a"] }),
    makeDisk({ device: "/dev/b", holders: ["/dev/a"], mounts: ["/"] }),
  ];
  assert.equal(mountedDisks(disks).size, 2);
});
