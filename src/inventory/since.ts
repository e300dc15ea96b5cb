import type { Disk } from "./disk.ts";
import type { Host } from "./host.ts";

/** Since when the disks of a host are there, by device. */
export function sinceByDevice(
  { disks, since }: Pick<Host, "disks" | "since">,
): ReadonlyMap<string, number> {
  return new Map(disks.map(({ device }, index) => [device, since[index]!]));
}

/** Since when each disk of a new list is there: from now on those that were attached, the others as they were. */
export function sinceOf(
  disks: readonly Disk[],
  { before, attached, now }: {
    readonly before: ReadonlyMap<string, number>;
    readonly attached: readonly Disk[];
    readonly now: number;
  },
): number[] {
  const came = new Set(attached);
  return disks.map((disk) =>
    came.has(disk) ? now : before.get(disk.device) ?? now
  );
}
