/**
 * What the rows of a name mean together.
 *
 * A silent host does not count once another host has the disk, which has
 * probably moved.
 */
import type { Verdict } from "../control/verdict.ts";
import type { DiskRow } from "../control/views.ts";
import { nameAt } from "../inventory/disk.ts";
import { areMembersOfOne, isNamelessMember } from "../inventory/duplicates.ts";
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
    to: null,
    since: null,
    devices: [],
    uuids: [],
    suggestions: [],
  };
}

/** Judges the rows of a known name, one at least. `isPrefix`: the name is the prefix of a UUID. */
export function judge(
  rows: Rows,
  { isPrefix }: { readonly isPrefix: boolean },
): Verdict {
  const uuids = new Set(rows.flatMap(({ uuid }) => uuid ?? []));
  if (isPrefix && uuids.size > 1) {
    return { ...bareVerdict("ambiguous"), uuids: [...uuids] };
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
  const from = hostsOf(leftBehind(attached, stale));
  const kind = from.length > 0 ? "moved" : "attached";
  return { ...bareVerdict(kind), hosts, from, devices: repeated(attached) };
}

/** The likely reason why several hosts have it. */
function whySeveral(attached: Rows): Verdict {
  const copies = [...Map.groupBy(attached, nameOf).values()]
    .find((rows) => hostsOf(rows).length > 1);
  if (copies === undefined || copies.every(isNamelessMember)) {
    return bareVerdict(areMembersOfOne(attached) ? "members" : "namesakes");
  }
  return whyMoved(copies) ?? bareVerdict(howCopied(copies));
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
    Date.parse(row.seenAt) + MIN_MOVE_MS < came(newest)
  );
  if (!isMove) return null;
  const { host, hostId, since } = newest;
  return {
    ...bareVerdict("may-have-moved"),
    from: hostsOf(others),
    to: { host, hostId },
    since,
  };
}

function howCopied(copies: Rows): Verdict["kind"] {
  const drives = new Set(copies.map(({ wwn, serial }) => wwn ?? serial));
  if (drives.has(null)) return "clone-or-shared";
  return drives.size === 1 ? "shared" : "clone";
}

/** The devices of a host that has the same disk several times. */
function repeated(attached: Rows): string[] {
  const layers = topmost(attached, (row) => ({ hostId: row.hostId, disk: row }))
    .filter((row) => !isNamelessMember(row));
  const rows = [...Map.groupBy(layers, nameOf).values()]
    .find((rows) => rows.length > 1);
  return rows?.map(({ device }) => device) ?? [];
}

/** Rows of silent hosts that had a disk that is attached to another now. */
function leftBehind(attached: Rows, stale: Rows): Rows {
  const here = new Set(attached.map(nameOf));
  return stale.filter((row) => here.has(nameOf(row)));
}

/** Identifies a disk. */
function nameOf(row: DiskRow): string {
  return nameAt(row, row.hostId);
}

/** Each host of the rows, by name. */
export function hostsOf(rows: Rows): Verdict["hosts"] {
  const names = new Map(rows.map(({ hostId, host }) => [hostId, host]));
  return [...names].map(([hostId, host]) => ({ host, hostId }))
    .sort((a, b) => a.host < b.host ? -1 : a.host > b.host ? 1 : 0);
}
