/**
 * Sends announcements of made-up hosts, one after the other, evenly spaced:
 *
 *     sender.ts ADDRESSES HOSTS DISKS RATE COUNT
 *
 * ADDRESSES are the sender's own, separated by commas, and are shared among the
 * hosts; RATE is in announcements a second. Prints `{"sent","rate"}` when it is done, the rate that it managed.
 */
import { BURST_DATAGRAMS } from "../../src/peer/timing.ts";
import { madeUpDisks, madeUpHost, MadeUpSpeakers } from "./made_up_hosts.ts";

const [addresses = "", ...numbers] = Deno.args;
const [hosts = 100, disks = 10, rate = 4_000, count = 40_000] = numbers
  .map(Number);
using speakers = new MadeUpSpeakers(addresses);
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
  const sender = senders[sent % hosts]!;
  await speakers.send(sender, sender.next());
}
const seconds = (performance.now() - startedAt) / 1000;
console.log(JSON.stringify({ sent: count, rate: Math.round(count / seconds) }));

/** A timer would be too coarse: the time between two is less than a millisecond. */
function sleepUntil(timeMs: number): void {
  const leftMs = timeMs - performance.now();
  if (leftMs > 0) Atomics.wait(NEVER, 0, 0, leftMs);
}
