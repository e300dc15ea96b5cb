import assert from "node:assert/strict";
import type { Disk } from "../../../src/inventory/disk.ts";
import { exited } from "../../support/scripted_system.ts";
import {
  changed,
  ext4,
  findmnt,
  lsblk,
  scan,
  scannerOf,
} from "./scripted_host.ts";

interface Member {
  readonly uuid: string;
  readonly sub?: string;
  readonly type?: string;
  readonly mounts?: readonly string[];
}

/** The mount points that a scan finds, by name of the device. */
async function mountsOf(
  members: Readonly<Record<string, Member>>,
): Promise<Record<string, readonly string[]>> {
  const { disks } = await scan({
    lsblk: lsblk(
      ...Object.entries(members).map(([name, { mounts = [] }]) => ({
        name,
        mountpoints: mounts,
      })),
    ),
    blkid: (device) => btrfs(members[device.slice("/dev/".length)]!),
  });
  return Object.fromEntries(
    disks!.map(({ device, mounts }) => [device.slice("/dev/".length), mounts]),
  );
}

function btrfs({ uuid, sub, type = "btrfs" }: Member) {
  const lines = [
    `ID_FS_UUID_ENC=${uuid}`,
    `ID_FS_TYPE=${type}`,
    ...(sub === undefined ? [] : [`ID_FS_UUID_SUB_ENC=${sub}`]),
  ];
  return exited({ stdout: lines.join("\n") + "\n" });
}

function readOnly(disks: readonly Disk[] | null): (readonly string[])[] {
  return disks!.map(({ mounts_ro }) => mounts_ro);
}

Deno.test("scan() has a btrfs mounted at all its members", async () => {
  assert.deepEqual(
    await mountsOf({
      a: { uuid: "pool", sub: "1", mounts: ["/srv"] },
      b: { uuid: "pool", sub: "2" },
      c: { uuid: "other", sub: "1" },
      d: { uuid: "x", sub: "1", type: "bcachefs", mounts: ["/d"] },
      e: { uuid: "x", sub: "2", type: "bcachefs" },
    }),
    { a: ["/srv"], b: ["/srv"], c: [], d: ["/d"], e: ["/d"] },
  );
});

Deno.test("scan() does not have a clone mounted where its original is", async () => {
  assert.deepEqual(
    await mountsOf({
      a: { uuid: "u", sub: "1", mounts: ["/srv"] },
      b: { uuid: "u", sub: "1" },
      c: { uuid: "v", type: "ext4", mounts: ["/c"] },
      d: { uuid: "v", type: "ext4" },
      e: { uuid: "w", mounts: ["/e"] },
      f: { uuid: "w", sub: "1" },
      g: { uuid: "x", sub: "1", type: "zfs_member", mounts: ["/g"] },
      h: { uuid: "x", sub: "2", type: "linux_raid_member" },
    }),
    {
      a: ["/srv"],
      b: [],
      c: ["/c"],
      d: [],
      e: ["/e"],
      f: [],
      g: ["/g"],
      h: [],
    },
  );
});

Deno.test("scan() says which mounts of a disk are read-only", async () => {
  const { disks } = await scan({
    lsblk: lsblk({ name: "sda", mountpoints: ["/a", "/b"] }),
    blkid: ext4,
    findmnt: findmnt(
      { target: "/a", fsroot: "/@a", options: "rw,subvol=/@a" },
      { target: "/b", fsroot: "/@b", options: "ro,subvol=/@b" },
      { target: "/elsewhere", options: "ro" },
    ),
  });
  assert.deepEqual(disks?.[0]?.mounts, ["/b", "/a"]);
  assert.deepEqual(disks?.[0]?.mounts_ro, ["/b"]);
});

Deno.test("scan() sees a mount become read-only, and reads no medium for it", async () => {
  const lists: (readonly string[])[][] = [];
  const { scanner, state, takeRead } = scannerOf({
    lsblk: lsblk({ name: "sda", mountpoints: ["/a"] }),
    blkid: ext4,
    findmnt: findmnt({ target: "/a", options: "rw" }),
  }, { onDisks: (disks) => lists.push(readOnly(disks)) });
  await scanner.scan();
  takeRead();
  state.findmnt = findmnt({ target: "/a", options: "ro" });
  await scanner.scan(changed());
  assert.deepEqual(takeRead(), []);
  assert.deepEqual(lists, [[[]], [["/a"]]]);
});

Deno.test("scan() does without findmnt", async () => {
  for (
    const outcome of [
      { kind: "missing" },
      { kind: "denied", reason: "not allowed" },
    ] as const
  ) {
    const result = await scan({
      lsblk: lsblk({ name: "sda", mountpoints: ["/a"] }),
      blkid: ext4,
      findmnt: outcome,
    });
    assert.deepEqual(readOnly(result.disks), [[]]);
    assert.equal(result.ok, true);
  }
});

Deno.test("scan() has a disk mounted where the host has it, and not where diskd's own mounts have it", async () => {
  const { disks } = await scan({
    lsblk: lsblk(
      { name: "sda", mountpoints: ["/var/lib/diskd", "/"] },
      { name: "sdb", mountpoints: [null] },
      { name: "sdd", mountpoints: ["/var/lib/diskd", "[SWAP]"] },
      { name: "sdc", mountpoints: ["/c"] },
    ),
    blkid: ext4,
    findmnt: findmnt(
      { target: "/", source: "/dev/root", options: "rw" },
      { target: "/home", source: "/dev/sdb", options: "ro" },
      { target: "/c", source: "/dev/sdc", options: "rw" },
      { target: "/srv", source: "/dev/sdc", options: "rw" },
    ),
  });
  assert.deepEqual(disks?.map(({ mounts }) => mounts), [
    ["/"],
    ["/home"],
    ["[SWAP]"],
    ["/c"],
  ]);
  assert.deepEqual(readOnly(disks), [[], ["/home"], [], []]);
});

Deno.test("scan() asks for the mounts of process 1, and for its own where that may not be seen", async () => {
  const { scanner, state, calls } = scannerOf({
    lsblk: lsblk({ name: "sda", mountpoints: ["/a", "/b"] }),
    blkid: ext4,
    findmnt: findmnt({ target: "/a", options: "ro" }),
  });
  const ofHost =
    "findmnt --task 1 -J -l -v -o TARGET,SOURCE,FSTYPE,FSROOT,OPTIONS";
  assert.deepEqual((await scanner.scan()).disks?.[0]?.mounts, ["/a"]);
  const asked = () => calls.filter((call) => call.startsWith("findmnt"));
  assert.deepEqual(asked(), [ofHost]);
  state.findmnt = ({ args }) =>
    args.includes("--task")
      ? exited({ code: 1, stderr: "findmnt: can't read /proc/1/mountinfo: x" })
      : findmnt({ target: "/a", options: "ro" });
  const { disks, problems } = await scanner.scan();
  assert.deepEqual(problems, []);
  assert.deepEqual(disks?.[0]?.mounts, ["/b"]);
  assert.equal(disks?.[0]?.binds, 1);
  assert.deepEqual(asked(), [
    ofHost,
    ofHost,
    "findmnt -J -l -v -o TARGET,SOURCE,FSTYPE,FSROOT,OPTIONS",
  ]);
});

const BROKEN = [
  ["fails", exited({ code: 1, stderr: "findmnt: no" }), /^findmnt failed with/],
  ["prints nonsense", exited({ stdout: "TARGET" }), /^Cannot read the output/],
  ["prints too much", { kind: "overflow", limitBytes: 9 }, /^findmnt printed/],
] as const;

for (const [what, outcome, problem] of BROKEN) {
  Deno.test(`scan() keeps what was read-only when findmnt ${what}`, async () => {
    const { scanner, state } = scannerOf({
      lsblk: lsblk({ name: "sda", mountpoints: ["/a"] }),
      blkid: ext4,
      findmnt: findmnt({ target: "/a", options: "ro" }),
    });
    await scanner.scan();
    state.findmnt = outcome;
    const result = await scanner.scan();
    assert.deepEqual(readOnly(result.disks), [["/a"]]);
    assert.equal(result.problems.length, 1);
    assert.match(result.problems[0]!, problem);
  });
}

Deno.test("scan() names the holders of a disk with a signature, and not its partitions", async () => {
  const { disks } = await scan({
    lsblk: lsblk({
      name: "sda",
      type: "disk",
      children: [
        { name: "sda1", type: "part" },
        {
          name: "luks",
          kname: "dm-0",
          path: "/dev/mapper/luks",
          type: "crypt",
        },
      ],
    }),
    blkid: ext4,
  });
  assert.deepEqual(disks?.map(({ device, holders }) => [device, holders]), [
    ["/dev/sda", ["/dev/mapper/luks"]],
    ["/dev/sda1", []],
    ["/dev/mapper/luks", []],
  ]);
});
