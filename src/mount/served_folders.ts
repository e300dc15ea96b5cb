import { followMounts } from "../probe/mounts.ts";
import { CoalescingQueue } from "../probe/scan_requests.ts";
import type { System } from "../system/system.ts";
import type { MountPoint } from "../probe/parse_findmnt.ts";

/** The folders of this host visible to a caller. */
export interface ServedFolders {
  /** Mount points of allowed disks, outer before inner. */
  readonly folders: readonly string[];
  /** Other mount points within these, which are hidden. */
  readonly hidden: readonly string[];
}

/**
 * The mount points of `devices`, given by their paths. Mount points that the
 * system lives on are never served, whatever is allowed.
 */
export function servedFolders(
  mounts: readonly MountPoint[],
  devices: ReadonlySet<string>,
): ServedFolders {
  const visible = mounts.filter((mount, index) =>
    !mounts.slice(index + 1).some((later) => covers(later, mount))
  );
  const isServed = ({ source, target }: MountPoint) =>
    source !== null && devices.has(source) && !isOfTheSystem(target);
  const served = visible.filter(isServed);
  const hidden = visible.filter((mount) =>
    !isServed(mount) &&
    served.some((folder) => isWithin(mount.target, folder.target))
  );
  return { folders: sortedTargets(served), hidden: sortedTargets(hidden) };
}

function sortedTargets(mounts: readonly MountPoint[]): string[] {
  return mounts.map(({ target }) => target).sort();
}

/** The root directory may come late in the table, and covers nothing. */
function covers(later: MountPoint, { target }: MountPoint): boolean {
  return later.target !== "/" && isWithin(target, later.target);
}

/** At the same place, or below it. */
function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** hier(7), without the places for manual mounts. */
const SYSTEM_FOLDERS = [
  "/bin",
  "/boot",
  "/dev",
  "/efi",
  "/etc",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/proc",
  "/root",
  "/run",
  "/sbin",
  "/sys",
  "/usr",
  "/var",
];

function isOfTheSystem(target: string): boolean {
  if (target.startsWith("/run/media/")) return false;
  return target === "/" ||
    SYSTEM_FOLDERS.some((folder) => isWithin(target, folder));
}

/** Input for checking the mount table at each change. */
interface Guarding {
  readonly system: Pick<System, "follow">;
  readonly look: () => Promise<ServedFolders>;
  /** Called at least once when the folders must no longer be served. */
  readonly onChange: () => void;
}

/** Watches the mount table, and reports when the served folders are no longer valid. */
export function guardFolders(
  served: ServedFolders,
  { system, look, onChange }: Guarding,
): { stop(): Promise<void> } {
  const turns = new CoalescingQueue<null, void>({
    async act() {
      const now = await look().catch(() => null);
      if (now === null || !isStillFit(served, now)) onChange();
    },
    merge: () => null,
  });
  const following = followMounts(system, () => void turns.take(null));
  // The table may have changed before watching began.
  void turns.take(null);
  return {
    async stop() {
      await following.stop();
      await turns.take(null);
    },
  };
}

/** Whether all served folders still exist, with no new mount within to hide. */
export function isStillFit(
  served: ServedFolders,
  now: ServedFolders,
): boolean {
  return served.folders.every((path) => now.folders.includes(path)) &&
    now.hidden.every((path) =>
      served.hidden.includes(path) ||
      !served.folders.some((folder) => path.startsWith(`${folder}/`))
    );
}
