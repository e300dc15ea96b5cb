import assert from "node:assert/strict";
import { type Disk, makeDisk } from "../../src/inventory/disk.ts";
import { checkRate } from "./check_rate.ts";
import { Crowd } from "./crowd.ts";

const HOSTS = 5_000;
const WHOLE_PEERS = 12;
const SECOND_MS = 1_000;

/** The aim of the stretched interval, with room for chance. */
const STEADY_PER_SECOND = 50;

Deno.test("5,000 hosts never say more at once than the LAN bears, and find each other all the same", async (t) => {
  const crowd = new Crowd({
    hosts: HOSTS,
    wholePeers: WHOLE_PEERS,
    seed: 1,
    disksOf: longDisks,
  });
  await t.step("when all start in the same instant", () => {
    crowd.startAll();
    crowd.run(60 * SECOND_MS);
    everybodyKnowsAll(crowd);
    withinBounds(crowd);
  });
  await t.step("when nothing happens", () => {
    crowd.run(120 * SECOND_MS);
    assert.ok(takeRate(crowd, 300) < STEADY_PER_SECOND);
    withinBounds(crowd);
  });
  await t.step("when all are asked, by many at once", () => {
    crowd.pingFromAll();
    crowd.run(crowd.whole[0]!.peer.longestAnswerMs + SECOND_MS);
    for (const { peer } of crowd.whole) {
      assert.equal(peer.takeAnswers().size, HOSTS - 1);
    }
    withinBounds(crowd);
  });
  await t.step(
    "when the two halves have not heard each other for long, and hear each other again",
    () => {
      crowd.split();
      crowd.run(850 * SECOND_MS);
      for (const known of upHosts(crowd)) assert.equal(known, HOSTS / 2);
      crowd.heal();
      crowd.run(90 * SECOND_MS);
      everybodyKnowsAll(crowd);
      withinBounds(crowd);
    },
  );
});

/** Two datagrams, as ten common disks take, in less memory. */
function longDisks(host: number): Disk[] {
  return [1, 2, 3].map((i) =>
    makeDisk({
      device: `/dev/sd${i}`,
      label: `disk ${i} of ${host} `.repeat(25),
    })
  );
}

/** Datagrams a second, while nothing happens for so long. */
function takeRate(crowd: Crowd, seconds: number): number {
  const before = crowd.wire.length;
  crowd.run(seconds * SECOND_MS);
  return (crowd.wire.length - before) / seconds;
}

function upHosts({ whole }: Crowd): number[] {
  return whole.map(({ peer }) =>
    [...peer.inventory.hosts()]
      .filter(({ liveness, disks }) => liveness === "up" && disks.length === 3)
      .length
  );
}

function everybodyKnowsAll(crowd: Crowd): void {
  for (const known of upHosts(crowd)) assert.equal(known, HOSTS);
}

function withinBounds(crowd: Crowd): void {
  assert.deepEqual(checkRate(crowd), []);
}
