/** A disk that may be attached to one machine or another. */
export interface LooseDisk {
  readonly uuid: string;
  readonly label: string | null;
  readonly mounts: readonly string[];
}

export function without(
  disks: readonly LooseDisk[],
  number: number,
): LooseDisk[] {
  return disks.filter((_, i) => i !== number % disks.length);
}

export function toggleMount(
  disks: readonly LooseDisk[],
  number: number,
): LooseDisk[] {
  return disks.map((disk, i) =>
    i !== number % disks.length
      ? disk
      : { ...disk, mounts: disk.mounts.length === 0 ? ["/mnt"] : [] }
  );
}
