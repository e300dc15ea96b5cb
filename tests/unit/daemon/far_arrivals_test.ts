import assert from "node:assert/strict";
import {
  FarArrivals,
  GATHER_FAR_MS,
} from "../../../src/daemon/far_arrivals.ts";
import { Log } from "../../../src/daemon/log.ts";
import { MockedTime } from "../../support/mocked_time.ts";

Deno.test("FarArrivals logs hosts of a site that come together in one line, and a single one by name", async () => {
  using time = new MockedTime();
  const lines: string[] = [];
  const log = new Log({ level: "info", format: "text" }, {
    write: (line) => lines.push(line.replace(/^\S+ (\w+) +/, "$1 ").trimEnd()),
    timeOfDay: () => new Date(0),
  });
  const arrivals = new FarArrivals(log);
  for (let i = 0; i < 100; i++) {
    arrivals.add({ host: `host${i}`, site: "home", disks: i % 2 ? 10 : null });
  }
  arrivals.add({ host: "beta", site: "cabin", disks: 3 });
  assert.deepEqual(lines, []);
  await time.pass(GATHER_FAR_MS, 100);
  assert.deepEqual(lines, [
    "info hosts up site=home hosts=100 disks=500",
    "info host-up host=beta site=cabin disks=3",
  ]);
  arrivals.add({ host: "gamma", site: "cabin", disks: null });
  arrivals.flush();
  assert.match(lines.at(-1)!, /^info host-up host=gamma site=cabin/);
  await time.pass(GATHER_FAR_MS, 100);
  assert.equal(lines.length, 3);
});
