import type { History } from "./history.ts";
import { LIE_STAMP } from "./liars.ts";

/**
 * Nobody is ever believed who speaks for a host without its key, and no host is
 * ever shown with what a liar says that it has.
 */
export function checkLies({ believed, shown, moments }: History): string[] {
  const real = new Set(
    moments.flatMap(({ truth }) => truth.map(({ id }) => id)),
  );
  return [
    ...believed.map(({ at, viewer, hostId }) =>
      `At ${at} ${viewer} believed a liar about ${hostId}`
    ),
    ...shown.filter(({ hostId, stamps }) =>
      real.has(hostId) && stamps.includes(LIE_STAMP)
    ).map(({ at, viewer, hostId }) =>
      `At ${at} ${viewer} showed a lie about ${hostId}`
    ),
  ];
}
