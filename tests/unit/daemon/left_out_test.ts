import assert from "node:assert/strict";
import {
  LeftOut,
  MAX_SUMMARIES_A_SECOND,
  SETTLED_AFTER_MS,
} from "../../../src/daemon/left_out.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { info } from "./history_site.ts";

/** So many hosts, each with an address of its own, and changes that were left out. */
function setUp(count: number) {
  const inventory = new Inventory(info("self", "self"));
  const leftOut = new LeftOut(inventory);
  for (let i = 0; i < count; i++) {
    const address = `10.0.${i >> 8}.${i & 255}`;
    const id = `host-${i}`;
    inventory.applyAnnouncement(info(id, id), [], { address, now: 0 });
    const about = { because: "own", address, now: 0 } as const;
    leftOut.add(inventory.host(id)!, { ...about, count: 100 + i });
  }
  return { inventory, leftOut };
}

Deno.test("LeftOut tells some hosts a second, those with few changes first", () => {
  const { leftOut } = setUp(MAX_SUMMARIES_A_SECOND + 5);
  assert.deepEqual(leftOut.due(SETTLED_AFTER_MS - 1), []);
  const first = leftOut.due(SETTLED_AFTER_MS);
  assert.equal(first.length, MAX_SUMMARIES_A_SECOND);
  assert.deepEqual(first[0]?.events, 100);
  assert.equal(leftOut.due(SETTLED_AFTER_MS).length, 5);
  assert.deepEqual(leftOut.due(SETTLED_AFTER_MS), []);
});

Deno.test("LeftOut has a line for all hosts together, and names those with most", () => {
  const { leftOut } = setUp(100);
  assert.deepEqual(leftOut.takeLine(0), {
    events: 14_950,
    hosts: 100,
    most: "host-99, host-98, host-97",
  });
  assert.equal(leftOut.takeLine(1_000_000), null);
});

Deno.test("LeftOut keeps nothing of hosts that are forgotten", () => {
  const { inventory, leftOut } = setUp(10);
  for (let i = 0; i < 10; i++) inventory.forget(`host-${i}`);
  assert.deepEqual(leftOut.due(SETTLED_AFTER_MS), []);
  assert.equal(leftOut.isEmpty, false);
  assert.equal(leftOut.takeLine(0)?.["events"], 1_045);
  assert.equal(leftOut.isEmpty, true);
  assert.deepEqual(leftOut.problems, []);
  assert.deepEqual(leftOut.view.hosts, []);
  assert.equal(leftOut.view.events, 1_045);
});

Deno.test("LeftOut says of a host at another site where its address is", () => {
  const { inventory, leftOut } = setUp(0);
  const address = "10.0.0.1@away";
  inventory.applyAnnouncement(info("b1", "b1"), [], { address, now: 0 });
  const about = { because: "own", address, now: 0, count: 9 } as const;
  leftOut.add(inventory.host("b1")!, about);
  assert.deepEqual(leftOut.view.hosts.map(({ address }) => address), [
    "10.0.0.1",
  ]);
  assert.match(leftOut.problems[0]!, /^b1 at 10\.0\.0\.1 at away changes /);
});

Deno.test("LeftOut names few senders, and counts the others", () => {
  const { leftOut } = setUp(5);
  const { problems } = leftOut;
  assert.equal(problems.length, 4);
  assert.match(
    problems[0]!,
    /^host-4 at 10\.0\.0\.4 changes its disks 104 times/,
  );
  assert.equal(problems[3], "Hosts at 2 more addresses do the same");
});
