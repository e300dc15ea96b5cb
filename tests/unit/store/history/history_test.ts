import assert from "node:assert/strict";
import {
  type History,
  MAX_ROWS_A_FLUSH,
  MAX_ROWS_A_TRANSACTION,
  MAX_WAITING,
} from "../../../../src/store/history/history.ts";
import type { HostRecord } from "../../../../src/store/history/records.ts";
import { ALPHA, at, BETA, madeUpDisk } from "./made_up.ts";
import { flushAll, NOW, TemporaryHistory } from "./temporary_history.ts";

const BACKUP = madeUpDisk("backup");

Deno.test("began() keeps every field of a disk, of its host and of where it is", async () => {
  using temporary = new TemporaryHistory();
  const disk = madeUpDisk("b\u0000ckup \u{1f600}\n", {
    size: 2 ** 52 + 1,
    rm: null,
    ro: true,
    partuuid: "part",
    partlabel: "",
    uuid_sub: "sub",
    serial: "S1",
    wwn: "0x5",
  });
  const place = {
    circumstances: { inUse: true, holders: ["/dev/md0"], binds: 3, port: "p" },
    drives: [{
      model: "WD \u{1f600}",
      serial: "S1",
      wwn: null,
      tran: "usb",
      size: 7,
    }],
  };
  const mounts = ["/mnt/\u0000a", "[SWAP]"];
  const first = await temporary.open();
  first.began(ALPHA, disk, at(disk.label, { mounts, place }));
  first.close();
  const history = await temporary.open();
  const [sighting] = sightings(history);
  const shown = "b\u2400ckup \u{1f600}\n";
  assert.deepEqual(sighting, {
    disk: {
      ...disk,
      name: `uuid of ${shown}`,
      uuid: `uuid-${shown}`,
      label: shown,
    },
    host: { hostId: ALPHA.hostId, name: "alpha", state: "up", heardAt: NOW },
    device: "/dev/sdb1",
    label: shown,
    mounts: ["/mnt/\u0000a", "[SWAP]"],
    place,
    from: NOW,
    until: null,
  });
  assert.deepEqual(history.restore().hosts[0]?.host, ALPHA);
});

Deno.test("began() writes nothing for what is there already", async () => {
  using temporary = new TemporaryHistory();
  const first = await temporary.open();
  first.began(ALPHA, BACKUP, at("backup", { mounts: ["/mnt/b"] }));
  first.close();
  const history = await temporary.open();
  const before = logBytes(temporary);
  for (let i = 0; i < 20; i++) {
    history.began(ALPHA, BACKUP, at("backup", { from: NOW + i }));
    history.began(ALPHA, BACKUP, at("backup", { mounts: ["/mnt/b"] }));
    history.mounted(ALPHA.hostId, at("", { mounts: ["/mnt/b"] }));
    history.host({ ...ALPHA });
    flushAll(history);
  }
  assert.equal(logBytes(temporary), before);
  assert.equal(sightings(history).length, 1);
  assert.equal(sightings(history)[0]?.from, NOW);
});

Deno.test("renamed() moves a sighting to another device, and two that swapped", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  const other = madeUpDisk("other");
  const [sdb, sdc] = ["/dev/sdb1", "/dev/sdc1"];
  const move = (disk: string, from: string, to: string) =>
    history.renamed(ALPHA.hostId, { disk, from, to });
  const places = () =>
    sightings(history).map(({ device, label, until }) => [device, label, until])
      .sort();
  history.began(ALPHA, BACKUP, at("backup"));
  move(other.name, sdb, sdc);
  move(BACKUP.name, sdb, sdc);
  history.began(ALPHA, BACKUP, at("backup", { device: sdc }));
  assert.deepEqual(places(), [[sdc, "backup", null]]);
  history.began(ALPHA, other, at("other"));
  move(BACKUP.name, sdc, sdb);
  history.began(ALPHA, BACKUP, at("backup", { device: sdb }));
  move(other.name, sdb, sdc);
  history.began(ALPHA, other, at("other", { device: sdc }));
  assert.deepEqual(places(), [[sdb, "backup", null], [sdc, "other", null]]);
});

for (
  const [what, targets] of [
    ["that moved up by one", ["sdc", "sdd", "sde"]],
    ["that moved down by one", ["sda", "sdb", "sdc"]],
    ["that changed places in a circle", ["sdc", "sdd", "sdb"]],
    ["that changed places in the other circle", ["sdd", "sdb", "sdc"]],
  ] as const
) {
  Deno.test(`renamed() moves the sightings of three ${what}`, async () => {
    using temporary = new TemporaryHistory();
    const history = await temporary.open();
    const disks = ["b", "c", "d"].map((label) => madeUpDisk(label));
    const began = (disk: typeof disks[number], device: string) =>
      history.began(ALPHA, disk, at(disk.name, { device }));
    disks.forEach((disk, i) => began(disk, ["sdb", "sdc", "sdd"][i]!));
    disks.forEach((disk, i) => {
      const from = ["sdb", "sdc", "sdd"][i]!;
      history.renamed(ALPHA.hostId, { disk: disk.name, from, to: targets[i]! });
      began(disk, targets[i]!);
    });
    assert.deepEqual(
      sightings(history).map((
        { label, device, until },
      ) => [label, device, until]).sort(),
      disks.map(({ name }, i) => [name, targets[i], null]).sort(),
    );
  });
}

Deno.test("mounted() tells whether a disk was in use when it left", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  const use = (inUse: boolean) =>
    at("backup", {
      mounts: inUse ? ["/mnt"] : [],
      place: { circumstances: { inUse }, drives: [] },
    });
  history.began(ALPHA, BACKUP, use(true));
  history.mounted(ALPHA.hostId, use(false));
  history.ended(ALPHA.hostId, "/dev/sdb1", NOW + 5);
  const [sighting] = sightings(history);
  assert.deepEqual(sighting?.mounts, ["/mnt"]);
  assert.equal(sighting?.place.circumstances.inUse, false);
});

Deno.test("ended() ends the sighting, and the next one is another", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  history.began(ALPHA, BACKUP, at("backup"));
  history.ended(ALPHA.hostId, "/dev/sdb1", NOW + 5);
  history.ended(ALPHA.hostId, "/dev/sdb1", NOW + 7);
  history.began(ALPHA, BACKUP, at("backup", { from: NOW + 9 }));
  assert.deepEqual(spans(history), [[NOW + 9, null], [NOW, NOW + 5]]);
});

Deno.test("a sighting that ended at this moment goes on", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  history.began(ALPHA, BACKUP, at("backup"));
  history.ended(ALPHA.hostId, "/dev/sdb1", NOW + 5);
  history.began(ALPHA, BACKUP, at("backup", { from: NOW + 5 }));
  assert.deepEqual(spans(history), [[NOW, null]]);
});

Deno.test("a sighting never ends before it began, though the clock went back", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  history.began(ALPHA, BACKUP, at("backup"));
  history.ended(ALPHA.hostId, "/dev/sdb1", NOW - 3_600_000);
  assert.deepEqual(spans(history), [[NOW, NOW]]);
  history.began(ALPHA, BACKUP, at("backup", { from: NOW - 3_599_000 }));
  assert.deepEqual(spans(history), [[NOW, null]]);
  history.began(ALPHA, madeUpDisk("other"), at("other", { from: 5 }));
  assert.deepEqual(spans(history), [[5, null], [NOW, NOW]]);
});

Deno.test("another label, and another disk as the same device, end the sighting and begin one", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  history.began(ALPHA, BACKUP, at("backup"));
  const renamed = { ...BACKUP, label: "archive" };
  history.began(ALPHA, renamed, at("archive", { from: NOW + 1 }));
  history.began(ALPHA, madeUpDisk("stick"), at("stick", { from: NOW + 2 }));
  assert.deepEqual(
    sightings(history).map(({ label, disk }) => [label, disk.label]),
    [["stick", "stick"], ["archive", "archive"], ["backup", "archive"]],
  );
  assert.deepEqual(spans(history), [
    [NOW + 2, null],
    [NOW + 1, NOW + 2],
    [NOW, NOW + 1],
  ]);
});

Deno.test("other fields of a disk are kept without another sighting", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  history.began(ALPHA, BACKUP, at("backup"));
  history.began(ALPHA, { ...BACKUP, size: 7, ro: null }, at("backup"));
  assert.deepEqual(spans(history), [[NOW, null]]);
  assert.equal(sightings(history)[0]?.disk.size, 7);
  assert.equal(sightings(history)[0]?.disk.ro, null);
});

Deno.test("one disk at two hosts at once is two sightings", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  history.began(ALPHA, BACKUP, at("backup"));
  history.began(BETA, BACKUP, at("backup"));
  assert.equal(sightings(history).length, 2);
  history.ended(BETA.hostId, "/dev/sdb1", NOW + 1);
  assert.deepEqual(
    sightings(history).map(({ host, until }) => [host.name, until]),
    [["alpha", null], ["beta", NOW + 1]],
  );
});

Deno.test("mounted() keeps the last mount points that were not none", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  history.began(ALPHA, BACKUP, at("backup", { mounts: ["/a"] }));
  history.mounted(ALPHA.hostId, at("", { mounts: ["/b", "/c"] }));
  history.mounted(ALPHA.hostId, at("", { mounts: [] }));
  const elsewhere = { mounts: ["/elsewhere"] };
  history.mounted(ALPHA.hostId, at("", { device: "/dev/sdz9", ...elsewhere }));
  history.mounted("nobody", at("", elsewhere));
  history.began(ALPHA, BACKUP, at("backup"));
  assert.deepEqual(sightings(history)[0]?.mounts, ["/b", "/c"]);
});

Deno.test("host() keeps how a host is, and alive() until when one that is up was heard", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  history.began(ALPHA, BACKUP, at("backup"));
  const gone: HostRecord = {
    ...BETA,
    state: "gone",
    heardAt: NOW + 5,
    addresses: [],
    version: null,
  };
  history.host({ ...BETA, state: "stale", heardAt: NOW - 5 });
  history.host(gone);
  history.alive(NOW + 60_000);
  history.alive(NOW + 90_000);
  const hosts = history.restore().hosts.map(({ host }) => host);
  assert.deepEqual(hosts, [
    { ...ALPHA, heardAt: NOW + 90_000 },
    gone,
  ]);
  assert.equal(sightings(history)[0]?.host.heardAt, NOW + 90_000);
});

Deno.test("flush() writes some of what waits, and tells whether there is more", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  const count = MAX_ROWS_A_FLUSH + 1;
  for (let i = 0; i < count; i++) begin(history, i);
  assert.equal(history.flush(), true);
  assert.equal(history.flush(), false);
  assert.equal(sightings(history).length, count);
});

Deno.test("flush() writes each page once for many changes, and reading writes none", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  const empty = history.written;
  for (let i = 0; i < MAX_ROWS_A_TRANSACTION; i++) begin(history, i);
  for (let i = 0; i < 20; i++) sightings(history);
  assert.equal(history.written, empty);
  flushAll(history);
  const bytes = history.written - empty;
  assert.ok(bytes > 100 * MAX_ROWS_A_TRANSACTION, `${bytes}`);
  assert.ok(bytes < 1_500 * MAX_ROWS_A_TRANSACTION, `${bytes}`);
});

Deno.test("no more than a limit waits: the oldest are written at once", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  for (let i = 0; i < MAX_WAITING; i++) begin(history, i);
  const before = logBytes(temporary);
  const steps = MAX_ROWS_A_TRANSACTION / MAX_ROWS_A_FLUSH;
  for (let i = 0; i < steps; i++) begin(history, MAX_WAITING + i);
  assert.ok(logBytes(temporary) > before);
});

Deno.test("a change that the tables refuse does not hold up the others", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  begin(history, 1);
  // @ts-expect-error Not text, as the types promise.
  history.host({ ...BETA, hostId: "odd", state: null });
  begin(history, 2);
  assert.equal(sightings(history).length, 2);
  assert.match(history.problem ?? "", /is not in the history/);
});

Deno.test("close() writes what waits, and then nothing is written or read", async () => {
  using temporary = new TemporaryHistory();
  const first = await temporary.open();
  for (let i = 0; i < 120; i++) begin(first, i);
  first.close();
  begin(first, 121);
  first.flush();
  assert.deepEqual(sightings(first), []);
  assert.deepEqual(temporary.files(), ["history.db"]);
  assert.equal(sightings(await temporary.open()).length, 120);
});

function begin(history: History, i: number): void {
  history.began(
    ALPHA,
    madeUpDisk(`disk ${i}`),
    at(`disk ${i}`, {
      device: `/dev/disk${i}`,
    }),
  );
}

function sightings(history: History) {
  return history.sightings({ limit: 1_000 });
}

function spans(history: History): [number, number | null][] {
  return sightings(history).map(({ from, until }) => [from, until]);
}

/** All that was written since the file was opened is here, until it is moved to the file. */
function logBytes({ path }: TemporaryHistory): number {
  try {
    return Deno.statSync(`${path}-wal`).size;
  } catch {
    return 0;
  }
}

Deno.test("only its owner can read a history, though everybody could before", async () => {
  using temporary = new TemporaryHistory();
  Deno.writeTextFileSync(temporary.path, "", { mode: 0o644 });
  Deno.chmodSync(temporary.path, 0o644);
  begin(await temporary.open(), 1);
  for (const name of temporary.files()) {
    const { mode } = Deno.statSync(`${temporary.folder}/${name}`);
    assert.equal(mode! & 0o777, 0o600, name);
  }
});
