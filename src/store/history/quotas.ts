import { v1HostId } from "../../inventory/host.ts";
import type { HistoryDb } from "./history_db.ts";
import { HEARD_AT, readInteger } from "./rows.ts";

/**
 * Which hosts have more than their part of a file that is too large.
 *
 * Anyone can invent hosts, and a host can invent disks: nobody's past may be
 * dropped because of another's. So a host that has been known for long shares
 * with its like alone; new ones, and those of 0.01, which prove nothing, have
 * the rest. Who has most loses first. Of new hosts that are very many, the
 * newest have nothing.
 */

/** A host that was heard over this time is an old one. */
export const OLD_HOST_AFTER_MS = 7 * 24 * 60 * 60 * 1_000;

/** Part of the file that new hosts have, if old ones would take it all. */
export const NEW_HOSTS_SHARE = 1 / 4;

/** So many new hosts, the ones known longest, share what new hosts have. */
export const MAX_NEW_HOSTS = 1_024;

/** Hosts in the file, whatever its size. */
export const MAX_STORED_HOSTS = 20_000;

/** Of a host without sightings. */
const HOST_BYTES = 300;

/** A host in the file. */
interface Tenant {
  /** Of its row. */
  readonly id: number;
  /** As weighed by the file. */
  readonly bytes: number;
  readonly isOld: boolean;
}

/** A host with too much. */
interface Debtor {
  /** Of its row. */
  readonly id: number;
  /** Bytes beyond its part, as weighed by the file. */
  readonly excess: number;
}

/** These hosts, the ones with most excess first. */
export function hostsOverQuota(
  db: HistoryDb,
  { bytes, maxBytes }: { readonly bytes: number; readonly maxBytes: number },
): Debtor[] {
  const tenants = db.all(READ_TENANTS, [OLD_HOST_AFTER_MS, V1_HOST]).map((
    row,
  ) => ({
    id: readInteger(row, "id"),
    bytes: HOST_BYTES + readInteger(row, "bytes"),
    isOld: readInteger(row, "is_old") === 1,
  }));
  const weight = sumOf(tenants);
  // What was weighed is not all: there are free places in pages, and indexes.
  const limit = Math.min(1, maxBytes / Math.max(1, bytes)) * weight;
  return overLimit(tenants, limit).sort((a, b) => b.excess - a.excess);
}

/** A pattern of LIKE. */
const V1_HOST = `${v1HostId("")}%`;

/** In the order in which they count: proven ones first, then by age. */
const READ_TENANTS = `SELECT id, bytes,
    NOT is_v1 AND heard_at - first_at >= ?1 AS is_old
  FROM (
    SELECT h.id, h.bytes, h.first_at, host_id LIKE ?2 AS is_v1, ${HEARD_AT}
    FROM hosts AS h
  ) ORDER BY is_v1, first_at, id`;

/** `tenants` are in the order in which they count. */
function overLimit(tenants: readonly Tenant[], limit: number): Debtor[] {
  const old = tenants.filter(({ isOld }) => isOld);
  const young = tenants.filter(({ isOld }) => !isOld);
  const forYoung = Math.max(limit - sumOf(old), limit * NEW_HOSTS_SHARE);
  const forOld = Math.max(limit - sumOf(young), limit - forYoung);
  const late = [
    ...young.slice(MAX_NEW_HOSTS),
    ...tenants.slice(MAX_STORED_HOSTS),
  ];
  return [
    ...overLevel(old, forOld),
    ...overLevel(young.slice(0, MAX_NEW_HOSTS), forYoung),
    ...late.map(({ id, bytes }) => ({ id, excess: bytes })),
  ];
}

/** Each has the same at most, so that all have `limit` together. */
function overLevel(tenants: readonly Tenant[], limit: number): Debtor[] {
  const level = levelOf(tenants.map(({ bytes }) => bytes), limit);
  return tenants.filter(({ bytes }) => bytes > level)
    .map(({ id, bytes }) => ({ id, excess: bytes - level }));
}

/** The largest amount that each may have. */
function levelOf(amounts: readonly number[], limit: number): number {
  const ascending = amounts.toSorted((a, b) => a - b);
  let rest = limit;
  for (const [i, amount] of ascending.entries()) {
    const level = rest / (ascending.length - i);
    if (amount > level) return level;
    rest -= amount;
  }
  return Infinity;
}

function sumOf(tenants: readonly Tenant[]): number {
  return tenants.reduce((sum, { bytes }) => sum + bytes, 0);
}
