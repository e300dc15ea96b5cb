/**
 * Puts datagrams to diskd's group onto the wire of the host that it runs on:
 *
 *     raw_peer_main.ts INTERFACE
 *
 * Each line of standard input is one: its source address, its bytes in base64,
 * and the hardware address of its only receiver or nothing, with spaces
 * between. A line such as `24/20` ends a delivery: it is sent, in bursts of 24
 * that are 20 ms apart, and then `delivered` is printed.
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { type RawDatagram, RawSocket } from "./raw_socket.ts";

const [interfaceName = ""] = Deno.args;
using socket = new RawSocket(interfaceName);
const lines = createInterface({ input: Readable.fromWeb(Deno.stdin.readable) });
let waiting: RawDatagram[] = [];
for await (const line of lines) {
  if (line.includes(" ")) {
    const [source = "", base64 = "", onlyTo] = line.split(" ");
    const bytes = Uint8Array.fromBase64(base64);
    waiting.push({ source, bytes, ...(onlyTo && { onlyTo }) });
    continue;
  }
  const [burst = 1, pauseMs = 0] = line.split("/").map(Number);
  for (let from = 0; from < waiting.length; from += burst) {
    if (from > 0) await pause(pauseMs);
    socket.send(waiting.slice(from, from + burst));
  }
  waiting = [];
  console.log("delivered");
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
