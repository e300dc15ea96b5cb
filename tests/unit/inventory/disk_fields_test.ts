/** Each field of `DISK_FIELDS` arrives wherever disks go, also one that is added. */
import assert from "node:assert/strict";
import { readDatagram, readDisks } from "../../../src/codec/read_datagram.ts";
import { writeAnnouncement } from "../../../src/codec/write_datagram.ts";
import { checkSightingRow } from "../../../src/control/sighting_row.ts";
import { compareDisks } from "../../../src/inventory/change.ts";
import {
  circumstancesOf,
  type Disk,
  DISK_FIELDS,
  type DiskField,
  FACT_NAMES,
  factsOf,
  FIELD_NAMES,
  type FieldName,
  makeDisk,
} from "../../../src/inventory/disk.ts";
import { weighDisk } from "../../../src/inventory/limits.ts";
import { CsvExport, JsonExport } from "../../../src/render/export.ts";
import { openHistory } from "../../../src/store/history/open_history.ts";

const NOW = Date.UTC(2026, 10, 27);
const BARE = makeDisk({ device: "/dev/sdb1", label: "bare" });
const FULL = makeDisk(valuesOf(FIELD_NAMES));

/** A value for each of these fields that is no other's. */
function valuesOf(names: readonly FieldName[]): Disk {
  const values = names.map((name, index) => [name, valueOf(name, index + 7)]);
  return Object.fromEntries(values);
}

function valueOf(name: FieldName, number: number): Disk[FieldName] {
  const { kind }: DiskField = DISK_FIELDS[name];
  if (kind === "text") return `${name}-${number}`;
  if (kind === "number") return number;
  return kind === "flag" ? true : [`/${name}/${number}`];
}

function sightingRow(disk: Disk) {
  return {
    ...factsOf(disk),
    host: "alpha",
    hostId: "a".repeat(32),
    uniqueHost: "alpha",
    unplugged: true,
    device: disk.device,
    mounts: disk.mounts,
    inUse: disk.inUse,
    drives: [],
    state: "detached" as const,
    from: new Date(NOW - 2_000).toISOString(),
    until: new Date(NOW - 1_000).toISOString(),
    seenAt: new Date(NOW - 1_000).toISOString(),
  };
}

Deno.test("makeDisk() and readDisk() have the keys of DISK_FIELDS in their order", () => {
  assert.deepEqual(Object.keys(BARE), FIELD_NAMES);
  assert.deepEqual(Object.keys(overTheWire(BARE)), FIELD_NAMES);
});

Deno.test("each field arrives over the wire", () => {
  assert.deepEqual(overTheWire(FULL), FULL);
});

function overTheWire(disk: Disk): Disk {
  const [datagram] = writeAnnouncement({
    id: "alpha",
    key: null,
    host: "alpha",
    version: "0.1.0",
    boot: 1,
    seq: 1,
    rev: 1,
    every: 30,
    ask: false,
    bye: false,
    disks: [disk],
  });
  const read = readDatagram(datagram!);
  assert.ok(read.format === 2);
  const list = readDisks(read);
  assert.ok(list.format === "disks");
  return list.disks[0]!;
}

Deno.test("each field of the disk itself comes back from the history", async () => {
  const folder = await Deno.makeTempDir();
  const { history } = await openHistory({
    path: `${folder}/history.db`,
    keepDays: 1,
    maxMegabytes: 1,
    wallClock: () => NOW,
  });
  const facts = factsOf(FULL);
  const host = {
    hostId: "alpha",
    name: "alpha",
    version: null,
    addresses: [],
    everyMs: 30_000,
    state: "up" as const,
    heardAt: NOW,
    isProven: true,
  };
  const { device, label } = FULL;
  const circumstances = circumstancesOf(FULL);
  const place = { circumstances, drives: [] };
  const at = { device, label, mounts: [], place, from: NOW };
  history!.began(host, { name: "full", ...facts }, at);
  const [sighting] = history!.sightings({ limit: 1 });
  history!.close();
  await Deno.remove(folder, { recursive: true });
  assert.deepEqual(sighting?.disk, { name: "full", ...facts });
  assert.deepEqual(sighting?.place.circumstances, circumstances);
  const { device: _, mounts: __, hidden: ___, ...kept } = FULL;
  assert.deepEqual({ ...facts, ...circumstances }, kept);
});

Deno.test("each field of the disk itself is exported and imported", () => {
  const row = sightingRow(FULL);
  const csv = new CsvExport();
  const header = csv.begin().trim().split(",");
  const cells = csv.rows([row]).trim().split(",");
  const json = new JsonExport();
  json.begin({ exportedAt: "", host: "", hostId: "", hosts: [], remarks: [] });
  const exported = JSON.parse(json.rows([row]));
  const imported = checkSightingRow(exported, NOW).row;
  for (const name of FACT_NAMES) {
    assert.equal(cells[header.indexOf(name)], String(row[name]), name);
    assert.equal(imported?.[name], row[name], name);
  }
});

for (const name of FIELD_NAMES) {
  const { kind }: DiskField = DISK_FIELDS[name];
  const shown = { ...FULL, hidden: null };
  const changed = { ...shown, [name]: valueOf(name, 1) };
  if (kind === "flag") Object.assign(changed, { [name]: false });

  Deno.test(`a change of ${name} is noticed`, () => {
    const difference = compareDisks([shown], [changed]);
    const count = Object.values(difference).flat().length;
    // Which mount points are read-only counts for those that there are.
    assert.equal(count > 0, name !== "mounts_ro");
  });

  Deno.test(`${name} counts in the weight of a disk if it is text`, () => {
    const without = { ...FULL, [name]: kind === "texts" ? [] : null } as Disk;
    const isText = kind === "text" || kind === "texts";
    assert.equal(weighDisk(without) < weighDisk(FULL), isText);
  });
}
