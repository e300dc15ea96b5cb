import assert from "node:assert/strict";
import { holdersOf } from "../../../src/probe/assemble.ts";
import { bareDevice, type Device } from "../../../src/probe/device.ts";

function device(
  kname: string,
  parents: readonly string[],
  known: Partial<Device> = {},
): Device {
  return { ...bareDevice(`/dev/${kname}`), parents, ...known };
}

function holders(...devices: readonly Device[]): Record<string, unknown> {
  return Object.fromEntries(holdersOf(devices));
}

Deno.test("holdersOf() names a RAID at each of its members", () => {
  assert.deepEqual(
    holders(
      device("sda1", ["sda"], { kind: "part" }),
      device("sdb", []),
      device("md0", ["sda1", "sdb"], { kind: "raid1" }),
    ),
    { sda1: ["/dev/md0"], sdb: ["/dev/md0"] },
  );
});

Deno.test("holdersOf() names only what lies directly on a device, sorted, by its path", () => {
  const volume = (kname: string, path: string) =>
    device(kname, ["dm-0"], { kind: "lvm", path });
  assert.deepEqual(
    holders(
      device("dm-0", ["sda3"], { kind: "crypt", path: "/dev/mapper/luks" }),
      volume("dm-1", "/dev/mapper/vg-b"),
      volume("dm-2", "/dev/mapper/vg-a"),
    ),
    {
      "sda3": ["/dev/mapper/luks"],
      "dm-0": ["/dev/mapper/vg-a", "/dev/mapper/vg-b"],
    },
  );
});

const PARTITIONS: readonly [child: string, parent: string, kind: string][] = [
  ["sda1", "sda", "part"],
  ["dm-3", "dm-2", "part"],
  ["md0p1", "md0", "md"],
  ["loop4p2", "loop4", "loop"],
  ["sda12", "sda", "disk"],
];

for (const [child, parent, kind] of PARTITIONS) {
  Deno.test(`holdersOf() takes ${child}, a ${kind} to lsblk, for no holder of ${parent}`, () => {
    assert.deepEqual(holders(device(child, [parent], { kind })), {});
  });
}

const NO_PARTITIONS: readonly [child: string, parent: string, kind: string][] =
  [
    ["md0", "sda", "raid5"],
    ["bcache0", "sdb", "disk"],
    ["dm-10", "dm-1", "crypt"],
    ["sda1p2", "sda", "disk"],
    ["md01", "md0", "raid1"],
  ];

for (const [child, parent, kind] of NO_PARTITIONS) {
  Deno.test(`holdersOf() takes ${child}, a ${kind} to lsblk, for a holder of ${parent}`, () => {
    assert.deepEqual(holders(device(child, [parent], { kind })), {
      [parent]: [`/dev/${child}`],
    });
  });
}
