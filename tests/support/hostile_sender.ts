/**
 * Sends bytes to the group that diskd listens to, from the host that it runs on:
 *
 *     hostile_sender.ts ADDRESS
 *
 * ADDRESS is the sender's own. Standard input has the datagrams, a line of
 * base64 each. Prints how many it sent.
 */
const GROUP = { transport: "udp", hostname: "230.1.2.3", port: 32003 } as const;

/** More at once than this, and the kernel of a receiver drops some. */
const BURST = 24;
const BURST_PAUSE_MS = 20;

const [address = ""] = Deno.args;
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
