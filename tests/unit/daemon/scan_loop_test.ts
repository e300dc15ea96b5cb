import assert from "node:assert/strict";
import { Log } from "../../../src/daemon/log.ts";
import { ScanLoop } from "../../../src/daemon/scan_loop.ts";

Deno.test("ScanLoop logs each problem once, and the end of all", async () => {
  const found = [
    [],
    ["no blkid"],
    ["no blkid", "sdb hangs"],
    ["sdb hangs"],
    [],
    [],
    ["no blkid"],
  ];
  assert.deepEqual(await logOf(found), [
    "warn  no blkid",
    "warn  sdb hangs",
    "info  scans are whole again",
    "warn  no blkid",
  ]);
});

/** What is logged of scans that find these problems, one after the other. */
async function logOf(found: readonly string[][]): Promise<string[]> {
  const lines: string[] = [];
  const left = [...found];
  const loop = new ScanLoop({
    scan: () => {
      const problems = left.shift() ?? [];
      const ok = problems.length === 0;
      return Promise.resolve({ disks: null, ok, problems, durationMs: 1 });
    },
    now: () => 0,
    intervalMs: 3_600_000,
    onResult() {},
    log: new Log({ level: "debug", format: "text" }, {
      write: (line) => void lines.push(line.slice(25).trimEnd()),
      timeOfDay: () => new Date(0),
    }),
  });
  for (const _ of found) await loop.now();
  loop.stop();
  return lines;
}
