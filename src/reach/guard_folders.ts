import { followMounts } from "../probe/mounts.ts";
import { Turns } from "../probe/scan_requests.ts";
import type { System } from "../system/system.ts";
import type { ServedFolders } from "./served_folders.ts";

/** What is looked at again whenever something is mounted or unmounted. */
export interface Guarding {
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
  const turns = new Turns<null, void>({
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
