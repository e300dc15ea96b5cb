import type { Host } from "./host.ts";

/** Where the configuration of root's daemon is. */
export const CONFIG_FILE = "/etc/diskd/config.yaml";

/** Makes a key as an admin does, and puts it on each of these hosts. */
export async function shareKey(
  path: string,
  hosts: readonly Host[],
): Promise<void> {
  const { stdout } = await hosts[0]!.run(["diskd", "key", "new"]);
  for (const host of hosts) {
    await Deno.mkdir(host.path("/etc/diskd"), { recursive: true });
    await Deno.writeTextFile(host.path(path), stdout, { mode: 0o600 });
  }
}

/** Writes the configuration of a host. */
export async function configure(host: Host, text: string): Promise<void> {
  await Deno.mkdir(host.path("/etc/diskd"), { recursive: true });
  await Deno.writeTextFile(host.path(CONFIG_FILE), text);
}
