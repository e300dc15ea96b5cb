import type { DiskRow } from "../control/views.ts";
import { type LsblkDevice, parseLsblkDevice } from "../probe/parse_lsblk.ts";
import { ProbeError } from "../probe/printed_json.ts";
import { describeFailure, ProbeRunner } from "../probe/probe_runner.ts";
import { readSignature } from "../probe/read_signature.ts";
import type { RunOutcome, System } from "../system/system.ts";
import { printableStart } from "../text/printable.ts";
import type { Content } from "./mountable.ts";
import { Refusal } from "./refusal.ts";
import { LOOK_TIMEOUT_MS } from "./run_attended.ts";

/** What a device carries at this moment. */
export interface DeviceNow extends Content {
  readonly uuid: string | null;
  /** Its numbers, `8:17`. */
  readonly majMin: string;
}

/**
 * Reads a device: with blkid off its medium, and where that is not ours to
 * read, what udev knows of it.
 * @throws {Refusal} `notAttached` where it is gone, `failed` where it cannot be
 * read, `refused` where this user may not know
 */
export async function deviceNow(
  device: string,
  system: System,
): Promise<DeviceNow> {
  checkPath(device);
  const known = await lsblkRow(device, system);
  const runner = new ProbeRunner(system);
  const timeoutMs = LOOK_TIMEOUT_MS;
  const reading = await readSignature(runner, { device, timeoutMs });
  switch (reading.kind) {
    case "read": {
      const { uuid, type } = reading.signature;
      return { uuid, type, usage: reading.usage, majMin: known.majMin };
    }
    case "absent":
      throw deviceGone(device);
    case "failed":
      throw new Refusal("failed", { message: reading.problem });
    case "unreadable":
    case "no-blkid":
      if (known.uuid === null) throw unreadable(device);
      return { ...known, usage: null };
  }
}

/**
 * The same, once it is sure that it is still the disk that was meant.
 * @throws {Refusal} as `deviceNow`, and `notAttached` where it is another disk
 */
export async function sameDevice(
  { device, uuid }: Pick<DiskRow, "device" | "uuid">,
  system: System,
): Promise<DeviceNow> {
  const now = await deviceNow(device, system);
  if (now.uuid === uuid) return now;
  throw new Refusal("notAttached", {
    message: `${printableStart(device)} is another disk now: its UUID is ${
      printableStart(now.uuid ?? "none")
    }, expected ${printableStart(uuid ?? "none")}`,
    hints: ["Look again with: diskd refresh"],
  });
}

/** The daemon names it, and programs are told: it has to be a device's path, and nothing else. */
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
    message: `what is on ${printableStart(device)} cannot be told: ` +
      "this user may not read it, and udev does not know",
    hints: ["As root it can: sudo diskd mount ..."],
  });
}

const MAX_LSBLK_ROW_BYTES = 64 * 1024;

/**
 * Asks lsblk(8) for one device, which reads no medium.
 * @throws {Refusal} `notAttached` where there is no such device, `failed` where lsblk does not tell
 */
async function lsblkRow(
  device: string,
  system: System,
): Promise<LsblkDevice> {
  const args = ["-J", "-d", "-o", "NAME,MAJ:MIN,FSTYPE,UUID", "--", device];
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

/** The device went between the finding and now. */
function deviceGone(device: string): Refusal {
  return new Refusal("notAttached", {
    message: `${printableStart(device)} is not there any more`,
    hints: ["Look again with: diskd refresh"],
  });
}
