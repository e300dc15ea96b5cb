import type { HistoryDb } from "./history_db.ts";
import { HOST_COLUMNS, readHost } from "./read_row.ts";
import { readOpen, readPast } from "./read_sightings.ts";
import type { Restored, SightingRecord } from "./records.ts";

/** Hosts that are restored: those that were up, then those heard last. */
export const MAX_RESTORED_HOSTS = 10_000;

/** Disks at no host that are restored, those seen last. */
export const MAX_RESTORED_PAST = 10_000;

/** What was known when the daemon stopped. */
export function restore(db: HistoryDb): Restored {
  const hosts = db.all(READ_HOSTS, [MAX_RESTORED_HOSTS]).map(readHost);
  const open = Map.groupBy(readOpen(db), ({ host }) => host.hostId);
  const none: SightingRecord[] = [];
  return {
    hosts: hosts.map((host) => ({
      host,
      sightings: open.get(host.hostId) ?? none,
    })),
    past: readPast(db, MAX_RESTORED_PAST),
  };
}

const READ_HOSTS = `SELECT ${HOST_COLUMNS} FROM hosts AS h
  ORDER BY h.state = 'up' DESC, h.heard_at DESC, h.id LIMIT ?1`;
