/**
 * Sends announcements of made-up hosts, one after the other, evenly spaced:
 *
 *     sender.ts ADDRESS HOSTS DISKS RATE COUNT
 *
 * ADDRESS is that of the interface to send on, RATE in announcements a second.
 * Prints `{"sent","rate"}` when it is done, the rate that it managed.
 */
import { BURST_DATAGRAMS } from "../../src/peer/outbox.ts";
import { madeUpDisks, madeUpHost } from "./made_up_hosts.ts";
import { GROUP, multicastSocket } from "./multicast_socket.ts";

const [address, ...numbers] = Deno.args;
const [hosts = 100, disks = 10, rate = 4_000, count = 40_000] = numbers
  .map(Number);
const socket = multicastSocket(address!);
const senders = Array.from(
  { length: hosts },
  (_, i) => madeUpHost(i, madeUpDisks(disks, i)),
);
/** Nobody wakes who waits for it. */
const NEVER = new Int32Array(new SharedArrayBuffer(4));
const intervalMs = 1000 / rate;
const startedAt = performance.now();
let dueAt = startedAt;
for (let sent = 0; sent < count; sent++) {
  // Who was held up makes up for a burst, as diskd would send it, and lets the
  // others go: the receiver's buffer, which holds about 90, is not to overflow.
  dueAt = Math.max(dueAt, performance.now() - BURST_DATAGRAMS * intervalMs);
  sleepUntil(dueAt);
  dueAt += intervalMs;
  for (const datagram of senders[sent % hosts]!.next()) {
    await socket.send(datagram, GROUP);
  }
}
const seconds = (performance.now() - startedAt) / 1000;
socket.close();
console.log(JSON.stringify({ sent: count, rate: Math.round(count / seconds) }));

/** A timer would be too coarse: the time between two is less than a millisecond. */
function sleepUntil(timeMs: number): void {
  const leftMs = timeMs - performance.now();
  if (leftMs > 0) Atomics.wait(NEVER, 0, 0, leftMs);
}
