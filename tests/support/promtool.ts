import { type Outcome, run } from "./process.ts";

/** Runs `promtool`, which is in Debian's package prometheus. */
export function promtool(
  args: readonly string[],
  input?: string,
): Promise<Outcome> {
  const env = { PATH: "/usr/bin:/bin" };
  const given = input === undefined ? {} : { input };
  return run(["promtool", ...args], { env, ...given });
}

/** What `promtool check metrics` has against a text; empty: nothing. */
export async function faultsOfMetrics(text: string): Promise<string> {
  const { code, stdout, stderr } = await promtool(["check", "metrics"], text);
  return code === 0 ? stdout + stderr : `${code}: ${stdout}${stderr}`;
}
