import type { Following, System } from "../system/system.ts";
import type { Device } from "./device.ts";
import { type Mount, parseFindmnt } from "./parse_findmnt.ts";
import { ProbeError } from "./printed_json.ts";
import {
  describeFailure,
  type ProbeOutcome,
  type ProbeRunner,
} from "./probe_runner.ts";

/** Longest output of findmnt: 10,000 mounts take about 2 MB. */
export const MAX_FINDMNT_BYTES = 8 * 1024 * 1024;

/**
 * Arguments of findmnt(8) for these columns besides TARGET, SOURCE and OPTIONS.
 * A flat list, because a tree needs a root, and not every namespace shows its
 * mount; sources without the mounted directory.
 */
export function findmntArgs(columns: readonly string[] = []): string[] {
  const all = ["TARGET", "SOURCE", ...columns, "OPTIONS"].join(",");
  return ["-J", "-l", "-v", "-o", all];
}

/** The known mounts. */
interface ListedMounts {
  /** `null`: the last known table is better. */
  readonly table: MountTable | null;
  readonly problems: readonly string[];
}

/**
 * Lists the mounts of this host or, if these are invisible, the mounts visible
 * to us. Reports nothing if findmnt is not installed.
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
      args: [...args, ...findmntArgs()],
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

/** The mounts of this host. */
export interface MountTable {
  /** Read-only mount points. */
  readonly readOnly: ReadonlySet<string>;
  /** Mount points of a device, including active swap, as in lsblk. */
  mountsOf(device: Device): readonly string[];
}

/** Only lsblk's mounts. */
export const UNKNOWN_MOUNTS: MountTable = {
  readOnly: new Set(),
  mountsOf: ({ mounts }) => mounts,
};

/** A table already visible to lsblk: it only adds which mounts are read-only. */
export function ownMounts(mounts: readonly Mount[]): MountTable {
  return { ...UNKNOWN_MOUNTS, readOnly: readOnlyTargets(mounts) };
}

/** The table of the host; lsblk may have read another. Only mount points of this table count. */
function hostMounts(mounts: readonly Mount[]): MountTable {
  const targets = new Set(mounts.map(({ target }) => target));
  const bySource = Map.groupBy(mounts, ({ source }) => source);
  return {
    readOnly: readOnlyTargets(mounts),
    mountsOf(device) {
      const both = device.mounts
        .filter((mount) => isSwap(mount) || targets.has(mount));
      const here = bySource.get(device.path) ?? [];
      return [...new Set([...both, ...here.map(({ target }) => target)])];
    },
  };
}

/** Of several mounts on a target only the last counts, because it is visible. */
function readOnlyTargets(mounts: readonly Mount[]): ReadonlySet<string> {
  const last = new Map(mounts.map((mount) => [mount.target, mount]));
  const readOnly = [...last.values()].filter(({ isReadOnly }) => isReadOnly);
  return new Set(readOnly.map(({ target }) => target));
}

/** lsblk writes `[SWAP]`, which is no path. */
function isSwap(mount: string): boolean {
  return !mount.startsWith("/");
}

/**
 * Makes findmnt(8) list the mounts of process 1, which are those of the host. A
 * service may have its own table: systemd makes one for ProtectSystem=,
 * StateDirectory= and the like, in which directories of diskd are mount points
 * of the root disk, and everything is read-only.
 */
const OF_PROCESS_1: readonly string[] = ["--task", "1"];

/** Whether findmnt(8) was denied access to process 1, proc(5) `hidepid`. */
function mayNotSeeProcess1(stderr: string): boolean {
  return stderr.includes("/proc/1/");
}

/**
 * Prints a line for each mount, unmount, remount and move, and nothing at the
 * start. @see findmnt(8)
 */
export const POLL_ARGS: readonly string[] = [
  "--poll",
  "--noheadings",
  "--raw",
  "--output",
  "SOURCE",
];

/** Follows the mounts of this host or, if these are invisible, the mounts visible to us. */
export function followMounts(
  system: Pick<System, "follow">,
  onLine: (line: string) => void,
): Following {
  const follow = (args: readonly string[]) =>
    system.follow("findmnt", [...args, ...POLL_ARGS], onLine);
  let isStopped = false;
  let following = follow(OF_PROCESS_1);
  const ended = following.ended.then((end) => {
    const isHidden = end.kind === "exited" && mayNotSeeProcess1(end.stderr);
    if (isStopped || !isHidden) return end;
    following = follow([]);
    return following.ended;
  });
  return {
    ended,
    stop() {
      isStopped = true;
      return following.stop();
    },
  };
}
