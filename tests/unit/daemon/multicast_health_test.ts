import assert from "node:assert/strict";
import {
  areQuiet,
  countSilent,
  DEAF_AFTER_DATAGRAMS,
  type HearingLook,
  MulticastHealth,
  type OtherHost,
} from "../../../src/daemon/multicast_health.ts";
import type { JoinedInterface } from "../../../src/transport/transport.ts";

const TO = { group: "230.9.8.7", port: 4711 };
const EVERY_MS = 30_000;

Deno.test("Hearing names the group, the port and the interface on which nothing comes back", () => {
  const hearing = new MulticastHealth(TO);
  const interfaces = [eth(0, DEAF_AFTER_DATAGRAMS), eth(1, 0)];
  look(hearing, { interfaces, others: [] });
  look(hearing, { interfaces, others: [] });
  assert.deepEqual(hearing.problems, [
    "Nothing that this host sends to 230.9.8.7:4711 on eth0 (10.0.0.1) comes " +
    "back to it, so nothing of others will be heard: a firewall here that " +
    "drops UDP port 4711 is the likely cause, or the interface is down; " +
    "see: nft list ruleset; ip link show eth0",
  ]);
  assert.equal(hearing.isDeaf, true);
});

Deno.test("Hearing judges each family of an interface for itself", () => {
  const hearing = new MulticastHealth(TO);
  const deaf = { ...eth(0, 9), address: "fe80::1%eth0", scopeId: 2 };
  for (let i = 0; i < 2; i++) {
    look(hearing, { interfaces: [eth(0, 0), deaf], others: [] });
  }
  assert.match(
    hearing.problems.join(),
    /^Nothing .* to \[ff12::e609:807\]:4711 on eth0 \(fe80::1%eth0\) comes/,
  );
  assert.equal(hearing.problems.length, 1);
});

Deno.test("Hearing gives what was sent a moment ago the time to come back", () => {
  const hearing = new MulticastHealth(TO);
  look(hearing, { interfaces: [eth(0, 100)], others: [] });
  assert.deepEqual(hearing.problems, []);
  look(hearing, { interfaces: [eth(0, 0)], others: [] });
  look(hearing, { interfaces: [eth(0, 100)], others: [] });
  assert.equal(hearing.isDeaf, false);
});

Deno.test("Hearing takes a few datagrams that were lost for no deafness", () => {
  const hearing = new MulticastHealth(TO);
  const interfaces = [eth(0, DEAF_AFTER_DATAGRAMS - 1)];
  for (let i = 0; i < 10; i++) look(hearing, { interfaces, others: [] });
  assert.equal(hearing.isDeaf, false);
});

Deno.test("Hearing calls no interface deaf whose own datagrams are lost in a flood", () => {
  const hearing = new MulticastHealth(TO);
  const heard = { interfaces: [eth(0, 9)], others: [] };
  for (const isFlooded of [true, true, true, false]) {
    look(hearing, { ...heard, isFlooded });
    assert.equal(hearing.isDeaf, false);
  }
  look(hearing, heard);
  assert.equal(hearing.isDeaf, true);
});

Deno.test("Hearing says nothing of an interface that has another problem", () => {
  const hearing = new MulticastHealth(TO);
  const interfaces = [{
    ...eth(0, 9),
    isInUse: false,
    problem: "No such device",
  }];
  look(hearing, { interfaces, others: [] });
  look(hearing, { interfaces, others: [] });
  assert.deepEqual(hearing.problems, []);
});

Deno.test("Hearing is over its deafness when something comes back", () => {
  const hearing = new MulticastHealth(TO);
  for (const unreturned of [9, 9, 0]) {
    look(hearing, { interfaces: [eth(0, unreturned)], others: [] });
  }
  assert.deepEqual(hearing.problems, []);
});

Deno.test("Hearing says that all hosts fell silent, until one is heard", () => {
  const hearing = new MulticastHealth(TO);
  const others = [silent(1_000), silent(20_000), silent(31_000)];
  look(hearing, { interfaces: [eth(0, 0)], others });
  assert.equal(hearing.allSilent, true);
  assert.equal(hearing.problems.length, 1);
  assert.match(
    hearing.problems[0]!,
    /^All 3 hosts .* fell silent .*a cable, a switch .*IGMP snooping.*firewall/,
  );
  look(hearing, {
    interfaces: [eth(0, 0)],
    others: [...others, heard(130_000)],
  });
  assert.equal(hearing.allSilent, false);
  assert.deepEqual(hearing.problems, []);
});

Deno.test("Hearing blames no network when the only other host fell silent, but notes it", () => {
  const hearing = new MulticastHealth(TO);
  look(hearing, { interfaces: [eth(0, 0)], others: [silent(1_000)] });
  assert.deepEqual(hearing.problems, []);
  assert.equal(hearing.allSilent, true);
});

Deno.test("Hearing names one cause when it is deaf and all others are silent for that", () => {
  const hearing = new MulticastHealth(TO);
  const heard = {
    interfaces: [eth(0, 9)],
    others: [silent(1_000), silent(2_000)],
  };
  look(hearing, heard);
  look(hearing, heard);
  assert.equal(hearing.problems.length, 1);
  assert.match(hearing.problems[0]!, /^Nothing that this host sends/);
});

Deno.test("countSilent() leaves out who was silent long before, and who said goodbye", () => {
  const last = 10_000_000;
  const others = [
    silent(1_000),
    silent(last),
    silent(last - 2 * EVERY_MS),
    silent(last - 2 * EVERY_MS - 1),
    { ...silent(last + 1), liveness: "gone" as const },
  ];
  assert.equal(countSilent(others), 2);
});

Deno.test("countSilent() is 0 as long as the host that was heard last is not overdue", () => {
  assert.equal(countSilent([]), 0);
  assert.equal(countSilent([silent(1_000), heard(2_000)]), 0);
});

Deno.test("areQuiet() waits for each host by its own interval, and not for those that are off", () => {
  const slow = { ...heard(0), everyMs: 600_000 };
  const gone = { ...heard(0), liveness: "gone" as const };
  const remembered = { ...heard(0), isRemembered: true };
  const late = 1.5 * EVERY_MS + 1;
  assert.equal(areQuiet([heard(0), gone, remembered], late), true);
  assert.equal(areQuiet([heard(0)], late - 1), false);
  assert.equal(areQuiet([heard(0), heard(late)], late), false);
  assert.equal(areQuiet([heard(0), slow], late), false);
  assert.equal(areQuiet([gone, remembered], late), false);
});

Deno.test("countSilent() is not misled by a host that speaks every ten minutes", () => {
  const slow = { ...heard(1_000), everyMs: 600_000 };
  assert.equal(countSilent([slow, silent(2_000), silent(3_000)]), 3);
});

function look(
  hearing: MulticastHealth,
  { isFlooded = false, ...rest }:
    & Partial<HearingLook>
    & Omit<HearingLook, "isFlooded">,
): void {
  hearing.look({ ...rest, isFlooded });
}

function eth(number: number, unreturned: number): JoinedInterface {
  return {
    name: `eth${number}`,
    address: `10.0.${number}.1`,
    prefixLength: 24,
    isInUse: true,
    problem: null,
    unreturned,
  };
}

Deno.test("countSilent() takes hosts that were never heard since the start for none that fell silent", () => {
  const remembered = { ...silent(-1_000), isRemembered: true };
  assert.equal(countSilent([remembered, remembered]), 0);
  assert.equal(countSilent([remembered, silent(5)]), 1);
});

Deno.test("countSilent() and areQuiet() ask only for hosts of this LAN", () => {
  const far = { ...silent(9), farSite: "away" };
  assert.equal(countSilent([far, far]), 0);
  assert.equal(countSilent([far, silent(1), silent(2)]), 2);
  const heardFar = { ...heard(EVERY_MS), farSite: "away" };
  assert.equal(areQuiet([heard(0), heardFar], 2 * EVERY_MS), true);
});

function silent(heardAt: number): OtherHost {
  return { ...heard(heardAt), liveness: "stale" };
}

function heard(heardAt: number): OtherHost {
  return {
    heardAt,
    everyMs: EVERY_MS,
    liveness: "up",
    isRemembered: false,
    farSite: null,
  };
}
