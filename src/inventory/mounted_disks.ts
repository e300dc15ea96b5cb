import type { Disk } from "./disk.ts";

/**
 * Those of one host's disks that are mounted, with swap in use among them. A
 * member of RAID, LVM or LUKS counts as mounted where a disk that lies on it
 * does, through however many layers.
 */
export function mountedDisks(disks: readonly Disk[]): ReadonlySet<Disk> {
  const membersOf = new Map<string, Disk[]>();
  for (const disk of disks) {
    for (const holder of disk.holders) {
      const members = membersOf.get(holder);
      if (members === undefined) membersOf.set(holder, [disk]);
      else members.push(disk);
    }
  }
  const mounted = new Set(disks.filter(({ mounts }) => mounts.length > 0));
  // A set goes on to what is put in while it is walked through, each once: so layers that bite their tail end too.
  for (const { device } of mounted) {
    for (const member of membersOf.get(device) ?? []) mounted.add(member);
  }
  return mounted;
}
