import type { Disk } from "./disk.ts";

/** A device, and what lies on it. */
export interface Layer {
  readonly hostId: string;
  readonly disk: Pick<Disk, "device" | "holders">;
}

/**
 * Leaves out each device that another of these lies on, on the same host:
 * below multipath, DRBD or a LUKS container of the same label one finds what
 * is found above it, and it is there once.
 */
export function topmost<T>(
  all: readonly T[],
  layerOf: (one: T) => Layer,
): T[] {
  const nameOf = (hostId: string, device: string) => `${hostId} ${device}`;
  const names = new Set(
    all.map(layerOf).map(({ hostId, disk }) => nameOf(hostId, disk.device)),
  );
  return all.filter((one) => {
    const { hostId, disk } = layerOf(one);
    return !disk.holders.some((holder) => names.has(nameOf(hostId, holder)));
  });
}
