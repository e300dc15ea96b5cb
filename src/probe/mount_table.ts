import type { Device } from "./device.ts";
import type { Mount } from "./parse_findmnt.ts";

/** What is mounted on this host. */
export interface MountTable {
  /** Mount points that are read-only. */
  readonly readOnly: ReadonlySet<string>;
  /** Where a device is mounted. Swap in use counts, as lsblk has it. */
  mountsOf(device: Device): readonly string[];
}

/** Nothing but what lsblk tells. */
export const UNKNOWN_MOUNTS: MountTable = {
  readOnly: new Set(),
  mountsOf: ({ mounts }) => mounts,
};

/** The table that lsblk looked at too: nothing is to be told of it but what is read-only. */
export function ownMounts(mounts: readonly Mount[]): MountTable {
  return { ...UNKNOWN_MOUNTS, readOnly: readOnlyTargets(mounts) };
}

/**
 * The table of the host, where lsblk may have looked at another: a mount point
 * that only lsblk has does not count, and one that only this table has does.
 */
export function hostMounts(mounts: readonly Mount[]): MountTable {
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

/** Where several are mounted on one target the last one counts, since that is the one seen. */
function readOnlyTargets(mounts: readonly Mount[]): ReadonlySet<string> {
  const last = new Map(mounts.map((mount) => [mount.target, mount]));
  const readOnly = [...last.values()].filter(({ isReadOnly }) => isReadOnly);
  return new Set(readOnly.map(({ target }) => target));
}

/** lsblk writes `[SWAP]`, which no path is. */
function isSwap(mount: string): boolean {
  return !mount.startsWith("/");
}
