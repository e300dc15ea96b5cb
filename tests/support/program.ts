import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Path of the project, without a slash at its end. */
export const PROJECT = fileURLToPath(new URL("../..", import.meta.url))
  .replace(/\/$/, "");

/**
 * How to start the program under test: the binary that `DISKD_BIN` names, or
 * the source with the same permissions as the binary.
 */
export function programArgv(): string[] {
  const binary = Deno.env.get("DISKD_BIN");
  if (binary) return [resolve(binary)];
  return [
    Deno.execPath(),
    "run",
    // Else every start warns that permission sets are experimental.
    "--quiet",
    "--no-prompt",
    // A host of the LAN in a box has no way out to fetch anything.
    "--cached-only",
    "-P=diskd",
    v8Flags("diskd"),
    `--config=${PROJECT}/deno.json`,
    `${PROJECT}/main.ts`,
  ];
}

/** The flags of V8 that a task of deno.json starts diskd with. */
export function v8Flags(task: string): string {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${PROJECT}/deno.json`));
  const [flags] = /--v8-flags=\S+/.exec(tasks[task]) ?? [];
  if (flags === undefined) throw new Error(`The task ${task} has no flags.`);
  return flags;
}

/** How to start a script of the tests on a host, which has no way out either. */
export function scriptArgv(script: string, words: readonly string[]): string[] {
  const options = ["--quiet", "--cached-only", `--config=${PROJECT}/deno.json`];
  const argv = [Deno.execPath(), "run", "-A", ...options];
  return [...argv, fileURLToPath(script), ...words];
}

/**
 * What the program started from source needs of the environment: with a `HOME`
 * of its own it would look for its packages in the wrong place.
 */
export function programEnv(): Record<string, string> {
  return { DENO_DIR: denoDir(), DENO_NO_UPDATE_CHECK: "1" };
}

/** Deno's cache, found as Deno itself finds it on Linux. */
export function denoDir(): string {
  const { DENO_DIR, XDG_CACHE_HOME, HOME } = Deno.env.toObject();
  if (DENO_DIR) return resolve(DENO_DIR);
  return `${XDG_CACHE_HOME || `${HOME ?? ""}/.cache`}/deno`;
}
