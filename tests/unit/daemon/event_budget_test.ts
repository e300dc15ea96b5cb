import assert from "node:assert/strict";
import {
  ALL_EVENTS_AT_ONCE,
  EventBudget,
  EVENTS_A_SECOND,
  EVENTS_AT_ONCE,
  RESERVED_AFTER_MS,
  RESERVED_EVENTS_AT_ONCE,
  senderOf,
} from "../../../src/daemon/event_budget.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import type { Host } from "../../../src/inventory/host.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { info } from "./history_site.ts";

const ADDRESS = "10.0.0.9";

/** A host with so many disks. */
function host(name: string, disks = 0): Host {
  const inventory = new Inventory(info("self", "self"));
  const list = Array.from(
    { length: disks },
    (_, i) => makeDisk({ device: `/dev/d${i}` }),
  );
  const from = { address: ADDRESS, now: 0 };
  const about = { ...info(name, name), isProven: true };
  inventory.applyAnnouncement(about, list, from);
  return inventory.host(name)!;
}

/** How many single changes are told. */
function told(
  budget: EventBudget,
  hosts: readonly Host[],
  { changes = 1_000, now = 0, address = ADDRESS as string | null } = {},
): number {
  let told = 0;
  for (let i = 0; i < changes; i++) {
    const of = hosts[i % hosts.length]!;
    const about = { count: 1, isOnlyMore: false, address, now };
    if (budget.take(of, about) === null) told++;
  }
  return told;
}

Deno.test("EventBudget tells some changes of a host at once, and then a few each second", () => {
  const budget = new EventBudget();
  const hosts = [host("beta")];
  assert.equal(told(budget, hosts), EVENTS_AT_ONCE);
  assert.equal(told(budget, hosts, { now: 1_000 }), EVENTS_A_SECOND);
  assert.equal(told(budget, hosts, { now: 60_000 }), EVENTS_AT_ONCE);
});

Deno.test("EventBudget counts all hosts of an address, and of an IPv6 network, as one", () => {
  const crowd = Array.from({ length: 500 }, (_, i) => host(`h${i}`));
  assert.equal(told(new EventBudget(), crowd), EVENTS_AT_ONCE);
  const budget = new EventBudget();
  const many = crowd.map((one, i) =>
    told(budget, [one], { changes: 2, address: `2001:db8:0:1:${i}::1` })
  );
  assert.equal(many.reduce((a, b) => a + b), EVENTS_AT_ONCE);
});

Deno.test("EventBudget keeps a reserve for hosts that are known for a while, whatever others do", () => {
  const budget = new EventBudget();
  const [known, restored, fresh] = [host("beta"), host("gamma"), host("delta")];
  budget.remember([restored]);
  told(budget, [known], { changes: 1 });
  const now = RESERVED_AFTER_MS;
  for (let i = 0; i <= ALL_EVENTS_AT_ONCE / EVENTS_AT_ONCE; i++) {
    told(budget, [host(`liar ${i}`)], { now, address: `10.1.0.${i}` });
  }
  const one = { changes: 1, now, address: "10.0.0.7" };
  assert.equal(told(budget, [fresh], one), 0);
  for (const one of [known, restored]) {
    const some = { changes: 100, now };
    assert.equal(told(budget, [one], some), RESERVED_EVENTS_AT_ONCE);
  }
});

Deno.test("EventBudget tells the first list of a host whole, however long, and another whole list only when nothing is owed", () => {
  const budget = new EventBudget();
  const large = host("beta", 4_096);
  const list = { count: 4_097, isOnlyMore: true, address: ADDRESS };
  assert.equal(budget.take(large, { ...list, now: 0 }), null);
  assert.equal(told(budget, [large], { changes: 100, now: 5_000 }), 95);
  const other = { ...list, isOnlyMore: false };
  assert.equal(budget.take(large, { ...other, now: 10_000 }), "own");
  assert.equal(budget.take(large, { ...other, now: 30_000 }), null);
  // It owes what it took.
  assert.equal(told(budget, [large], { now: 190_000 }), 0);
  assert.equal(told(budget, [large], { now: 500_000 }), EVENTS_AT_ONCE);
});

Deno.test("EventBudget keeps to the reserve while changes cost too much", () => {
  const budget = new EventBudget();
  const [known, fresh] = [host("beta"), host("gamma")];
  budget.remember([known]);
  const about = { count: 1, isOnlyMore: true, isTight: true, address: ADDRESS };
  assert.equal(budget.take(known, { ...about, now: 0 }), null);
  assert.equal(budget.take(fresh, { ...about, now: 0 }), "all");
});

Deno.test("senderOf() is the address, or the network of an IPv6 address that routers know", () => {
  assert.equal(senderOf("192.0.2.1"), "192.0.2.1");
  assert.equal(senderOf("fe80::1%eth0"), "fe80::1%eth0");
  assert.equal(senderOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  assert.equal(senderOf("2001:db8::1"), "2001:db8:0:0::/64");
  assert.equal(senderOf("2001:db8:1:2::1"), "2001:db8:1:2::/64");
  assert.equal(senderOf("::1"), "0:0:0:0::/64");
});
