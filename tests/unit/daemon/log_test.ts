import assert from "node:assert/strict";
import {
  Log,
  type LogOptions,
  MAX_WAITING_CHARS,
} from "../../../src/daemon/log.ts";

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

Deno.test("the journal gets priorities, and no time of its own", () => {
  const { log, lines } = logged({ level: "debug", format: "text" }, true);
  log.error("a");
  log.warn("b", { label: "<3>x\n<0>y" });
  log.info("c");
  log.debug("d");
  log.configure({ level: "info", format: "json" });
  log.warn("e");
  assert.deepEqual(lines, [
    "<3>a\n",
    "<4>b label=<3>x\\x0a<0>y\n",
    "<6>c\n",
    "<7>d\n",
    `<4>{"time":"${TIME}","level":"warn","message":"e"}\n`,
  ]);
});

Deno.test("a log that nobody reads loses lines instead of growing, and says how many once it is read", async () => {
  const lines: string[] = [];
  let waitingChars = 0;
  let read = Promise.withResolvers<void>();
  const log = new Log({ level: "info", format: "json" }, {
    write(line) {
      lines.push(line);
      waitingChars += line.length;
    },
    timeOfDay: () => new Date(TIME),
    waitingChars: () => waitingChars,
    drained: () => read.promise,
  });
  for (let round = 1; round <= 2; round++) {
    for (let n = 0; n < 100_000; n++) log.info("event", { n });
    const kept = lines.splice(0).length;
    assert.ok(waitingChars < MAX_WAITING_CHARS + 200, `${waitingChars} chars`);
    waitingChars = 0;
    log.info("too late for those who read in between");
    assert.deepEqual(lines, []);
    read.resolve();
    await read.promise;
    assert.deepEqual(lines.splice(0).map((line) => JSON.parse(line)), [{
      time: TIME,
      level: "warn",
      message: "log lines were lost because nobody read them",
      lines: 100_000 - kept + 1,
    }]);
    waitingChars = 0;
    log.info("read again");
    assert.match(lines.splice(0).join(""), /read again/);
    waitingChars = 0;
    read = Promise.withResolvers();
  }
});

function logged(options: LogOptions, isJournal = false) {
  const lines: string[] = [];
  const log = new Log(options, {
    write: (line) => lines.push(line),
    timeOfDay: () => new Date(TIME),
    isJournal,
  });
  return { log, lines };
}
