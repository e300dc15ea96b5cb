/**
 * Reads the signature of a device with blkid, and finds out why there is none.
 *
 * blkid ends with the code 2 and prints nothing for a device that is blank,
 * cannot be read, or, since util-linux 2.41, has several signatures. A second
 * run with its debug messages tells which. A device that can be read in part,
 * or that has several signatures, is read once more for one type.
 */
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

/** Longest debug messages of blkid: those of an old ZFS member take 45 KB. */
const MAX_DEBUG_BYTES = 256 * 1024;

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
  /** It has no medium. */
  | { readonly kind: "empty" }
  /** This user may not read the device. */
  | { readonly kind: "denied" }
  /** There is no blkid. */
  | { readonly kind: "no-blkid"; readonly problem: string }
  | {
    readonly kind: "failed";
    readonly problem: string;
    /** What could still be read, though other parts could not; else `null`. */
    readonly signature: Signature | null;
    readonly usage: string | null;
  };

/** Exit codes of `blkid -p`, from blkid(8). */
const EXIT_FOUND = 0;
const EXIT_NOTHING = 2;
const EXIT_AMBIVALENT = 8;

/** errno's texts in the C locale for a device that could not be opened. */
const NO_ACCESS = /permission denied|operation not permitted/i;
const NO_NODE = /no such file/i;
const NO_MEDIUM = /no medium found|no such device/i;

/** Messages of libblkid 2.36 to 2.42 about a failed read, and several signatures. */
const READ_FAILED = /read failed(?:: *(.*))?/;
const DEBUG_MESSAGE = /^.*LOWPROBE.*$/gm;
const AMBIVALENT = /ambivalent result detected/;
/** Before the values of a signature comes its name: `[35] ext4:`. */
const PROBED = /LOWPROBE: (?:\[\d+\] ([\w.+-]+):|assigning (TYPE))/g;

/**
 * Types whose signature is at the beginning of a device, which can be read
 * although its end cannot.
 */
const AT_THE_BEGINNING =
  "ext4,ext3,ext2,xfs,btrfs,vfat,exfat,ntfs,f2fs,crypto_LUKS,LVM2_member,swap";

/** Types that are not mounted, by name. */
const NO_FILES = /_member$|^(?:crypto_|swap|BitLocker|DM_)/;

/** Arguments of blkid to read a device, bypassing its cache. */
export function blkidArgs(device: string, types: string | null = null) {
  const only = types === null ? [] : ["-n", types];
  return ["-p", "-o", "udev", ...only, device];
}

/** What is known of a device before it is read. */
export interface Expected {
  /** The type that it is mounted with, or was last known to have; `null`: unknown. */
  readonly type: string | null;
  /** blkid describes the place of a partition, even of a blank one. */
  readonly isPartition: boolean;
  /** Whether it was blank when it was last read. */
  readonly wasBlank: boolean;
}

export const NOTHING_EXPECTED: Expected = {
  type: null,
  isPartition: false,
  wasBlank: false,
};

interface ReadingOptions {
  readonly device: string;
  readonly timeoutMs: number;
  readonly expected: Expected;
}

/** Reads the signature of a device. */
export async function readSignature(
  runner: ProbeRunner,
  options: ReadingOptions,
): Promise<Reading> {
  const { device, timeoutMs, expected } = options;
  // Of a blank device the messages are wanted again: it may fail by now.
  const first = { device, timeoutMs, debug: expected.wasBlank };
  let answer = interpret(await runBlkid(runner, first), options);
  if (answer.kind === "nothing" && !first.debug) {
    const again = await runBlkid(runner, { ...first, debug: true });
    answer = interpret(again, options);
  }
  switch (answer.kind) {
    case "several":
      return await readOneOf(runner, { ...options, types: answer.types });
    case "nothing":
      return await explain(answer.messages, { runner, ...options });
    default:
      return answer;
  }
}

/** What a run of blkid tells. */
type BlkidAnswer =
  | Reading
  | { readonly kind: "several"; readonly types: readonly string[] }
  /** With its debug messages, if any. */
  | { readonly kind: "nothing"; readonly messages: string };

interface BlkidRun {
  readonly device: string;
  readonly timeoutMs: number;
  /** Only these types, with commas between them; default: all. */
  readonly types?: string | null;
  /** Default false. */
  readonly debug?: boolean;
}

function runBlkid(
  runner: ProbeRunner,
  { device, timeoutMs, types = null, debug = false }: BlkidRun,
): Promise<ProbeOutcome> {
  return runner.run(
    { target: device, program: "blkid", args: blkidArgs(device, types) },
    {
      timeoutMs,
      maxOutputBytes: MAX_BLKID_BYTES,
      ...(debug && {
        maxErrorBytes: MAX_DEBUG_BYTES,
        env: { LIBBLKID_DEBUG: "lowprobe" },
      }),
    },
  );
}

function interpret(
  outcome: ProbeOutcome,
  options: ReadingOptions,
): BlkidAnswer {
  const problem = () => describe(outcome, options);
  if (outcome.kind === "missing" || outcome.kind === "denied") {
    return { kind: "no-blkid", problem: problem() };
  }
  if (outcome.kind !== "exited") return failed(problem());
  const { code, stdout, stderr } = outcome;
  switch (code) {
    case EXIT_FOUND:
    case EXIT_AMBIVALENT:
      return parse(stdout, options.device);
    case EXIT_NOTHING: {
      const complaint = stderr.replace(DEBUG_MESSAGE, "");
      if (NO_ACCESS.test(complaint)) return { kind: "denied" };
      if (NO_NODE.test(complaint)) return { kind: "absent" };
      if (NO_MEDIUM.test(complaint)) return { kind: "empty" };
      if (complaint.includes("error:")) break;
      return { kind: "nothing", messages: stderr };
    }
  }
  return failed(problem());
}

const BLANK: Reading = { kind: "read", signature: NO_SIGNATURE, usage: null };

function failed(
  problem: string,
  partly: Extract<Reading, { kind: "read" }> | null = null,
): Reading {
  const { signature, usage } = partly ?? { signature: null, usage: null };
  return { kind: "failed", problem, signature, usage };
}

function describe(
  outcome: ProbeOutcome,
  { device, timeoutMs }: ReadingOptions,
): string {
  const what = `blkid on ${printableStart(device)}`;
  return describeFailure({ program: "blkid", what, timeoutMs }, outcome);
}

function parse(stdout: Uint8Array, device: string): BlkidAnswer {
  try {
    const signature = parseBlkid(stdout);
    const { types } = signature;
    if (types.length > 0) return { kind: "several", types };
    return { kind: "read", signature, usage: parseUsage(stdout) };
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    return failed(`${printableStart(device)}: ${error.message}`);
  }
}

/** Finds in debug messages why blkid printed nothing. */
async function explain(
  stderr: string,
  { runner, ...options }: ReadingOptions & { readonly runner: ProbeRunner },
): Promise<Reading> {
  const { device } = options;
  if (AMBIVALENT.test(stderr)) {
    return await readOneOf(runner, { ...options, types: typesIn(stderr) });
  }
  const [failure, why = ""] = READ_FAILED.exec(stderr) ?? [];
  if (failure !== undefined) {
    const partly = await readType(runner, options, AT_THE_BEGINNING);
    return failed(cannotBeRead(device, why.trim()), partly);
  }
  if (!options.expected.isPartition || stderr.includes("LOWPROBE")) {
    return BLANK;
  }
  // This blkid has no debug messages.
  return await readType(runner, options) ?? failed(cannotBeRead(device, ""));
}

function cannotBeRead(device: string, why: string): string {
  const reason = why === "" ? "" : ` (${printableStart(why)})`;
  return `${
    printableStart(device)
  } cannot be read${reason}: the drive, its cable or its port may be failing.`;
}

/** Reads a device for the expected type alone, else for `others`; `null` if that fails too. */
async function readType(
  runner: ProbeRunner,
  { device, timeoutMs, expected: { type } }: ReadingOptions,
  others: string | null = null,
): Promise<Extract<Reading, { kind: "read" }> | null> {
  const types = type ?? others;
  if (types === null) return null;
  const outcome = await runBlkid(runner, { device, timeoutMs, types });
  if (outcome.kind !== "exited" || outcome.code === EXIT_NOTHING) return null;
  const answer = parse(outcome.stdout, device);
  return answer.kind === "read" ? answer : null;
}

/** The types that debug messages tell, each once. */
function typesIn(stderr: string): string[] {
  const types = new Set<string>();
  let probed = "";
  for (const [, name, type] of stderr.matchAll(PROBED)) {
    if (type === undefined) probed = name!;
    else types.add(probed);
  }
  return [...types];
}

/** Reads one of several signatures: the one that is mounted, or else would be. */
async function readOneOf(
  runner: ProbeRunner,
  { types, ...options }: ReadingOptions & { readonly types: readonly string[] },
): Promise<Reading> {
  const known = options.expected.type;
  const type = types.find((one) => one === known) ??
    types.find((one) => !NO_FILES.test(one)) ?? types[0] ?? known;
  const expected = { ...options.expected, type };
  const { signature, usage } =
    await readType(runner, { ...options, expected }) ??
      { signature: { ...NO_SIGNATURE, type }, usage: null };
  return { kind: "read", signature: { ...signature, types }, usage };
}
