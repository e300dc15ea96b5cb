import { printableStart } from "../text/printable.ts";
import {
  NO_SIGNATURE,
  parseBlkid,
  parseUsage,
  type Signature,
} from "./parse_blkid.ts";
import { ProbeError } from "./printed_json.ts";
import {
  describeFailure,
  type ProbeOutcome,
  type ProbeRunner,
} from "./probe_runner.ts";

/** Longest output of blkid on a device: a dozen lines are about 600 bytes. */
export const MAX_BLKID_BYTES = 64 * 1024;

/** Result of reading a device. */
export type Reading =
  /** All `null` without a signature. */
  | {
    readonly kind: "read";
    readonly signature: Signature;
    /** See `parseUsage`. */
    readonly usage: string | null;
  }
  /** The device has no node here, so nothing was read. */
  | { readonly kind: "absent" }
  /** This user may not read the device. */
  | { readonly kind: "unreadable" }
  /** There is no blkid. */
  | { readonly kind: "no-blkid"; readonly problem: string }
  | { readonly kind: "failed"; readonly problem: string };

/** Exit codes of `blkid -p`, from blkid(8). */
const EXIT_FOUND = 0;
const EXIT_NOTHING = 2;
const EXIT_AMBIVALENT = 8;

/** errno's texts in the C locale for a device that could not be opened. */
const NO_ACCESS = /permission denied|operation not permitted/i;
const NO_NODE = /no such file/i;
const NO_MEDIUM = /no medium found|no such device/i;

/** Arguments of blkid to read a device, bypassing its cache. */
export function blkidArgs(device: string): string[] {
  return ["-p", "-o", "udev", device];
}

/** Reads the signature of a device with blkid. */
export async function readSignature(
  runner: ProbeRunner,
  { device, timeoutMs }: { device: string; timeoutMs: number },
): Promise<Reading> {
  const outcome = await runner.run(
    { target: device, program: "blkid", args: blkidArgs(device) },
    { timeoutMs, maxOutputBytes: MAX_BLKID_BYTES },
  );
  return interpret(outcome, { device, timeoutMs });
}

function interpret(
  outcome: ProbeOutcome,
  { device, timeoutMs }: { device: string; timeoutMs: number },
): Reading {
  const problem = () =>
    describeFailure(
      {
        program: "blkid",
        what: `blkid on ${printableStart(device)}`,
        timeoutMs,
      },
      outcome,
    );
  if (outcome.kind === "missing" || outcome.kind === "denied") {
    return { kind: "no-blkid", problem: problem() };
  }
  if (outcome.kind !== "exited") return { kind: "failed", problem: problem() };
  switch (outcome.code) {
    case EXIT_FOUND:
    case EXIT_AMBIVALENT:
      return parse(outcome.stdout, device);
    case EXIT_NOTHING:
      if (NO_ACCESS.test(outcome.stderr)) return { kind: "unreadable" };
      if (NO_NODE.test(outcome.stderr)) return { kind: "absent" };
      if (isOpenError(outcome.stderr)) break;
      return { kind: "read", signature: NO_SIGNATURE, usage: null };
  }
  return { kind: "failed", problem: problem() };
}

/** The device exists but could not be opened; blkid has the same exit code for a blank one. */
function isOpenError(stderr: string): boolean {
  return stderr.includes("error:") && !NO_MEDIUM.test(stderr);
}

function parse(stdout: Uint8Array, device: string): Reading {
  try {
    const usage = parseUsage(stdout);
    return { kind: "read", signature: parseBlkid(stdout), usage };
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    return {
      kind: "failed",
      problem: `${printableStart(device)}: ${error.message}`,
    };
  }
}
