import assert from "node:assert/strict";
import type { Daemon } from "./daemon.ts";
import { eventually } from "./eventually.ts";
import type { Host } from "./host.ts";
import { configure } from "./keys.ts";
import type { Process } from "./process.ts";
import { scriptArgv } from "./program.ts";

/** Two hosts that only reach each other through a server. */
export const HUB_HOSTS = [
  { name: "alpha", networks: ["home"] },
  { name: "beta", networks: ["away"] },
  { name: "server", networks: ["dc"] },
] as const;

/** Has a host use a NATS server, at the site that its network is. */
export function useHub(
  host: Host,
  { url }: { readonly url: string },
  more = "",
): Promise<void> {
  const [port] = host.ports;
  return configure(
    host,
    `site: ${port!.network}\nnats:\n  servers: [${url}]\n${more}`,
  );
}

/** Waits until the problem with the hub is this; `null`: there is none. */
export async function hasHubProblem(
  daemon: Daemon,
  problem: RegExp | null,
): Promise<void> {
  await eventually(async () => {
    const { hub } = await daemon.call("status", {});
    if (problem === null) {
      assert.deepEqual([hub!.problem, hub!.reached], [null, true]);
    } else assert.match(hub!.problem ?? "", problem);
  });
}

/** Waits until a daemon knows a disk. */
export async function knowsDisk(daemon: Daemon, label: string): Promise<void> {
  await eventually(async () => {
    const [row] = await daemon.call("where", { name: label });
    assert.ok(row !== undefined, label);
  });
}

/** Does something on the server of this host as its administrator, see `nats_admin_main.ts`. */
export async function administer(
  host: Host,
  ...words: string[]
): Promise<string[]> {
  const { code, stdout, stderr } = await host.run(scriptArgv(ADMIN, words));
  assert.equal(code, 0, stderr);
  return stdout.split("\n").filter((line) => line !== "");
}

/** Has its administrator say what the bucket keeps there on a subject until that is disposed of. */
export async function repeatKept(
  host: Host,
  { key, subject }: { readonly key: string; readonly subject: string },
): Promise<Process> {
  const process = host.spawn(scriptArgv(ADMIN, ["repeat", key, subject]));
  await process.waitForLog(/repeating/, START_MS);
  return process;
}

/** The machine may be busy. */
const START_MS = 30_000;

const ADMIN = import.meta.resolve("./nats_admin_main.ts");

/** Waits until so many hosts have their lists in the bucket. */
export async function bucketHasLists(
  host: Host,
  count: number,
): Promise<void> {
  await eventually(async () => {
    const keys = await administer(host, "keys");
    assert.equal(keys.filter((key) => key.startsWith("h.")).length, count);
  });
}
