/**
 * Sends announcements of made-up hosts at a steady rate, in bursts of at most
 * `BURST`, as a busy LAN would bring them:
 * sender.ts ADDRESS HOSTS DISKS RATE COUNT. Prints how many it sent, and the
 * rate that it managed.
 */
import { madeUpDisks, madeUpHost } from "./made_up_hosts.ts";

const GROUP = { transport: "udp", hostname: "230.1.2.3", port: 32003 } as const;

/** More at once would overflow the receiver's buffer, which is not what is measured. */
const BURST = 24;

const [address, ...numbers] = Deno.args;
const [hosts = 100, disks = 10, rate = 4_000, count = 40_000] = numbers
  .map(Number);
const socket = Deno.listenDatagram({
  transport: "udp",
  hostname: address,
  port: 0,
  loopback: true,
});
const senders = Array.from(
  { length: hosts },
  (_, i) => madeUpHost(i, madeUpDisks(disks, i)),
);
const startedAt = performance.now();
let sent = 0;
while (sent < count) {
  const due = Math.min((performance.now() - startedAt) / 1000 * rate, count);
  const burst = Math.min(BURST, Math.floor(due) - sent);
  if (burst <= 0) {
    await new Promise((done) => setTimeout(done, 1));
    continue;
  }
  for (let i = 0; i < burst; i++) {
    for (const datagram of senders[sent % hosts]!.next()) {
      await socket.send(datagram, GROUP);
    }
    sent++;
  }
}
const seconds = (performance.now() - startedAt) / 1000;
socket.close();
console.log(JSON.stringify({ sent, rate: Math.round(sent / seconds) }));
