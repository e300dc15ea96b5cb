import assert from "node:assert/strict";
import type { RemarkView } from "../../../src/control/remarked.ts";
import type { DiskRow, DriveView } from "../../../src/control/views.ts";
import { renderDisk } from "../../../src/render/disk.ts";
import { ago, diskRow, PLAIN } from "./rows.ts";

const DAY = 86_400;

const DRIVE: DriveView = {
  device: "/dev/sdb",
  model: "WD\x1b40",
  serial: "X1",
  wwn: "0x5000",
  tran: "usb",
  size: 4000787030016,
  port: null,
  slot: null,
  health: null,
};

function heading(known: Partial<DiskRow>): string {
  return renderDisk(diskRow(known), { view: PLAIN }).split("\n")[0]!;
}

/** The details of these names. */
function details(known: Partial<DiskRow>, ...names: string[]): string[] {
  return renderDisk(diskRow(known), { view: PLAIN }).split("\n").slice(1)
    .map((line) => line.trim().replace(/ {2,}/, ": "))
    .filter((line) => names.includes(line.split(":")[0]!));
}

Deno.test("renderDisk() says where it is and all that is known of it", () => {
  const row = diskRow({
    mounts: ["/mnt/b", "/srv"],
    mounts_ro: ["/srv"],
    binds: 3,
    partlabel: "data",
    partuuid: "0a1b-01",
    uuid_sub: "77",
    since: ago(6 * DAY),
    drives: [DRIVE],
  });
  assert.equal(
    renderDisk(row, { view: PLAIN }),
    `\
backup-2019 is on alpha, /dev/sdb1, mounted on /mnt/b +4
  type       ext4, 3.6T
  mounted    /mnt/b, /srv (ro), and 3 more
  uuid       8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60, member 77
  partition  data, 0a1b-01
  drive      /dev/sdb, WD\\x1b40, usb, serial X1, wwn 0x5000, 3.6T
  since      Mon 23 Feb 12:00Z (6 days)
  host       192.168.1.10, heard 3 s ago
  files      diskd open backup-2019
`,
  );
});

Deno.test("renderDisk() says in its first line what is mounted where", () => {
  const said = (known: Partial<DiskRow>) =>
    heading(known).replace("backup-2019 is on alpha, /dev/sdb1, ", "");
  const mounts: string[] = [];
  assert.equal(said({ mounts, inUse: false }), "not mounted");
  assert.equal(said({ mounts, inUse: null }), "not mounted");
  assert.equal(said({ mounts, inUse: true }), "in use");
  assert.equal(
    said({ mounts_ro: ["/mnt/b"] }),
    "mounted on /mnt/b (read-only)",
  );
  assert.equal(said({ mounts: ["[SWAP]"] }), "in use as swap");
  assert.equal(said({ mounts, hidden: "guest" }), "in use by a guest");
  const member = { mounts, type: "linux_raid_member" };
  assert.equal(said({ ...member, inUse: false }), "not in use");
  assert.equal(said({ ...member, inUse: true }), "in use");
  assert.equal(
    said({ mounts, health: "unreadable" }),
    "not mounted; it cannot be read",
  );
});

Deno.test("renderDisk() names a blank drive, and one with partitions, by the serial number", () => {
  const drive = {
    device: "/dev/sdb",
    kind: "disk",
    uuid: null,
    label: null,
    type: null,
    mounts: [],
    serial: "X1",
  };
  assert.equal(heading(drive), "X1 is on alpha, /dev/sdb, blank");
  assert.equal(
    heading({ ...drive, hidden: "parts", inUse: false }),
    "X1 is on alpha, /dev/sdb, not in use",
  );
  assert.equal(
    heading({ ...drive, serial: null }),
    "/dev/sdb is on alpha, blank",
  );
  assert.equal(
    heading({ ...drive, health: "unreadable" }),
    "X1 is on alpha, /dev/sdb, not mounted; it cannot be read",
  );
  assert.equal(
    heading({ ...drive, partlabel: "new" }),
    "new is on alpha, /dev/sdb, blank",
  );
  assert.deepEqual(details(drive, "size", "type", "files"), ["size: 3.6T"]);
});

Deno.test("renderDisk() tells silence, a stop and a pull apart", () => {
  assert.equal(
    heading({ state: "stale", seenAt: ago(240) }),
    "backup-2019 was in alpha, silent for 4 min (crash or network)",
  );
  assert.equal(
    heading({ state: "detached", seenAt: ago(13 * 3600) }),
    "backup-2019 is in alpha, which was shut down yesterday 23:00Z (or only its diskd was stopped)",
  );
  assert.equal(
    heading({ state: "detached", unplugged: true, seenAt: ago(200 * DAY) }),
    "backup-2019 is unplugged; until Wed 13 Aug 2025 12:00Z it was in alpha, /dev/sdb1",
  );
  assert.equal(
    heading({ label: "a\nb", host: "\x07h" }),
    "a\\x0ab is on \\x07h, /dev/sdb1, mounted on /mnt/b",
  );
});

Deno.test("renderDisk() says where a disk was mounted that left, and whether it still was", () => {
  const mount = (known: Partial<DiskRow>) =>
    details(known, "mount", "files")[0];
  const pulled = { state: "detached", unplugged: true } as const;
  assert.equal(
    mount({ ...pulled, inUse: true }),
    "mount: on /mnt/b, and still mounted when it left",
  );
  assert.equal(
    mount({ ...pulled, inUse: false }),
    "mount: last on /mnt/b, and unmounted before it left",
  );
  assert.equal(mount({ ...pulled, inUse: null }), "mount: last on /mnt/b");
  assert.equal(
    mount({ state: "detached", inUse: true }),
    "mount: last on /mnt/b",
  );
  assert.equal(mount({ ...pulled, mounts: [] }), undefined);
});

Deno.test("renderDisk() says from when until when a disk was there, in local time", () => {
  const row = diskRow({
    state: "detached",
    unplugged: true,
    since: ago(3 * DAY),
    seenAt: ago(DAY),
  });
  const zone = { offsetAt: () => 330 };
  const text = renderDisk(row, { view: { ...PLAIN, zone } });
  assert.match(text, /until yesterday 17:30 it was in/);
  assert.match(text, /^ {2}from {3}Thu 26 Feb 17:30 \(2 days\)$/m);
  assert.match(text, /^ {2}host {3}192\.168\.1\.10$/m);
});

Deno.test("renderDisk() shows each drive, its port, and what it is a part of", () => {
  const known = {
    type: "LVM2_member",
    vg: "vg0",
    holders: ["/dev/dm-0"],
    inUse: true,
    mounts: [],
    drives: [
      { ...DRIVE, port: "pci-0000:00:17.0-ata-3", slot: "bay 3" },
      {
        ...DRIVE,
        device: "/dev/sdc",
        serial: "X2",
        port: "usb-1",
        health: "unreadable",
      },
    ],
  };
  assert.deepEqual(details(known, "part of", "drive", "port", "files"), [
    "part of: volume group vg0, /dev/dm-0; in use",
    "drive: /dev/sdb, WD\\x1b40, usb, serial X1, wwn 0x5000, 3.6T",
    "drive: /dev/sdc, WD\\x1b40, usb, serial X2, wwn 0x5000, 3.6T, cannot be read",
    "port: bay 3 (pci-0000:00:17.0-ata-3)",
    "port: usb-1",
  ]);
  assert.deepEqual(
    details({ type: "zfs_member", label: "tank", inUse: false }, "part of"),
    ["part of: pool tank; not in use"],
  );
});

Deno.test("renderDisk() lists all types of an ambivalent disk, and offers no files of it", () => {
  assert.deepEqual(
    details({ types: ["ext4", "zfs_member"] }, "type", "ambivalent", "files"),
    ["type: ext4, 3.6T", "ambivalent: ext4, zfs_member"],
  );
});

Deno.test("renderDisk() shows what lies on a drive", () => {
  const drive = diskRow({
    device: "/dev/sdb",
    hidden: "parts",
    drives: [DRIVE],
  });
  const text = renderDisk(drive, { view: PLAIN, contents: [diskRow()] });
  assert.match(
    text,
    /^ {2}holds +\/dev\/sdb1, backup-2019, ext4, 3\.6T, mounted on \/mnt\/b$/m,
  );
  assert.match(text, /^ {2}drive +WD\\x1b40, usb, serial X1, wwn 0x5000$/m);
});

Deno.test("renderDisk() offers only files that there are, and quotes the name", () => {
  const files = (known: Partial<DiskRow>) => details(known, "files")[0];
  assert.equal(files({ label: "a b" }), "files: diskd open 'a b'");
  assert.equal(files({ label: null, uuid: "1" }), "files: diskd open 1");
  for (const label of ["a\x1b[31m", "-a", ""]) {
    assert.equal(files({ label, uuid: "1" }), "files: diskd open 1", label);
  }
  const without: Partial<DiskRow>[] = [
    { state: "stale" },
    { type: "swap" },
    { type: "crypto_LUKS" },
    { hidden: "guest" },
    { health: "unreadable" },
    { label: null, uuid: null },
  ];
  for (const known of without) {
    assert.equal(files(known), undefined, JSON.stringify(known));
  }
});

Deno.test("renderDisk() begins with the note of a disk that is attached nowhere, and says who made it", () => {
  const said = {
    alias: "the red one",
    note: "drawer 3, top shelf",
    tags: ["offsite"],
    remarks: [
      remark({ field: "name", value: "the red one", at: ago(2 * DAY) }),
      remark({ field: "note", value: "drawer 3, top shelf", at: ago(DAY) }),
    ],
  };
  const gone = { ...said, state: "detached", unplugged: true } as const;
  assert.equal(
    heading({ ...gone, seenAt: ago(21 * DAY) }),
    "backup-2019 is in drawer 3, top shelf; last seen on alpha, 21 days ago",
  );
  assert.deepEqual(details(gone, "alias", "note", "tags", "said"), [
    "alias: the red one",
    "tags: offsite",
    "said: yesterday 12:00Z on beta",
  ]);
  assert.equal(
    heading({ ...gone, label: null, note: "lent to the archive" }),
    "the red one: lent to the archive; last seen on alpha, 3 s ago",
  );
  assert.deepEqual(details({ ...gone, label: null }, "alias"), []);
});

Deno.test("renderDisk() has a note among the details where diskd knows where the disk is", () => {
  const note = "drawer 3";
  for (
    const known of [
      { state: "attached" },
      { state: "stale" },
      { state: "detached", unplugged: false },
    ] as const
  ) {
    assert.doesNotMatch(heading({ note, ...known }), /drawer/);
    assert.deepEqual(details({ note, ...known }, "note"), ["note: drawer 3"]);
  }
});

function remark(known: Pick<RemarkView, "field" | "value" | "at">): RemarkView {
  return { ...known, host: "beta", hostId: "b" };
}
