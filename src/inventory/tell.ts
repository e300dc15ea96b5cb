import type { Change, DiskDifference } from "./change.ts";
import type { Disk } from "./disk.ts";
import type { Host } from "./host.ts";

export interface Telling {
  readonly host: Host;
  readonly at: number;
  /** The host that a disk was taken from, if any. */
  readonly cameFrom: (disk: Disk) => Host | undefined;
}

/** What happened to the disks of a host, in the order in which people expect it: what has left before what has come. */
export function tell(
  { attached, detached, changed, mounted, unmounted }: DiskDifference,
  { host, at, cameFrom }: Telling,
): Change[] {
  const about = <Event extends string>(event: Event) => ({ event, at, host });
  return [
    ...unmounted.map((one) => ({ ...about("unmounted"), ...one })),
    ...detached.map((disk) => ({ ...about("detached"), disk })),
    ...attached.map((disk): Change => {
      const from = cameFrom(disk);
      return from === undefined || from.id === host.id
        ? { ...about("attached"), disk }
        : { ...about("moved"), from, disk };
    }),
    ...changed.map((disk) => ({ ...about("changed"), disk })),
    ...mounted.map((one) => ({ ...about("mounted"), ...one })),
  ];
}
