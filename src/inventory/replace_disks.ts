import { type AwaitedDisks, LIST_AFTER_SILENCE_MS } from "./awaited.ts";
import {
  type Change,
  compareDisks,
  type DiskDifference,
  isUnchanged,
  usedAs,
} from "./change.ts";
import type { Disk } from "./disk.ts";
import type { Host } from "./host.ts";
import type { KnownHost } from "./known_host.ts";
import type { KnownHosts } from "./known_hosts.ts";
import type { Front } from "./limits.ts";
import {
  type Sighting,
  type Sightings,
  sinceByDevice,
  sinceOf,
} from "./sightings.ts";

/** All places of disks, present and past. */
export interface PlaceMemory {
  readonly hosts: KnownHosts;
  readonly sightings: Sightings;
  readonly awaited: AwaitedDisks;
}

/** The next list of a host. Times are monotonic ms. */
interface NextList {
  readonly whole: readonly Disk[];
  /** What fits of it. */
  readonly front: Front;
  readonly now: number;
  /** When missing disks were last there. */
  readonly seenAt: number;
}

/** Replaces the disks of a host, remembers where those are that left, and says what changed. */
export function replaceDisks(
  memory: PlaceMemory,
  host: KnownHost,
  { whole, front, now, seenAt }: NextList,
): Change[] {
  const { disks } = front;
  const { isRemembered } = host;
  const before = isRemembered ? usedAs(whole, host.disks) : host.disks;
  const difference = within(disks, compareDisks(before, whole), whole);
  const isSame = isUnchanged(difference) && disks.length === before.length;
  if (isSame && !isRemembered) return [];
  if (isRemembered) host.lastMounts.noteRemembered(host.disks, disks);
  const since = sinceByDevice(host);
  const gone = noteDetached(memory, host, {
    detached: difference.detached,
    since,
    now,
    seenAt,
  });
  host.lastMounts.note(difference);
  host.isRemembered = false;
  const { attached, renamed } = difference;
  const arrivals = attached.map((disk) => arrive(memory, host, { disk, now }));
  const found = new Map(
    arrivals.flatMap(({ disk, found }) => found ? [[disk, found]] : []),
  );
  memory.hosts.room.setDisks(
    host,
    front,
    sinceOf(disks, { before: since, attached, renamed, now })
      .map((at, index) => found.get(disks[index]!)?.from ?? at),
  );
  return tell(
    { ...difference, detached: gone },
    { before, host, at: now, arrivals: arrivals.flatMap(({ told }) => told) },
  );
}

/**
 * What is different for the disks that fit. Those cut from the list are not
 * known any more, but nobody says that they left.
 */
function within(
  fitting: readonly Disk[],
  difference: DiskDifference,
  whole: readonly Disk[],
): DiskDifference {
  if (fitting.length === whole.length) return difference;
  const fits = new Set(fitting);
  const ofDisk = ({ disk }: { readonly disk: Disk }) => fits.has(disk);
  const isIn = (disk: Disk) => fits.has(disk);
  return {
    attached: difference.attached.filter(isIn),
    detached: difference.detached,
    renamed: difference.renamed.filter(ofDisk),
    changed: difference.changed.filter(isIn),
    failing: difference.failing.filter(isIn),
    recovered: difference.recovered.filter(isIn),
    mounted: difference.mounted.filter(ofDisk),
    unmounted: difference.unmounted.filter(ofDisk),
    quiet: difference.quiet.filter(isIn),
  };
}

/** Remembers where these disks were. Returns those of which to tell at once. */
function noteDetached(
  { sightings, awaited }: PlaceMemory,
  host: KnownHost,
  { detached, since, now, seenAt }: Pick<NextList, "now" | "seenAt"> & {
    readonly detached: readonly Disk[];
    readonly since: ReadonlyMap<string, number>;
  },
): readonly Disk[] {
  const hasStarted = now - host.startedAt <= LIST_AFTER_SILENCE_MS;
  for (const disk of detached) {
    const sighting = {
      disk: host.lastMounts.restoreTo(disk),
      host,
      hostName: host.name,
      from: since.get(disk.device)!,
      until: seenAt,
      hasLeft: true,
    };
    sightings.add(sighting);
    if (!hasStarted) continue;
    awaited.add(sighting, { event: "detached", at: now, host, disk });
  }
  return hasStarted ? [] : detached;
}

/** A disk of a list that was not in the list before. */
interface Arrived {
  readonly disk: Disk;
  readonly told: readonly Change[];
  /** Its place before its host started, if it was awaited. */
  readonly found: Sighting | null;
}

/** A disk is new, from another host, or found again. */
function arrive(
  { hosts, sightings, awaited }: PlaceMemory,
  host: KnownHost,
  { disk, now }: { readonly disk: Disk; readonly now: number },
): Arrived {
  const sighting = sightings.take(disk, host);
  const untold = sighting ? awaited.take(sighting) : null;
  const about = { at: now, host, disk };
  if (sighting?.host.id === host.id && untold !== null) {
    if (disk.mounts.length === 0) {
      host.lastMounts.keep(disk.device, sighting.disk.mounts);
    }
    const fromDevice = untold.disk.device;
    const told: Change[] = fromDevice === disk.device
      ? []
      : [{ event: "renamed", ...about, fromDevice }];
    return { disk, told, found: sighting };
  }
  const from = sighting?.host ?? hosts.silent.take(disk);
  const told: Change = from === undefined || from.id === host.id
    ? { event: "attached", ...about }
    : { event: "moved", ...about, from };
  return { disk, told: untold ? [untold, told] : [told], found: null };
}

interface Telling {
  /** The disks before. */
  readonly before: readonly Disk[];
  readonly host: Host;
  readonly at: number;
  /** The changes for the attached disks. */
  readonly arrivals: readonly Change[];
}

/** The changes of a host's disks in the expected order: departures before arrivals. */
function tell(
  difference: DiskDifference,
  { before, host, at, arrivals }: Telling,
): Change[] {
  const { detached, renamed, changed } = difference;
  const { failing, recovered, mounted, unmounted } = difference;
  const about = <Event extends string>(event: Event) => ({ event, at, host });
  const known = changed.length === 0 ? [] : before;
  const old = new Map(known.map((disk) => [disk.device, disk]));
  return [
    ...unmounted.map((one) => ({ ...about("unmounted"), ...one })),
    ...detached.map((disk) => ({ ...about("detached"), disk })),
    ...renamed.map((one) => ({ ...about("renamed"), ...one })),
    ...arrivals,
    ...changed.map((disk) => ({
      ...about("changed"),
      disk,
      before: old.get(disk.device)!,
    })),
    ...failing.map((disk) => ({ ...about("failing"), disk })),
    ...recovered.map((disk) => ({ ...about("recovered"), disk })),
    ...mounted.map((one) => ({ ...about("mounted"), ...one })),
  ];
}
