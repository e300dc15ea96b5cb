import assert from "node:assert/strict";
import { Log, type LogOptions } from "../../../src/daemon/log.ts";

const TIME = "2026-01-01T00:00:00.000Z";

Deno.test("a line has time, level, message and what belongs to it", () => {
  const { log, lines } = logged({ level: "info", format: "text" });
  log.info("attached", { host: "alpha", label: "my disk", uuid: null, n: 2 });
  assert.deepEqual(lines, [
    `${TIME} info  attached host=alpha label="my disk" n=2\n`,
  ]);
});

Deno.test("what a stick from the street is called cannot make a second line or move the cursor", () => {
  const { log, lines } = logged({ level: "info", format: "text" });
  log.warn("attached", { label: 'x"\n2026 error \x1b[2J\u202e' });
  assert.deepEqual(lines, [
    `${TIME} warn  attached label="x\\"\\x0a2026 error \\x1b[2J\\u202e"\n`,
  ]);
});

Deno.test("levels below the one that is set are left out, until it is set anew", () => {
  const { log, lines } = logged({ level: "warn", format: "text" });
  log.info("no");
  log.error("yes");
  log.configure({ level: "debug", format: "text" });
  log.debug("yes");
  assert.equal(lines.length, 2);
});

Deno.test("as JSON each line is one document", () => {
  const { log, lines } = logged({ level: "info", format: "json" });
  log.info("attached", { label: "a\nb" });
  assert.deepEqual(lines.map((line) => JSON.parse(line)), [
    { time: TIME, level: "info", message: "attached", label: "a\nb" },
  ]);
  assert.equal(lines[0]!.indexOf("\n"), lines[0]!.length - 1);
  log.info("attached", { label: "\x9b2J\u202e" });
  assert.match(lines[1]!, /"label":"\\u009b2J\\u202e"/);
});

function logged(options: LogOptions) {
  const lines: string[] = [];
  const log = new Log(options, {
    write: (line) => lines.push(line),
    timeOfDay: () => new Date(TIME),
  });
  return { log, lines };
}
