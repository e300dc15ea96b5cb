/**
 * What the rows of a name mean together.
 *
 * A silent host does not count once another host has the disk.
 */
import type { Verdict } from "../control/verdict.ts";
import type { DiskRow } from "../control/views.ts";
import { nameAt } from "../inventory/disk.ts";
import {
  areMembersOfOne,
  isNamelessMember,
  reasonForCopies,
} from "../inventory/duplicates.ts";
import { compareDrives } from "../inventory/evidence.ts";
import { topmost } from "../inventory/place.ts";

/** Nobody carries a disk from host to host faster. */
const MIN_MOVE_MS = 2_000;

type Rows = readonly DiskRow[];

/** A verdict of this kind, of which nothing else is known. */
export function bareVerdict(kind: Verdict["kind"]): Verdict {
  return {
    kind,
    hosts: [],
    from: [],
    silent: [],
    to: null,
    since: null,
    devices: [],
    uuids: [],
    matches: [],
    calledNow: [],
    suggestions: [],
    cut: [],
    more: 0,
  };
}

interface Judging {
  /** The name is a part of several names. */
  readonly isPart: boolean;
  /** The name is a pattern, which means all of them. */
  readonly isPattern?: boolean;
}

/** Judges the rows of a known name, one at least. */
export function judge(
  rows: Rows,
  { isPart, isPattern = false }: Judging,
): Verdict {
  if (isPart) {
    const disks = eachOnce(rows, nameOf);
    if (disks.length > 1) return ambiguous(disks);
  }
  if (isPattern) {
    const wholes = eachOnce(rows, wholeOf);
    if (wholes.length > 1) return bestOf(wholes, rows);
  }
  const attached = rows.filter(({ state }) => state === "attached");
  const stale = rows.filter(({ state }) => state === "stale");
  const hosts = hostsOf(attached);
  if (hosts.length > 1) return { ...whySeveral(attached), hosts };
  if (hosts.length === 0) {
    return stale.length > 0
      ? { ...bareVerdict("stale"), hosts: hostsOf(stale) }
      : { ...bareVerdict("detached"), hosts: hostsOf(rows) };
  }
  const left = leftBehind(attached, stale);
  const from = hostsOf(left);
  const silent = hostsOf(stale.filter((row) => !left.includes(row)));
  const kind = from.length > 0 ? "moved" : "attached";
  const devices = repeated(attached);
  return { ...bareVerdict(kind), hosts, from, silent, devices };
}

function eachOnce(rows: Rows, keyOf: (row: DiskRow) => string): Rows {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}

/** Identifies a disk, or the array or filesystem of which it is a member. */
function wholeOf(row: DiskRow): string {
  return row.uuid === null ? nameOf(row) : `uuid ${row.uuid}`;
}

function ambiguous(disks: Rows): Verdict {
  return {
    ...bareVerdict("ambiguous"),
    uuids: [...new Set(disks.flatMap(({ uuid }) => uuid ?? []))],
    matches: matchesOf(disks),
  };
}

/** Several disks are as well known as the best of them. */
function bestOf(disks: Rows, rows: Rows): Verdict {
  const byState = Map.groupBy(rows, ({ state }) => state);
  for (const kind of ["attached", "stale", "detached"] as const) {
    const hosts = hostsOf(byState.get(kind) ?? []);
    if (hosts.length === 0) continue;
    return { ...bareVerdict(kind), hosts, matches: matchesOf(disks) };
  }
  return ambiguous(disks);
}

/** The first name of each that no other of them has, else where it is. */
function matchesOf(disks: Rows): string[] {
  const counts = TELLING_FIELDS.map((field) =>
    [field, Map.groupBy(disks, (row) => row[field])] as const
  );
  return disks.map((row) => {
    for (const [field, rows] of counts) {
      const name = row[field];
      if (name !== null && rows.get(name)?.length === 1) return name;
    }
    return `${row.uniqueHost}:${row.device}`;
  });
}

/** What people know a disk by, the best first. */
const TELLING_FIELDS = ["label", "uuid", "partlabel", "serial"] as const;

/** The likely reason why several hosts have it. */
function whySeveral(attached: Rows): Verdict {
  const copies = [...Map.groupBy(attached, nameOf).values()]
    .find((rows) => hostsOf(rows).length > 1);
  if (copies === undefined || copies.every(isNamelessMember)) {
    return bareVerdict(areMembersOfOne(attached) ? "members" : "namesakes");
  }
  return whyMoved(copies) ?? bareVerdict(reasonForCopies(copies));
}

/**
 * A host that lost the disk and its power at once has not been heard since
 * another host has the disk.
 */
function whyMoved(copies: Rows): Verdict | null {
  const came = (row: DiskRow) => Date.parse(row.since ?? "");
  const newest = copies.reduce((a, b) => came(b) > came(a) ? b : a);
  const others = copies.filter(({ hostId }) => hostId !== newest.hostId);
  const isMove = others.every((row) =>
    Date.parse(row.seenAt) + MIN_MOVE_MS < came(newest) &&
    compareDrives(row, newest) !== "different"
  );
  if (!isMove) return null;
  const { host, hostId, uniqueHost, since } = newest;
  return {
    ...bareVerdict("may-have-moved"),
    from: hostsOf(others),
    to: { host, hostId, uniqueHost },
    since,
  };
}

/** The devices of a host that has the same disk several times. */
function repeated(attached: Rows): string[] {
  const layers = topmost(attached, (row) => ({ hostId: row.hostId, disk: row }))
    .filter((row) => !isNamelessMember(row))
    // An enclosure may give all its drives one serial number.
    .filter(({ uuid, label, partuuid }) => uuid ?? label ?? partuuid);
  const rows = [...Map.groupBy(layers, nameOf).values()]
    .find((rows) => rows.length > 1);
  return rows?.map(({ device }) => device) ?? [];
}

/**
 * Rows of silent hosts that had a disk that is attached to another now. It has
 * come from there only if it is on the same drive, which other copies of an
 * image are not, and was not there before that host fell silent.
 */
function leftBehind(attached: Rows, stale: Rows): Rows {
  return stale.filter((old) =>
    attached.some((row) =>
      nameOf(row) === nameOf(old) && compareDrives(row, old) === "same" &&
      (row.since === null || Date.parse(row.since) > Date.parse(old.seenAt))
    )
  );
}

/** Identifies a disk. */
function nameOf(row: DiskRow): string {
  return nameAt(row, row.hostId);
}

/** Each host of the rows, by name. */
export function hostsOf(rows: Rows): Verdict["hosts"] {
  const byId = new Map(rows.map((row) => [row.hostId, row]));
  return [...byId.values()]
    .map(({ host, hostId, uniqueHost }) => ({ host, hostId, uniqueHost }))
    .sort((a, b) =>
      a.uniqueHost < b.uniqueHost ? -1 : a.uniqueHost > b.uniqueHost ? 1 : 0
    );
}
