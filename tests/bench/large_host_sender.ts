/**
 * Announces large hosts, each once, its parts paced as diskd paces them:
 *
 *     large_host_sender.ts ADDRESSES HOSTS DISKS
 *
 * ADDRESSES are as for sender.ts. Prints nothing.
 */
import { BURST_DATAGRAMS, BURST_PAUSE_MS } from "../../src/peer/timing.ts";
import {
  madeUpDisks,
  type MadeUpHost,
  madeUpHost,
  MadeUpSpeakers,
} from "./made_up_hosts.ts";

/** Host numbers below are those of the other senders. */
const FIRST_NUMBER = 1_000_000;
/** So long that what strangers sign is verified. */
const PAUSE_MS = 250;

const [addresses = "", hosts, disks] = Deno.args;
using speakers = new MadeUpSpeakers(addresses);
for (let i = 0; i < Number(hosts); i++) {
  const number = FIRST_NUMBER + i;
  const host = madeUpHost(number, madeUpDisks(Number(disks), number));
  await sendPaced(host);
  await pause(PAUSE_MS);
}

async function sendPaced(host: MadeUpHost): Promise<void> {
  const datagrams = host.next();
  for (let i = 0; i < datagrams.length; i += BURST_DATAGRAMS) {
    await speakers.send(host, datagrams.slice(i, i + BURST_DATAGRAMS));
    await pause(BURST_PAUSE_MS);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
