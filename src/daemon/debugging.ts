/** Details for `logLevel: debug`, which cost nothing at other levels. */
import type { Counters, Effect } from "../peer/effect.ts";
import type { FollowEnd, RunOutcome, System } from "../system/system.ts";
import type { Fields, Log } from "./log.ts";

/** The system with a line in the log for each program it ran. */
export function logPrograms(system: System, log: Log): System {
  const { now } = system;
  return {
    ...system,
    async run(program, args, options) {
      const startedAt = now();
      const outcome = await system.run(program, args, options);
      log.debug("program ended", () => ({
        program: [program, ...args].join(" "),
        ...describeEnd(outcome),
        ms: Math.round(now() - startedAt),
      }));
      return outcome;
    },
    follow(program, args, onLine) {
      const startedAt = now();
      log.debug("program started", () => ({
        program: [program, ...args].join(" "),
      }));
      const following = system.follow(program, args, onLine);
      following.ended.then((end) =>
        log.debug("program ended", () => ({
          program: [program, ...args].join(" "),
          ...describeEnd(end),
          ms: Math.round(now() - startedAt),
        }))
      );
      return following;
    },
  };
}

function describeEnd(end: RunOutcome | FollowEnd): Fields {
  return end.kind === "exited" ? { code: end.code } : { end: end.kind };
}

/** Counts that tell outcomes of received datagrams apart. */
type Counts = Pick<Counters, "own" | "copies" | "rejected">;

/** The counts as they are now. */
export function countsOf({ own, copies, rejected }: Counters): Counts {
  return { own, copies, rejected };
}

/**
 * Outcome of the datagram received since `before`, with the reason if it was
 * rejected. `valid`: neither rejected nor the first part of a new announcement.
 */
export function outcomeSince(
  before: Counts,
  { counters, effects }: {
    readonly counters: Counters;
    readonly effects: readonly Effect[];
  },
): Fields {
  if (effects.some(({ kind }) => kind === "accepted")) {
    return { outcome: "accepted" };
  }
  if (counters.own > before.own) return { outcome: "own" };
  if (counters.copies > before.copies) return { outcome: "copy" };
  const reasons = Object.entries(counters.rejected)
    .filter(([reason, count]) => count !== (before.rejected[reason] ?? 0))
    .map(([reason]) => reason);
  return reasons.length === 0
    ? { outcome: "valid" }
    : { outcome: "rejected", reason: reasons.join(" ") };
}

/** The kinds of effects, in order; `null`: none. */
export function kindsOf(effects: readonly Effect[]): string | null {
  return effects.map(({ kind }) => kind).join(" ") || null;
}
