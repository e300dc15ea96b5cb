import type { HistoryDb } from "./history_db.ts";
import { readInteger, readText } from "./read_row.ts";
import type { HostRecord, SightingRecord } from "./records.ts";
import { storedText, storedTime } from "./stored.ts";
import { addHost } from "./write_host.ts";

/** How often a host of which another history told announces, as far as is known. */
const DEFAULT_EVERY_MS = 30_000;

/**
 * Takes in what another history knows of a host, unless it is up here, or was
 * heard later. It is not up because it was so there. Returns its row id.
 */
export function mergeHost(
  db: HistoryDb,
  { hostId, name, state, heardAt }: SightingRecord["host"],
): number {
  const given: HostRecord = {
    hostId,
    name,
    state: state === "up" ? "stale" : state,
    heardAt,
    version: null,
    addresses: [],
    everyMs: DEFAULT_EVERY_MS,
  };
  const id = addHost(db, given);
  if (isNewer(db, id, given)) {
    db.run(WRITE, [id, storedText(name), given.state, storedTime(heardAt)]);
  }
  return id;
}

function isNewer(db: HistoryDb, id: number, given: HostRecord): boolean {
  const known = db.get(READ, [id])!;
  const state = readText(known, "state");
  const difference = storedTime(given.heardAt) - readInteger(known, "heard_at");
  if (state === "up" || difference < 0) return false;
  return difference > 0 ||
    [storedText(given.name), given.state].join() >
      [readText(known, "name"), state].join();
}

const READ = "SELECT name, state, heard_at FROM hosts WHERE id = ?1";

const WRITE =
  "UPDATE hosts SET (name, state, heard_at) = (?2, ?3, ?4) WHERE id = ?1";
