import process from "node:process";
import { MAX_DATAGRAM_BYTES } from "../../src/codec/announcement.ts";
import { SIGNATURE_LINE_BYTES } from "../../src/codec/signature_line.ts";
import { writeAnnouncement } from "../../src/codec/write_datagram.ts";
import type { Effect } from "../../src/peer/effect.ts";
import { Peer } from "../../src/peer/peer.ts";
import { FarSocket } from "../../src/transport/far_socket.ts";
import { announcement } from "../support/announcements.ts";
import { realKey, signedBy } from "../support/host_keys.ts";
import { freePort } from "../support/loopback.ts";
import { UNLIMITED } from "../support/rate_limits.ts";
import { type Benchmark, type Figure, figure } from "./figure.ts";
import { madeUpDisks } from "./made_up_hosts.ts";
import { median } from "./statistics.ts";

const DISKS = 5;
/** Of each kind, made ahead. */
const DATAGRAMS = 4_000;
const RUNS = 5;
/** More wait for the kernel than the socket takes. */
const BATCH = 100;
/** Between two datagrams, so that each leaves by itself. */
const GAP_MS = 20;
const GOAL_US = 80;

const US = "192.168.1.1";
const HOST = "192.168.1.2";
/** Nobody listens there. */
const PEER = "127.0.0.2";
const LATER_MS = 60_000;

const host = realKey("host");
const DATAGRAMS_OF_HOST = Array.from(
  { length: DATAGRAMS },
  (_, i) => datagramOf(i + 1),
);

/** What it costs to pass a datagram of a host of this LAN on to the relay of another site, the kernel's share included. */
export const relay: Benchmark = {
  name: "relay",
  needsLan: false,
  async measure() {
    const [taken, passed]: [number[], number[]] = [[], []];
    for (let run = 0; run < RUNS; run++) {
      taken.push(await microseconds(false));
      passed.push(await microseconds(true));
    }
    const more = passed.map((one) => one - median(taken));
    return [
      cost("take in an announcement", taken),
      cost("the same, and pass it on to a peer", passed),
      { ...cost("relay cost a datagram", more), goal: { atMost: GOAL_US } },
    ];
  },
};

function cost(what: string, samples: readonly number[]): Figure {
  return figure(what, "us", { samples });
}

/** CPU time for each datagram of a host that was heard before. */
async function microseconds(isRelay: boolean): Promise<number> {
  const port = freePort();
  const socket = new FarSocket({ port, now: () => 0, receive: () => false });
  const peer = listener(isRelay);
  let before = process.cpuUsage();
  for (const [i, bytes] of DATAGRAMS_OF_HOST.entries()) {
    const now = LATER_MS + i * GAP_MS;
    // The first one brings news.
    if (i === 1) before = process.cpuUsage();
    send(socket, peer.receive(bytes, HOST, now));
    send(socket, peer.tick(now));
    if (i % BATCH === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  await socket.close();
  const { user, system } = process.cpuUsage(before);
  const count = DATAGRAMS - 1;
  if (isRelay && socket.sent < count) {
    throw new Error(`Only ${socket.sent} of ${count} datagrams were passed on`);
  }
  return (user + system) / count;
}

function send(socket: FarSocket, effects: readonly Effect[]): void {
  for (const effect of effects) {
    if (effect.kind === "send-far") socket.send(effect.datagrams, effect.to);
  }
}

function datagramOf(seq: number): Uint8Array {
  const { id, publicKey: key } = host;
  const disks = madeUpDisks(DISKS);
  const [bytes] = writeAnnouncement(
    announcement({ id, key, boot: 1, seq, rev: 1, disks }),
    { maxBytes: MAX_DATAGRAM_BYTES - SIGNATURE_LINE_BYTES },
  );
  return signedBy(host, bytes!);
}

function listener(isRelay: boolean): Peer {
  const peer = new Peer({
    identity: { key: realKey("me"), name: "me", version: "0", boot: 1 },
    pastBoot: 0,
    announceIntervalMs: 3_600_000,
    random: () => 0.5,
    freshKey: () => realKey("fresh"),
    rateLimits: UNLIMITED,
  });
  const network = { address: US, prefixLength: 24, device: "eth0", via: US };
  peer.setOwnNetworks([network]);
  peer.join(0);
  peer.scanned([], 0);
  peer.tick(LATER_MS - 1);
  const peers = isRelay ? [PEER] : [];
  peer.relay({ isOn: isRelay, site: "home", peers }, LATER_MS - 1);
  return peer;
}
