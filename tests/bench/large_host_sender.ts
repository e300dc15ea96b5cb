/**
 * Announces large hosts, each once, its parts paced as diskd paces them:
 *
 *     large_host_sender.ts ADDRESS HOSTS DISKS
 *
 * ADDRESS is that of the interface to send on. Prints nothing.
 */
import { BURST_DATAGRAMS, BURST_PAUSE_MS } from "../../src/peer/outbox.ts";
import { madeUpDisks, madeUpHost } from "./made_up_hosts.ts";
import { GROUP, multicastSocket } from "./multicast_socket.ts";

/** Host numbers below are those of the other senders. */
const FIRST_NUMBER = 1_000_000;
const PAUSE_MS = 100;

const [address, hosts, disks] = Deno.args;
const socket = multicastSocket(address!);
for (let i = 0; i < Number(hosts); i++) {
  const number = FIRST_NUMBER + i;
  const host = madeUpHost(number, madeUpDisks(Number(disks), number));
  await sendPaced(host.next());
  await pause(PAUSE_MS);
}
socket.close();

async function sendPaced(datagrams: readonly Uint8Array[]): Promise<void> {
  for (let i = 0; i < datagrams.length; i += BURST_DATAGRAMS) {
    for (const datagram of datagrams.slice(i, i + BURST_DATAGRAMS)) {
      await socket.send(datagram, GROUP);
    }
    await pause(BURST_PAUSE_MS);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
