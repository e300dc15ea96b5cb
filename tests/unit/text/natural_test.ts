import assert from "node:assert/strict";
import { compareNatural } from "../../../src/text/natural.ts";

Deno.test("compareNatural() takes numbers by their value", () => {
  const sorted = [
    "/dev/nvme0n1",
    "/dev/nvme0n1p2",
    "/dev/nvme0n1p10",
    "/dev/sda",
    "/dev/sda2",
    "/dev/sda10",
    "/dev/sdb",
    "/dev/sdb1",
  ];
  assert.deepEqual(sorted.toReversed().sort(compareNatural), sorted);
  assert.equal(compareNatural("a1", "a1"), 0);
});
