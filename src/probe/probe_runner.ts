import type { RunOptions, RunOutcome, System } from "../system/system.ts";

/** How a probe ended, or why it was not begun. */
export type ProbeOutcome =
  | RunOutcome
  /** The last one on this target has not ended yet, TERM and KILL notwithstanding. */
  | { readonly kind: "still-running" };

/** A program to run on a target. */
export interface Probe {
  /** Device that it reads, or the program where it reads none. */
  readonly target: string;
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * Runs probes, but none on a target where an earlier one still lives: a process
 * that waits for a dead device cannot be killed, and each more would wait too.
 */
export class ProbeRunner {
  readonly #system: System;
  readonly #stuck = new Set<string>();

  constructor(system: System) {
    this.#system = system;
  }

  async run(probe: Probe, options: RunOptions): Promise<ProbeOutcome> {
    const { target, program, args } = probe;
    if (this.#stuck.has(target)) return { kind: "still-running" };
    const outcome = await this.#system.run(program, args, options);
    if (outcome.kind === "timeout") {
      this.#stuck.add(target);
      void outcome.exited.then(() => this.#stuck.delete(target));
    }
    return outcome;
  }
}
