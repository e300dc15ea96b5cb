import assert from "node:assert/strict";
import {
  compareDisks,
  isUnchanged,
  withKnownNames,
} from "../../../src/inventory/change.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";

const STICK = makeDisk({
  device: "/dev/sdb1",
  uuid: "u",
  label: "backup",
  serial: "WX000001",
  size: 7,
});

const BLANK = makeDisk({ device: "/dev/sdb", kind: "disk", size: 9 });

/** The differences, each as `KIND DEVICE`. */
function told(before: readonly Disk[], after: readonly Disk[]): string[] {
  const { renamed, mounted, unmounted, ...rest } = compareDisks(before, after);
  return [
    ...Object.entries(rest).flatMap(([kind, disks]) =>
      disks.map(({ device }) => `${kind} ${device}`)
    ),
    ...renamed.map(({ disk, fromDevice }) =>
      `renamed ${fromDevice} ${disk.device}`
    ),
    ...mounted.map(({ mount }) => `mounted ${mount}`),
    ...unmounted.map(({ mount }) => `unmounted ${mount}`),
  ];
}

const CASES: readonly (readonly [
  what: string,
  before: readonly Disk[],
  after: readonly Disk[],
  expected: readonly string[],
])[] = [
  [
    "a disk on another device is renamed",
    [STICK],
    [{ ...STICK, device: "/dev/sdc1" }],
    ["renamed /dev/sdb1 /dev/sdc1"],
  ],
  [
    "a renamed disk that was mounted meanwhile",
    [STICK],
    [{ ...STICK, device: "/dev/sdc1", mounts: ["/mnt"] }],
    ["renamed /dev/sdb1 /dev/sdc1", "mounted /mnt"],
  ],
  [
    "two disks that swapped their devices are renamed both",
    [STICK, { ...STICK, device: "/dev/sdc1", uuid: "v" }],
    [{ ...STICK, uuid: "v" }, { ...STICK, device: "/dev/sdc1" }],
    ["renamed /dev/sdc1 /dev/sdb1", "renamed /dev/sdb1 /dev/sdc1"],
  ],
  [
    "a clone on another drive has not been renamed",
    [STICK],
    [{ ...STICK, device: "/dev/sdc1", serial: "WX000002" }],
    ["attached /dev/sdc1", "detached /dev/sdb1"],
  ],
  [
    "a disk that is shown through its map from now on is renamed",
    [STICK],
    [
      { ...STICK, hidden: "path" },
      { ...STICK, device: "/dev/mapper/a", serial: null },
    ],
    ["renamed /dev/sdb1 /dev/mapper/a"],
  ],
  [
    "a drive that is partitioned",
    [BLANK],
    [{ ...BLANK, hidden: "parts" }, STICK],
    ["attached /dev/sdb1", "changed /dev/sdb"],
  ],
  [
    "a blank drive that is given a filesystem has come, and nothing left",
    [BLANK],
    [{ ...BLANK, uuid: "u", type: "ext4" }],
    ["attached /dev/sdb", "quiet /dev/sdb"],
  ],
  [
    "a filesystem that is wiped has left",
    [{ ...BLANK, uuid: "u", type: "ext4" }],
    [BLANK],
    ["attached /dev/sdb", "detached /dev/sdb"],
  ],
  [
    "reads that fail",
    [STICK],
    [{ ...STICK, health: "unreadable" }],
    ["failing /dev/sdb1"],
  ],
  [
    "reads that fail no longer",
    [{ ...STICK, health: "unreadable" }],
    [STICK],
    ["recovered /dev/sdb1"],
  ],
  [
    "bind mounts are no event",
    [{ ...STICK, mounts: ["/a"] }],
    [{ ...STICK, mounts: ["/a"], binds: 7 }],
    ["quiet /dev/sdb1"],
  ],
  [
    "hidden devices make no events",
    [
      makeDisk({ device: "/dev/zram0", uuid: "a", hidden: "ram" }),
      makeDisk({ device: "/dev/loop1", hidden: "image" }),
    ],
    [
      makeDisk({ device: "/dev/zram0", uuid: "b", hidden: "ram" }),
      makeDisk({ device: "/dev/loop2", hidden: "image" }),
    ],
    [
      "quiet /dev/zram0",
      "quiet /dev/zram0",
      "quiet /dev/loop2",
      "quiet /dev/loop1",
    ],
  ],
  ["nothing", [STICK, BLANK], [STICK, BLANK], []],
];

for (const [what, before, after, expected] of CASES) {
  Deno.test(`compareDisks(): ${what}`, () => {
    assert.deepEqual(told(before, after).sort(), expected.toSorted());
    const isSame = isUnchanged(compareDisks(before, after));
    assert.equal(isSame, expected.length === 0);
  });
}

Deno.test("withKnownNames() keeps the names of a disk that cannot be read any more", () => {
  const { device, size, serial } = STICK;
  const dead = makeDisk({ device, size, serial, health: "unreadable" });
  assert.deepEqual(withKnownNames([dead], [STICK]), [
    { ...dead, uuid: "u", label: "backup" },
  ]);
  const others = [
    { ...dead, health: null },
    { ...dead, serial: "WX000002" },
    { ...dead, size: 8 },
    { ...dead, device: "/dev/sdc1" },
    { ...dead, label: "other" },
  ];
  for (const other of others) {
    assert.deepEqual(withKnownNames([other], [STICK]), [other]);
  }
});

Deno.test("compareDisks() compares thousands of mount points in no time", () => {
  const mounts = Array.from({ length: 20_000 }, (_, i) => `/mnt/${i}`);
  const before = { ...STICK, mounts, mounts_ro: mounts };
  const after = {
    ...before,
    mounts: mounts.map((mount) => `${mount}.new`),
    mounts_ro: [],
  };
  const startedAt = performance.now();
  const { mounted, unmounted } = compareDisks([before], [after]);
  assert.deepEqual([mounted.length, unmounted.length], [20_000, 20_000]);
  assert.ok(performance.now() - startedAt < 1_000);
});
