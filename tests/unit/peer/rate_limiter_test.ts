import assert from "node:assert/strict";
import {
  DATAGRAM_UNIT_BYTES,
  DEFAULT_RATE_LIMITS,
  FLOOD_OVER_MS,
  LEAST_YAML_BYTES,
  type Origin,
  RateLimiter,
  type RateLimits,
} from "../../../src/peer/rate_limiter.ts";
import { TokenBucket } from "../../../src/peer/token_bucket.ts";
import { VirtualLan } from "../../support/virtual_lan.ts";
import { datagram } from "../../support/announcements.ts";
import { rateLimits, UNLIMITED } from "../../support/rate_limits.ts";
import { start, twoHosts } from "./support.ts";

const EACH = { perSecond: 10, burst: 20 };
const LIMITS = rateLimits({
  each: EACH,
  strangers: { perSecond: 50, burst: 50 },
  sources: 8,
});

const NOBODY_IS_UP = () => false;
const EVERYBODY_IS_UP = () => true;

/** A limiter, and what it says of datagrams. */
function limiterOf(
  isUpAs: (id: string, address: string) => boolean,
  limits: RateLimits = LIMITS,
) {
  const limiter = new RateLimiter(limits, isUpAs);
  const take = (origin: Origin, now: number, bytes = 100) =>
    limiter.take(origin, { bytes, now });
  return { limiter, take };
}

function stranger(address: string): Origin {
  return { address, id: null };
}

function host(id: string, address = "10.0.0.1"): Origin {
  return { address, id };
}

function count(times: number, take: (i: number) => string | null): number {
  let passed = 0;
  for (let i = 0; i < times; i++) if (take(i) === null) passed++;
  return passed;
}

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

Deno.test("TokenBucket lets through what costs more than there is, and then nothing until that is paid", () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 20 });
  assert.equal(bucket.take(0, 50), true);
  assert.equal(bucket.hasRoom(3_000), false);
  assert.equal(bucket.take(3_100, 5), true);
  bucket.charge(3_100, 95);
  assert.equal(bucket.hasRoom(13_000), false);
  assert.equal(bucket.hasRoom(13_100), true);
});

Deno.test("RateLimiter drops what one address sends too fast, and nothing of another", () => {
  const { take } = limiterOf(NOBODY_IS_UP);
  const verdicts = Array.from({ length: 30 }, () => take(stranger("a"), 0));
  assert.equal(verdicts.indexOf("too-fast"), 20);
  assert.equal(take(stranger("b"), 0), null);
  assert.equal(take(stranger("a"), 99), "too-fast");
  assert.equal(take(stranger("a"), 150), null);
});

Deno.test("RateLimiter counts a long datagram as several", () => {
  const { take } = limiterOf(NOBODY_IS_UP);
  assert.equal(take(stranger("a"), 0, 10 * DATAGRAM_UNIT_BYTES), null);
  assert.equal(take(stranger("a"), 0, 9 * DATAGRAM_UNIT_BYTES + 1), null);
  assert.equal(take(stranger("a"), 0), "too-fast");
});

Deno.test("RateLimiter bounds what all strangers send together, and hears known hosts", () => {
  const { take } = limiterOf((id) => id === "known");
  const verdicts = Array.from(
    { length: 100 },
    (_, i) => take(stranger(`forged ${i}`), 0),
  );
  assert.equal(verdicts.indexOf("too-many"), 50);
  assert.ok(verdicts.slice(50).every((one) => one === "too-many"));
  assert.equal(take(host("invented"), 0), "too-many");
  assert.equal(take(host("known"), 0), null);
});

Deno.test("RateLimiter counts a known host apart from all else at its address", () => {
  const { take } = limiterOf((id) => id === "known");
  const address = "10.0.0.1";
  for (let i = 0; i < 100; i++) take(stranger(address), 0);
  assert.equal(take(stranger(address), 0), "too-fast");
  assert.equal(take(host("invented", address), 0), "too-fast");
  assert.equal(take(host("known", address), 0), null);
});

Deno.test("RateLimiter finds out at once that a host is up, and that it is no more", () => {
  const up = new Set<string>();
  const { take } = limiterOf((id) => up.has(id));
  for (let i = 0; i < 100; i++) take(stranger("10.0.0.1"), 0);
  assert.equal(take(host("a"), 0), "too-fast");
  up.add("a");
  assert.equal(take(host("a"), 0), null);
  up.delete("a");
  assert.equal(take(host("a"), 0), "too-fast");
});

Deno.test("RateLimiter remembers those that speak however many addresses are forged", () => {
  const { take } = limiterOf(
    NOBODY_IS_UP,
    rateLimits({
      each: EACH,
      strangers: { perSecond: 1e6, burst: 1e6 },
      sources: 8,
    }),
  );
  const passed = count(1_000, (i) => {
    take(stranger(`forged ${i}`), 0);
    return take(stranger("a"), 0);
  });
  assert.equal(passed, EACH.burst);
});

Deno.test("RateLimiter takes the addresses of an IPv6 network for one, but for link-local ones", () => {
  const { take } = limiterOf(NOBODY_IS_UP);
  for (let i = 0; i < 30; i++) take(stranger(`2001:db8:0:1::${i}`), 0);
  for (
    const same of [
      "2001:db8:0:1:f00::9",
      "2001:db8:0:1:1:2:3:4",
      "2001:db8::1:0:0:0:1",
    ]
  ) {
    assert.equal(take(stranger(same), 0), "too-fast", same);
  }
  assert.equal(take(stranger("2001:db8:0:2::1"), 0), null);
  const other = limiterOf(NOBODY_IS_UP);
  for (let i = 0; i < 30; i++) other.take(stranger("fe80::1"), 0);
  assert.equal(other.take(stranger("fe80::1"), 0), "too-fast");
  assert.equal(other.take(stranger("fe80::2"), 0), null);
});

Deno.test("RateLimiter tells a known host apart in the IPv6 network of a flood", () => {
  const { take } = limiterOf((id) => id === "known");
  for (let i = 0; i < 30; i++) take(stranger(`2001:db8::${i}`), 0);
  assert.equal(take(host("known", "2001:db8::99"), 0), null);
});

Deno.test("RateLimiter admits 20 short YAML lists a second of an address, or 64 KiB", () => {
  const short = limiterOf(NOBODY_IS_UP, DEFAULT_RATE_LIMITS).limiter;
  const long = limiterOf(NOBODY_IS_UP, DEFAULT_RATE_LIMITS).limiter;
  const yaml = (limiter: RateLimiter, amount: number) =>
    count(
      60_000,
      (now) =>
        limiter.spend(stranger("10.0.0.66"), "yamlBytes", { amount, now }),
    );
  const seconds = 60;
  const burst = 131_072;
  const lists = yaml(short, 100);
  assert.ok(lists <= 20 * seconds + burst / LEAST_YAML_BYTES + 1, `${lists}`);
  assert.ok(lists >= 19 * seconds, `${lists}`);
  const longLists = yaml(long, 65_000);
  assert.ok(longLists <= seconds + burst / 65_000 + 2, `${longLists}`);
});

for (const cost of ["yamlBytes", "verifications"] as const) {
  Deno.test(`RateLimiter bounds the ${cost} of thousands of addresses, and leaves known hosts theirs`, () => {
    const { limiter } = limiterOf((id) => id === "known", DEFAULT_RATE_LIMITS);
    const { burst, perSecond } = DEFAULT_RATE_LIMITS.strangers[cost].all;
    const amount = cost === "yamlBytes" ? LEAST_YAML_BYTES : 1;
    const passed = count(
      20_000,
      (i) =>
        limiter.spend(stranger(`forged ${i}`), cost, { amount, now: i / 20 }),
    );
    const most = (burst + perSecond) / amount + 1;
    assert.ok(passed <= most && passed >= most * 0.9, `${passed} of ${most}`);
    const now = 1_000;
    const more = (i: number) =>
      limiter.spend(stranger(`more ${i}`), cost, { amount, now });
    assert.ok(count(3, more) < 3);
    assert.equal(limiter.spend(host("known"), cost, { amount, now }), null);
  });
}

Deno.test("RateLimiter hears a known host, however much the others take that are known", () => {
  const { limiter, take } = limiterOf(EVERYBODY_IS_UP, DEFAULT_RATE_LIMITS);
  for (let i = 0; i < 1_000; i++) {
    limiter.processed(host(`liar ${i}`), { ms: 1_000, now: 0 });
    limiter.spend(host(`liar ${i}`), "verifications", { amount: 10, now: 0 });
  }
  for (let i = 0; i < 30; i++) take(host("liar 1"), 0);
  assert.equal(take(host("liar 1"), 0), "too-many");
  for (let now = 0; now < 600_000; now += 10_000) {
    assert.equal(take(host("honest"), now), null);
    assert.equal(limiter.spend(host("honest"), "verifications", { now }), null);
  }
});

Deno.test("RateLimiter keeps what known hosts of 0.01 cost apart from strangers and other hosts", () => {
  const { limiter, take } = limiterOf((id) => id !== "invented");
  const forged = count(1_000, (i) => take(host(`v1-10.0.1.${i}`), 0));
  assert.equal(forged, 50);
  assert.equal(take(host("invented"), 0), null);
  assert.equal(take(host("known"), 0), null);
  assert.match(limiter.problems(0).join(), /^The hosts of 0\.01 together/);
  const yaml = { amount: LEAST_YAML_BYTES, now: 0 };
  const parsed = count(
    1_000,
    (i) => limiter.spend(host(`v1-10.0.2.${i}`), "yamlBytes", yaml),
  );
  assert.equal(parsed, 160);
});

Deno.test("RateLimiter drops those of a sender that take too long, whatever they are", () => {
  const { limiter, take } = limiterOf(
    (id) => id === "known",
    DEFAULT_RATE_LIMITS,
  );
  const run = (origin: Origin) => {
    let busyMs = 0;
    for (let now = 0; now < 60_000; now += 50) {
      if (take(origin, now) !== null) continue;
      busyMs += 40;
      limiter.processed(origin, { ms: 40, now });
    }
    return busyMs;
  };
  const { known, strangers } = DEFAULT_RATE_LIMITS;
  const mostOf = ({ perSecond, burst }: typeof known.time.each) =>
    burst + 60 * perSecond + 80;
  const ofStranger = run(stranger("10.0.0.66"));
  assert.ok(ofStranger <= mostOf(strangers.time.each), `${ofStranger}`);
  const ofKnown = run(host("known"));
  assert.ok(ofKnown <= mostOf(known.time.each), `${ofKnown}`);
  assert.equal(take(host("known"), 60_000), "too-costly");
  assert.equal(take(stranger("10.0.0.9"), 60_000), null);
  assert.deepEqual(
    limiter.problems(60_000).map((one) => one.split(";")[0]),
    ["10.0.0.66", "10.0.0.1"].map((address) =>
      `${address} sends announcements that take this host too long to process`
    ),
  );
});

Deno.test("RateLimiter holds no host responsible for a suspended daemon", () => {
  const { limiter, take } = limiterOf(EVERYBODY_IS_UP, DEFAULT_RATE_LIMITS);
  limiter.processed(host("a"), { ms: 3_600_000, now: 3_600_000 });
  assert.equal(take(host("a"), 3_600_000), null);
});

Deno.test("RateLimiter names an address that floods, while it does", () => {
  const { limiter, take } = limiterOf(EVERYBODY_IS_UP);
  const mallory = host("mallory", "10.0.0.66");
  for (let i = 0; i < 30; i++) take(mallory, 0);
  assert.deepEqual(limiter.problems(FLOOD_OVER_MS - 1), [
    "10.0.0.66 floods this host with more than 10 datagrams a second; 10 were dropped, and its announcements may be lost",
  ]);
  assert.deepEqual(limiter.problems(FLOOD_OVER_MS), []);
  for (let i = 0; i < 31; i++) take(mallory, 20_000);
  assert.match(limiter.problems(20_000)[0]!, /; 11 were dropped/);
});

Deno.test("RateLimiter names the three that flood most, and tells how many more do", () => {
  const { limiter, take } = limiterOf(NOBODY_IS_UP, {
    ...LIMITS,
    ...rateLimits({ each: EACH, strangers: { perSecond: 1e6, burst: 1e6 } }),
  });
  for (let host = 0; host < 5; host++) {
    for (let i = 0; i < 30 + host; i++) take(stranger(`10.0.0.${host}`), 0);
  }
  const problems = limiter.problems(0);
  assert.deepEqual(problems.map((one) => one.split(" ")[0]), [
    "10.0.0.4",
    "10.0.0.3",
    "10.0.0.2",
    "2",
  ]);
});

Deno.test("RateLimiter names who sends much that is refused", () => {
  const { limiter, take } = limiterOf(NOBODY_IS_UP, DEFAULT_RATE_LIMITS);
  for (let now = 0; now < 10_000; now += 5) {
    take(stranger("10.0.0.66"), now);
    limiter.refused(stranger("10.0.0.66"), now);
    if (now % 100 === 0) limiter.refused(stranger("10.0.0.7"), now);
  }
  assert.deepEqual(limiter.problems(10_000), [
    "10.0.0.66 floods this host with more than 100 datagrams a second that are refused; 1 so far",
  ]);
});

Deno.test("RateLimiter tells that addresses are forged", () => {
  const { limiter, take } = limiterOf(NOBODY_IS_UP);
  for (let i = 0; i < 60; i++) take(stranger(`forged ${i}`), 0);
  assert.match(
    limiter.problems(0).join(),
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

Deno.test("lists in YAML beyond 20 a second are not parsed, and the honest host of 0.01 is up", () => {
  const lan = new VirtualLan();
  const alpha = lan.host("alpha");
  start(lan, alpha, []);
  const honest = yaml("honest", 10);
  lan.inject(honest, "10.0.0.7");
  for (let ms = 0; ms < 60_000; ms += 10) {
    for (let i = 0; i < 9; i++) {
      lan.inject(yaml(`${ms} ${i}`, 20), "10.0.0.66");
      lan.inject(yaml(`${ms} ${i}`, 20), `10.0.1.${(ms + i) % 256}`);
    }
    if (ms % 6_000 === 0) lan.inject(honest, "10.0.0.7");
    lan.run(10);
  }
  const { rejected, received } = alpha.peer.counters;
  const parsed = received - rejected["too-costly"]! - rejected["too-many"]!;
  assert.ok(parsed < 60 * 250, `${parsed} were parsed`);
  assert.equal(alpha.peer.inventory.host("v1-10.0.0.7")?.heardAt, 54_000);
  assert.match(
    alpha.peer.problems(lan.now).join("\n"),
    /^10\.0\.0\.66 sends announcements that take/m,
  );
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

/** A list of 0.01. */
function yaml(label: string, disks: number): Uint8Array {
  const rows = Array.from(
    { length: disks },
    (_, i) => `-\n  - ${i}\n  - ${label}\n  - /dev/sd${i}\n`,
  );
  return new TextEncoder().encode(`diskd:---\n${rows.join("")}`);
}

const GARBAGE = new TextEncoder().encode("hello");
