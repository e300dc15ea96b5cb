import type { HistoryDb } from "./history_db.ts";
import { DISK_COLUMNS, readDisk } from "./read_row.ts";
import type { DiskRecord } from "./records.ts";
import { foldedLabel, storedText } from "./stored.ts";

/** A shorter beginning of a UUID is too likely to be one by chance. */
export const MIN_UUID_PREFIX = 4;

/** Disks found by one name. */
export const MAX_FOUND_DISKS = 1_000;

/**
 * The disks that go by a name: those of that label; else of that label but for
 * case; else those that have it as a serial number, partition label, partition
 * UUID, member UUID or WWN; else those whose UUID begins like this. Whether
 * hexadecimal digits are upper case does not count.
 */
export function findDisks(db: HistoryDb, name: string): DiskRecord[] {
  for (const [where, values] of ways(storedText(name))) {
    const rows = db.all(`${FIND} WHERE ${where} ${IN_ORDER}`, [
      ...values,
      MAX_FOUND_DISKS,
    ]);
    if (rows.length > 0) return rows.map(readDisk);
  }
  return [];
}

const FIND = `SELECT ${DISK_COLUMNS} FROM disks AS d`;
const IN_ORDER = "ORDER BY d.name LIMIT ?3";

/** Conditions, the first that any disk meets decides, with values for `?1` and `?2`. */
function ways(name: string): [where: string, values: [string, string]][] {
  const folded = foldedLabel(name)!;
  const found: [string, [string, string]][] = [
    ["d.folded_label = ?1 AND d.label = ?2", [folded, name]],
    ["d.folded_label = ?1 AND ?2 IS NOT NULL", [folded, name]],
    [BY_OTHER_IDENTIFIER, [name, name]],
  ];
  if (name.length >= MIN_UUID_PREFIX) {
    found.push([BY_UUID, [name, name + LAST_CHARACTER]]);
  }
  return found;
}

const BY_OTHER_IDENTIFIER = `(?1 IN (d.serial, d.partlabel)
  OR ?2 COLLATE NOCASE IN (d.partuuid, d.uuid_sub, d.wwn))`;

const BY_UUID = `d.uuid COLLATE NOCASE >= ?1 AND d.uuid COLLATE NOCASE < ?2`;

/** Comes after whatever else may follow a beginning. */
const LAST_CHARACTER = "\u{10ffff}";
