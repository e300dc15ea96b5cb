import { describeFailure } from "./failure.ts";
import { parseFindmnt } from "./parse_findmnt.ts";
import { ProbeError } from "./probe_error.ts";
import type { ProbeRunner } from "./probe_runner.ts";

/** Output of findmnt beyond this is nonsense: 10,000 mounts take about 2 MB. */
export const MAX_FINDMNT_BYTES = 8 * 1024 * 1024;

/** Flat, since a tree has a root, and not every namespace shows its mount. */
export const FINDMNT_ARGS: readonly string[] = [
  "-J",
  "-l",
  "-o",
  "TARGET,OPTIONS",
];

/** The mount points that are read-only, as far as they could be found out. */
export interface ReadOnlyMounts {
  /** `null`: what was known last is better. */
  readonly targets: ReadonlySet<string> | null;
  readonly problems: readonly string[];
}

/** Asks findmnt. Where that is not installed, none is known, and nobody need hear of it. */
export async function listReadOnlyMounts(
  runner: ProbeRunner,
  timeoutMs: number,
): Promise<ReadOnlyMounts> {
  const outcome = await runner.run(
    { target: "findmnt", program: "findmnt", args: FINDMNT_ARGS },
    { timeoutMs, maxOutputBytes: MAX_FINDMNT_BYTES },
  );
  if (outcome.kind === "missing" || outcome.kind === "denied") {
    return { targets: new Set(), problems: [] };
  }
  if (outcome.kind === "exited" && outcome.code === 0) {
    return parse(outcome.stdout);
  }
  const attempt = { program: "findmnt", what: "findmnt", timeoutMs };
  return { targets: null, problems: [describeFailure(attempt, outcome)] };
}

function parse(stdout: Uint8Array): ReadOnlyMounts {
  try {
    return { targets: parseFindmnt(stdout), problems: [] };
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    return { targets: null, problems: [error.message] };
  }
}
