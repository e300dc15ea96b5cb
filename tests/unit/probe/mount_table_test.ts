import assert from "node:assert/strict";
import { bareDevice, type Device } from "../../../src/probe/device.ts";
import {
  followMounts,
  listMounts,
  MountTable,
} from "../../../src/probe/mounts.ts";
import type { MountPoint } from "../../../src/probe/parse_findmnt.ts";
import { ProbeRunner } from "../../../src/probe/probe_runner.ts";
import type { FollowEnd, RunOutcome } from "../../../src/system/system.ts";
import { exited, scriptedSystem } from "../../support/scripted_system.ts";

function mount(
  source: string | null,
  target: string,
  more: Partial<MountPoint> = {},
): MountPoint {
  return {
    source,
    target,
    fstype: "ext4",
    fsroot: "/",
    majMin: "",
    options: ["rw"],
    ...more,
  };
}

const A = "/dev/sda";

const MOUNTS: readonly (readonly [
  what: string,
  mounts: readonly MountPoint[],
  device: Partial<Device>,
  isOfHost: boolean,
  found: string,
])[] = [
  ["none", [mount("/dev/sdb", "/b")], {}, true, " binds 0 null"],
  ["one", [mount(A, "/a")], {}, true, "/a binds 0 ext4"],
  [
    "by its path",
    [mount("/dev/mapper/x", "/a")],
    { path: "/dev/mapper/x", kname: "dm-0" },
    true,
    "/a binds 0 ext4",
  ],
  [
    "by its kernel name",
    [mount("/dev/dm-0", "/a")],
    { path: "/dev/mapper/x", kname: "dm-0" },
    true,
    "/a binds 0 ext4",
  ],
  [
    "lsblk's, oldest first",
    [],
    { mounts: ["/new", "/old"] },
    false,
    "/old binds 1 null",
  ],
  ["lsblk's of elsewhere", [], { mounts: ["/a"] }, true, " binds 0 null"],
  ["swap", [], { mounts: ["[SWAP]"] }, true, "[SWAP] binds 0 null"],
  [
    "lsblk's that findmnt has by another source",
    [mount("/dev/root", "/", { fstype: "xfs", options: ["ro"] })],
    { mounts: ["/"] },
    true,
    "/ ro / binds 0 xfs",
  ],
  [
    "covered by another device, which does not change its type",
    [mount(A, "/a"), mount("/dev/sdb", "/a", { fstype: "xfs" })],
    { mounts: ["/a"] },
    true,
    "/a binds 0 ext4",
  ],
  [
    "covered by a read-only mount, which is the one that counts",
    [mount(A, "/a"), mount("/dev/sdb", "/a", { options: ["ro"] })],
    {},
    true,
    "/a ro /a binds 0 ext4",
  ],
  [
    "the root first",
    [mount(A, "/a", { fsroot: "/@a", options: ["subvol=/@a"] }), mount(A, "/")],
    {},
    true,
    "/,/a binds 0 ext4",
  ],
  [
    "one directory twice",
    [mount(A, "/a"), mount(A, "/b")],
    {},
    true,
    "/a binds 1 ext4",
  ],
  [
    "a bind mount before the filesystem",
    [mount(A, "/b", { fsroot: "/x" }), mount(A, "/a")],
    {},
    true,
    "/a binds 1 ext4",
  ],
  [
    "bind mounts alone",
    [mount(A, "/b", { fsroot: "/x" }), mount(A, "/c", { fsroot: "/y" })],
    {},
    true,
    "/b binds 1 ext4",
  ],
  [
    "a directory as the root",
    [mount(A, "/", { fsroot: "/deploy" }), mount(A, "/sysroot")],
    {},
    true,
    "/,/sysroot binds 0 ext4",
  ],
  [
    "subvolumes, and a bind mount of one",
    [
      mount(A, "/a", { fsroot: "/@", options: ["subvol=/@"] }),
      mount(A, "/b", { fsroot: "/@b", options: ["ro", "subvol=/@b"] }),
      mount(A, "/c", { fsroot: "/@/c", options: ["subvol=/@"] }),
    ],
    {},
    true,
    "/a,/b ro /b binds 1 ext4",
  ],
  [
    "one member of several",
    [mount("/dev/sdb:/dev/sda", "/a", { fstype: "bcachefs" })],
    {},
    true,
    "/a binds 0 bcachefs",
  ],
  [
    "a path with a colon",
    [mount("/dev/sda:x", "/a")],
    { path: "/dev/sda:x", kname: "dm-0" },
    true,
    "/a binds 0 ext4",
  ],
  [
    "a path that goes on",
    [mount("/dev/sda:x", "/a")],
    {},
    true,
    " binds 0 null",
  ],
  ["no source", [mount(null, "/a")], {}, true, " binds 0 null"],
];

function shown(found: ReturnType<MountTable["of"]>): string {
  const { mounts, readOnly, binds, fstype } = found;
  const ro = readOnly.length === 0 ? "" : ` ro ${readOnly}`;
  return `${mounts}${ro} binds ${binds} ${fstype}`;
}

for (const [what, mounts, device, isOfHost, found] of MOUNTS) {
  Deno.test(`MountTable tells where a device is mounted: ${what}`, () => {
    const table = new MountTable(mounts, { isOfHost });
    assert.equal(shown(table.of({ ...bareDevice(A), ...device })), found);
  });
}

function zfs(source: string, target: string, more: Partial<MountPoint> = {}) {
  return mount(source, target, { fstype: "zfs", ...more });
}

const POOLS: readonly (readonly [
  what: string,
  mounts: readonly MountPoint[],
  found: string,
])[] = [
  ["another pool", [zfs("dozer", "/d")], " binds 0 null"],
  ["another filesystem", [mount("tank", "/t")], " binds 0 null"],
  ["an unknown type", [zfs("tank", "/t", { fstype: "" })], "/t binds 0 null"],
  ["no source", [mount(null, "/t", { fstype: "zfs" })], " binds 0 null"],
  [
    "its own dataset first",
    [zfs("tank/a", "/a"), zfs("tank", "/t", { options: ["ro"] })],
    "/t ro /t binds 1 zfs",
  ],
  [
    "the root before its own",
    [zfs("tank", "/t"), zfs("tank/a/b", "/"), zfs("tank/c", "/c")],
    "/ binds 2 zfs",
  ],
  ["the oldest", [zfs("tank/b", "/b"), zfs("tank/a", "/a")], "/b binds 1 zfs"],
  ["one twice", [zfs("tank", "/t"), zfs("tank/a", "/t")], "/t binds 0 zfs"],
];

for (const [what, mounts, found] of POOLS) {
  Deno.test(`MountTable tells where a pool is mounted: ${what}`, () => {
    const table = new MountTable(mounts, { isOfHost: true });
    assert.equal(shown(table.ofPool("tank")), found);
  });
}

const NO_ACCESS = "findmnt: can't read /proc/1/mountinfo: Permission denied";
const NONE = exited({ stdout: '{"filesystems":[]}' });

const LISTINGS: readonly (readonly [
  what: string,
  ofHost: RunOutcome,
  found: string,
])[] = [
  ["lists them", NONE, "1 run, a table, 0 problems, lsblk's do not count"],
  ["is missing", { kind: "missing" }, "1 run, a table, 0 problems"],
  [
    "may not be run",
    { kind: "denied", reason: "no" },
    "1 run, a table, 0 problems",
  ],
  [
    "may not see process 1",
    exited({ code: 1, stderr: NO_ACCESS }),
    "2 run, a table, 0 problems",
  ],
  [
    "fails",
    exited({ code: 1, stdout: '{"filesystems":[]}', stderr: "findmnt: oops" }),
    "1 run, no table, 1 problems",
  ],
  [
    "prints nonsense",
    exited({ stdout: "oops" }),
    "1 run, no table, 1 problems",
  ],
];

for (const [what, ofHost, expected] of LISTINGS) {
  Deno.test(`listMounts(), where findmnt ${what}: ${expected}`, async () => {
    let runs = 0;
    const system = scriptedSystem(({ args }) => {
      runs++;
      return args.includes("--task") ? ofHost : NONE;
    });
    const { table, problems } = await listMounts(new ProbeRunner(system), 1e4);
    const device = { ...bareDevice(A), mounts: ["/a"] };
    const isStrict = table !== null && table.of(device).mounts.length === 0;
    assert.equal(
      `${runs} run, ${table === null ? "no" : "a"} table, ` +
        `${problems.length} problems${
          isStrict ? ", lsblk's do not count" : ""
        }`,
      expected,
    );
  });
}

const FOLLOWS:
  readonly (readonly [stderr: string, stop: boolean, runs: number])[] = [
    [NO_ACCESS, false, 2],
    [NO_ACCESS, true, 1],
    ["killed", false, 1],
  ];

for (const [stderr, stop, runs] of FOLLOWS) {
  Deno.test(`followMounts() runs findmnt ${runs} times after "${stderr}", stopped: ${stop}`, async () => {
    const end: FollowEnd = { kind: "exited", code: 1, stderr };
    let started = 0;
    const following = followMounts({
      follow: () => {
        started++;
        return { ended: Promise.resolve(end), stop: () => Promise.resolve() };
      },
    }, () => {});
    if (stop) await following.stop();
    await following.ended;
    assert.equal(started, runs);
  });
}
