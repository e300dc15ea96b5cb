/**
 * Takes a million hostile datagrams through the protocol alone, as if 20,000
 * came each second, and prints a `Borne`. To be run with
 * `--v8-flags=--expose-gc`.
 */
import { type Disk, makeDisk } from "../../src/inventory/disk.ts";
import { Peer } from "../../src/peer/peer.ts";
import { type Effect } from "../../src/peer/effect.ts";
import {
  hostileVersion1,
  hostileVersion2,
} from "../support/hostile_datagrams.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { datagram } from "../support/announcements.ts";
import { question } from "../unit/peer/support.ts";
import { hostKey, TEST_SIGNATURES } from "../support/host_keys.ts";

/** How it went. */
export interface Borne {
  readonly received: number;
  /** Datagrams that it sent. */
  readonly sent: number;
  readonly tookMs: number;
  /** Memory in use after each tenth, without garbage. */
  readonly heapMb: readonly number[];
  /** Honest hosts that are not up, or whose disk is not known to be there and nowhere else. */
  readonly missed: readonly string[];
}

const SEED = 5;
const COUNT = 1_000_000;
const TENTH = COUNT / 10;
const MS_EACH = 1 / 20;
/** One in so many is from an honest host. */
const HONEST_IN = 500;
const HONEST_HOSTS = 20;
/** One in so many asks who is there. */
const QUESTION_IN = 50;
const LIAR = "192.0.2.66";
const OWN = "192.0.2.1";

interface Arriving {
  readonly bytes: Uint8Array;
  readonly source: string;
}

/** Of V8, behind `--expose-gc`. */
declare const gc: () => void;

function bear(random: () => number): Borne {
  const peer = newPeer(random);
  const heapMb: number[] = [];
  const startedAt = performance.now();
  let now = 0;
  let sent = 0;
  const count = (effects: readonly Effect[]) => {
    for (const effect of effects) {
      if (effect.kind === "send") sent += effect.datagrams.length;
    }
  };
  count(peer.scanned([disk("own")], now));
  for (const { bytes, source } of mixed(random).take(COUNT)) {
    now += MS_EACH;
    count(peer.receive(bytes, source, now));
    if (now >= peer.deadline) count(peer.tick(now));
    if (peer.counters.received % TENTH === 0) heapMb.push(usedMb());
  }
  return {
    received: peer.counters.received,
    sent,
    tookMs: performance.now() - startedAt,
    heapMb,
    missed: missedBy(peer),
  };
}

function* mixed(random: () => number): Generator<Arriving> {
  const version1 = hostileVersion1(random);
  const version2 = hostileVersion2(random);
  const ask = question();
  for (let i = 0;; i++) {
    if (i % HONEST_IN === 0) yield honest(i / HONEST_IN);
    else if (i % QUESTION_IN === 0) yield { bytes: ask, source: LIAR };
    else {
      const kind = i % 15 === 0 ? version1 : version2;
      const source = i % 2 === 0 ? LIAR : anyAddress(random);
      yield { bytes: kind.next().value!, source };
    }
  }
}

function honest(turn: number): Arriving {
  const number = turn % HONEST_HOSTS;
  const bytes = datagram({
    id: `honest-${number}`,
    seq: 1 + Math.floor(turn / HONEST_HOSTS),
    rev: 1,
    every: 1,
    disks: [disk(`honest ${number}`)],
  });
  return { bytes, source: `192.0.2.${100 + number}` };
}

function missedBy({ inventory }: Peer): string[] {
  return Array.from({ length: HONEST_HOSTS }, (_, i) => i).filter((number) => {
    const places = [...inventory.where(`honest ${number}`).found];
    return inventory.host(`honest-${number}`)?.liveness !== "up" ||
      places.length !== 1 || places[0]!.state !== "attached";
  }).map((number) => `honest-${number}`);
}

function newPeer(random: () => number): Peer {
  let ids = 0;
  const peer = new Peer({
    identity: {
      key: hostKey("self"),
      name: "self",
      version: "0.1.0",
      boot: 1_000,
    },
    pastBoot: 0,
    announceIntervalMs: 30_000,
    random,
    freshKey: () => hostKey(`fresh-${ids++}`),
    signatures: TEST_SIGNATURES,
  });
  peer.setOwnNetworks([{
    address: OWN,
    prefixLength: 24,
    device: "eth0",
    via: OWN,
  }]);
  return peer;
}

function disk(label: string): Disk {
  return makeDisk({ device: "/dev/sda1", label });
}

function usedMb(): number {
  gc();
  return Deno.memoryUsage().heapUsed / 1e6;
}

function anyAddress(random: () => number): string {
  const byte = () => 1 + Math.floor(random() * 254);
  return `10.66.${byte()}.${byte()}`;
}

console.log(JSON.stringify(bear(seededRandom(SEED))));
