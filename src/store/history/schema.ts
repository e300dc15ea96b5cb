/**
 * The tables of the history, and how older files are brought to them.
 *
 * `PRAGMA user_version` counts the steps that a file has been through. A step
 * that was released never changes: what is to be different is a new step.
 */
import type { HistoryDb } from "./history_db.ts";
import { HistoryError } from "./history_error.ts";

/**
 * `until_at` of a sighting that has not ended: the last ms of the year 9999.
 * A number, not NULL, so that an index has these after all that have ended.
 */
export const OPEN_UNTIL = 253_402_300_799_999;

/** Each takes a file from the version of its index to the next one. */
export const SCHEMA_STEPS: readonly (readonly string[])[] = [[
  // addresses: a JSON array. every_ms: how often it announces.
  `CREATE TABLE hosts (
    id INTEGER PRIMARY KEY,
    host_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    version TEXT,
    addresses TEXT NOT NULL,
    every_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    heard_at INTEGER NOT NULL
  ) STRICT`,
  "CREATE INDEX hosts_by_age ON hosts (heard_at)",

  // name: what makes it the same disk on every host. folded_label: in lower case.
  `CREATE TABLE disks (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    uuid TEXT,
    label TEXT,
    type TEXT,
    size INTEGER,
    partuuid TEXT,
    partlabel TEXT,
    uuid_sub TEXT,
    model TEXT,
    serial TEXT,
    wwn TEXT,
    tran TEXT,
    rm INTEGER,
    ro INTEGER,
    folded_label TEXT
  ) STRICT`,
  "CREATE INDEX disks_by_label ON disks (folded_label)",
  "CREATE INDEX disks_by_uuid ON disks (uuid COLLATE NOCASE)",

  // mounts: a JSON array. mounts_until: until when those are known, where that
  // is not until_at.
  `CREATE TABLE sightings (
    id INTEGER PRIMARY KEY,
    disk INTEGER NOT NULL REFERENCES disks (id),
    host INTEGER NOT NULL REFERENCES hosts (id),
    device TEXT NOT NULL,
    label TEXT,
    mounts TEXT NOT NULL,
    mounts_until INTEGER,
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL
  ) STRICT`,
  "CREATE INDEX sightings_of_disk ON sightings (disk, until_at)",
  "CREATE INDEX sightings_at_host ON sightings (host, until_at)",
  "CREATE INDEX sightings_by_end ON sightings (until_at)",
  `CREATE UNIQUE INDEX sightings_open ON sightings (host, device)
    WHERE until_at = ${OPEN_UNTIL}`,

  // The time at which the daemon is known to have run last.
  `CREATE TABLE alive (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    at INTEGER NOT NULL
  ) STRICT`,
]];

/** Throws a `HistoryError` of kind `newer` for a file that has been through more steps than there are. */
export function checkVersion(db: HistoryDb, steps = SCHEMA_STEPS): void {
  const version = versionOf(db);
  if (version <= steps.length) return;
  throw new HistoryError(
    "newer",
    `its schema version is ${version}, the latest known here ${steps.length}`,
  );
}

/** Takes a file through the steps that it lacks, each whole or not at all. */
export function migrate(db: HistoryDb, steps = SCHEMA_STEPS): void {
  for (let version = versionOf(db); version < steps.length; version++) {
    db.transaction(() => {
      for (const statement of steps[version]!) db.once(statement);
      db.once(`PRAGMA user_version = ${version + 1}`);
    });
  }
}

function versionOf(db: HistoryDb): number {
  const [row] = db.once("PRAGMA user_version");
  return Number(row?.["user_version"]);
}
