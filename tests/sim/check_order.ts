import type { History, Shown } from "./history.ts";
import { LIE_STAMP } from "./liars.ts";

/** Nothing old ever replaces something new, and no list is a mixture of two: the stamp of a host only grows in each view. */
export function checkOrder({ shown }: History): string[] {
  const last = new Map<string, number>();
  return shown.flatMap((one) => {
    const stamps = new Set(one.stamps);
    if (stamps.size > 1) {
      return [`${nameOf(one)} is a mixture of ${[...stamps].join(" and ")}`];
    }
    const [stamp] = stamps;
    if (stamp === LIE_STAMP) return []; // Whether it may be shown is not asked here.
    if (typeof stamp !== "number") return [];
    const key = `${one.viewer} ${one.hostId}`;
    const before = last.get(key) ?? -Infinity;
    last.set(key, Math.max(before, stamp));
    return stamp < before
      ? [`${nameOf(one)} is number ${stamp}, after ${before}`]
      : [];
  });
}

function nameOf({ at, viewer, hostId }: Shown): string {
  return `At ${at} the list of ${hostId} that ${viewer} shows`;
}
