import type { DiskRow } from "../control/views.ts";
import { type LsblkDevice, parseLsblkDevice } from "../probe/parse_lsblk.ts";
import { ProbeError } from "../probe/printed_json.ts";
import { describeFailure, ProbeRunner } from "../probe/probe_runner.ts";
import { NOTHING_EXPECTED, readSignature } from "../probe/read_signature.ts";
import type { RunOutcome, System } from "../system/system.ts";
import { printableStart } from "../text/printable.ts";
import type { Content } from "./mountable.ts";
import { Refusal } from "./refusal.ts";
import { LOOK_TIMEOUT_MS } from "./run_attended.ts";

/** Present contents of a device. */
export interface DeviceNow extends Content {
  readonly uuid: string | null;
  /** Missing if it is not known. */
  readonly label?: string | null;
  /** Its device numbers, `8:17`. */
  readonly majMin: string;
}

/**
 * Reads a device: with blkid from its medium or, if this user may not read it,
 * from udev's database.
 * @throws {Refusal} `notAttached` if it is gone, `failed` if it cannot be read,
 * `refused` if this user has no access at all
 */
export async function deviceNow(
  device: string,
  system: System,
): Promise<DeviceNow> {
  checkPath(device);
  const known = await lsblkRow(device, system);
  const runner = new ProbeRunner(system);
  const timeoutMs = LOOK_TIMEOUT_MS;
  const expected = { ...NOTHING_EXPECTED, type: known.type };
  const reading = await readSignature(runner, { device, timeoutMs, expected });
  switch (reading.kind) {
    case "read": {
      const { uuid, type } = reading.signature;
      const label = reading.signature.label ?? known.label;
      const { usage } = reading;
      return { ...known, uuid, label, type, usage };
    }
    case "absent":
      throw deviceGone(device);
    case "failed":
      throw new Refusal("failed", { message: reading.problem });
    case "empty":
      throw deviceGone(device);
    case "denied":
    case "no-blkid":
      if (known.uuid === null) throw unreadable(device);
      return { ...known, usage: null };
  }
}

/**
 * Reads the device and checks that it is still the intended disk.
 * @throws {Refusal} as `deviceNow`, and `notAttached` for another disk
 */
export async function sameDevice(
  { device, uuid, label }: Pick<DiskRow, "device" | "uuid" | "label">,
  system: System,
): Promise<DeviceNow> {
  const now = await deviceNow(device, system);
  if (now.uuid !== uuid) throw anotherDisk(device, "UUID", [now.uuid, uuid]);
  if (now.label !== undefined && now.label !== label) {
    throw anotherDisk(device, "label", [now.label, label]);
  }
  return now;
}

function anotherDisk(
  device: string,
  what: string,
  [found, expected]: readonly (string | null)[],
): Refusal {
  const [is, should] = [found, expected]
    .map((text) => printableStart(text ?? "none"));
  return new Refusal("notAttached", {
    message: `${printableStart(device)} is another disk now: its ${what} is ` +
      `${is}, expected ${should}`,
    hints: ["Look again with: diskd refresh"],
  });
}

/** The daemon supplied the path and programs receive it, so it must be the path of a device. */
function checkPath(device: string): void {
  const isPath = /^\/dev\/\P{Cc}+$/u.test(device) &&
    !device.split("/").includes("..");
  if (isPath) return;
  throw new Refusal("refused", {
    message: `the device is "${printableStart(device)}", ` +
      "expected a path in /dev",
  });
}

function unreadable(device: string): Refusal {
  return new Refusal("refused", {
    message: `the contents of ${printableStart(device)} are unknown: ` +
      "this user may not read it, and udev has no data",
    hints: ["Run it as root: sudo diskd mount ..."],
  });
}

const MAX_LSBLK_ROW_BYTES = 64 * 1024;

/**
 * Asks lsblk(8) for a device, without reading its medium.
 * @throws {Refusal} `notAttached` if there is no such device, `failed` if lsblk
 * fails
 */
async function lsblkRow(
  device: string,
  system: System,
): Promise<LsblkDevice> {
  const args = [
    "-J",
    "-d",
    "-o",
    "NAME,MAJ:MIN,FSTYPE,UUID,LABEL",
    "--",
    device,
  ];
  const outcome = await system.run("lsblk", args, {
    timeoutMs: LOOK_TIMEOUT_MS,
    maxOutputBytes: MAX_LSBLK_ROW_BYTES,
  });
  if (outcome.kind === "exited" && outcome.code === 0) {
    return read(outcome.stdout);
  }
  throw refusal(device, outcome);
}

function read(stdout: Uint8Array): LsblkDevice {
  try {
    return parseLsblkDevice(stdout);
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    throw new Refusal("failed", { message: error.message });
  }
}

function refusal(device: string, outcome: RunOutcome): Refusal {
  if (outcome.kind === "exited") return deviceGone(device);
  const attempt = {
    program: "lsblk",
    what: `lsblk on ${printableStart(device)}`,
    timeoutMs: LOOK_TIMEOUT_MS,
  };
  return new Refusal("failed", { message: describeFailure(attempt, outcome) });
}

/** The device has gone since it was found. */
function deviceGone(device: string): Refusal {
  return new Refusal("notAttached", {
    message: `${printableStart(device)} is no longer there`,
    hints: ["Look again with: diskd refresh"],
  });
}
