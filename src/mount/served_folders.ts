import { followMounts } from "../probe/mounts.ts";
import { CoalescingQueue } from "../probe/scan_requests.ts";
import type { System } from "../system/system.ts";
import type { MountPoint } from "../probe/parse_findmnt.ts";

/** What of this host a caller gets to see. */
export interface ServedFolders {
  /** Mount points of disks that may be shown; what is above comes before what is within. */
  readonly folders: readonly string[];
  /** Mount points within these that are of something else, and are hidden. */
  readonly hidden: readonly string[];
}

/**
 * Which mount points show one of the `devices`, given by their paths. A disk
 * that the system itself lives on shows nowhere, whoever named it.
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

/** What holds the root directory may come late in the table, and covers nothing. */
function covers(later: MountPoint, { target }: MountPoint): boolean {
  return later.target !== "/" && isWithin(target, later.target);
}

/** At the same place, or somewhere below it. */
function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** hier(7); where disks are mounted by hand is not among them. */
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

/** What is looked at again whenever something is mounted or unmounted. */
interface Guarding {
  readonly system: Pick<System, "follow">;
  readonly look: () => Promise<ServedFolders>;
  /** Called once at least when what was served must not be any longer. */
  readonly onChange: () => void;
}

/** Follows the table of mounts, and tells when it is no longer fit for what is served. */
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
  // Something may have changed before it was followed.
  void turns.take(null);
  return {
    async stop() {
      await following.stop();
      await turns.take(null);
    },
  };
}

/** Whether all that is served is still there, and nothing is within that would have to be hidden. */
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
