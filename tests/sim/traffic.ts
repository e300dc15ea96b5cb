/**
 * Prints what goes over a LAN of 10, 1,000 and 5,000 hosts with 10 disks each,
 * as a table in Markdown. Simulated, on good links, with one seed.
 *
 *     deno run -A tests/sim/traffic.ts
 */
import { busiestSecond } from "./check_rate.ts";
import { Crowd } from "./crowd.ts";
import { madeUpDisks } from "./made_up_disks.ts";

const SECOND_MS = 1_000;
const DISKS = 10;

/** Longer than three intervals, when these are stretched for 5,000 hosts. */
const APART_SECONDS = 1_000;

const COLUMNS: readonly (readonly [string, (traffic: Traffic) => string])[] = [
  ["Hosts", ({ hosts }) => count(hosts)],
  ["Datagrams/s on the LAN", ({ steady }) => steady.perSecond.toFixed(1)],
  [
    "sent/s by a host",
    ({ steady, hosts }) => (steady.perSecond / hosts).toFixed(4),
  ],
  [
    "bytes/s sent by a host",
    ({ steady, hosts }) => count(steady.bytesPerSecond / hosts),
  ],
  ["bytes/s heard", ({ steady }) => count(steady.bytesPerSecond)],
  ["busiest second: all start", ({ start }) => `${start.worst}`],
  ["all are asked", ({ ping }) => `${ping.worst}`],
  ["halves join again", ({ heal }) => `${heal.worst}`],
  ["all know all after the start", ({ startSeconds }) => `${startSeconds} s`],
  ["after joining again", ({ healSeconds }) => `${healSeconds} s`],
];

interface Phase {
  readonly perSecond: number;
  readonly bytesPerSecond: number;
  /** Datagrams in the second that had most. */
  readonly worst: number;
}

interface Traffic {
  readonly hosts: number;
  readonly start: Phase;
  readonly startSeconds: number;
  readonly steady: Phase;
  readonly ping: Phase;
  readonly heal: Phase;
  readonly healSeconds: number;
}

if (import.meta.main) {
  printRow(COLUMNS.map(([name]) => name));
  printRow(COLUMNS.map(() => "---:"));
  for (const hosts of [10, 1_000, 5_000]) {
    const traffic = measure(hosts);
    printRow(COLUMNS.map(([, cell]) => cell(traffic)));
  }
}

function measure(hosts: number): Traffic {
  const crowd = new Crowd({
    hosts,
    wholePeers: 2,
    seed: 1,
    disksOf: (host) => madeUpDisks(host, DISKS),
  });
  let startSeconds = 0;
  let healSeconds = 0;
  const start = phaseOf(crowd, () => {
    crowd.startAll();
    startSeconds = secondsUntilAllKnowAll(crowd, hosts);
    crowd.run(300 * SECOND_MS);
  });
  const steady = phaseOf(crowd, () => crowd.run(1_800 * SECOND_MS));
  const ping = phaseOf(crowd, () => {
    crowd.pingFromAll();
    crowd.run(100 * SECOND_MS);
  });
  crowd.split();
  crowd.run(APART_SECONDS * SECOND_MS);
  const heal = phaseOf(crowd, () => {
    crowd.heal();
    healSeconds = secondsUntilAllKnowAll(crowd, hosts);
    crowd.run(200 * SECOND_MS);
  });
  return { hosts, start, startSeconds, steady, ping, heal, healSeconds };
}

/** What went over the LAN meanwhile. */
function phaseOf(crowd: Crowd, act: () => void): Phase {
  const startedAt = crowd.now;
  const index = crowd.wire.length;
  act();
  const sent = crowd.wire.slice(index);
  const seconds = (crowd.now - startedAt) / SECOND_MS;
  return {
    perSecond: sent.length / seconds,
    bytesPerSecond: sent.reduce((sum, { bytes }) => sum + bytes, 0) / seconds,
    worst: busiestSecond(sent),
  };
}

function secondsUntilAllKnowAll(crowd: Crowd, hosts: number): number {
  const startedAt = crowd.now;
  while (crowd.whole.some((member) => knownBy(member) < hosts)) {
    crowd.run(SECOND_MS);
  }
  return (crowd.now - startedAt) / SECOND_MS;
}

function knownBy({ peer }: Crowd["whole"][number]): number {
  let known = 0;
  for (const { liveness, disks } of peer.inventory.hosts()) {
    if (liveness === "up" && disks.length === DISKS) known++;
  }
  return known;
}

function count(number: number): string {
  return number < 10
    ? number.toFixed(1)
    : Math.round(number).toLocaleString("en");
}

function printRow(cells: readonly string[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}
