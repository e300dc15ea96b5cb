import type { HistoryDb, Value } from "./history_db.ts";
import { readInteger } from "./read_row.ts";
import type { HostRecord } from "./records.ts";
import { storedInteger, storedList, storedText, storedTime } from "./stored.ts";

const INSERT_HOST = `INSERT INTO hosts
  (host_id, name, version, addresses, every_ms, state, heard_at)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (host_id)`;

const ADD_HOST = `${INSERT_HOST} DO NOTHING`;

const WRITE_HOST = `${INSERT_HOST} DO UPDATE
  SET (name, version, addresses, every_ms, state, heard_at) =
    (?2, ?3, ?4, ?5, ?6, ?7)
  WHERE (name, version, addresses, every_ms, state, heard_at)
    IS NOT (?2, ?3, ?4, ?5, ?6, ?7)`;

/** Writes a host where it is new, or is not as it was. */
export function writeHost(db: HistoryDb, host: HostRecord): void {
  db.run(WRITE_HOST, hostValues(host));
}

/** Row id of a host, which is written only where it is new. */
export function addHost(db: HistoryDb, host: HostRecord): number {
  const known = findHostId(db, host.hostId);
  if (known !== null) return known;
  db.run(ADD_HOST, hostValues(host));
  return findHostId(db, host.hostId)!;
}

/** Row id of a host; `null` when it is not known. */
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
  ];
}
