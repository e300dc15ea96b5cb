import type { DropReason } from "./outbox.ts";

/** What a control socket went through, for `status`. */
export interface ControlCounts {
  /** Clients connected now. */
  readonly clients: number;
  /** Clients that were served, with those of now. */
  readonly served: number;
  /** Clients that were turned away because there were too many. */
  readonly turnedAway: number;
  /** Clients that were dropped, by reason. */
  readonly dropped: Readonly<Record<DropReason | "line-too-long", number>>;
}

/** What several sockets of one daemon went through together. */
export function addCounts(all: readonly ControlCounts[]): ControlCounts {
  const sum = (of: (counts: ControlCounts) => number) =>
    all.reduce((total, counts) => total + of(counts), 0);
  return {
    clients: sum(({ clients }) => clients),
    served: sum(({ served }) => served),
    turnedAway: sum(({ turnedAway }) => turnedAway),
    dropped: {
      stalled: sum(({ dropped }) => dropped.stalled),
      overflowed: sum(({ dropped }) => dropped.overflowed),
      "line-too-long": sum(({ dropped }) => dropped["line-too-long"]),
    },
  };
}
