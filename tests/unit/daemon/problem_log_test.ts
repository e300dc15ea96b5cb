import assert from "node:assert/strict";
import { Log, ProblemLog } from "../../../src/daemon/log.ts";

Deno.test("ProblemLog says each problem once, whatever others come and go, and the end of all once", () => {
  const lines: string[] = [];
  const log = new Log({ level: "info", format: "text" }, {
    write: (line) => lines.push(line.replace(/^\S+ (\w+) +/, "$1 ").trimEnd()),
    timeOfDay: () => new Date(0),
  });
  const problems = new ProblemLog(log, "all is well");
  for (const now of [[], ["a"], ["a", "b"], ["b"], [], [], ["a"]]) {
    problems.tell(now);
  }
  assert.deepEqual(lines, [
    "warn a",
    "warn b",
    "info all is well",
    "warn a",
  ]);
});
