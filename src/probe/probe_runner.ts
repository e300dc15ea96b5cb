import type { RunOptions, RunOutcome, System } from "../system/system.ts";
import { printableStart } from "../text/printable.ts";

/** How a probe ended, or why it was not begun. */
export type ProbeOutcome =
  | RunOutcome
  /** The last one on this target has not ended yet, TERM and KILL notwithstanding. */
  | { readonly kind: "still-running" };

/** A program to run on a target. */
interface Probe {
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

/** Longest piece of a program's standard error in a message, in characters. */
const MAX_QUOTED_LENGTH = 200;

/** What a probe was to do and how long it had. */
interface Attempt {
  readonly program: string;
  /** `blkid on /dev/sdb1`. */
  readonly what: string;
  readonly timeoutMs: number;
}

/** One sentence that says why a probe told nothing, for `status` and the log, and what to do where something can be done. */
export function describeFailure(
  { program, what, timeoutMs }: Attempt,
  outcome: ProbeOutcome,
): string {
  switch (outcome.kind) {
    case "missing":
      return `${program} was not found in PATH, /usr/sbin, /sbin, /usr/bin or /bin: install util-linux.`;
    case "denied":
      return `${program} may not be run (${
        printableStart(outcome.reason, MAX_QUOTED_LENGTH)
      }): install util-linux, and let diskd run it.`;
    case "timeout":
      return `${what} did not answer within ${
        timeoutMs / 1000
      } s and was killed.`;
    case "still-running":
      return `${what} hangs since an earlier scan and cannot be killed: not started again before it ends.`;
    case "overflow":
      return `${what} printed more than ${outcome.limitBytes} bytes and was killed.`;
    case "exited":
      return `${what} failed with exit code ${outcome.code}: ${
        printableStart(firstLine(outcome.stderr), MAX_QUOTED_LENGTH)
      }.`;
  }
}

/** One sentence on a device whose blkid has not ended, and may yet. */
export function describeSlowness(device: string, slowMs: number): string {
  return `blkid on ${printableStart(device)} takes longer than ${
    slowMs / 1000
  } s.`;
}

function firstLine(stderr: string): string {
  return stderr.trim().split("\n")[0] || "it does not say why";
}
