import assert from "node:assert/strict";
import {
  FLOOD_OVER_MS,
  RateLimiter,
  TokenBucket,
} from "../../../src/peer/rate_limiter.ts";
import { VirtualLan } from "../../support/virtual_lan.ts";
import { datagram } from "../../support/announcements.ts";
import { start, twoHosts } from "./support.ts";

const LIMITS = {
  datagramsPerSource: 10,
  burstPerSource: 20,
  datagramsOfStrangers: 50,
  sources: 8,
};

Deno.test("TokenBucket lets through a burst, and then so many a second", () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 20 });
  const passed = (now: number) => {
    let count = 0;
    while (bucket.take(now)) count++;
    return count;
  };
  assert.equal(passed(0), 20);
  assert.equal(passed(99), 0);
  assert.equal(passed(1_000), 10);
  assert.equal(passed(1e9), 20);
});

Deno.test("Inflow drops what one address sends too fast, and nothing of another", () => {
  const inflow = new RateLimiter(LIMITS, () => true);
  const verdicts = Array.from({ length: 30 }, () => inflow.take("a", 0));
  assert.deepEqual(verdicts.indexOf("too-fast"), 20);
  assert.equal(inflow.take("b", 0), null);
  assert.equal(inflow.take("a", 99), "too-fast");
  assert.equal(inflow.take("a", 150), null);
});

Deno.test("Inflow bounds what all addresses send together that no host has which is up", () => {
  const inflow = new RateLimiter(LIMITS, (address) => address === "known");
  const verdicts = Array.from(
    { length: 100 },
    (_, i) => inflow.take(`forged ${i}`, 0),
  );
  assert.equal(verdicts.indexOf("too-many"), 50);
  assert.ok(verdicts.slice(50).every((one) => one === "too-many"));
  assert.equal(inflow.take("known", 0), null);
});

Deno.test("Inflow finds out within a second that an address is a host's, and that it is no more", () => {
  const up = new Set<string>();
  const limits = { ...LIMITS, sources: 1_000 };
  const inflow = new RateLimiter(limits, (address) => up.has(address));
  const takeAmongForged = (now: number) => {
    for (let i = 0; i < 100; i++) inflow.take("forged", now);
    for (let i = 0; i < 100; i++) inflow.take(`forged ${i}`, now);
    return inflow.take("a", now);
  };
  inflow.take("a", 0);
  up.add("a");
  assert.equal(takeAmongForged(999), "too-many");
  assert.equal(takeAmongForged(1_000), null);
  up.delete("a");
  assert.equal(takeAmongForged(2_000), "too-many");
});

Deno.test("Inflow remembers those that speak however many addresses are forged", () => {
  const inflow = new RateLimiter(
    { ...LIMITS, datagramsOfStrangers: 1e6 },
    () => false,
  );
  let passed = 0;
  for (let i = 0; i < 1_000; i++) {
    if (inflow.take("a", 0) === null) passed++;
    inflow.take(`forged ${i}`, 0);
  }
  assert.equal(passed, LIMITS.burstPerSource);
});

Deno.test("Inflow names an address that floods, while it does", () => {
  const inflow = new RateLimiter(LIMITS, () => true);
  for (let i = 0; i < 30; i++) inflow.take("10.0.0.66", 0);
  assert.deepEqual(inflow.problems(FLOOD_OVER_MS - 1), [
    "10.0.0.66 floods this host with more than 10 datagrams a second; 10 were dropped, and its announcements may be lost",
  ]);
  assert.deepEqual(inflow.problems(FLOOD_OVER_MS), []);
  for (let i = 0; i < 31; i++) inflow.take("10.0.0.66", 20_000);
  assert.match(inflow.problems(20_000)[0]!, /; 11 were dropped/);
});

Deno.test("Inflow names the three that flood most, and tells how many more do", () => {
  const inflow = new RateLimiter(LIMITS, () => true);
  for (let host = 0; host < 5; host++) {
    for (let i = 0; i < 30 + host; i++) inflow.take(`10.0.0.${host}`, 0);
  }
  const problems = inflow.problems(0);
  assert.deepEqual(problems.map((one) => one.split(" ")[0]), [
    "10.0.0.4",
    "10.0.0.3",
    "10.0.0.2",
    "2",
  ]);
});

Deno.test("Inflow tells that addresses are forged", () => {
  const inflow = new RateLimiter(LIMITS, () => false);
  for (let i = 0; i < 60; i++) inflow.take(`forged ${i}`, 0);
  assert.match(
    inflow.problems(0).join(),
    /^Addresses .* 50 .*; 10 were dropped/,
  );
});

Deno.test("a flood from one address is dropped unread, and the others are heard as before", () => {
  const { lan, alpha, beta } = twoHosts();
  start(lan, alpha, []);
  start(lan, beta, []);
  for (let ms = 0; ms < 60_000; ms += 1_000) {
    for (let i = 0; i < 5_000; i++) lan.inject(GARBAGE, "10.0.0.66");
    lan.run(1_000);
    assert.equal(alpha.peer.inventory.host("id-beta")?.liveness, "up");
  }
  const { rejected } = alpha.peer.counters;
  assert.ok(rejected["too-fast"]! > 230_000, `${rejected["too-fast"]}`);
  assert.ok(rejected["not-diskd"]! < 70_000);
  assert.match(alpha.peer.problems(lan.now).join(), /^10\.0\.0\.66 floods/);
});

Deno.test("100,000 hosts that somebody makes up at one address are 16 in the list", () => {
  const lan = new VirtualLan();
  const alpha = lan.host("alpha", { rateLimits: UNLIMITED });
  start(lan, alpha, []);
  for (let i = 0; i < 100_000; i++) {
    lan.inject(datagram({ id: `made-up-${i}` }), "10.0.0.66");
  }
  assert.equal([...alpha.peer.inventory.hosts()].length, 17);
  const { rejected } = alpha.peer.counters;
  assert.deepEqual(rejected, { "crowded-address": 100_000 - 16 });
});

const GARBAGE = new TextEncoder().encode("hello");

const UNLIMITED = {
  datagramsPerSource: 1e9,
  burstPerSource: 1e9,
  datagramsOfStrangers: 1e9,
  sources: 100,
};
