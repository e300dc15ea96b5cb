import type { Disk } from "./disk.ts";

type Member = Pick<Disk, "uuid" | "uuid_sub" | "type">;

/**
 * Whether these are members of one btrfs, RAID or ZFS pool: they share its
 * UUID, and each has a UUID_SUB of its own. Members of older RAID formats have
 * none, and are taken for different ones.
 */
export function areMembersOfOne(disks: readonly Member[]): boolean {
  const [first] = disks;
  if (first === undefined || first.uuid === null) return false;
  if (disks.some(({ uuid }) => uuid !== first.uuid)) return false;
  if (disks.every(isNamelessMember)) return true;
  const subs = new Set(disks.map(({ uuid_sub }) => uuid_sub));
  return !subs.has(null) && subs.size === disks.length;
}

/** Whether it is a member that has no UUID_SUB, and so no name of its own: Linux RAID 0.90, and those of mainboards. */
export function isNamelessMember({ uuid_sub, type }: Member): boolean {
  return uuid_sub === null && type !== null && type.endsWith("_raid_member");
}
