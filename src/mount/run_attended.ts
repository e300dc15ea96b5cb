import type { Environment } from "../config/paths.ts";
import { describeFailure } from "../probe/probe_runner.ts";
import type { System } from "../system/system.ts";
import { printableStart } from "../text/printable.ts";
import type { Argv } from "../text/shell_quoted.ts";
import { attendedEnvironment } from "./attended_environment.ts";
import { Refusal } from "./refusal.ts";

/** Replaying a journal, or writing much cached data, takes minutes. */
export const MOUNT_TIMEOUT_MS = 600_000;

const MAX_OUTPUT_BYTES = 64 * 1024;

/** Longest quotation of a program's message. */
const MAX_QUOTED_CHARS = 400;

/** How a program with side effects ended. */
export type Ended =
  | { readonly kind: "done" }
  | {
    readonly kind: "failed";
    /** The reason, printable, as the end of a sentence. */
    readonly why: string;
    /** Raw messages of the program; empty if the user saw them. */
    readonly stderr: string;
    /** Whether it was killed, and so may have succeeded. */
    readonly wasKilled: boolean;
  };

/** Higher codes are 128 plus the number of a signal. */
const FIRST_SIGNAL_CODE = 128;

/** Runs a program with side effects; if it `mayAsk`, on the user's terminal. */
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

/** mount(8) and umount(8) begin with their name and the directory, already part of our sentence. */
function firstWords(argv: Argv, stderr: string): string | null {
  const [line = ""] = stderr.trim().split("\n");
  const known = `${argv[0]}: ${argv.at(-1)}: `;
  const rest = line.startsWith(known) ? line.slice(known.length) : line;
  return printableStart(rest.replace(/\.$/, ""), MAX_QUOTED_CHARS) || null;
}

/** Dependencies of mounting and unmounting on this host. */
export interface LocalTools {
  readonly system: System;
  /** Our user id; `null`: unknown, and so not root. */
  readonly uid: number | null;
  readonly env: Environment;
}

/** Whether this process may call mount(8) itself. */
export function isRoot({ uid }: Pick<LocalTools, "uid">): boolean {
  return uid === 0;
}

/** Time limit of reading a device or the mount table: a sleeping drive needs some seconds. */
export const LOOK_TIMEOUT_MS = 15_000;

interface OutputReading {
  readonly system: System;
  readonly maxOutputBytes: number;
}

/**
 * Output of a program without side effects.
 * @throws {Refusal} `failed` if it fails
 */
export async function outputOf(
  program: string,
  args: readonly string[],
  { system, maxOutputBytes }: OutputReading,
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
