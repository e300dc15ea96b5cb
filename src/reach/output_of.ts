import { describeFailure } from "../probe/probe_runner.ts";
import type { System } from "../system/system.ts";
import { Refusal } from "./refusal.ts";

/** A look at a device or at the table of mounts may take this long: a drive that sleeps needs some seconds. */
export const LOOK_TIMEOUT_MS = 15_000;

export interface Reading {
  readonly system: System;
  readonly maxOutputBytes: number;
}

/**
 * What a program prints that only looks.
 * @throws {Refusal} `failed`, where it does not end well
 */
export async function outputOf(
  program: string,
  args: readonly string[],
  { system, maxOutputBytes }: Reading,
): Promise<Uint8Array> {
  const timeoutMs = LOOK_TIMEOUT_MS;
  const outcome = await system.run(program, args, {
    timeoutMs,
    maxOutputBytes,
  });
  if (outcome.kind === "exited" && outcome.code === 0) return outcome.stdout;
  throw new Refusal("failed", {
    message: describeFailure({ program, what: program, timeoutMs }, outcome),
  });
}
