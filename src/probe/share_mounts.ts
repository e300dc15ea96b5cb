import type { Device } from "./device.ts";
import type { Signature } from "./parse_blkid.ts";

/** A device and the signature that it carries. */
export interface Signed {
  readonly device: Device;
  readonly signature: Signature;
}

/**
 * The mount points of a device, and those of the other members of its btrfs:
 * many versions of lsblk show a mount at one member only, and yet all of them
 * are in use. A clone of a member, which has the same `uuid_sub`, gets none
 * from it.
 */
export function sharedMounts(
  all: readonly Signed[],
): (one: Signed) => readonly string[] {
  const mounted = Map.groupBy(
    all.filter((one) => isMember(one) && one.device.mounts.length > 0),
    ({ signature }) => signature.uuid,
  );
  return (one) => {
    const { mounts } = one.device;
    if (!isMember(one)) return mounts;
    const others = (mounted.get(one.signature.uuid) ?? [])
      .filter(({ signature }) => signature.uuid_sub !== one.signature.uuid_sub);
    if (others.length === 0) return mounts;
    return [
      ...new Set([...mounts, ...others.flatMap(({ device }) => device.mounts)]),
    ];
  };
}

function isMember({ signature: { type, uuid_sub } }: Signed): boolean {
  return type === "btrfs" && uuid_sub !== null;
}
