import { fileURLToPath } from "node:url";
import type { Host } from "./host.ts";
import { PROJECT } from "./program.ts";

const SCRIPT = fileURLToPath(new URL("hostile_sender.ts", import.meta.url));
const TIMEOUT_MS = 120_000;

export interface SendOptions {
  /** One of the host's. Default: the one on its first network. */
  readonly address?: string;
}

/** Sends these datagrams to the group from a host, slowly enough that all arrive. */
export async function sendAll(
  host: Host,
  datagrams: readonly Uint8Array[],
  options: SendOptions = {},
): Promise<void> {
  const { address = host.address } = options;
  const input = datagrams.map((bytes) => `${bytes.toBase64()}\n`).join("");
  const { code, stdout, stderr } = await host.run(
    senderArgv(address),
    { input, timeoutMs: TIMEOUT_MS },
  );
  if (code === 0 && Number(stdout) === datagrams.length) return;
  throw new Error(`Cannot send from ${host.name}:\n${stderr}${stdout}`);
}

function senderArgv(address: string): string[] {
  const options = ["--quiet", "--cached-only", `--config=${PROJECT}/deno.json`];
  const argv = [Deno.execPath(), "run", "-A", ...options, SCRIPT];
  return [...argv, address];
}
