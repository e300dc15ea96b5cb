import type { HistoryDb, Value } from "./history_db.ts";
import { readInteger } from "./read_row.ts";
import type { DiskRecord } from "./records.ts";
import { foldedLabel, storedInteger, storedText } from "./stored.ts";

const COLUMNS = [
  "name",
  "uuid",
  "label",
  "type",
  "size",
  "partuuid",
  "partlabel",
  "uuid_sub",
  "model",
  "serial",
  "wwn",
  "tran",
  "rm",
  "ro",
  "folded_label",
] as const;

const OTHER_COLUMNS = COLUMNS.slice(1);

const WRITE_DISK = `INSERT INTO disks (${COLUMNS})
  VALUES (${COLUMNS.map((_, index) => `?${index + 1}`)})
  ON CONFLICT (name) DO UPDATE SET
    (${OTHER_COLUMNS}) = (${OTHER_COLUMNS.map((name) => `excluded.${name}`)})
  WHERE (${OTHER_COLUMNS.map((name) => `disks.${name}`)})
    IS NOT (${OTHER_COLUMNS.map((name) => `excluded.${name}`)})`;

/** Writes a disk where it is new, or is not as it was. Returns its row id. */
export function writeDisk(db: HistoryDb, disk: DiskRecord): number {
  db.run(WRITE_DISK, diskValues(disk));
  return findDiskId(db, disk.name)!;
}

/** Row id of a disk by its identity; `null` when it is not known. */
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
    storedText(disk.uuid),
    storedText(disk.label),
    storedText(disk.type),
    disk.size === null ? null : storedInteger(disk.size),
    storedText(disk.partuuid),
    storedText(disk.partlabel),
    storedText(disk.uuid_sub),
    storedText(disk.model),
    storedText(disk.serial),
    storedText(disk.wwn),
    storedText(disk.tran),
    storedFlag(disk.rm),
    storedFlag(disk.ro),
    foldedLabel(disk.label),
  ];
}

function storedFlag(flag: boolean | null): number | null {
  return flag === null ? null : Number(flag);
}
