import { printableStart } from "../text/printable.ts";
import type { Disk } from "../inventory/disk.ts";
import type { Device } from "./device.ts";
import { holdersOf } from "./holders.ts";
import { mergeDisk, signatureFromUdev } from "./merge_disk.ts";
import type { MountTable } from "./mount_table.ts";
import type { Signature } from "./parse_blkid.ts";
import type { Reading } from "./read_signature.ts";
import { sharedMounts } from "./share_mounts.ts";

/** A device and what came of reading it. */
export interface Known {
  readonly device: Device;
  /** The last one; `null`: none has ended yet. */
  readonly reading: Reading | null;
  /** What was last read off it, `null` where that never worked. */
  readonly signature: Signature | null;
  /** Why it takes so long to read it, as a sentence; `null` where it does not. */
  readonly slowness: string | null;
}

/** The disks of this host, as far as they are known. */
export interface Found {
  /** `null`: so little is known that an older list is better. */
  readonly disks: readonly Disk[] | null;
  readonly problems: readonly string[];
}

/** Paths named in one sentence; the others are counted. */
const MAX_NAMED = 3;

/** Makes the list of disks out of what was read, remembered and, where neither is to be had, known to udev. */
export function assemble(
  known: readonly Known[],
  mounts: MountTable,
): Found {
  const udevRuns = known.some(({ device }) => device.fstype !== null);
  const noBlkid = firstWithoutBlkid(known);
  const problems = [
    ...(noBlkid === null ? [] : [noBlkid]),
    ...(udevRuns ? [] : unreadableProblem(known)),
    ...troubles(known),
  ];
  const nothingKnown = known.every(({ signature }) => signature === null);
  if (noBlkid !== null && nothingKnown && !udevRuns) {
    return { disks: null, problems };
  }
  return { disks: listDisks(known, mounts), problems };
}

/** What a device carries, as far as is known; `null`: nobody can tell yet, or it is not ours. */
export function signatureOf(
  { device, reading, signature, slowness }: Known,
): Signature | null {
  if (device.hasNode === false) return null;
  switch (reading?.kind) {
    case undefined:
      return slowness === null ? null : signatureFromUdev(device);
    case "absent":
      return null;
    case "read":
      return reading.signature;
    case "failed":
    case "no-blkid":
      return signature ?? signatureFromUdev(device);
    case "unreadable":
      return signatureFromUdev(device);
  }
}

function listDisks(
  known: readonly Known[],
  mounts: MountTable,
): Disk[] {
  const signed = known.flatMap((one) => {
    const signature = signatureOf(one);
    if (signature === null) return [];
    const device = { ...one.device, mounts: mounts.mountsOf(one.device) };
    return [{ device, signature }];
  });
  const holders = holdersOf(known.map(({ device }) => device));
  const mountsOf = sharedMounts(signed);
  return signed.flatMap((one) =>
    mergeDisk(one, {
      mounts: mountsOf(one),
      readOnlyMounts: mounts.readOnly,
      holders: holders.get(one.device.kname) ?? [],
    }) ?? []
  );
}

function firstWithoutBlkid(known: readonly Known[]): string | null {
  for (const { reading } of known) {
    if (reading?.kind === "no-blkid") return reading.problem;
  }
  return null;
}

/** A device that is being read again is slow, whatever came of it before. */
function troubles(known: readonly Known[]): string[] {
  return known.flatMap(({ reading, slowness }) => {
    const trouble = slowness ??
      (reading?.kind === "failed" ? reading.problem : null);
    return trouble === null
      ? []
      : [`${trouble} What was last known of the device is kept.`];
  });
}

function unreadableProblem(known: readonly Known[]): string[] {
  const paths = known
    .filter(({ reading }) => reading?.kind === "unreadable")
    .map(({ device }) => printableStart(device.path));
  if (paths.length === 0) return [];
  const rest = paths.length - MAX_NAMED;
  const names = paths.slice(0, MAX_NAMED).join(", ") +
    (rest > 0 ? ` and ${rest} more` : "");
  return [
    `No permission to read ${names}, and no udev here to tell what is on it: run diskd as root and, in a container, let it have the devices.`,
  ];
}
