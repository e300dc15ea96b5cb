/**
 * Sends bytes to the group that diskd listens to, from the host that it runs on:
 *
 *     hostile_sender.ts ADDRESS version1 SEED COUNT   hostile ones, as fast as it goes
 *     hostile_sender.ts ADDRESS version2 SEED COUNT   the same of the other format
 *     hostile_sender.ts ADDRESS lines                 what is on standard input, a line of base64 each
 *
 * ADDRESS is the sender's own. Prints how many it sent.
 */
import { hostileVersion1, hostileVersion2 } from "./hostile_datagrams.ts";
import { seededRandom } from "./seeded_random.ts";

const GROUP = { transport: "udp", hostname: "230.1.2.3", port: 32003 } as const;

/** More at once than this, and the kernel of a receiver drops some. */
const BURST = 24;
const BURST_PAUSE_MS = 20;

async function linesOfInput(): Promise<Uint8Array[]> {
  const text = await new Response(Deno.stdin.readable).text();
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => Uint8Array.fromBase64(line));
}

async function send(
  datagrams: Iterable<Uint8Array>,
  { address, pauseMs }: { address: string; pauseMs: number },
): Promise<number> {
  const socket = Deno.listenDatagram({
    transport: "udp",
    hostname: address,
    port: 0,
  });
  let sent = 0;
  for (const datagram of datagrams) {
    await socket.send(datagram, GROUP);
    if (++sent % BURST === 0 && pauseMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  socket.close();
  return sent;
}

const [address = "", mode, seed, count] = Deno.args;
if (mode === "lines") {
  const pauseMs = BURST_PAUSE_MS;
  console.log(await send(await linesOfInput(), { address, pauseMs }));
} else {
  const make = mode === "version1" ? hostileVersion1 : hostileVersion2;
  const datagrams = make(seededRandom(Number(seed))).take(Number(count));
  console.log(await send(datagrams, { address, pauseMs: 0 }));
}
