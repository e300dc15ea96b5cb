import type { Disk } from "../inventory/disk.ts";
import type { Device } from "./device.ts";
import { mergeDisk, signatureFromUdev } from "./merge_disk.ts";
import type { Signature } from "./parse_blkid.ts";
import { printableStart } from "../text/printable.ts";
import type { Reading } from "./read_signature.ts";

/** A device and what came of reading it. */
export interface Examined {
  readonly device: Device;
  readonly reading: Reading;
}

/** A device and the signature that was last read off it. */
export interface Remembered {
  readonly device: Device;
  readonly signature: Signature;
}

/** Last good readings, by path of the device. */
export type Memory = ReadonlyMap<string, Remembered>;

/** All that one scan found out. */
export interface Assembled {
  /** `null`: so little was found out that an older list is better. */
  readonly disks: readonly Disk[] | null;
  readonly problems: readonly string[];
  /** For the next scan. */
  readonly memory: Memory;
}

/** Paths named in one sentence; the others are counted. */
const MAX_NAMED = 3;

/** Makes the list of disks out of what was read, remembered and, where neither is to be had, known to udev. */
export function assemble(
  examined: readonly Examined[],
  memory: Memory,
): Assembled {
  const udevRuns = examined.some(({ device }) => device.fstype !== null);
  const noBlkid = firstWithoutBlkid(examined);
  const problems = [
    ...(noBlkid === null ? [] : [noBlkid]),
    ...(udevRuns ? [] : unreadableProblem(examined)),
    ...failures(examined),
  ];
  if (noBlkid !== null && !udevRuns) return { disks: null, problems, memory };
  const known = examined.map((one) => ({
    device: one.device,
    signature: signatureOf(one, memory),
  }));
  return {
    disks: known.flatMap(({ device, signature }) =>
      mergeDisk(device, signature) ?? []
    ),
    problems,
    memory: new Map(known.map((one) => [one.device.path, one])),
  };
}

function signatureOf({ device, reading }: Examined, memory: Memory): Signature {
  switch (reading.kind) {
    case "read":
      return reading.signature;
    case "failed": {
      const last = memory.get(device.path);
      return last && isSameDevice(last.device, device)
        ? last.signature
        : signatureFromUdev(device);
    }
    case "unreadable":
    case "no-blkid":
      return signatureFromUdev(device);
  }
}

/** Another stick in the same place may have the same name. */
function isSameDevice(before: Device, now: Device): boolean {
  return agree(before.size, now.size) && agree(before.serial, now.serial);
}

function agree<Value>(before: Value | null, now: Value | null): boolean {
  return before === null || now === null || before === now;
}

function firstWithoutBlkid(examined: readonly Examined[]): string | null {
  for (const { reading } of examined) {
    if (reading.kind === "no-blkid") return reading.problem;
  }
  return null;
}

function failures(examined: readonly Examined[]): string[] {
  return examined.flatMap(({ reading }) =>
    reading.kind === "failed"
      ? [`${reading.problem} What was last known of the device is kept.`]
      : []
  );
}

function unreadableProblem(examined: readonly Examined[]): string[] {
  const paths = examined
    .filter(({ reading }) => reading.kind === "unreadable")
    .map(({ device }) => printableStart(device.path));
  if (paths.length === 0) return [];
  const rest = paths.length - MAX_NAMED;
  const names = paths.slice(0, MAX_NAMED).join(", ") +
    (rest > 0 ? ` and ${rest} more` : "");
  return [
    `No permission to read ${names}, and no udev here to tell what is on it: run diskd as root and, in a container, let it have the devices.`,
  ];
}
