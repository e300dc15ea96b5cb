/**
 * Judges the rows of `where` for a disk.
 *
 * Exit code 5 means that several hosts have the disk, for any reason: a caller
 * who needs one host must not take the first of several. The likely reason is
 * reported with it. A silent host does not count once another host has the
 * disk, which has probably moved.
 */
import type { DiskRow } from "../control/views.ts";
import { nameAt } from "../inventory/disk.ts";
import { areMembersOfOne, isNamelessMember } from "../inventory/duplicates.ts";
import { RANK, resolveDisks } from "../inventory/resolve.ts";
import { topmost } from "../inventory/place.ts";
import { formatAge } from "../render/format.ts";
import { printable } from "../text/printable.ts";
import { EXIT } from "../system/exit_code.ts";

/** The exit code, and printable lines to report with the rows. */
export interface Verdict {
  readonly code: number;
  readonly notes: readonly string[];
}

/** Shortest time in which a person can carry a disk to another host. */
const MIN_MOVE_MS = 2_000;

/** Largest number of UUIDs named in a line. */
const MAX_SHOWN = 3;

/** Judges the rows found for a name. `now` is ms since 1970. */
export function judgePlaces(
  rows: readonly DiskRow[],
  { name, now }: { readonly name: string; readonly now: number },
): Verdict {
  if (rows.length === 0) return { code: EXIT.notKnown, notes: [] };
  const uuids = uuidsThatBegin(name, rows);
  if (uuids.length > 1) {
    return { code: EXIT.notKnown, notes: [sayAmbiguous(name, uuids)] };
  }
  const attached = rows.filter(({ state }) => state === "attached");
  const stale = rows.filter(({ state }) => state === "stale");
  if (countHosts(attached) > 1) {
    const several = `Attached to several hosts at once: ${listHosts(attached)}`;
    return {
      code: EXIT.severalHosts,
      notes: [several, whySeveral(attached, now)],
    };
  }
  // The disks of a silent host count as still attached.
  if (attached.length + stale.length === 0) {
    return { code: EXIT.notAttached, notes: [] };
  }
  const notes = [sayTwice(attached), sayMoved(attached, stale)];
  return { code: EXIT.ok, notes: notes.filter((note) => note !== null) };
}

/** The UUIDs with this prefix; empty if the name matches otherwise. */
function uuidsThatBegin(name: string, rows: readonly DiskRow[]): string[] {
  const { found, rank } = resolveDisks(name, rows, (row) => row);
  const isPrefix = rank === RANK.uuidPrefix && found.length === rows.length;
  if (!isPrefix) return [];
  return [...new Set(rows.flatMap(({ uuid }) => uuid ?? []))];
}

function sayAmbiguous(name: string, uuids: readonly string[]): string {
  const shown = uuids.slice(0, MAX_SHOWN).map(printable).join(", ");
  const more = uuids.length - MAX_SHOWN;
  return `${uuids.length} UUIDs begin with ${printable(name)}: ${shown}` +
    `${more > 0 ? ` and ${more} more` : ""}. Type more of the UUID.`;
}

/** The likely reason why several hosts seem to have it. */
function whySeveral(attached: readonly DiskRow[], now: number): string {
  const copies = [...Map.groupBy(attached, nameOf).values()]
    .find((rows) => countHosts(rows) > 1);
  if (copies === undefined || copies.every(isNamelessMember)) {
    return areMembersOfOne(attached)
      ? "They are members of one filesystem, RAID or pool: the UUID is that of the whole."
      : "They are different disks that share this name: their UUIDs differ.";
  }
  return whyMoved(copies, now) ?? whyCopied(copies);
}

/**
 * A host may have lost the disk and its power at once: then it has not been
 * heard since another host has the disk.
 */
function whyMoved(copies: readonly DiskRow[], now: number): string | null {
  const came = (row: DiskRow) => Date.parse(row.since ?? "");
  const newest = copies.reduce((a, b) => came(b) > came(a) ? b : a);
  const others = copies.filter(({ hostId }) => hostId !== newest.hostId);
  const isMove = others.every((row) =>
    Date.parse(row.seenAt) + MIN_MOVE_MS < came(newest)
  );
  if (!isMove) return null;
  const age = formatAge(newest.since!, now);
  return `It came to ${printable(newest.host)} ${age} ago, and ` +
    `${listHosts(others)} has not been heard since: it may have moved.`;
}

function whyCopied(copies: readonly DiskRow[]): string {
  const drives = new Set(copies.map(({ wwn, serial }) => wwn ?? serial));
  if (drives.has(null)) {
    return "It is a copy, such as a clone or a snapshot, or storage that these hosts share.";
  }
  return drives.size === 1
    ? "It is one drive, by its WWN or serial number: storage that these hosts share."
    : "It is on different drives, by their WWN or serial number: a copy, such as a clone or a snapshot.";
}

/** A host may have it twice. */
function sayTwice(attached: readonly DiskRow[]): string | null {
  const layers = topmost(attached, (row) => ({ hostId: row.hostId, disk: row }))
    .filter((row) => !isNamelessMember(row));
  const twice = [...Map.groupBy(layers, nameOf).values()]
    .find((rows) => rows.length > 1);
  if (twice === undefined) return null;
  const devices = twice.map(({ device }) => printable(device)).join(", ");
  return `${listHosts(twice)} has it ${twice.length} times (${devices}): ` +
    "a copy, or several paths to it.";
}

/** A silent host had the disk that another host has now. */
function sayMoved(
  attached: readonly DiskRow[],
  stale: readonly DiskRow[],
): string | null {
  const here = new Set(attached.map(nameOf));
  const left = stale.filter((row) => here.has(nameOf(row)));
  if (left.length === 0) return null;
  return `It has probably moved to ${listHosts(attached)}: ` +
    `${listHosts(left)} had it too when last heard, and did not say goodbye.`;
}

/** Identifies a disk. */
function nameOf(row: DiskRow): string {
  return nameAt(row, row.hostId);
}

function countHosts(rows: readonly DiskRow[]): number {
  return new Set(rows.map(({ hostId }) => hostId)).size;
}

function listHosts(rows: readonly DiskRow[]): string {
  const names = new Map(rows.map(({ hostId, host }) => [hostId, host]));
  return [...names.values()].map(printable).join(", ");
}
