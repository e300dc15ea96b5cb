import assert from "node:assert/strict";
import { blink, parseBlinkTime } from "../../../src/mount/blink.ts";
import type { Refusal } from "../../../src/mount/refusal.ts";
import type { RunOutcome, System } from "../../../src/system/system.ts";
import { MockedTime } from "../../support/mocked_time.ts";
import { exited, scriptedSystem } from "../../support/scripted_system.ts";
import { refusalOf } from "./local_support.ts";

const MB = 1024 * 1024;
const SDB = { device: "/dev/sdb", size: 100 * MB, majMin: "8:16" };
const SDC = { device: "/dev/sdc", size: 1000, majMin: "8:32" };

/** How long a read takes. */
const READ_MS = 40;
const READ = exited({ stderr: "4+0 records in\n4+0 records out\n" });

/** Drives whose programs a test decides upon, in time that passes when it says so. */
class Drives implements Disposable {
  readonly time = new MockedTime();
  readonly ending = new AbortController();
  /** Each program, and when it was started. */
  readonly runs: { readonly at: number; readonly words: string }[] = [];
  readonly said: string[] = [];
  /** Those with a locate light. */
  readonly lights = new Set<string>();
  /** How programs end instead, by a part of their words. */
  readonly failures = new Map<string, RunOutcome | Promise<RunOutcome>>();

  readonly system: System = {
    ...scriptedSystem(({ program, args }) =>
      this.#run([program, ...args].join(" "))
    ),
    now: this.time.now,
    random: () => 0.5,
  };

  start(...drives: readonly typeof SDB[]): Promise<void> {
    return blink(drives, {
      system: this.system,
      signal: this.ending.signal,
      say: (text) => void this.said.push(text),
    });
  }

  /** Times of the reads of a drive. */
  reads(device: string): number[] {
    return this.runs.filter(({ words }) => words.startsWith(`dd if=${device} `))
      .map(({ at }) => at);
  }

  get ledctl(): string[] {
    return this.runs.map(({ words }) => words)
      .filter((words) => words.startsWith("ledctl "));
  }

  [Symbol.dispose](): void {
    this.time[Symbol.dispose]();
  }

  async #run(words: string): Promise<RunOutcome> {
    this.runs.push({ at: this.time.now(), words });
    const failure = [...this.failures].find(([part]) => words.includes(part));
    if (failure !== undefined) return await failure[1];
    if (words.startsWith("lsblk ")) {
      const drive = [SDB, SDC].find(({ device }) => words.endsWith(device))!;
      return exited({ stdout: ` ${drive.majMin} ${drive.size}\n` });
    }
    if (words.startsWith("ledctl ")) {
      const isKnown = [...this.lights].some((one) => words.endsWith(`=${one}`));
      return isKnown ? exited({}) : exited({ code: 33 });
    }
    await new Promise((resolve) => setTimeout(resolve, READ_MS));
    return READ;
  }
}

Deno.test("blink() reads for a second, and not for a second, until it is to end", async () => {
  using drives = new Drives();
  const blinking = drives.start(SDB);
  await drives.time.pass(5_500);
  drives.ending.abort();
  await drives.time.pass(1);
  await blinking;
  const times = drives.reads("/dev/sdb");
  for (const [from, to] of [[0, 1_000], [2_000, 3_100], [4_000, 5_200]]) {
    const pulse = times.filter((at) => at >= from! && at <= to!);
    assert.ok(pulse.length > 10, `${from}: ${pulse}`);
  }
  for (const [from, to] of [[1_100, 1_990], [3_200, 3_990]]) {
    assert.deepEqual(times.filter((at) => at > from! && at < to!), []);
  }
  assert.match(drives.said.join(), /^No locate light is known: .* in pulses/);
});

Deno.test("blink() reads past the cache, within the drive, and writes nothing", async () => {
  using drives = new Drives();
  const blinking = drives.start(SDB, SDC);
  await drives.time.pass(500);
  drives.ending.abort();
  await blinking;
  const reads = drives.runs.map(({ words }) => words)
    .filter((words) => words.startsWith("dd "));
  for (const words of reads) {
    const [, device, skip] =
      /^dd if=(\S+) of=\/dev\/null bs=1048576 count=4 skip=(\d+) iflag=direct$/
        .exec(words)!;
    assert.equal(Number(skip), device === "/dev/sdb" ? 48 : 0);
  }
  assert.ok(drives.reads("/dev/sdb").length > 0);
  assert.ok(drives.reads("/dev/sdc").length > 0);
});

Deno.test("blink() leaves a drive with a locate light alone, and no other light is touched", async () => {
  using drives = new Drives();
  drives.lights.add("/dev/sdb");
  const blinking = drives.start(SDB, SDC);
  await drives.time.pass(3_000);
  drives.ending.abort();
  await blinking;
  assert.deepEqual(drives.ledctl, [
    "ledctl --listed-only locate=/dev/sdb",
    "ledctl --listed-only locate=/dev/sdc",
    "ledctl --listed-only locate_off=/dev/sdb",
  ]);
  assert.deepEqual(drives.reads("/dev/sdb"), []);
  assert.ok(drives.reads("/dev/sdc").length > 0);
  assert.match(drives.said[0]!, /^The locate light of \/dev\/sdb blinks/);
  assert.match(drives.said[1]!, /^No locate light of \/dev\/sdc is known/);
});

const NO_LIGHT: readonly (readonly [string, RunOutcome])[] = [
  ["is missing", { kind: "missing" }],
  ["must not run", { kind: "denied", reason: "no" }],
  ["fails", exited({ code: 8 })],
  [
    "only complains",
    exited({ stderr: "ledctl: /dev/sdb: device not supported\n" }),
  ],
];

for (const [what, outcome] of NO_LIGHT) {
  Deno.test(`blink() reads where ledctl ${what}`, async () => {
    using drives = new Drives();
    drives.failures.set("ledctl", outcome);
    const blinking = drives.start(SDB);
    await drives.time.pass(500);
    drives.ending.abort();
    await blinking;
    assert.ok(drives.reads("/dev/sdb").length > 0);
    assert.equal(drives.ledctl.length, 1);
  });
}

Deno.test("blink() switches off what may be on, and again if Ctrl-C hit ledctl", async () => {
  using drives = new Drives();
  drives.failures.set("locate=", exited({ code: 130 }));
  drives.failures.set("locate_off", exited({ code: 130 }));
  const blinking = drives.start(SDB);
  await drives.time.pass(10);
  drives.ending.abort();
  await blinking;
  assert.equal(drives.ledctl.length, 4);
  assert.match(
    drives.said.at(-1)!,
    /^The light of \/dev\/sdb may still .*: ledctl --listed-only locate_off=/,
  );
});

Deno.test("blink() switches nothing on if it is to end", async () => {
  using drives = new Drives();
  drives.ending.abort();
  await drives.start(SDB);
  assert.deepEqual(drives.runs, []);
});

const FAILURES: readonly (readonly [
  what: string,
  part: string,
  outcome: RunOutcome,
  kind: Refusal["kind"],
  message: RegExp,
])[] = [
  [
    "cannot be read",
    "dd ",
    exited({
      code: 1,
      stderr: "/usr/bin/dd: error reading '/dev/sdb': Input/output error\n0+0",
    }),
    "failed",
    /^\/dev\/sdb fails, .* no more: error reading '\/dev\/sdb': Input/,
  ],
  [
    "is for root",
    "dd ",
    exited({ code: 1, stderr: "dd: failed to open 'x': Permission denied\n" }),
    "refused",
    /^this user may not read \/dev\/sdb$/,
  ],
  [
    "has no node",
    "dd ",
    exited({ code: 1, stderr: "dd: failed to open 'x': No such file or dir" }),
    "notAttached",
    /^\/dev\/sdb is gone$/,
  ],
  [
    "has nothing to read",
    "dd ",
    exited({ stderr: "0+0 records in\n0+0 records out\n" }),
    "notAttached",
    /is gone$/,
  ],
  [
    "hangs",
    "dd ",
    { kind: "timeout", exited: Promise.resolve() },
    "failed",
    /^\/dev\/sdb has not answered for 60 s/,
  ],
  ["has no dd", "dd ", { kind: "missing" }, "failed", /no dd on this host/],
  [
    "is not there",
    "lsblk",
    exited({ code: 32 }),
    "notAttached",
    /^\/dev\/sdb is gone$/,
  ],
  [
    "is another one",
    "lsblk",
    exited({ stdout: "8:48 104857600\n" }),
    "notAttached",
    /is gone$/,
  ],
  [
    "is empty now",
    "lsblk",
    exited({ stdout: "8:16 0\n" }),
    "notAttached",
    /is gone$/,
  ],
];

for (const [what, part, outcome, kind, message] of FAILURES) {
  Deno.test(`blink() stops when a drive ${what}, and switches the light off`, async () => {
    using drives = new Drives();
    drives.lights.add("/dev/sdc");
    const refused = refusalOf(drives.start(SDC, SDB));
    await drives.time.pass(10);
    drives.failures.set(part, outcome);
    await drives.time.pass(2_500);
    const refusal = await refused;
    assert.equal(refusal.kind, kind);
    if (part === "dd ") assert.match(refusal.message, message);
    assert.match(drives.ledctl.at(-1)!, /locate_off=\/dev\/sdc$/);
  });
}

Deno.test("blink() ends at once while a drive hangs", async () => {
  using drives = new Drives();
  drives.failures.set("dd ", new Promise(() => {}));
  const blinking = drives.start(SDB);
  await drives.time.pass(100);
  drives.ending.abort();
  await blinking;
});

Deno.test("blink() takes a dd that Ctrl-C hit for no failure", async () => {
  using drives = new Drives();
  drives.failures.set("dd ", exited({ code: 130 }));
  const blinking = drives.start(SDB);
  await drives.time.pass(100);
  drives.ending.abort();
  await blinking;
});

Deno.test("parseBlinkTime() reads times from 1s to 24h", () => {
  const times = [["1s", 1_000], ["30", 30_000], ["1.5m", 90_000]] as const;
  for (const [text, ms] of times) assert.equal(parseBlinkTime(text), ms);
  for (const text of ["", "0s", "999ms", "25h", "1y", "x"]) {
    assert.equal(parseBlinkTime(text), null, text);
  }
});
