import type { Following, System } from "../system/system.ts";
import type { Device } from "./device.ts";
import {
  isReadOnly,
  type MountPoint,
  parseFindmnt,
  subvolumeOf,
} from "./parse_findmnt.ts";
import { ProbeError } from "./printed_json.ts";
import {
  describeFailure,
  type ProbeOutcome,
  type ProbeRunner,
} from "./probe_runner.ts";

/** Longest output of findmnt: 10,000 mounts take about 2 MB. */
export const MAX_FINDMNT_BYTES = 8 * 1024 * 1024;

/**
 * Arguments of findmnt(8) for these columns besides those that are always
 * needed. A flat list, because a tree needs a root, and not every namespace
 * shows its mount; sources without the mounted directory.
 */
export function findmntArgs(columns: readonly string[] = []): string[] {
  const all = ["TARGET", "SOURCE", "FSTYPE", "FSROOT", ...columns, "OPTIONS"]
    .join(",");
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
  const isHidden = ofHost.kind === "exited" &&
    mayNotSeeProcess1(ofHost.stderr);
  const outcome = isHidden ? await run(runner, [], timeoutMs) : ofHost;
  if (outcome.kind === "missing" || outcome.kind === "denied") {
    return { table: UNKNOWN_MOUNTS, problems: [] };
  }
  if (outcome.kind === "exited" && outcome.code === 0) {
    return parse(outcome.stdout, { isOfHost: !isHidden });
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
  options: { readonly isOfHost: boolean },
): ListedMounts {
  try {
    const table = new MountTable(parseFindmnt(stdout), options);
    return { table, problems: [] };
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    return { table: null, problems: [error.message] };
  }
}

/** Where a filesystem is mounted. */
export interface MountedAt {
  /**
   * `/` first, else the oldest first. Of several that show the same directory
   * only the first, and bind mounts of a directory only if there is nothing
   * else.
   */
  readonly mounts: readonly string[];
  /** Those of `mounts` that are read-only. */
  readonly readOnly: readonly string[];
  /** Number of the others. */
  readonly binds: number;
  /** As the kernel names it; `null`: unknown. */
  readonly fstype: string | null;
}

export const NOT_MOUNTED: MountedAt = {
  mounts: [],
  readOnly: [],
  binds: 0,
  fstype: null,
};

/** The mounts of a host, in the order in which they were made. */
export class MountTable {
  readonly #bySource = new Map<string, MountPoint[]>();
  readonly #byPool = new Map<string, MountPoint[]>();
  readonly #byTarget = new Map<string, MountPoint>();
  readonly #isOfHost: boolean;

  /**
   * `isOfHost`: lsblk may have read another table, and only its mounts that are
   * in this one count.
   */
  constructor(
    mounts: readonly MountPoint[],
    { isOfHost }: { readonly isOfHost: boolean },
  ) {
    for (const mount of mounts) {
      for (const path of sourcesOf(mount)) add(this.#bySource, path, mount);
      const pool = poolOf(mount);
      if (pool !== null) add(this.#byPool, pool, mount);
      this.#byTarget.set(mount.target, mount);
    }
    this.#isOfHost = isOfHost;
  }

  /** Where a device is mounted, including active swap, as lsblk shows it. */
  of({ path, kname, mounts }: Device): MountedAt {
    const found = new Map<string, MountPoint>();
    for (const name of new Set([path, `/dev/${kname}`])) {
      for (const mount of this.#bySource.get(name) ?? []) {
        found.set(mount.target, mount);
      }
    }
    // lsblk shows the newest first.
    for (const target of mounts.toReversed()) {
      if (found.has(target)) continue;
      const mount = this.#byTarget.get(target);
      if (mount === undefined && this.#isOfHost && !isSwap(target)) continue;
      found.set(target, mount ?? unknownMount(target));
    }
    return found.size === 0 ? NOT_MOUNTED : this.#fold([...found.values()]);
  }

  /** Where the datasets of a ZFS pool are mounted: one of them, `/` or the pool's own first. */
  ofPool(pool: string): MountedAt {
    const datasets = this.#byPool.get(pool);
    if (datasets === undefined) return NOT_MOUNTED;
    const first = datasets.find(({ target }) => target === "/") ??
      datasets.find(({ source }) => source === pool) ?? datasets[0]!;
    const { mounts, readOnly, fstype } = this.#fold([first]);
    const binds = new Set(datasets.map(({ target }) => target)).size - 1;
    return { mounts, readOnly, binds, fstype };
  }

  #fold(all: readonly MountPoint[]): MountedAt {
    const sorted = all.toSorted((a, b) =>
      Number(isRoot(b)) - Number(isRoot(a))
    );
    const byDirectory = new Map<string, string>();
    for (const mount of sorted) {
      const { target, fsroot } = mount;
      if (isBind(mount) || byDirectory.has(fsroot)) continue;
      byDirectory.set(fsroot, target);
    }
    const real = [...byDirectory.values()];
    const mounts = real.length > 0 ? real : [sorted[0]!.target];
    return {
      mounts,
      readOnly: mounts.filter((target) => this.#isReadOnly(target)),
      binds: all.length - mounts.length,
      fstype: sorted[0]!.fstype || null,
    };
  }

  /** Of several mounts on a target only the last counts, because it is visible. */
  #isReadOnly(target: string): boolean {
    const mount = this.#byTarget.get(target);
    return mount !== undefined && isReadOnly(mount);
  }
}

/** Without findmnt: only lsblk's mounts. */
export const UNKNOWN_MOUNTS = new MountTable([], { isOfHost: false });

function add<Value>(to: Map<string, Value[]>, key: string, value: Value): void {
  const known = to.get(key);
  if (known === undefined) to.set(key, [value]);
  else known.push(value);
}

/** The devices of a mount: bcachefs names all its members, with colons between them. */
function sourcesOf({ source }: MountPoint): string[] {
  if (source === null) return [];
  const paths = source.split(":");
  return paths.every((path) => path.startsWith("/dev/")) ? paths : [source];
}

/** The pool of a dataset of ZFS, such as `tank/media`. */
function poolOf({ source, fstype }: MountPoint): string | null {
  if (source === null) return null;
  if (fstype !== "zfs" && fstype !== "") return null;
  return source.split("/")[0]!;
}

/** `/` is never folded away: on some systems it shows a directory of its filesystem. */
function isBind(mount: MountPoint): boolean {
  return !isRoot(mount) && mount.fsroot !== "/" &&
    mount.fsroot !== subvolumeOf(mount.options);
}

function isRoot({ target }: MountPoint): boolean {
  return target === "/";
}

/** Known from lsblk alone. */
function unknownMount(target: string): MountPoint {
  return {
    target,
    source: null,
    fstype: "",
    fsroot: "/",
    majMin: "",
    options: [],
  };
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
 * Prints source and type of each mount, unmount, remount and move, and nothing
 * at the start. @see findmnt(8)
 */
export const POLL_ARGS: readonly string[] = [
  "--poll",
  "--noheadings",
  "--raw",
  "--output",
  "SOURCE,FSTYPE",
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
