import type { HistoryDb, Row } from "./history_db.ts";
import { readInteger } from "./read_row.ts";
import { findDiskId } from "./write_disk.ts";
import { findHostId } from "./write_host.ts";

/**
 * Drops sightings, given as rows with `id`, `disk` and `host`, and with them
 * the disks and the hosts that have none left; but not hosts that are up.
 * Returns how many.
 */
export function dropSightings(db: HistoryDb, rows: readonly Row[]): number {
  if (rows.length === 0) return 0;
  db.transaction(() => {
    for (const id of distinct(rows, "id")) db.run(DROP_SIGHTING, [id]);
    for (const disk of distinct(rows, "disk")) db.run(DROP_DISK, [disk]);
    for (const host of distinct(rows, "host")) db.run(DROP_HOST, [host]);
  });
  return rows.length;
}

/** Drops all sightings of a disk, and the disk. Returns how many. */
export function forgetDisk(db: HistoryDb, name: string): number {
  const disk = findDiskId(db, name);
  if (disk === null) return 0;
  return db.transaction(() => {
    const dropped = db.run("DELETE FROM sightings WHERE disk = ?1", [disk]);
    db.run("DELETE FROM disks WHERE id = ?1", [disk]);
    return dropped;
  });
}

/** Drops all sightings at a host, the host, up or not, and the disks that were nowhere else. Returns how many. */
export function forgetHost(db: HistoryDb, hostId: string): number {
  const host = findHostId(db, hostId);
  if (host === null) return 0;
  return db.transaction(() => {
    const rows = db.all("SELECT DISTINCT disk FROM sightings WHERE host = ?1", [
      host,
    ]);
    const dropped = db.run("DELETE FROM sightings WHERE host = ?1", [host]);
    db.run("DELETE FROM hosts WHERE id = ?1", [host]);
    for (const disk of distinct(rows, "disk")) db.run(DROP_DISK, [disk]);
    return dropped;
  });
}

function distinct(rows: readonly Row[], column: string): Set<number> {
  return new Set(rows.map((row) => readInteger(row, column)));
}

const DROP_SIGHTING = "DELETE FROM sightings WHERE id = ?1";

const DROP_DISK = `DELETE FROM disks WHERE id = ?1
  AND NOT EXISTS (SELECT 1 FROM sightings WHERE disk = ?1)`;

const DROP_HOST = `DELETE FROM hosts WHERE id = ?1 AND state <> 'up'
  AND NOT EXISTS (SELECT 1 FROM sightings WHERE host = ?1)`;
