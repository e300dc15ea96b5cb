import { LAN_BURST_PER_SECOND } from "../../src/peer/timing.ts";

const SECOND_MS = 1_000;

/** Something that was sent; only when counts. */
interface Timed {
  readonly at: number;
}

/** In no second does the LAN carry more than it may. */
export function checkRate({ wire }: { wire: readonly Timed[] }): string[] {
  const most = busiestSecond(wire);
  return most <= LAN_BURST_PER_SECOND ? [] : [
    `In its busiest second the LAN carried ${most} datagrams, above ${LAN_BURST_PER_SECOND}`,
  ];
}

/** The most that was sent in any second, wherever that begins. */
export function busiestSecond(wire: readonly Timed[]): number {
  let first = 0;
  let most = 0;
  for (const [i, { at }] of wire.entries()) {
    while (wire[first]!.at <= at - SECOND_MS) first++;
    most = Math.max(most, i - first + 1);
  }
  return most;
}
