import assert from "node:assert/strict";
import { Clock } from "../../../src/daemon/clocks.ts";
import { ListRows } from "../../../src/daemon/list_rows.ts";
import { ALIAS, LABEL } from "../../../src/inventory/remark.ts";
import type { ListParams } from "../../../src/control/views.ts";
import type { Change } from "../../../src/inventory/change.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";

const START = Date.UTC(2026, 0, 1);
const backup = makeDisk({
  device: "/dev/sdb1",
  uuid: "8261f666",
  label: 'back"up\n',
  type: "ext4",
  size: 4_000_787_030_016,
  mounts: ["/mnt/b"],
});

Deno.test("list() is the JSON of every disk of the hosts that are not gone, by host name", () => {
  const { inventory, rows } = setUp();
  hear(inventory, "zeta");
  hear(inventory, "gone");
  hear(inventory, "beta");
  inventory.applyGoodbye("gone", 2_000);
  inventory.applyScan([backup], 1_000);
  const list = rows.list().decode();
  assert.deepEqual(list.map(({ host }) => host), ["alpha", "beta", "zeta"]);
  assert.deepEqual(list[1], {
    host: "beta",
    hostId: "beta",
    uniqueHost: "beta",
    address: "10.0.0.2",
    site: null,
    state: "attached",
    unplugged: false,
    seenAt: "2026-01-01T00:00:01.000Z",
    since: "2026-01-01T00:00:01.000Z",
    ...backup,
    alias: null,
    note: null,
    tags: [],
    remarks: [],
    drives: [driveOf(backup)],
    layers: [],
  });
});

Deno.test("list() writes only the time anew where a host said nothing new, whatever its name", () => {
  const { inventory, rows } = setUp();
  const disks = [backup, makeDisk({ device: "/dev/\u00fc", label: "\u65e5" })];
  hear(inventory, "b\u00e9ta \u{1f600}", disks);
  const before = rows.list().decode();
  inventory.applyAnnouncement(
    {
      id: "b\u00e9ta \u{1f600}",
      name: "b\u00e9ta \u{1f600}",
      version: null,
      everyMs: 9,
    },
    null,
    { address: "10.0.0.2", now: 61_234 },
  );
  const seenAt = "2026-01-01T00:01:01.234Z";
  assert.deepEqual(
    rows.list().decode(),
    before.map((row) => ({ ...row, seenAt })),
  );
});

Deno.test("an answer of list() stays as it was when the next is made", () => {
  const { inventory, rows, clock } = setUp();
  inventory.applyScan([backup], 0);
  const first = rows.list();
  clock.ms = 60_000;
  rows.list();
  assert.equal(first.decode()[0]?.seenAt, "2026-01-01T00:00:00.000Z");
});

Deno.test("list() of all has the disks of hosts that are gone, and those that were detached", () => {
  const { inventory, rows } = setUp();
  const kept = makeDisk({ device: "/dev/sdc", uuid: "c" });
  hear(inventory, "beta", [backup, kept]);
  hear(inventory, "beta", [kept]);
  hear(inventory, "gone", [makeDisk({ device: "/dev/sdg", uuid: "g" })]);
  inventory.applyGoodbye("gone", 2_000);
  inventory.applyScan([makeDisk({ device: "/dev/sda", uuid: "a" })], 1_000);
  const list = rows.list({ all: true }).decode();
  assert.deepEqual(
    list.map((row) => [row.host, row.device, row.state, row.unplugged]),
    [
      ["alpha", "/dev/sda", "attached", false],
      ["beta", "/dev/sdc", "attached", false],
      ["beta", "/dev/sdb1", "detached", true],
      ["gone", "/dev/sdg", "detached", false],
    ],
  );
  assert.deepEqual(
    list.slice(0, 2),
    rows.list().decode(),
    "those that are there are the same as without",
  );
});

Deno.test("list() of what is mounted, or is not, believes a host on what is in use", () => {
  const { inventory, rows } = setUp();
  const member = makeDisk({ device: "/dev/sda1", inUse: true });
  const raid = makeDisk({ device: "/dev/md0", mounts: ["/srv"] });
  const spare = makeDisk({ device: "/dev/sdz", uuid: "z" });
  const hidden = makeDisk({ device: "/dev/zd0", hidden: "guest" });
  inventory.applyScan([member, raid, spare, hidden], 0);
  hear(inventory, "beta", [
    makeDisk({ device: "/dev/sda1", mounts: ["/"], inUse: false }),
  ]);
  const devices = (mounted: boolean) =>
    rows.list({ mounted }).decode().map(({ host, device }) => [host, device]);
  assert.deepEqual(devices(true), [
    ["alpha", "/dev/sda1"],
    ["alpha", "/dev/md0"],
  ]);
  assert.deepEqual(devices(false), [
    ["alpha", "/dev/sdz"],
    ["beta", "/dev/sda1"],
  ]);
});

Deno.test("event() says from which host a disk moved, and which mount it is about", () => {
  const { inventory, rows } = setUp();
  const events = [
    ...hear(inventory, "beta", [{ ...backup, mounts: [] }]),
    ...hear(inventory, "beta", [{ ...backup, mounts: ["/a"] }]),
    ...hear(inventory, "beta", [{ ...backup, mounts: [] }]),
    ...hear(inventory, "beta", []),
    ...inventory.applyScan([backup], 3_000),
  ].map((change) => rows.event(change));
  assert.deepEqual(
    events.map(({ event, host, device, mount, from, fromId }) => ({
      event,
      host,
      device,
      mount,
      from,
      fromId,
    })),
    [
      { event: "host-up", device: null },
      { event: "attached" },
      { event: "mounted", mount: "/a" },
      { event: "unmounted", mount: "/a" },
      { event: "detached" },
      { event: "moved", host: "alpha", from: "beta", fromId: "beta" },
    ].map((event) => ({
      host: "beta",
      device: "/dev/sdb1",
      mount: null,
      from: null,
      fromId: null,
      ...event,
    })),
  );
});

Deno.test("event() says of a changed disk what changed, from what to what", () => {
  const { inventory, rows } = setUp();
  const later = {
    ...backup,
    label: "new",
    size: 7,
    mounts_ro: ["/mnt/b"],
    inUse: true,
    health: "unreadable",
  };
  inventory.applyScan([backup], 1_000);
  const events = inventory.applyScan([later], 2_000)
    .map((change) => rows.event(change));
  assert.deepEqual(events.map(({ event, changes }) => [event, changes]), [
    ["changed", [
      { field: "label", from: 'back"up\n', to: "new" },
      { field: "size", from: 4_000_787_030_016, to: 7 },
      { field: "mounts_ro", from: [], to: ["/mnt/b"] },
    ]],
    ["failing", []],
  ]);
});

Deno.test("list() and find() say the same of an attached disk", () => {
  const { inventory, rows } = setUp();
  hear(inventory, "beta");
  inventory.applyScan([{ ...backup, device: "/dev/sdz" }], 1_000);
  const list = rows.list().decode();
  assert.deepEqual(rows.find("8261f666").found, list);
});

Deno.test("list() follows a list that is replaced, and a host that is heard again, renamed or stale", () => {
  const { inventory, rows } = setUp();
  assert.deepEqual(rows.list().decode(), []);
  hear(inventory, "beta");
  assert.equal(rows.list().decode().length, 1);
  hear(inventory, "beta", [{ ...backup, label: "new" }]);
  assert.deepEqual(rows.list().decode().map(({ label }) => label), ["new"]);
  inventory.applyAnnouncement(
    { id: "beta", name: "renamed", version: null, everyMs: 30_000 },
    null,
    { address: "10.0.0.2", now: 7_000 },
  );
  const [again] = rows.list().decode();
  assert.equal(again?.host, "renamed");
  assert.equal(again?.seenAt, "2026-01-01T00:00:07.000Z");
  inventory.expire(200_000);
  assert.equal(rows.list().decode()[0]?.state, "stale");
});

Deno.test("a stale host's disks are marked, and a detached disk has the time when it left", () => {
  const { inventory, rows } = setUp();
  hear(inventory, "beta");
  inventory.expire(200_000);
  assert.equal(rows.list().decode()[0]?.state, "stale");
  hear(inventory, "beta", []);
  assert.deepEqual(
    rows.find("8261f666").found.map(({ state, seenAt }) => [state, seenAt]),
    [["detached", "2026-01-01T00:00:01.000Z"]],
  );
});

Deno.test("list() tells since when each disk is there, and follows the wall clock when that is set", () => {
  const { inventory, rows, clock } = setUp();
  const late = makeDisk({ device: "/dev/z", uuid: "z" });
  inventory.applyScan([backup], 0);
  inventory.applyScan([backup, late], 60_000);
  const since = () => rows.list().decode().map(({ since }) => since);
  assert.deepEqual(since(), [
    "2026-01-01T00:00:00.000Z",
    "2026-01-01T00:01:00.000Z",
  ]);
  clock.wallMs += 3_600_000;
  assert.deepEqual(since(), [
    "2026-01-01T01:00:00.000Z",
    "2026-01-01T01:01:00.000Z",
  ]);
  assert.deepEqual(rows.find("z").found.map(({ since }) => since), [
    since()[1],
  ]);
});

Deno.test("what is remembered of this host has its age until the first scan", () => {
  const { inventory, rows, clock } = setUp();
  inventory.restore({
    hosts: [{
      id: "alpha",
      name: "alpha",
      version: null,
      everyMs: 30_000,
      addresses: [],
      heardAt: -60_000,
      liveness: "up",
      disks: [{ disk: backup, since: -120_000 }],
    }],
    past: [],
  });
  clock.ms = 1_000;
  const told = () =>
    [...rows.list().decode(), ...rows.find("8261f666").found]
      .map(({ state, seenAt, since }) => [state, seenAt, since]);
  const since = "2025-12-31T23:58:00.000Z";
  const before = ["stale", "2025-12-31T23:59:00.000Z", since];
  assert.deepEqual(told(), [before, before]);
  assert.equal(rows.hosts()[0]?.heardAt, "2026-01-01T00:00:01.000Z");
  inventory.applyScan([backup], 1_000);
  const after = ["attached", "2026-01-01T00:00:01.000Z", since];
  assert.deepEqual(told(), [after, after]);
});

Deno.test("duplicates() has the rows of all devices that share something", () => {
  const { inventory, rows } = setUp();
  hear(inventory, "beta");
  inventory.applyScan([{ ...backup, device: "/dev/sdz" }], 1_000);
  assert.deepEqual(
    rows.duplicates().map(({ kind, value }) => [kind, value]),
    [["uuid", "8261f666"]],
  );
  assert.deepEqual(rows.duplicates()[0]?.disks, rows.find("8261f666").found);
  inventory.applyGoodbye("beta", 2_000);
  assert.deepEqual(rows.duplicates(), []);
  hear(inventory, "gamma");
  assert.equal(rows.duplicates().length, 1);
  inventory.applyScan([], 3_000);
  assert.deepEqual(rows.duplicates(), []);
});

Deno.test("duplicates() does not search again at once after a search that took long", () => {
  const { clock, inventory } = setUp();
  let isSlow = true;
  const now = () => clock.ms += isSlow ? 10 : 0;
  const rows = new ListRows(inventory, new Clock({ now, wallClock: now }));
  hear(inventory, "beta");
  assert.deepEqual(rows.duplicates(), []);
  isSlow = false;
  inventory.applyScan([{ ...backup, device: "/dev/sdz" }], 1_000);
  assert.deepEqual(rows.duplicates(), []);
  clock.ms += 1_000;
  assert.equal(rows.duplicates().length, 1);
});

Deno.test("troubles() has silent hosts, disks that cannot be read, and duplicates, but not labels", () => {
  const { inventory, rows } = setUp();
  const bad = makeDisk({
    device: "/dev/sdc",
    label: "x",
    health: "unreadable",
  });
  hear(inventory, "quiet", [{ ...bad, device: "/dev/sdq", uuid: "q" }]);
  inventory.expire(200_000);
  inventory.applyScan([backup, bad], 1_000);
  hear(inventory, "beta", [backup, { ...bad, uuid: "other", health: null }]);
  assert.deepEqual(rows.troubles(), {
    silent: [{
      host: "quiet",
      hostId: "quiet",
      uniqueHost: "quiet",
      heardAt: "2026-01-01T00:00:01.000Z",
    }],
    unreadable: [
      {
        host: "alpha",
        hostId: "alpha",
        uniqueHost: "alpha",
        device: "/dev/sdc",
        label: "x",
      },
    ],
    duplicates: 1,
  });
  assert.ok(rows.duplicates().length > 1);
});

Deno.test("hosts() counts the disks that list shows", () => {
  const { inventory, rows } = setUp();
  const hidden = makeDisk({ device: "/dev/sda", hidden: "parts" });
  inventory.applyScan([backup, hidden], 1_000);
  assert.equal(rows.hosts()[0]!.disks, 1);
});

Deno.test("this host is seen now", () => {
  const { inventory, rows, clock } = setUp();
  inventory.applyScan([backup], 0);
  clock.ms = 60_000;
  assert.equal(rows.list().decode()[0]?.seenAt, "2026-01-01T00:01:00.000Z");
  assert.equal(
    rows.find("8261f666").found[0]?.seenAt,
    "2026-01-01T00:01:00.000Z",
  );
  assert.equal(rows.hosts()[0]?.heardAt, "2026-01-01T00:01:00.000Z");
});

Deno.test("names() has what people type of the disks that lists show", () => {
  const { inventory, rows } = setUp();
  inventory.applyScan([
    makeDisk({ device: "/dev/sda", serial: "WD-1", hidden: "parts" }),
    makeDisk({ device: "/dev/sda1", serial: "WD-1", partlabel: "EFI" }),
    makeDisk({
      device: "/dev/sda2",
      type: "LVM2_member",
      vg: "vg-0",
      model: "Ultra",
    }),
    makeDisk({ device: "/dev/mapper/vg--0-my--root", vg: "vg-0" }),
    makeDisk({ device: "/dev/mapper/luks-home" }),
    makeDisk({
      device: "/dev/sdb",
      type: "linux_raid_member",
      label: "nas:archive",
    }),
    makeDisk({ device: "/dev/sr0", label: "hidden", hidden: "image" }),
  ], 0);
  const names = [
    ...["EFI", "WD-1", "archive", "luks-home", "nas:archive", "vg-0"],
    "vg-0/my-root",
  ];
  assert.deepEqual(rows.names(), names);
  for (const name of names) assert.notEqual(rows.find(name).found.length, 0);
});

Deno.test("names() has no more than 50,000", () => {
  const { inventory, rows } = setUp();
  for (let host = 0; host < 13; host++) {
    const disks = Array.from(
      { length: 4_000 },
      (_, i) => makeDisk({ device: `/dev/${i}`, label: `${host} ${i}` }),
    );
    hear(inventory, `host-${host}`, disks, `10.0.1.${host}`);
  }
  assert.equal(rows.names().length, 50_000);
});

Deno.test("names() has the given name and the label of a disk that no host has", () => {
  const { inventory, rows } = setUp();
  for (const [field, value] of [[ALIAS, "red"], [LABEL, "music"]] as const) {
    inventory.remarks.take({
      subject: "uuid 8261f666",
      field,
      value,
      at: 1_800_000_000_000,
      by: "id",
      host: "beta",
      key: "k",
      signature: value.padEnd(86, "A"),
    });
  }
  assert.deepEqual(rows.names(), ["music", "red"]);
});

Deno.test("names() has each label and UUID once", () => {
  const { inventory, rows } = setUp();
  hear(inventory, "beta", [backup, makeDisk({ device: "/dev/x", label: "x" })]);
  inventory.applyScan([backup], 0);
  assert.deepEqual(rows.names(), ["8261f666", 'back"up\n', "x"]);
  hear(inventory, "beta", []);
  assert.deepEqual(rows.names(), ["8261f666", 'back"up\n', "x"]);
});

Deno.test("times of the past move with the wall clock when it is set, and not when it trembles", () => {
  const { clock, times } = setUp();
  assert.equal(times.timeOfDay(5), "2026-01-01T00:00:00.005Z");
  clock.wallMs += 50;
  assert.equal(times.timeOfDay(5), "2026-01-01T00:00:00.005Z");
  clock.wallMs += 3_600_000;
  assert.equal(times.timeOfDay(5), "2026-01-01T01:00:00.055Z");
});

Deno.test("listInTurns() is the list, and others run between the hosts once it took 5 ms", async () => {
  const { clock, inventory, rows } = setUp();
  const names = ["a", "b", "c", "d", "e", "f"];
  for (const name of names) hear(inventory, name);
  inventory.applyGoodbye("f", 2_000);
  for (const params of [{}, { all: true }, { mounted: true }]) {
    const expected = rows.list(params).decode();
    // Each row takes 3 ms, so two fill a turn.
    const jsonOf = Object.getOwnPropertyDescriptor(clock, "ms")!;
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    let ms = 0;
    Object.defineProperty(clock, "ms", { get: () => ms += 3 });
    const [list = []] = await Array.fromAsync(
      rows.listInTurns(params).groups(Infinity),
    );
    Object.defineProperty(clock, "ms", jsonOf);
    clearInterval(timer);
    assert.ok(turns >= 2, `others ran ${turns} times`);
    const untimed = (row: object) => ({ ...row, seenAt: "", since: "" });
    assert.deepEqual(list.map(untimed), expected.map(untimed));
  }
});

Deno.test("a list of many rows is made of several chunks, which are one JSON", () => {
  const { inventory, rows } = setUp();
  const disks = Array.from(
    { length: 2_000 },
    (_, index) => makeDisk({ device: `/dev/disk${index}` }),
  );
  hear(inventory, "beta", disks.slice(0, 1_000));
  hear(inventory, "gamma", disks.slice(1_000));
  const list = rows.list();
  assert.ok(list.chunks.length > 1);
  assert.deepEqual(
    list.decode().map(({ device }) => device),
    disks.map(({ device }) => device),
  );
});

function setUp() {
  const clock = { ms: 0, wallMs: START };
  const times = new Clock({
    now: () => clock.ms,
    wallClock: () => clock.wallMs + clock.ms,
  });
  const inventory = new Inventory({
    id: "alpha",
    name: "alpha",
    version: "0.1.0",
    everyMs: 30_000,
  });
  return { clock, times, inventory, rows: new ListRows(inventory, times) };
}

function hear(
  inventory: Inventory,
  name: string,
  disks = [backup],
  address = "10.0.0.2",
): readonly Change[] {
  return inventory.applyAnnouncement(
    { id: name, name, version: "0.1.0", everyMs: 30_000 },
    disks,
    { address, now: 1_000 },
  ).changes;
}

function driveOf(
  { device, model, serial, wwn, tran, size, port, slot, health }: Disk,
) {
  return { device, model, serial, wwn, tran, size, port, slot, health };
}

Deno.test("list() leaves out hidden devices unless it is asked for them", () => {
  const { inventory, rows } = setUp();
  const drive = makeDisk({ device: "/dev/sda", hidden: "parts", serial: "S1" });
  const parents = ["/dev/sda"];
  const part = makeDisk({ device: "/dev/sda1", uuid: "u", parents });
  inventory.applyScan([drive, part], 0);
  const [row, ...others] = rows.list().decode();
  assert.deepEqual([row?.device, others], ["/dev/sda1", []]);
  assert.deepEqual(row?.drives, [driveOf(drive)]);
  assert.deepEqual(row?.layers, [
    { device: "/dev/sda", kind: null, type: null },
  ]);
  const all = rows.list({ devices: true }).decode();
  assert.deepEqual(all.map(({ device }) => device), ["/dev/sda", "/dev/sda1"]);
});

Deno.test("list() of a host has its disks alone, by its name, its id, or the name that only it has", () => {
  const { inventory, rows } = setUp();
  inventory.applyScan([makeDisk({ device: "/dev/sda" })], 0);
  hear(inventory, "beta", [backup]);
  hear(inventory, "gamma", [makeDisk({ device: "/dev/sdg" })]);
  const devices = (params: ListParams) =>
    rows.list(params).decode().map(({ device }) => device);
  assert.deepEqual(devices({ host: "beta" }), ["/dev/sdb1"]);
  assert.deepEqual(devices({ host: "GAMMA", devices: true }), ["/dev/sdg"]);
  assert.deepEqual(devices({ host: "nobody" }), []);
});
