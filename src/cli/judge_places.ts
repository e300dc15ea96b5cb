/**
 * How it stands with a disk, by the rows that `where` has of it.
 *
 * 5 says that more than one host has what was named, whatever the reason: who
 * asks for one host must not take the first of several. Which reason is likely
 * is told beside it. A host that fell silent counts for none once another has
 * the disk: it has probably moved.
 */
import type { DiskRow } from "../control/views.ts";
import { nameAt } from "../inventory/disk.ts";
import { areMembersOfOne, isNamelessMember } from "../inventory/duplicates.ts";
import { howMatches, MATCH, wantedName } from "../inventory/find_places.ts";
import { topmost } from "../inventory/place.ts";
import { formatAge } from "../render/format.ts";
import { printable } from "../text/printable.ts";
import { EXIT } from "../system/exit_code.ts";

/** What to end with, and what to say besides the rows: a line each, printable. */
export interface Verdict {
  readonly code: number;
  readonly notes: readonly string[];
}

/** Nobody carries a disk from host to host faster. */
const MIN_MOVE_MS = 2_000;

/** More UUIDs are not named in a line. */
const MAX_SHOWN = 3;

/** Judges the rows that were found for a name. `now` is ms since 1970. */
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
  // A host that is silent for now has its disks still, as far as anybody knows.
  if (attached.length + stale.length === 0) {
    return { code: EXIT.notAttached, notes: [] };
  }
  const notes = [sayTwice(attached), sayMoved(attached, stale)];
  return { code: EXIT.ok, notes: notes.filter((note) => note !== null) };
}

/** The UUIDs that the name is the beginning of; none where it is a name by itself. */
function uuidsThatBegin(name: string, rows: readonly DiskRow[]): string[] {
  const wanted = wantedName(name);
  const isPrefix = rows.every((row) =>
    howMatches(row, wanted) === MATCH.uuidPrefix
  );
  if (!isPrefix) return [];
  return [...new Set(rows.flatMap(({ uuid }) => uuid ?? []))];
}

function sayAmbiguous(name: string, uuids: readonly string[]): string {
  const shown = uuids.slice(0, MAX_SHOWN).map(printable).join(", ");
  const more = uuids.length - MAX_SHOWN;
  return `${uuids.length} UUIDs begin with ${printable(name)}: ${shown}` +
    `${more > 0 ? ` and ${more} more` : ""}. Type more of the one you mean.`;
}

/** Why several hosts seem to have it, most likely. */
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

/** A host may have lost the disk and its power at once: then it has not been heard since another has the disk. */
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
    `${listHosts(others)} did not speak since: it may have moved.`;
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

/** One host may have it twice. */
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

/** A silent host had what another has now. */
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

/** What tells one disk from another. */
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
