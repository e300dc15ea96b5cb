import { FACT_NAMES, type FactName } from "../../inventory/disk.ts";
import {
  type DbRow,
  type HistoryDb,
  OPEN_UNTIL,
  type Value,
} from "./history_db.ts";
import { type HistoryError, toHistoryError } from "./history_error.ts";
import type {
  Attachment,
  DiskRecord,
  HistoryChange,
  HostRecord,
} from "./records.ts";
import { redate } from "./redate.ts";
import {
  foldedLabel,
  readInteger,
  readText,
  storedInteger,
  storedList,
  storedPlace,
  storedText,
  storedTime,
} from "./rows.ts";

/** Writes a change; a repeated one has no effect. */
function writeChange(db: HistoryDb, change: HistoryChange): void {
  switch (change.kind) {
    case "attached":
      return attach(db, change);
    case "ended":
      return end(db, change);
    case "listed":
      return endOthers(db, change);
    case "renamed":
      return rename(db, change);
    case "mounted":
      return writeMounts(db, change);
    case "rekeyed":
      return rekey(db, change);
    case "host":
      return writeHost(db, change.host);
    case "alive":
      db.run(WRITE_ALIVE, [storedTime(change.at)]);
      db.run(BEGIN_TRIMMING, [storedTime(change.at)]);
      return;
    case "redated":
      redate(db, change);
  }
}

const WRITE_ALIVE = `INSERT INTO alive (only_row, at) VALUES (1, ?1)
  ON CONFLICT (only_row) DO UPDATE SET at = ?1`;

const BEGIN_TRIMMING =
  "INSERT OR IGNORE INTO trimmed (only_row, at) VALUES (1, ?1)";

/**
 * A device of a host holds a single disk at a time: another disk or label ends
 * the previous sighting.
 */
function attach(
  db: HistoryDb,
  { host, disk, at }: {
    host: HostRecord;
    disk: DiskRecord;
    at: Attachment;
  },
): void {
  const hostRow = addHost(db, host);
  const place: SightingKey = {
    disk: describeDisk(db, disk, hostRow),
    host: hostRow,
    device: storedText(at.device),
    label: storedText(at.label),
  };
  const open = db.get(FIND_OPEN, [place.host, place.device]);
  if (open !== undefined && isAt(place, open)) {
    return noteUse(db, readInteger(open, "id"), at);
  }
  if (open !== undefined) {
    const id = readInteger(open, "id");
    db.run(END_SIGHTING, [id, storedTime(at.from)]);
    if (open["disk"] === place.disk) db.run(NOTE_STAYED, [id]);
  }
  begin(db, place, at);
}

/** A disk at a host, by row ids, and the fields that must stay equal for a sighting to continue. */
export interface SightingKey {
  readonly disk: number;
  readonly host: number;
  readonly device: string;
  readonly label: string | null;
}

function isAt(place: SightingKey, open: DbRow): boolean {
  return open["disk"] === place.disk && open["label"] === place.label;
}

const FIND_OPEN = `SELECT id, disk, label FROM sightings
  WHERE host = ?1 AND device = ?2 AND until_at = ${OPEN_UNTIL}`;

const END_SIGHTING = `UPDATE sightings
  SET until_at = max(from_at, ?2), host_name = NULL WHERE id = ?1`;

/** Of the same disk with another label. */
const NOTE_STAYED = `UPDATE sightings
  SET place = json_set(coalesce(place, '{}'), '$.stayed', json('true'))
  WHERE id = ?1`;

/**
 * Two sightings of the same place never overlap: if the last one ended now or,
 * after a clock went back, in the future, it continues.
 */
function begin(db: HistoryDb, place: SightingKey, at: Attachment): void {
  const { disk, host, device, label } = place;
  const from = storedTime(at.from);
  const last = db.get(FIND_LAST, [disk, from, host, device, label]);
  if (last === undefined) {
    db.run(ADD_SIGHTING, [
      disk,
      host,
      device,
      label,
      storedList(at.mounts),
      storedPlace(at.place),
      from,
    ]);
    return;
  }
  const id = readInteger(last, "id");
  db.run(`UPDATE sightings SET until_at = ${OPEN_UNTIL} WHERE id = ?1`, [id]);
  noteUse(db, id, at);
}

const FIND_LAST = `SELECT id FROM sightings
  WHERE disk = ?1 AND until_at >= ?2 AND until_at < ${OPEN_UNTIL}
    AND +host = ?3 AND device = ?4 AND label IS ?5
  ORDER BY until_at DESC LIMIT 1`;

const ADD_SIGHTING = `INSERT INTO sightings
  (disk, host, device, label, mounts, place, from_at, until_at)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ${OPEN_UNTIL})`;

/** Keeps the last non-empty list of mount points. */
function noteUse(
  db: HistoryDb,
  id: number,
  { mounts, place }: Pick<Attachment, "mounts" | "place">,
): void {
  db.run(WRITE_PLACE, [id, storedPlace(place)]);
  if (mounts.length > 0) db.run(WRITE_MOUNTS, [id, storedList(mounts)]);
}

const WRITE_PLACE = `UPDATE sightings SET place = ?2
  WHERE id = ?1 AND place IS NOT ?2`;

const WRITE_MOUNTS = `UPDATE sightings SET mounts = ?2, mounts_until = NULL
  WHERE id = ?1`;

function end(
  db: HistoryDb,
  { hostId, device, until }: Extract<HistoryChange, { kind: "ended" }>,
): void {
  const id = findOpenAt(db, hostId, device);
  if (id !== null) db.run(END_SIGHTING, [id, storedTime(until)]);
}

/** Ends the open sightings of a host, but for those at these devices. */
function endOthers(
  db: HistoryDb,
  { hostId, devices, until }: Extract<HistoryChange, { kind: "listed" }>,
): void {
  const host = findHostId(db, hostId);
  if (host === null) return;
  const kept = storedList(devices.map((device) => storedText(device)));
  db.run(END_OTHERS, [host, kept, storedTime(until)]);
}

const END_OTHERS = `UPDATE sightings
  SET until_at = max(from_at, ?3), host_name = NULL
  WHERE host = ?1 AND until_at = ${OPEN_UNTIL}
    AND device NOT IN (SELECT value FROM json_each(?2))`;

/**
 * Moves the open sighting of a disk to another device. What is open there goes
 * the other way, because several disks may have swapped their devices; so the
 * disk may be where another one came from, and not at `from`.
 */
function rename(
  db: HistoryDb,
  { hostId, disk, from, to }: Extract<HistoryChange, { kind: "renamed" }>,
): void {
  const ids = [findHostId(db, hostId), findDiskId(db, disk)];
  const target = storedText(to);
  const open = db.get(FIND_OPEN_OF, [...ids, target, storedText(from)]);
  if (open === undefined) return;
  const id = readInteger(open, "id");
  const other = findOpenAt(db, hostId, to);
  if (other !== null) db.run(SET_DEVICE, [other, NOWHERE]);
  db.run(SET_DEVICE, [id, target]);
  if (other !== null) db.run(SET_DEVICE, [other, readText(open, "device")]);
}

/** Of a disk on a host, at another device than `?3`, and at `?4` rather than elsewhere. */
const FIND_OPEN_OF = `SELECT id, device FROM sightings
  WHERE host = ?1 AND disk = ?2 AND until_at = ${OPEN_UNTIL} AND device <> ?3
  ORDER BY device = ?4 DESC LIMIT 1`;

/** No path of a device. */
const NOWHERE = "";

const SET_DEVICE = "UPDATE sightings SET device = ?2 WHERE id = ?1";

function writeMounts(
  db: HistoryDb,
  { hostId, device, ...use }: Extract<HistoryChange, { kind: "mounted" }>,
): void {
  const id = findOpenAt(db, hostId, device);
  if (id !== null) noteUse(db, id, use);
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

const COLUMNS = ["name", ...FACT_NAMES, "folded_label"];

const OTHER_COLUMNS = COLUMNS.slice(1);

const WRITE_DISK = `INSERT INTO disks (${COLUMNS})
  VALUES (${COLUMNS.map((_, index) => `?${index + 1}`)})
  ON CONFLICT (name) DO UPDATE SET
    (${OTHER_COLUMNS}) = (${OTHER_COLUMNS.map((name) => `excluded.${name}`)})
  WHERE (${OTHER_COLUMNS.map((name) => `disks.${name}`)})
    IS NOT (${OTHER_COLUMNS.map((name) => `excluded.${name}`)})`;

/** Writes a new or changed disk. Returns its row id. */
export function writeDisk(db: HistoryDb, disk: DiskRecord): number {
  db.run(WRITE_DISK, diskValues(disk));
  return findDiskId(db, disk.name)!;
}

/**
 * The same for a disk at this host, unless another host, which was known
 * before, has it now: a newcomer may only claim to have it. Returns its row id.
 */
function describeDisk(db: HistoryDb, disk: DiskRecord, host: number): number {
  const known = findDiskId(db, disk.name);
  return known !== null && db.get(FIND_ELDER, [known, host]) !== undefined
    ? known
    : writeDisk(db, disk);
}

const FIND_ELDER = `SELECT 1 FROM sightings AS s
  CROSS JOIN hosts AS h ON h.id = s.host
  WHERE s.disk = ?1 AND s.until_at = ${OPEN_UNTIL} AND s.host <> ?2
    AND h.first_at < (SELECT first_at FROM hosts WHERE id = ?2) LIMIT 1`;

/** Row id of a disk by its identity; `null` if unknown. */
export function findDiskId(db: HistoryDb, name: string): number | null {
  const row = db.get("SELECT id FROM disks WHERE name = ?1", [
    storedText(name),
  ]);
  return row === undefined ? null : readInteger(row, "id");
}

/** In the order of `COLUMNS`. */
function diskValues(disk: DiskRecord): Value[] {
  return [
    storedText(disk.name),
    ...FACT_NAMES.map((name) => stored(disk[name])),
    foldedLabel(disk.label),
  ];
}

function stored(value: DiskRecord[FactName]): Value {
  switch (typeof value) {
    case "boolean":
      return Number(value);
    case "number":
      return storedInteger(value);
    default:
      return storedText(value);
  }
}

const INSERT_HOST = `INSERT INTO hosts
  (host_id, name, version, addresses, every_ms, state, heard_at, proven,
    first_at)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?7) ON CONFLICT (host_id)`;

const ADD_HOST = `${INSERT_HOST} DO NOTHING`;

const WRITE_HOST = `${INSERT_HOST} DO UPDATE
  SET (name, version, addresses, every_ms, state, heard_at, proven) =
    (?2, ?3, ?4, ?5, ?6, ?7, ?8)
  WHERE (name, version, addresses, every_ms, state, heard_at, proven)
    IS NOT (?2, ?3, ?4, ?5, ?6, ?7, ?8)`;

/** Writes a new or changed host. */
function writeHost(db: HistoryDb, host: HostRecord): void {
  db.run(WRITE_HOST, hostValues(host));
}

/**
 * Gives a host another id, or its sightings to the host that has it. Disks
 * without a name of their own are named after the id of their host.
 */
function rekey(
  db: HistoryDb,
  { from, to }: Extract<HistoryChange, { kind: "rekeyed" }>,
): void {
  const source = findHostId(db, from);
  if (source === null) return;
  const target = findHostId(db, to);
  if (target === null) {
    db.run("UPDATE hosts SET host_id = ?2 WHERE id = ?1", [source, to]);
  } else {
    db.run(END_ALL, [source, target]);
    db.run(KNOWN_SINCE, [source, target]);
    db.run("UPDATE sightings SET host = ?2 WHERE host = ?1", [source, target]);
    db.run("DELETE FROM hosts WHERE id = ?1", [source]);
  }
  db.run(REKEY_DISKS, [` of ${from}`, ` of ${to}`]);
}

/** The open sightings of a host end when those of another one began at the same devices. */
const END_ALL = `UPDATE sightings SET until_at = max(from_at, ifnull(
    (SELECT from_at FROM sightings AS other WHERE other.host = ?2
      AND other.device = sightings.device AND other.until_at = ${OPEN_UNTIL}),
    (SELECT heard_at FROM hosts WHERE id = ?1)))
  WHERE host = ?1 AND until_at = ${OPEN_UNTIL}`;

const KNOWN_SINCE = `UPDATE hosts SET first_at = min(first_at,
  (SELECT first_at FROM hosts WHERE id = ?1)) WHERE id = ?2`;

const REKEY_DISKS = `UPDATE OR IGNORE disks
  SET name = substr(name, 1, length(name) - length(?1)) || ?2
  WHERE name LIKE 'device %' AND substr(name, -length(?1)) = ?1`;

/** Row id of a host; writes it only if it is new. */
export function addHost(db: HistoryDb, host: HostRecord): number {
  const known = findHostId(db, host.hostId);
  if (known !== null) return known;
  db.run(ADD_HOST, hostValues(host));
  return findHostId(db, host.hostId)!;
}

/** Row id of a host; `null` if unknown. */
export function findHostId(db: HistoryDb, hostId: string): number | null {
  const row = db.get("SELECT id FROM hosts WHERE host_id = ?1", [
    storedText(hostId),
  ]);
  return row === undefined ? null : readInteger(row, "id");
}

function hostValues(host: HostRecord): Value[] {
  return [
    storedText(host.hostId),
    storedText(host.name),
    storedText(host.version),
    storedList(host.addresses),
    storedInteger(host.everyMs),
    host.state,
    storedTime(host.heardAt),
    Number(host.isProven),
  ];
}

/**
 * Writes changes within the open transaction. If a change is left out, returns
 * the reason; it must not block the others for ever.
 */
export function writeBatch(
  db: HistoryDb,
  batch: readonly HistoryChange[],
): HistoryError | null {
  let refused: HistoryError | null = null;
  for (const change of batch) refused = tryChange(db, change) ?? refused;
  return refused;
}

function tryChange(db: HistoryDb, change: HistoryChange): HistoryError | null {
  try {
    writeChange(db, change);
    return null;
  } catch (thrown) {
    const error = toHistoryError(thrown);
    if (error.kind === "refused") return error;
    throw error;
  }
}
