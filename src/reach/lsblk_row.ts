import { textField } from "../probe/parse_lsblk.ts";
import {
  isJsonObject,
  printedList,
  ProbeError,
} from "../probe/printed_json.ts";
import { describeFailure } from "../probe/probe_runner.ts";
import type { RunOutcome, System } from "../system/system.ts";
import { printableStart } from "../text/printable.ts";
import { LOOK_TIMEOUT_MS } from "./output_of.ts";
import { Refusal } from "./refusal.ts";

/** What lsblk says of one device. */
export interface LsblkRow {
  /** Its numbers, `8:17`. */
  readonly majMin: string;
  /** From udev's database, as `type`: `null` without udev. */
  readonly uuid: string | null;
  readonly type: string | null;
}

const MAX_LSBLK_ROW_BYTES = 64 * 1024;

/**
 * Asks lsblk(8) for one device, which reads no medium.
 * @throws {Refusal} `notAttached` where there is no such device, `failed` where lsblk does not tell
 */
export async function lsblkRow(
  device: string,
  system: System,
): Promise<LsblkRow> {
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

function read(stdout: Uint8Array): LsblkRow {
  try {
    const [row] = printedList(stdout, {
      program: "lsblk",
      key: "blockdevices",
    });
    const fields = isJsonObject(row) ? row : {};
    return {
      // Some versions pad it to the width of a column.
      majMin: textField(fields, "maj:min")?.trim() ?? "",
      uuid: textField(fields, "uuid"),
      type: textField(fields, "fstype"),
    };
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
export function deviceGone(device: string): Refusal {
  return new Refusal("notAttached", {
    message: `${printableStart(device)} is not there any more`,
    hints: ["Look again with: diskd refresh"],
  });
}
