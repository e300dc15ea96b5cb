import type { RunOptions, RunOutcome, System } from "../system/system.ts";
import { printableStart } from "../text/printable.ts";

/** How a probe ended, or why it did not start. */
export type ProbeOutcome =
  | RunOutcome
  /** The last probe of this target is still running, despite TERM and KILL. */
  | { readonly kind: "still-running" };

/** A program to run on a target. */
interface Probe {
  /** The device it reads, or the program if it reads none. */
  readonly target: string;
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * Runs probes, but not on a target with a running one: a process waiting for a
 * dead device cannot be killed, and another would wait too.
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

/** Longest quotation of a program's standard error, in characters. */
const MAX_QUOTED_LENGTH = 200;

/** A probe and its time limit. */
interface ProbeAttempt {
  readonly program: string;
  /** `blkid on /dev/sdb1`. */
  readonly what: string;
  readonly timeoutMs: number;
}

/**
 * A sentence that says why a probe failed, for `status` and the log, with a
 * remedy if there is one.
 */
export function describeFailure(
  { program, what, timeoutMs }: ProbeAttempt,
  outcome: ProbeOutcome,
): string {
  switch (outcome.kind) {
    case "missing":
      return `${program} was not found in PATH, /usr/sbin, /sbin, /usr/bin or /bin: install util-linux.`;
    case "denied":
      return `${program} cannot be run (${
        printableStart(outcome.reason, MAX_QUOTED_LENGTH)
      }): install util-linux, and let diskd run it.`;
    case "timeout":
      return `${what} did not answer within ${
        timeoutMs / 1000
      } s and was killed.`;
    case "still-running":
      return `${what} has been hanging since an earlier scan and cannot be killed: it is not started again until it ends.`;
    case "overflow":
      return `${what} printed more than ${outcome.limitBytes} bytes and was killed.`;
    case "exited":
      return `${what} failed with exit code ${outcome.code}: ${
        printableStart(firstLine(outcome.stderr), MAX_QUOTED_LENGTH)
      }.`;
  }
}

/** A sentence about a device whose blkid is still running. */
export function describeSlowness(device: string, slowMs: number): string {
  return `blkid on ${printableStart(device)} takes longer than ${
    slowMs / 1000
  } s.`;
}

function firstLine(stderr: string): string {
  return stderr.trim().split("\n")[0] || "it does not say why";
}
