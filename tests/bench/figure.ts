import { median } from "./statistics.ts";

/** What a figure should be. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number };

/** One line of the table. */
export interface Figure {
  /** Name of the measurement, as in the table of docs/measurements.md. */
  readonly what: string;
  readonly unit: "us" | "ms" | "kB" | "MB" | "/s" | "of 100" | "x" | "";
  /** One value a repetition, in the order in which they were measured; empty where it could not be. */
  readonly samples: readonly number[];
  readonly goal: Goal | null;
  /** What 0.01 does, in words; `null` where it does no such thing. */
  readonly old: string | null;
  /** Why there are no samples, or how to read them. */
  readonly note?: string;
}

/** Something that can be measured alone: `--only NAME`. */
export interface Benchmark {
  readonly name: string;
  /** Whether it needs the LAN in a box, and with it root. */
  readonly needsLan: boolean;
  measure(): Promise<Figure[]>;
}

/** A benchmark on the LAN in a box. */
export function lanBenchmark(
  name: string,
  measure: () => Promise<Figure[]>,
): Benchmark {
  return { name, needsLan: true, measure };
}

/** One line of the table; without a goal, and without a figure of 0.01, unless they are given. */
export function figure(
  what: string,
  unit: Figure["unit"],
  about: Pick<Figure, "samples"> & Partial<Figure>,
): Figure {
  return { what, unit, goal: null, old: null, ...about };
}

/** `met`, or by how much the goal was missed. */
export function verdict({ samples, goal, note }: Figure): string {
  if (samples.length === 0) return `not measured: ${note ?? "no samples"}`;
  if (goal === null) return "";
  const value = median(samples);
  if ("atMost" in goal) {
    return value <= goal.atMost
      ? "met"
      : `missed by ${share(value - goal.atMost, goal.atMost)}`;
  }
  return value >= goal.atLeast
    ? "met"
    : `missed by ${share(goal.atLeast - value, goal.atLeast)}`;
}

function share(miss: number, goal: number): string {
  return goal === 0 ? `${miss}` : `${(miss / goal * 100).toFixed(1)} %`;
}
