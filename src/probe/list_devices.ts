import { bareDevice, type Device } from "./device.ts";
import { parseLsblk } from "./parse_lsblk.ts";
import { ProbeError } from "./printed_json.ts";
import {
  describeFailure,
  type ProbeOutcome,
  type ProbeRunner,
} from "./probe_runner.ts";

/** Longest output of lsblk: 4,096 devices take about 3 MB. */
export const MAX_LSBLK_BYTES = 8 * 1024 * 1024;

/** The block devices of this host; `null` if listing failed. */
interface Listing {
  readonly devices: readonly Device[] | null;
  /** Why it is incomplete, a sentence each. */
  readonly problems: readonly string[];
}

const COLUMNS = "NAME,KNAME,PKNAME,SIZE,FSTYPE,UUID,LABEL,PARTUUID,PARTLABEL," +
  "MODEL,SERIAL,WWN,TRAN,RM,RO,TYPE,MODE";

/**
 * Columns for lsblk: of util-linux 2.37, then 2.33, then older ones; then the
 * same without the numbers, which only lead to the port of a drive.
 */
export const LSBLK_COLUMNS: readonly string[] = [",MAJ:MIN", ""]
  .flatMap((numbers) => [
    `${COLUMNS}${numbers},PATH,MOUNTPOINTS`,
    `${COLUMNS}${numbers},PATH,MOUNTPOINT`,
    `${COLUMNS}${numbers},MOUNTPOINT`,
  ]);

/** Arguments of lsblk for one of `LSBLK_COLUMNS`. */
export function lsblkArgs(columns: string): string[] {
  return ["-J", "-b", "-o", columns];
}

/** Whether lsblk is too old for the requested columns. */
export function isUnknownColumn(outcome: ProbeOutcome): boolean {
  return outcome.kind === "exited" && outcome.code !== 0 &&
    outcome.stderr.includes("unknown column");
}

/**
 * Lists the block devices with lsblk; if it is not installed, only their paths,
 * with blkid. If lsblk fails, the last good list is better than blkid's
 * incomplete one.
 */
export async function listDevices(
  runner: ProbeRunner,
  timeoutMs: number,
): Promise<Listing> {
  const outcome = await runLsblk(runner, { timeoutMs });
  const problem = () =>
    describeFailure({ program: "lsblk", what: "lsblk", timeoutMs }, outcome);
  if (outcome.kind === "missing" || outcome.kind === "denied") {
    const listing = await listByBlkid(runner, timeoutMs);
    return { ...listing, problems: [problem(), ...listing.problems] };
  }
  if (outcome.kind === "exited" && isWithoutJson(outcome)) {
    return { devices: null, problems: [TOO_OLD] };
  }
  if (outcome.kind !== "exited" || outcome.code !== 0) {
    return { devices: null, problems: [problem()] };
  }
  return readLsblk(outcome.stdout);
}

/** The first version with `lsblk -J`. */
export const MIN_UTIL_LINUX = [2, 27] as const;

const TOO_OLD =
  "lsblk on this host is too old, since it has no option -J: diskd needs " +
  `util-linux ${MIN_UTIL_LINUX.join(".")} or later.`;

/** getopt(3) names the option that lsblk does not know. */
function isWithoutJson(
  { code, stderr }: Extract<ProbeOutcome, { kind: "exited" }>,
): boolean {
  return code !== 0 && /(invalid|unrecognized) option.*J/.test(stderr);
}

/**
 * Lists the whole disks at these paths and all devices on them. `null` if lsblk
 * does not report each of them.
 */
export async function listNamed(
  runner: ProbeRunner,
  options: {
    readonly paths: readonly string[];
    readonly timeoutMs: number;
  },
): Promise<readonly Device[] | null> {
  const outcome = await runLsblk(runner, options);
  if (outcome.kind !== "exited" || outcome.code !== 0) return null;
  return readLsblk(outcome.stdout).devices;
}

/** `paths`: devices to list; default: all. */
async function runLsblk(
  runner: ProbeRunner,
  { paths = [], timeoutMs }: {
    readonly paths?: readonly string[];
    readonly timeoutMs: number;
  },
): Promise<ProbeOutcome> {
  let outcome: ProbeOutcome = { kind: "missing" };
  for (const columns of LSBLK_COLUMNS) {
    outcome = await runner.run(
      {
        target: "lsblk",
        program: "lsblk",
        args: [...lsblkArgs(columns), ...paths],
      },
      { timeoutMs, maxOutputBytes: MAX_LSBLK_BYTES },
    );
    if (!isUnknownColumn(outcome)) break;
  }
  return outcome;
}

function readLsblk(stdout: Uint8Array): Listing {
  try {
    return { devices: parseLsblk(stdout), problems: [] };
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    return { devices: null, problems: [error.message] };
  }
}

/** Devices with a signature, bypassing blkid's cache, which may be stale. */
async function listByBlkid(
  runner: ProbeRunner,
  timeoutMs: number,
): Promise<Listing> {
  const what = "blkid for the list of devices";
  const outcome = await runner.run(
    {
      target: what,
      program: "blkid",
      args: ["-c", "/dev/null", "-o", "device"],
    },
    { timeoutMs, maxOutputBytes: MAX_LSBLK_BYTES },
  );
  // Exit code 2: there are none.
  const listed = outcome.kind === "exited" &&
    (outcome.code === 0 || outcome.code === 2);
  if (!listed) {
    const problem = describeFailure(
      { program: "blkid", what, timeoutMs },
      outcome,
    );
    return { devices: null, problems: [problem] };
  }
  return readPaths(new TextDecoder().decode(outcome.stdout));
}

function readPaths(text: string): Listing {
  const paths = text.split("\n").filter((line) => line !== "");
  const odd = paths.find((path) => !/^\/dev\/[^\0]+$/.test(path));
  if (odd === undefined) {
    return { devices: paths.map(bareDevice), problems: [] };
  }
  const error = new ProbeError({
    what: "blkid",
    where: "in the list of devices",
    found: `"${odd}"`,
    expected: "a path in /dev on each line",
  });
  return { devices: null, problems: [error.message] };
}
