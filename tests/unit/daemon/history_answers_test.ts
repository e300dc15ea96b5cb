import assert from "node:assert/strict";
import type { SightingRow } from "../../../src/control/views.ts";
import { EXPORT_PAGE_ROWS } from "../../../src/daemon/history_answers.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { sightingRow } from "../render/rows.ts";
import { BETA, info, SELF, START, startHistorySite } from "./history_site.ts";

const backup = makeDisk({
  device: "/dev/sdb1",
  uuid: "8261f666-1111",
  label: "backup",
  size: 4096,
});

Deno.test("history() tells where a disk has been, newest first", async () => {
  using site = await startHistorySite();
  site.hear([{ ...backup, mounts: ["/mnt"] }], 1_000);
  site.hear([], 5_000);
  site.scan([{ ...backup, device: "/dev/sdc1" }], 6_000);
  site.elapse(9_000);
  const rows = await site.answers.history({ name: "backup" });
  assert.deepEqual(rows.map(shown), [
    "alpha /dev/sdc1 attached 00:06 now 00:09 -",
    "beta /dev/sdb1 detached 00:01 00:05 00:05 /mnt",
  ]);
  assert.deepEqual(rows[0], {
    ...rows[0],
    hostId: SELF,
    uuid: "8261f666-1111",
    label: "backup",
    size: 4096,
    serial: null,
  });
});

Deno.test("history() ends with a silent host, and takes it up again when that is back", async () => {
  using site = await startHistorySite();
  site.hear([backup], 1_000);
  site.silence(200_000);
  const row = async () => shown((await site.answers.history({}))[0]!);
  assert.equal(await row(), "beta /dev/sdb1 stale 00:01 00:01 00:01 -");
  site.hear(null, 210_000);
  assert.equal(await row(), "beta /dev/sdb1 attached 00:01 now 03:30 -");
});

Deno.test("history() tells what was unplugged from what was shut down or is silent, and from a new label", async () => {
  using site = await startHistorySite();
  const [away, photos] = ["away", "photos"].map((uuid) =>
    makeDisk({ device: `/dev/${uuid}`, uuid })
  ) as [Disk, Disk];
  const told = async () =>
    (await site.answers.history({})).map((
      { device, label, state, unplugged },
    ) => `${device} ${label} ${state}${unplugged ? " unplugged" : ""}`);
  site.hear([backup, away, photos], 1_000);
  site.hear([{ ...backup, label: "new" }, photos], 2_000);
  const past = [
    "/dev/away null detached unplugged",
    "/dev/sdb1 backup detached",
  ];
  assert.deepEqual(await told(), [
    "/dev/sdb1 new attached",
    "/dev/photos null attached",
    ...past,
  ]);
  site.silence(200_000);
  assert.deepEqual((await told()).slice(0, 2), [
    "/dev/sdb1 new stale",
    "/dev/photos null stale",
  ]);
  site.bye(300_000);
  assert.deepEqual((await told()).slice(0, 2), [
    "/dev/sdb1 new detached",
    "/dev/photos null detached",
  ]);
  assert.deepEqual((await told()).slice(2), past);
});

Deno.test("an import keeps whether a disk was still there, and where() knows it at once", async () => {
  using site = await startHistorySite();
  const gamma = { hostId: "a".repeat(32), host: "gamma" };
  const wheres = async (known: Partial<SightingRow>) => {
    const uuid = `${known.state} ${known.unplugged}`;
    await site.answers.merge({
      rows: [sightingRow({ ...gamma, ...known, uuid })],
    });
    const inMemory = [...site.inventory.detached()]
      .find(({ disk }) => disk.uuid === uuid);
    const [row] = site.finder.where(uuid);
    const [sighting] = await site.answers.history({ name: uuid });
    assert.equal(row?.unplugged, sighting?.unplugged);
    return [row?.state, row?.unplugged, inMemory?.unplugged];
  };
  const there = ["detached", false, false];
  assert.deepEqual(await wheres({ state: "attached", until: null }), there);
  assert.deepEqual(await wheres({ state: "stale" }), there);
  assert.deepEqual(
    await wheres({ state: "detached", unplugged: false }),
    there,
  );
  const left = ["detached", true, true];
  assert.deepEqual(await wheres({ state: "detached", unplugged: true }), left);
  assert.equal(
    [...site.inventory.hosts()].length,
    1,
    "gamma is not of this LAN",
  );
});

Deno.test("history() tells two hosts of one name apart, and takes what it shows", async () => {
  using site = await startHistorySite();
  const old = { hostId: "a".repeat(32), host: "Beta", uuid: "old" };
  site.hear([backup], 1_000);
  const names = async () => {
    const rows = await site.answers.history({});
    return rows.map(({ uniqueHost }) => uniqueHost);
  };
  assert.deepEqual(await names(), ["beta"]);
  await site.answers.merge({ rows: [sightingRow(old)] });
  assert.deepEqual(await names(), ["beta@bbbbbb", "Beta@aaaaaa"]);
  for (const host of await names()) {
    const rows = await site.answers.history({ host });
    assert.deepEqual(rows.map(({ uniqueHost }) => uniqueHost), [host]);
  }
});

Deno.test("history() finds hosts by name, in any case, and by id", async () => {
  using site = await startHistorySite();
  site.hear([backup], 1_000);
  site.scan([{ ...backup, uuid: "2", label: null }], 2_000);
  for (const host of ["beta", "BETA", BETA]) {
    const rows = await site.answers.history({ host });
    assert.deepEqual(rows.map(({ host }) => host), ["beta"]);
  }
  assert.deepEqual(await site.answers.history({ host: "nobody" }), []);
  const both = await site.answers.history({ host: "alpha", name: "backup" });
  assert.deepEqual(both, []);
});

Deno.test("history() finds a host that only the history knows, and takes an id before a name", async () => {
  using site = await startHistorySite();
  const past = { hostId: "a".repeat(32), host: "Gamma", uuid: "u1" };
  await site.answers.merge({ rows: [sightingRow(past)] });
  for (const host of ["Gamma", "gamma"]) {
    const rows = await site.answers.history({ host });
    assert.deepEqual(rows.map(({ hostId }) => hostId), [past.hostId]);
  }
  site.hear([backup], 1_000, info(BETA, past.hostId));
  const byId = await site.answers.history({ host: past.hostId });
  assert.deepEqual(byId.map(({ host }) => host), ["Gamma"]);
  site.hear([backup], 2_000, info(BETA, "gamma"));
  const exact = await site.answers.history({ host: "gamma" });
  assert.deepEqual(exact.map(({ hostId }) => hostId), [BETA]);
});

Deno.test("history() takes a serial number as typed before a label in another case, as where() does", async () => {
  using site = await startHistorySite();
  site.scan([
    makeDisk({ device: "/dev/a", uuid: "a", serial: "WD42" }),
    makeDisk({ device: "/dev/b", uuid: "b", label: "wd42" }),
  ], 1_000);
  const rows = await site.answers.history({ name: "WD42" });
  assert.deepEqual(rows.map(({ device }) => device), ["/dev/a"]);
  assert.deepEqual(
    site.inventory.where("WD42").found.map(({ disk }) => disk.device),
    ["/dev/a"],
  );
});

Deno.test("history() finds the disks that are at a device, or were there last, with all that is known of them", async () => {
  using site = await startHistorySite();
  const stick = makeDisk({ device: "/dev/loop7", uuid: "stick" });
  site.scan([{ ...backup, device: "/dev/loop7" }], 1_000);
  site.scan([{ ...backup, device: "/dev/loop8" }, stick], 2_000);
  const shownAt = async (name: string) =>
    (await site.answers.history({ name })).map(({ uuid, device }) =>
      `${uuid} ${device}`
    );
  assert.deepEqual(await shownAt("/dev/loop7"), ["stick /dev/loop7"]);
  const renamed = ["8261f666-1111 /dev/loop8"];
  assert.deepEqual(await shownAt("/dev/loop8"), renamed);
  site.scan([], 3_000);
  assert.deepEqual(await shownAt("/dev/loop7"), ["stick /dev/loop7"]);
  assert.deepEqual(await shownAt("/dev/loop8"), renamed);
});

Deno.test("history() finds what only memory knows by this name", async () => {
  using site = await startHistorySite();
  const place = { kname: "dm-0", port: "pci-1", slot: "bay 3" };
  site.scan([{ ...backup, ...place }], 1_000);
  for (const name of ["dm-0", "/dev/dm-0", "pci-1", "bay 3"]) {
    assert.equal((await site.answers.history({ name })).length, 1, name);
  }
  await site.answers.merge({
    rows: ["DM-0", "disk"].map((label) =>
      sightingRow({ label, uuid: `of ${label}` })
    ),
  });
  const uuids = async (name: string) =>
    (await site.answers.history({ name })).map(({ uuid }) => uuid);
  assert.deepEqual(await uuids("dm-0"), [backup.uuid]);
  site.scan([makeDisk({ device: "/dev/b", uuid: "b", label: "Disk" })], 2_000);
  assert.deepEqual(await uuids("disk"), ["of disk"]);
  assert.deepEqual(await uuids("DISK"), ["b", "of disk"]);
});

Deno.test("history() tells as much as it is asked for", async () => {
  using site = await startHistorySite();
  for (let at = 1_000; at < 10_000; at += 2_000) {
    site.scan([backup], at);
    site.scan([], at + 1_000);
  }
  site.elapse(20_000);
  const all = await site.answers.history({ name: "8261" });
  assert.equal(all.length, 5);
  const newest = await site.answers.history({ limit: 2 });
  assert.deepEqual(newest, all.slice(0, 2));
  const since = new Date(START + 7_500).toISOString();
  const late = await site.answers.history({ name: "backup", since });
  assert.deepEqual(late, all.slice(0, 2));
  assert.deepEqual(await site.answers.history({ name: "none" }), []);
});

Deno.test("what one history exports another imports, once", async () => {
  using from = await startHistorySite();
  from.hear([backup], 1_000);
  from.hear([], 5_000);
  const disks = Array.from(
    { length: EXPORT_PAGE_ROWS + 10 },
    (_, index) => makeDisk({ device: `/dev/x${index}`, uuid: `uuid-${index}` }),
  );
  from.scan(disks, 6_000);
  from.elapse(9_000);
  const pages = await from.export();
  assert.equal(pages.length, 2);
  using to = await startHistorySite();
  to.elapse(10_000);
  const rows = pages.flat();
  assert.equal(rows.length, disks.length + 1);
  assert.deepEqual(await to.answers.merge({ rows }), {
    added: rows.length,
    extended: 0,
    known: 0,
    skipped: 0,
  });
  assert.deepEqual(await to.answers.merge({ rows }), {
    added: 0,
    extended: 0,
    known: rows.length,
    skipped: 0,
  });
  const [row] = await to.answers.history({ name: "uuid-7" });
  assert.equal(shown(row!), "alpha /dev/x7 detached 00:06 00:09 00:09 -");
  assert.equal(to.inventory.host(BETA), undefined);
});

Deno.test("find() tells the last place of a disk that only the history knows", async () => {
  using site = await startHistorySite();
  assert.deepEqual(site.answers.find("imported").found, []);
  const early = { label: "imported", uuid: "u1", hostId: BETA, host: "beta" };
  await site.answers.merge({
    rows: [
      sightingRow({ ...early, device: "/dev/sdx" }),
      sightingRow({
        ...early,
        device: "/dev/sdy",
        from: "2025-05-01T00:00:00.000Z",
        until: "2025-05-02T00:00:00.000Z",
        seenAt: "2025-05-02T00:00:00.000Z",
        state: "detached",
      }),
    ],
  });
  const rows = site.answers.find("IMPORTED").found;
  assert.equal(rows.length, 1);
  const [row] = rows;
  const { host, state, address, mounts_ro, holders } = row!;
  assert.deepEqual([host, address, mounts_ro, holders], ["beta", null, [], []]);
  assert.notEqual(state, "attached");
  const [newest] = await site.answers.history({ name: "imported" });
  assert.deepEqual(
    [row!.device, row!.since, row!.seenAt, row!.unplugged],
    [newest!.device, newest!.from, newest!.seenAt, true],
  );
});

Deno.test("an import of a host whose clock is ahead brings nothing that is yet to come", async () => {
  using site = await startHistorySite();
  site.elapse(20_000);
  const time = (ms: number) => new Date(START + ms).toISOString();
  const row = {
    ...sightingRow({ label: "imported", uuid: "u1", hostId: BETA }),
    from: time(10_000),
    until: time(90_000),
    seenAt: time(90_000),
  };
  const later = { ...row, device: "/dev/sdz", from: time(30_000) };
  await site.answers.merge({ rows: [row, later] });
  const rows = await site.answers.history({});
  assert.deepEqual(
    rows.map(({ from, until, seenAt }) => [from, until, seenAt]),
    [[20_000, 20_000], [10_000, 20_000]]
      .map(([from, until]) => [from!, until!, until!].map(time)),
  );
  // In memory too, and not before the start of this run.
  site.elapse(25_000);
  const [found] = site.finder.where("imported");
  assert.equal(found!.seenAt, time(20_000));
});

Deno.test("merge() takes in all of its rows that are right, and counts the others", async () => {
  using site = await startHistorySite();
  const rows = [sightingRow({ from: "never" }), sightingRow()];
  assert.deepEqual(
    await site.answers.merge({ rows }),
    { added: 1, extended: 0, known: 0, skipped: 1 },
  );
  assert.equal((await site.answers.history({})).length, 1);
});

/** `host device state from until seenAt mounts`, times as minutes and seconds. */
function shown(row: SightingRow): string {
  const time = (text: string | null) => text?.slice(14, 19) ?? "now";
  const { host, device, state, from, until, seenAt, mounts } = row;
  return [
    host,
    device,
    state,
    time(from),
    time(until),
    time(seenAt),
    mounts.join() || "-",
  ].join(" ");
}

Deno.test("the addresses and the name that a host has now are in the history at once", async () => {
  using site = await startHistorySite();
  site.hear([backup], 1_000);
  site.inventory.applyAnnouncement({ ...info(BETA, "renamed") }, null, {
    address: "10.0.0.9",
    now: 2_000,
  });
  site.keeper.noteHosts();
  const [host] = site.keeper.use((store) => store.restore()).hosts
    .filter(({ host }) => host.hostId === BETA);
  assert.deepEqual(host?.host.addresses, ["10.0.0.9", "10.0.0.2"]);
  assert.equal(host?.host.name, "renamed");
});

Deno.test("history() finds the rows of a host by the name that it had then", async () => {
  using site = await startHistorySite();
  site.hear([backup], 1_000);
  site.hear([], 2_000);
  site.hear(null, 3_000, info(BETA, "renamed"));
  site.keeper.noteHosts();
  for (const host of ["beta", "BETA", "renamed", BETA]) {
    const rows = await site.answers.history({ host });
    assert.deepEqual(rows.map(({ host }) => host), ["beta"], host);
  }
  assert.deepEqual(await site.answers.history({ host: "other" }), []);
});
