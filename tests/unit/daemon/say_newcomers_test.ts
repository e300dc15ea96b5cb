import assert from "node:assert/strict";
import { sayNewcomers } from "../../../src/daemon/say_newcomers.ts";
import { hostRow } from "../render/rows.ts";

const nameHolder = {
  host: "beta",
  hostId: "77ab31",
  uniqueHost: "beta@77ab31",
  since: "2026-03-12T08:00:00.000Z",
};
const newcomer = hostRow({
  host: "beta",
  hostId: "1f0c22",
  uniqueHost: "beta@1f0c22",
  addresses: ["10.0.0.9"],
  nameHolder,
});

Deno.test("sayNewcomers() says whose name it is, since when, who comes, and what settles it", () => {
  assert.deepEqual(sayNewcomers([hostRow(), newcomer], "self"), [
    "beta is known by another key since 2026-03-12; the newcomer is " +
    "beta@1f0c22 at 10.0.0.9: reinstalled, or somebody pretends; settle it " +
    "with: diskd forget beta@77ab31",
  ]);
  const [unproven] = sayNewcomers([{ ...newcomer, proven: false }], "self");
  assert.match(unproven!, /at 10\.0\.0\.9, which proves nothing:/);
  const [own] = sayNewcomers([newcomer], "77ab31");
  assert.match(own!, /^beta@1f0c22 at 10\.0\.0\.9 has the name of this host/);
});

Deno.test("sayNewcomers() says a sentence a name, and few of them in a flood", () => {
  const many = Array.from({ length: 10_000 }, () => newcomer);
  const said = sayNewcomers(many, "self");
  assert.equal(said.length, 1);
  assert.match(said[0]!, / and 9999 more: /);
  const names = Array.from({ length: 100 }, (_, index) => ({
    ...newcomer,
    host: `beta${index}`,
  }));
  const few = sayNewcomers(names, "self");
  assert.equal(few.length, 6);
  assert.equal(few.at(-1), "95 more names come under another key");
});
