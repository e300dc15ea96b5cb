import { programEnv, PROJECT, v8Flags } from "../support/program.ts";

/** A program that shows what Deno itself costs. */
export type EmptyProgram = "empty" | "resting";

/**
 * How to start it: compiled when diskd is, with the same flags of V8, else from
 * source. `null` where it cannot be compiled: `DENO_COMPILE` may name a Deno
 * that can. Writes to `folder`.
 */
export async function emptyProgramArgv(
  program: EmptyProgram,
  folder: string,
): Promise<string[] | null> {
  const source = `${PROJECT}/tests/bench/${program}.ts`;
  if (!Deno.env.get("DISKD_BIN")) {
    const flags = ["--quiet", "--no-prompt", "-A", v8Flags("diskd")];
    return [Deno.execPath(), "run", ...flags, source];
  }
  const deno = Deno.env.get("DENO_COMPILE") ?? Deno.execPath();
  const output = `${folder}/${program}`;
  const flags = ["--quiet", "--no-code-cache", "-A", v8Flags("compile:bundle")];
  const { success } = await new Deno.Command(deno, {
    args: ["compile", ...flags, "--output", output, source],
    env: programEnv(),
    stderr: "inherit",
  }).output();
  return success ? [output] : null;
}

/** Why a figure that is a ratio to one has no samples. */
export const NO_EMPTY_PROGRAM =
  "DENO_COMPILE may name a Deno that can compile the empty program";
