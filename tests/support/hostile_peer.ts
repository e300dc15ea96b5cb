import { fileURLToPath } from "node:url";
import type { Host } from "./host.ts";
import type { Process } from "./process.ts";
import { PROJECT } from "./program.ts";

const SCRIPT = fileURLToPath(new URL("hostile_sender.ts", import.meta.url));
const TIMEOUT_MS = 120_000;

/** Sends these datagrams to the group from a host, slowly enough that all arrive. */
export async function sendAll(
  host: Host,
  datagrams: readonly Uint8Array[],
): Promise<void> {
  const input = datagrams.map((bytes) => `${bytes.toBase64()}\n`).join("");
  const { code, stdout, stderr } = await host.run(
    senderArgv(host, ["lines"]),
    { input, timeoutMs: TIMEOUT_MS },
  );
  if (code === 0 && Number(stdout) === datagrams.length) return;
  throw new Error(`Cannot send from ${host.name}:\n${stderr}${stdout}`);
}

export interface Flood {
  readonly version: 1 | 2;
  readonly seed: number;
  readonly count: number;
}

/** Begins to send hostile datagrams from a host, as fast as it goes; the process prints how many it sent. */
export function startFlood(
  host: Host,
  { version, seed, count }: Flood,
): Process {
  const words = [`version${version}`, `${seed}`, `${count}`];
  return host.spawn(senderArgv(host, words));
}

function senderArgv(host: Host, words: readonly string[]): string[] {
  const options = ["--quiet", "--cached-only", `--config=${PROJECT}/deno.json`];
  const argv = [Deno.execPath(), "run", "-A", ...options, SCRIPT];
  return [...argv, host.address, ...words];
}
