import type { Attachment, Change } from "./change.ts";
import type { HistoryDb, Row } from "./history_db.ts";
import { readInteger } from "./read_row.ts";
import type { DiskRecord, HostRecord } from "./records.ts";
import { OPEN_UNTIL } from "./schema.ts";
import { storedList, storedText, storedTime } from "./stored.ts";
import { writeDisk } from "./write_disk.ts";
import { addHost, findHostId, writeHost } from "./write_host.ts";

/** Writes one change. What is written already changes nothing. */
export function writeChange(db: HistoryDb, change: Change): void {
  switch (change.kind) {
    case "attached":
      return attach(db, change);
    case "ended":
      return end(db, change);
    case "mounted":
      return mount(db, change);
    case "host":
      return writeHost(db, change.host);
    case "alive":
      db.run(WRITE_ALIVE, [storedTime(change.at)]);
  }
}

const WRITE_ALIVE = `INSERT INTO alive (only_row, at) VALUES (1, ?1)
  ON CONFLICT (only_row) DO UPDATE SET at = ?1`;

/** A host has one disk as one device at a time: another one, or another label, ends the sighting that was. */
function attach(
  db: HistoryDb,
  { host, disk, at }: {
    host: HostRecord;
    disk: DiskRecord;
    at: Attachment;
  },
): void {
  const place: Place = {
    disk: writeDisk(db, disk),
    host: addHost(db, host),
    device: storedText(at.device),
    label: storedText(at.label),
  };
  const open = db.get(FIND_OPEN, [place.host, place.device]);
  if (open !== undefined && isAt(place, open)) {
    return noteMounts(db, readInteger(open, "id"), at.mounts);
  }
  if (open !== undefined) {
    db.run(END_SIGHTING, [readInteger(open, "id"), storedTime(at.from)]);
  }
  begin(db, place, at);
}

/** A disk at a host, by row ids, with all that must stay the same for a sighting to go on. */
interface Place {
  readonly disk: number;
  readonly host: number;
  readonly device: string;
  readonly label: string | null;
}

function isAt(place: Place, open: Row): boolean {
  return open["disk"] === place.disk && open["label"] === place.label;
}

const FIND_OPEN = `SELECT id, disk, label FROM sightings
  WHERE host = ?1 AND device = ?2 AND until_at = ${OPEN_UNTIL}`;

const END_SIGHTING =
  "UPDATE sightings SET until_at = max(from_at, ?2) WHERE id = ?1";

/**
 * Two sightings of one place never overlap: where the last one ended at this
 * moment, or, by a clock that went back, after it, that one goes on.
 */
function begin(db: HistoryDb, place: Place, at: Attachment): void {
  const { disk, host, device, label } = place;
  const from = storedTime(at.from);
  const last = db.get(FIND_LAST, [disk, from, host, device, label]);
  if (last === undefined) {
    const mounts = storedList(at.mounts);
    db.run(ADD_SIGHTING, [disk, host, device, label, mounts, from]);
    return;
  }
  const id = readInteger(last, "id");
  db.run(`UPDATE sightings SET until_at = ${OPEN_UNTIL} WHERE id = ?1`, [id]);
  noteMounts(db, id, at.mounts);
}

const FIND_LAST = `SELECT id FROM sightings
  WHERE disk = ?1 AND until_at >= ?2 AND until_at < ${OPEN_UNTIL}
    AND +host = ?3 AND device = ?4 AND label IS ?5
  ORDER BY until_at DESC LIMIT 1`;

const ADD_SIGHTING = `INSERT INTO sightings
  (disk, host, device, label, mounts, from_at, until_at)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ${OPEN_UNTIL})`;

/** Keeps the last mount points that were not none. */
function noteMounts(
  db: HistoryDb,
  id: number,
  mounts: readonly string[],
): void {
  if (mounts.length > 0) db.run(WRITE_MOUNTS, [id, storedList(mounts)]);
}

const WRITE_MOUNTS = `UPDATE sightings SET mounts = ?2, mounts_until = NULL
  WHERE id = ?1`;

function end(
  db: HistoryDb,
  { hostId, device, until }: Extract<Change, { kind: "ended" }>,
): void {
  const id = findOpenAt(db, hostId, device);
  if (id !== null) db.run(END_SIGHTING, [id, storedTime(until)]);
}

function mount(
  db: HistoryDb,
  { hostId, device, mounts }: Extract<Change, { kind: "mounted" }>,
): void {
  const id = findOpenAt(db, hostId, device);
  if (id !== null) noteMounts(db, id, mounts);
}

function findOpenAt(
  db: HistoryDb,
  hostId: string,
  device: string,
): number | null {
  const host = findHostId(db, hostId);
  if (host === null) return null;
  const row = db.get(FIND_OPEN, [host, storedText(device)]);
  return row === undefined ? null : readInteger(row, "id");
}
