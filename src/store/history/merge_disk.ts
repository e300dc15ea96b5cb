import type { HistoryDb } from "./history_db.ts";
import { DISK_COLUMNS, readDisk, readInteger } from "./read_row.ts";
import type { DiskRecord } from "./records.ts";
import { findDiskId, writeDisk } from "./write_disk.ts";

/**
 * Takes in what another history knows of a disk, unless this one saw it later.
 * Returns its row id.
 */
export function mergeDisk(
  db: HistoryDb,
  { disk, seenUntil }: { disk: DiskRecord; seenUntil: number },
): number {
  const id = findDiskId(db, disk.name);
  if (id === null) return writeDisk(db, disk);
  const lastSeen = lastSeenAt(db, id);
  if (lastSeen > seenUntil) return id;
  if (lastSeen === seenUntil && isGreater(readDiskById(db, id), disk)) {
    return id;
  }
  return writeDisk(db, disk);
}

function lastSeenAt(db: HistoryDb, disk: number): number {
  const row = db.get(LAST_SEEN, [disk]);
  return row === undefined ? -1 : readInteger(row, "until_at");
}

const LAST_SEEN = `SELECT until_at FROM sightings WHERE disk = ?1
  ORDER BY until_at DESC LIMIT 1`;

function readDiskById(db: HistoryDb, id: number): DiskRecord {
  return readDisk(
    db.get(`SELECT ${DISK_COLUMNS} FROM disks AS d WHERE d.id = ?1`, [id])!,
  );
}

/** An order that means nothing, for want of better, but is one. */
function isGreater(a: DiskRecord, b: DiskRecord): boolean {
  return inOneText(a) > inOneText(b);
}

function inOneText(disk: DiskRecord): string {
  return JSON.stringify(Object.entries(disk).sort());
}
