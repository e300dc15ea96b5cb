import { describeFailure } from "./failure.ts";
import {
  hostMounts,
  type MountTable,
  ownMounts,
  UNKNOWN_MOUNTS,
} from "./mount_table.ts";
import { type Mount, parseFindmnt } from "./parse_findmnt.ts";
import { ProbeError } from "./probe_error.ts";
import type { ProbeOutcome, ProbeRunner } from "./probe_runner.ts";
import { mayNotSeeProcess1, OF_PROCESS_1 } from "./process_1.ts";

/** Output of findmnt beyond this is nonsense: 10,000 mounts take about 2 MB. */
export const MAX_FINDMNT_BYTES = 8 * 1024 * 1024;

/** Flat, since a tree has a root, and not every namespace shows its mount; sources as devices alone, without the folder that is mounted of them. */
export const FINDMNT_ARGS: readonly string[] = [
  "-J",
  "-l",
  "-v",
  "-o",
  "TARGET,SOURCE,OPTIONS",
];

/** What is mounted, as far as it could be found out. */
export interface ListedMounts {
  /** `null`: what was known last is better. */
  readonly table: MountTable | null;
  readonly problems: readonly string[];
}

/**
 * Asks findmnt what is mounted on this host, and where that is not to be seen,
 * what is mounted as far as we see. Where findmnt is not installed nobody need
 * hear of it.
 */
export async function listMounts(
  runner: ProbeRunner,
  timeoutMs: number,
): Promise<ListedMounts> {
  const ofHost = await run(runner, OF_PROCESS_1, timeoutMs);
  const isHidden = ofHost.kind === "exited" && ofHost.code !== 0 &&
    mayNotSeeProcess1(ofHost.stderr);
  const outcome = isHidden ? await run(runner, [], timeoutMs) : ofHost;
  if (outcome.kind === "missing" || outcome.kind === "denied") {
    return { table: UNKNOWN_MOUNTS, problems: [] };
  }
  if (outcome.kind === "exited" && outcome.code === 0) {
    return parse(outcome.stdout, isHidden ? ownMounts : hostMounts);
  }
  const attempt = { program: "findmnt", what: "findmnt", timeoutMs };
  return { table: null, problems: [describeFailure(attempt, outcome)] };
}

function run(
  runner: ProbeRunner,
  args: readonly string[],
  timeoutMs: number,
): Promise<ProbeOutcome> {
  return runner.run(
    {
      target: "findmnt",
      program: "findmnt",
      args: [...args, ...FINDMNT_ARGS],
    },
    { timeoutMs, maxOutputBytes: MAX_FINDMNT_BYTES },
  );
}

function parse(
  stdout: Uint8Array,
  tableOf: (mounts: readonly Mount[]) => MountTable,
): ListedMounts {
  try {
    return { table: tableOf(parseFindmnt(stdout)), problems: [] };
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    return { table: null, problems: [error.message] };
  }
}
