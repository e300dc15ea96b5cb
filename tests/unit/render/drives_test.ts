import assert from "node:assert/strict";
import type { DiskRow } from "../../../src/control/views.ts";
import { drivesIn, renderDrives } from "../../../src/render/drives.ts";
import { renderTree } from "../../../src/render/tree.ts";
import { diskRow, PLAIN } from "./rows.ts";

const NOTHING = { uuid: null, label: null, type: null, mounts: [] };
const SDA = "/dev/sda";
const HARDWARE = { model: "ST16000NM001G", serial: "ZL2A0001", tran: "sata" };

function device(path: string, known: Partial<DiskRow> = {}): DiskRow {
  return diskRow({ device: path, ...NOTHING, ...known });
}

const ROWS = [
  device("/dev/md0", {
    kind: "raid1",
    parents: ["/dev/sda1", "/dev/sdb1"],
    label: "tank",
    type: "xfs",
    mounts: ["/srv/tank"],
    binds: 1,
  }),
  device("/dev/sda10", { kind: "part", parents: [SDA], hidden: "reserved" }),
  device("/dev/sda1", {
    kind: "part",
    parents: [SDA],
    type: "linux_raid_member",
    holders: ["/dev/md0"],
    inUse: true,
    ...HARDWARE,
  }),
  device(SDA, { kind: "disk", hidden: "parts", ...HARDWARE, slot: "bay 1" }),
  device("/dev/sdb", { kind: "disk", hidden: "parts" }),
  device("/dev/sdb1", {
    kind: "part",
    parents: ["/dev/sdb"],
    type: "linux_raid_member",
    holders: ["/dev/md0"],
    inUse: true,
  }),
  device("/dev/sdg", {
    kind: "disk",
    health: "unreadable",
    serial: "VGH0X627",
  }),
  device("/dev/sdz", { kind: "disk", size: null }),
  device("/dev/sdc", { kind: "disk", hidden: "path" }),
  device("/dev/zram0", { kind: "disk", hidden: "ram" }),
  device("/dev/sdold", { kind: null, label: "of 0.01" }),
];

Deno.test("drivesIn() finds the drives, and the volumes on each", () => {
  const drives = drivesIn(ROWS).map(({ device, volumes }) => [
    device,
    volumes.map(({ device }) => device),
  ]);
  assert.deepEqual(drives, [
    [SDA, ["/dev/md0", "/dev/sda1"]],
    ["/dev/sdb", ["/dev/md0", "/dev/sdb1"]],
    ["/dev/sdg", []],
    ["/dev/sdz", []],
  ]);
  const all = drivesIn(ROWS, { withHidden: true });
  assert.deepEqual(all.map(({ device }) => device), [
    SDA,
    "/dev/sdb",
    "/dev/sdc",
    "/dev/sdg",
    "/dev/sdz",
    "/dev/zram0",
  ]);
});

Deno.test("drivesIn() keeps the hosts apart", () => {
  const other = { host: "beta", hostId: "beta" };
  const rows = [
    device(SDA, { kind: "disk" }),
    device("/dev/sda1", { kind: "part", parents: [SDA], ...other }),
  ];
  assert.deepEqual(drivesIn(rows).map(({ volumes }) => volumes), [[], []]);
});

Deno.test("renderDrives() has a row a drive: what it is, its health, and what is on it", () => {
  assert.equal(
    renderDrives(drivesIn(ROWS), PLAIN),
    `\
HOST   DEVICE    MODEL          SERIAL    SIZE  PORT   HEALTH          ON IT
alpha  /dev/sda  ST16000NM001G  ZL2A0001  3.6T  bay 1  -               tank
alpha  /dev/sdb  -              -         3.6T  -      -               tank
alpha  /dev/sdg  -              VGH0X627  3.6T  -      cannot be read  -
alpha  /dev/sdz  -              -            -  -      -               blank
`,
  );
  const closed = device("/dev/sdh", {
    kind: "disk",
    type: "crypto_LUKS",
    inUse: false,
  });
  const part = device("/dev/sdh1", { parents: [closed.device], label: "x" });
  const luks = {
    ...part,
    device: "/dev/sdh2",
    label: null,
    type: "crypto_LUKS",
  };
  assert.match(
    renderDrives(drivesIn([closed, part, luks]), PLAIN),
    / x, crypto_LUKS\n$/,
  );
  const narrow = renderDrives(drivesIn(ROWS), { ...PLAIN, columns: 70 });
  assert.match(narrow, /^HOST .* HEALTH/);
  for (const line of narrow.split("\n")) assert.ok(line.length <= 70, line);
});

Deno.test("renderTree() draws hosts, drives and volumes, a RAID under each of its members", () => {
  assert.equal(
    renderTree(ROWS.slice(0, 8), PLAIN, { inBytes: true }),
    `\
NAME       TYPE               LABEL           SIZE  MOUNTED       MODEL          SERIAL    STATE
alpha
├─sda                                4000787030016                ST16000NM001G  ZL2A0001
│ └─sda1   linux_raid_member         4000787030016  -> /dev/md0
│   └─md0  xfs                tank   4000787030016  /srv/tank +1
├─sdb                                4000787030016
│ └─sdb1   linux_raid_member         4000787030016  -> /dev/md0
│   └─md0  xfs                tank   4000787030016  /srv/tank +1
├─sdg                                4000787030016                               VGH0X627  cannot be read
└─sdz      blank
`,
  );
});

Deno.test("renderTree() ends where devices lie on each other", () => {
  const circle = [
    device("/dev/a", { kind: "disk" }),
    device("/dev/b", { parents: ["/dev/a", "/dev/c"] }),
    device("/dev/c", { parents: ["/dev/b"] }),
  ];
  assert.ok(renderTree(circle, PLAIN).split("\n").length < 40);
});

Deno.test("renderTree() draws what lies on a hidden layer on the one below that, and a map of hidden paths as the drive", () => {
  const path = "/dev/mapper/";
  const rows = [
    device(SDA, { kind: "disk", type: "LVM2_member", vg: "vg0" }),
    device(`${path}vg0-root-real`, { parents: [SDA], hidden: "inner" }),
    device(`${path}vg0-root`, { parents: [`${path}vg0-root-real`] }),
    device("/dev/sdb", { kind: "disk", hidden: "path" }),
    device(`${path}mpatha`, {
      kind: "mpath",
      parents: ["/dev/sdb"],
      ...HARDWARE,
    }),
  ];
  const [, , mpatha, sda, root] = renderTree(rows, PLAIN).split("\n");
  assert.match(mpatha!, /^├─mpatha .* ST16000NM001G +ZL2A0001$/);
  assert.match(sda!, /^└─sda +LVM2_member .* -> vg0$/);
  assert.match(root!, /^ {2}└─vg0-root /);
  assert.equal(
    renderTree(rows, PLAIN, { withHidden: true }).split("\n").length,
    8,
  );
});

const NOTED = [
  device(SDA, { kind: "disk", hidden: "parts", note: "lent", alias: "red" }),
  device("/dev/sda1", {
    kind: "part",
    parents: [SDA],
    label: "photos",
    note: "lent",
    alias: "red",
    tags: ["offsite"],
  }),
  device("/dev/sda2", {
    kind: "part",
    parents: [SDA],
    label: "music",
    note: "old",
    alias: "red",
  }),
  device("/dev/sdb", { kind: "disk" }),
];

Deno.test("renderDrives() has columns for what was said of a drive and what is on it", () => {
  const table = renderDrives(drivesIn(NOTED), PLAIN).split("\n");
  assert.match(table[0]!, / {2}ON IT +ALIAS {2}TAGS +NOTE$/);
  assert.match(table[1]!, / {2}photos, music {2}red +offsite {2}lent, old$/);
  assert.match(table[2]!, / {2}- +- +-$/);
  const volume = drivesIn(NOTED)[0]?.volumes[0];
  assert.deepEqual(
    [volume?.alias, volume?.note, volume?.tags],
    ["red", "lent", ["offsite"]],
  );
  const silent = renderDrives(drivesIn(ROWS), PLAIN);
  assert.doesNotMatch(silent, /ALIAS|TAGS|NOTE/);
});

Deno.test("renderTree() says of a volume what was not said of its drive", () => {
  const tree = renderTree(NOTED, PLAIN).split("\n");
  assert.match(tree[0]!, / {2}ALIAS {2}TAGS +NOTE {2}STATE$/);
  assert.match(tree[2]!, /─sda .* {2}red +lent$/);
  assert.match(tree[3]!, /─sda1 .* {2}photos .* {2}offsite$/);
  assert.match(tree[4]!, /─sda2 .* {2}music .* {2}old$/);
  assert.equal(tree.join("").split("red").length, 2);
  assert.doesNotMatch(renderTree(ROWS, PLAIN), /ALIAS|TAGS|NOTE/);
});
