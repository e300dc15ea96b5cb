import type { Environment } from "../config/default_paths.ts";
import { describeFailure } from "../probe/probe_runner.ts";
import type { System } from "../system/system.ts";
import { printableStart } from "../text/printable.ts";
import type { Argv } from "../text/shell_quoted.ts";
import { attendedEnvironment } from "./attended_environment.ts";
import { Refusal } from "./refusal.ts";

/** A journal that has to be read back, or much that is not yet written, takes minutes. */
export const MOUNT_TIMEOUT_MS = 600_000;

const MAX_OUTPUT_BYTES = 64 * 1024;

/** What a program says is cut there. */
const MAX_QUOTED_CHARS = 400;

/** How a program that changes something ended. */
export type Ended =
  | { readonly kind: "done" }
  | {
    readonly kind: "failed";
    /** Why, printable: the end of a sentence. */
    readonly why: string;
    /** What the program said, raw; empty where the user saw it. */
    readonly stderr: string;
    /** It was killed, so it may have done it nevertheless. */
    readonly wasKilled: boolean;
  };

/** Codes from here on are 128 and the number of a signal. */
const FIRST_SIGNAL_CODE = 128;

/** Runs a program that changes something; where it `mayAsk`, at the terminal of the user. */
export async function runAttended(
  argv: Argv,
  { tools, mayAsk }: { readonly tools: LocalTools; readonly mayAsk: boolean },
): Promise<Ended> {
  const [program = "", ...args] = argv;
  const { system, env } = tools;
  const maxOutputBytes = MAX_OUTPUT_BYTES;
  const timeoutMs = MOUNT_TIMEOUT_MS;
  const outcome = mayAsk
    ? {
      stderr: "",
      ...await system.attend(program, args, {
        env: attendedEnvironment(env),
        maxOutputBytes,
      }),
    }
    : await system.run(program, args, { timeoutMs, maxOutputBytes });
  if (outcome.kind === "exited" && outcome.code === 0) return { kind: "done" };
  const isExit = outcome.kind === "exited";
  const stderr = isExit ? outcome.stderr : "";
  return {
    kind: "failed",
    why: firstWords(argv, stderr) ??
      describeFailure({ program, what: program, timeoutMs }, outcome),
    stderr,
    wasKilled: isExit
      ? outcome.code >= FIRST_SIGNAL_CODE
      : outcome.kind === "timeout" || outcome.kind === "overflow",
  };
}

/** mount(8) and umount(8) begin with their name and the directory, which our sentence has already. */
function firstWords(argv: Argv, stderr: string): string | null {
  const [line = ""] = stderr.trim().split("\n");
  const known = `${argv[0]}: ${argv.at(-1)}: `;
  const rest = line.startsWith(known) ? line.slice(known.length) : line;
  return printableStart(rest.replace(/\.$/, ""), MAX_QUOTED_CHARS) || null;
}

/** What it takes to mount and unmount on this host. */
export interface LocalTools {
  readonly system: System;
  /** Who we are; `null`: not known, and so not root. */
  readonly uid: number | null;
  readonly env: Environment;
}

/** Whether we may call mount(8) ourselves. */
export function isRoot({ uid }: Pick<LocalTools, "uid">): boolean {
  return uid === 0;
}

/** A look at a device or at the table of mounts may take this long: a drive that sleeps needs some seconds. */
export const LOOK_TIMEOUT_MS = 15_000;

interface Reading {
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
