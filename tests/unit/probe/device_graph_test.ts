import assert from "node:assert/strict";
import { bareDevice, type Device } from "../../../src/probe/device.ts";
import { DeviceGraph } from "../../../src/probe/device_graph.ts";

function device(
  kname: string,
  parents: readonly string[],
  known: Partial<Device> = {},
): Device {
  return { ...bareDevice(`/dev/${kname}`), parents, ...known };
}

function holders(...devices: readonly Device[]): Record<string, unknown> {
  const graph = new DeviceGraph(devices);
  const parents = new Set(devices.flatMap(({ parents }) => parents));
  return Object.fromEntries([...parents].flatMap((name) => {
    const paths = graph.holders(bareDevice(`/dev/${name}`))
      .map(({ path }) => path);
    return paths.length === 0 ? [] : [[name, paths]];
  }));
}

Deno.test("holders() names a RAID at each of its members", () => {
  assert.deepEqual(
    holders(
      device("sda1", ["sda"], { kind: "part" }),
      device("sdb", []),
      device("md0", ["sda1", "sdb"], { kind: "raid1" }),
    ),
    { sda1: ["/dev/md0"], sdb: ["/dev/md0"] },
  );
});

Deno.test("holders() names only what lies directly on a device, by its path", () => {
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
      "dm-0": ["/dev/mapper/vg-b", "/dev/mapper/vg-a"],
    },
  );
});

const CHILDREN: readonly (readonly [
  child: string,
  parent: string,
  kind: string,
  isHolder: boolean,
])[] = [
  ["sda1", "sda", "part", false],
  ["dm-3", "dm-2", "part", false],
  ["md0p1", "md0", "md", false],
  ["loop4p2", "loop4", "loop", false],
  ["sda12", "sda", "disk", false],
  ["md0", "sda", "raid5", true],
  ["bcache0", "sdb", "disk", true],
  ["dm-10", "dm-1", "crypt", true],
  ["sda1p2", "sda", "disk", true],
  ["md01", "md0", "raid1", true],
];

for (const [child, parent, kind, isHolder] of CHILDREN) {
  const what = isHolder ? "a holder" : "no holder";
  Deno.test(`holders() takes ${child}, a ${kind} to lsblk, for ${what} of ${parent}`, () => {
    assert.deepEqual(
      holders(device(child, [parent], { kind })),
      isHolder ? { [parent]: [`/dev/${child}`] } : {},
    );
  });
}
