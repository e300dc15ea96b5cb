import type { Host } from "./host.ts";

/** Runs a line of shell on a host, which must do what it says, and gives what it printed. */
export async function asRoot(host: Host, line: string): Promise<string> {
  const { code, stdout, stderr } = await host.run(["sh", "-c", line]);
  if (code !== 0) throw new Error(`${line} on ${host.name}: ${stderr}`);
  return stdout;
}
