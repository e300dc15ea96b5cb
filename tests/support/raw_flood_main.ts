/**
 * Puts the datagrams of a file onto the wire of the host that it runs on,
 * evenly spaced, from the first again after the last:
 *
 *     raw_flood_main.ts INTERFACE FILE RATE SECONDS
 *
 * RATE is in datagrams a second. Prints `{"sent","bytes","seconds"}` when it is
 * done.
 */
import { readTape } from "./flood_tape.ts";
import type { Flooded } from "./raw_peer.ts";
import { RawSocket } from "./raw_socket.ts";

/** Few enough that the kernel of a receiver which is busy for a moment holds them. */
const BATCH = 10;
/** Nobody wakes who waits for it. */
const NEVER = new Int32Array(new SharedArrayBuffer(4));

const [interfaceName = "", file = "", ...numbers] = Deno.args;
const [rate = 0, seconds = 0] = numbers.map(Number);
const tape = readTape(Deno.readFileSync(file));
using socket = new RawSocket(interfaceName);
const startedAt = performance.now();
const count = rate * seconds;
const batch = Math.min(BATCH, Math.max(1, Math.round(rate / 100)));
let [sent, bytes] = [0, 0];
while (sent < count) {
  const leftMs = startedAt + sent / rate * 1000 - performance.now();
  // A timer would be too coarse.
  if (leftMs > 0) Atomics.wait(NEVER, 0, 0, leftMs);
  const next = Array.from(
    { length: Math.min(batch, count - sent) },
    (_, i) => tape[(sent + i) % tape.length]!,
  );
  socket.send(next);
  sent += next.length;
  for (const datagram of next) bytes += datagram.bytes.length;
}
const flooded: Flooded = {
  sent,
  bytes,
  seconds: (performance.now() - startedAt) / 1000,
};
console.log(JSON.stringify(flooded));
