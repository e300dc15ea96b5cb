/**
 * Puts hostile datagrams to diskd's group onto the wire of the host that it
 * runs on, evenly spaced:
 *
 *     raw_flood_main.ts INTERFACE SEED RATE SECONDS SOURCES
 *
 * RATE is in datagrams a second. Every second one comes from the first of the
 * SOURCES, an IPv4 address, the others from any of the addresses of the
 * networks that follow it, each the first two bytes of one: `10.66`. Prints
 * `{"sent","seconds"}` when it is done.
 */
import { hostileVersion1, hostileVersion2 } from "./hostile_datagrams.ts";
import {
  MAX_PAYLOAD_BYTES,
  type RawDatagram,
  RawSocket,
} from "./raw_socket.ts";
import { seededRandom } from "./seeded_random.ts";

/** Few enough that the kernel of a receiver which is busy for a moment holds them. */
const BATCH = 10;
/** One in so many is in the format of 0.01. */
const VERSION_1_IN = 15;

const [interfaceName = "", ...words] = Deno.args;
const [seed = 0, rate = 0, seconds = 0] = words.slice(0, 3).map(Number);
const [first = "", ...networks] = words.slice(3);
const random = seededRandom(seed);
const version1 = hostileVersion1(random);
const version2 = hostileVersion2(random);
/** Nobody wakes who waits for it. */
const NEVER = new Int32Array(new SharedArrayBuffer(4));

using socket = new RawSocket(interfaceName);
const startedAt = performance.now();
const count = rate * seconds;
let sent = 0;
while (sent < count) {
  const leftMs = startedAt + sent / rate * 1000 - performance.now();
  // A timer would be too coarse.
  if (leftMs > 0) Atomics.wait(NEVER, 0, 0, leftMs);
  socket.send(Array.from({ length: BATCH }, (_, i) => next(sent + i)));
  sent += BATCH;
}
const took = (performance.now() - startedAt) / 1000;
console.log(JSON.stringify({ sent, seconds: took }));

function next(number: number): RawDatagram {
  const kind = number % VERSION_1_IN === 0 ? version1 : version2;
  const bytes = kind.next().value!.subarray(0, MAX_PAYLOAD_BYTES);
  const isOfOne = networks.length === 0 || number % 2 === 0;
  return { source: isOfOne ? first : anyAddress(), bytes };
}

function anyAddress(): string {
  const network = networks[Math.floor(random() * networks.length)];
  return `${network}.${byte()}.${byte()}`;
}

/** Neither that of a network nor one that stands for all hosts of it. */
function byte(): number {
  return 1 + Math.floor(random() * 254);
}
