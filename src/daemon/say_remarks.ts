import type { StatusView } from "../control/views.ts";
import type { RemarkSet } from "../inventory/remark_set.ts";
import type { Remarks } from "../inventory/remarks.ts";

/** Hosts named. */
const MAX_NAMED = 3;

type AnySet = Pick<RemarkSet, "authors" | "of">;

/** Remarks, for `status`. */
export function remarkCounts(
  { size, counting, aside }: Remarks,
): NonNullable<StatusView["remarks"]> {
  return {
    disks: size,
    known: counting.count,
    dropped: counting.dropped,
    setAside: aside.count,
    setAsideHosts: loudest(aside),
  };
}

/** What an administrator has to mend, a sentence each. */
export function sayRemarks({ counting }: Remarks): string[] {
  if (counting.dropped === 0) return [];
  const [most] = loudest(counting);
  return [
    `There is room for ${counting.count} notes, names and tags of disks; ` +
    `${counting.dropped} were dropped, the earliest of the hosts that made ` +
    `most, now ${most}. If that is a stranger, demand a shared key`,
  ];
}

/** Names of the hosts that made most of them. */
function loudest(set: AnySet): string[] {
  return set.authors().sort((a, b) => b.count - a.count).slice(0, MAX_NAMED)
    .map(({ by }) => set.of(by).at(-1)!.host);
}
