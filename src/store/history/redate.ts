import { type HistoryDb, OPEN_UNTIL } from "./history_db.ts";
import type { HistoryChange } from "./records.ts";
import { readInteger, storedInteger, storedTime } from "./rows.ts";

/** Moves times from `from` to before `to`; no sighting ends before it begins. */
export function redate(
  db: HistoryDb,
  { from, to, byMs }: Omit<
    Extract<HistoryChange, { kind: "redated" }>,
    "kind"
  >,
): void {
  const values = [storedTime(from), storedTime(to), storedInteger(byMs)];
  for (const sql of REDATE) db.run(sql, values);
}

/** `OPEN_UNTIL` is no time. */
function moved(column: string): string {
  return `CASE WHEN ${column} >= ?1 AND ${column} < ?2
    THEN min(max(${column} + ?3, 0), ${OPEN_UNTIL - 1}) ELSE ${column} END`;
}

const REDATE = [
  `UPDATE sightings SET from_at = ${moved("from_at")},
    until_at = max(${moved("until_at")}, ${moved("from_at")}),
    mounts_until = ${moved("mounts_until")}
  WHERE until_at >= ?1 AND from_at < ?2`,
  `UPDATE hosts SET heard_at = ${moved("heard_at")},
    first_at = ${moved("first_at")}
  WHERE heard_at >= ?1 AND first_at < ?2`,
  `UPDATE alive SET at = ${moved("at")}`,
] as const;

/** The newest time before `limit`; 0 if there is none. */
export function newestBefore(db: HistoryDb, limit: number): number {
  return readInteger(db.get(NEWEST, [Math.min(limit, OPEN_UNTIL)])!, "newest");
}

const NEWEST = `SELECT max(
  ifnull((SELECT max(until_at) FROM sightings WHERE until_at < ?1), 0),
  ifnull((SELECT max(from_at) FROM sightings
    WHERE until_at >= ?1 AND from_at < ?1), 0),
  ifnull((SELECT max(heard_at) FROM hosts WHERE heard_at < ?1), 0),
  ifnull((SELECT max(at) FROM alive WHERE at < ?1), 0)
) AS newest`;
