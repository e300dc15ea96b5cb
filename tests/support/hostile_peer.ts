import type { Host } from "./host.ts";
import { scriptArgv } from "./program.ts";

const GROUP = { transport: "udp", hostname: "230.1.2.3", port: 32003 } as const;

/** More at once than this, and the kernel of a receiver drops some. */
const BURST = 24;
const BURST_PAUSE_MS = 20;

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
    scriptArgv(import.meta.url, [address]),
    { input, timeoutMs: TIMEOUT_MS },
  );
  if (code === 0 && Number(stdout) === datagrams.length) return;
  throw new Error(`Cannot send from ${host.name}:\n${stderr}${stdout}`);
}

/**
 * Sends to the group from the host that it runs on, of which `address` is.
 * Standard input has the datagrams, a line of base64 each. Prints how many it
 * sent.
 */
async function sendInput(address: string): Promise<void> {
  const socket = Deno.listenDatagram({
    transport: "udp",
    hostname: address,
    port: 0,
  });
  const lines = (await new Response(Deno.stdin.readable).text()).split("\n");
  let sent = 0;
  for (const line of lines.slice(0, -1)) {
    if (sent > 0 && sent % BURST === 0) {
      await new Promise((resolve) => setTimeout(resolve, BURST_PAUSE_MS));
    }
    await socket.send(Uint8Array.fromBase64(line), GROUP);
    sent++;
  }
  socket.close();
  console.log(sent);
}

if (import.meta.main) await sendInput(Deno.args[0]!);
