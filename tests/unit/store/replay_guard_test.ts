import assert from "node:assert/strict";
import {
  ReplayGuard,
  type ReplayGuardOptions,
} from "../../../src/store/replay_guard.ts";
import {
  type KeptMark,
  type Mark,
  markLine,
  MAX_JOURNAL_BYTES,
  readMarkLines,
} from "../../../src/store/mark_journal.ts";

/** The files of a daemon; gone when the block is left. */
class Files implements AsyncDisposable {
  readonly #opened: ReplayGuard[] = [];
  today = TODAY;
  readonly directory = Deno.makeTempDirSync({ prefix: "diskd-accepted-" });
  readonly journal = `${this.directory}/control.sock.accepted`;
  readonly snapshot = `${this.directory}/state/accepted.txt`;

  open(most = 100): ReplayGuard {
    const { journal, snapshot } = this;
    return this.openAt({ journal, snapshot, most });
  }

  openAt(options: Omit<ReplayGuardOptions, "wallClock">): ReplayGuard {
    const wallClock = () => this.today * DAY_MS;
    const marks = new ReplayGuard({ ...options, wallClock });
    this.#opened.push(marks);
    return marks;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const marks of this.#opened) await marks.stop();
    Deno.removeSync(this.directory, { recursive: true });
  }
}

const TODAY = 20_780;
const DAY_MS = 86_400_000;
const KNOWN = { days: 1, day: TODAY };

const A1: KeptMark = { id: "a", boot: 1, seq: 1, ...KNOWN };
const A2: KeptMark = { id: "a", boot: 1, seq: 2, ...KNOWN };
const A3: KeptMark = { id: "a", boot: 2, seq: 0, ...KNOWN };
const B: KeptMark = { id: "b", boot: 9, seq: 9, ...KNOWN };

Deno.test("AcceptedMarks has nothing at first, and writes nothing by being read", async () => {
  await using files = new Files();
  const marks = files.open();
  assert.deepEqual([[...marks.marks], marks.problems], [[], []]);
  assert.deepEqual([...Deno.readDirSync(files.directory)], []);
});

Deno.test("AcceptedMarks outlives a daemon that is killed, by its journal alone", async () => {
  await using files = new Files();
  const marks = files.open();
  marks.start();
  marks.note(A1);
  marks.note(B);
  marks.note(A2);
  // Nothing is closed or saved.
  const next = files.open();
  assert.deepEqual([...next.marks], [B, A2]);
  assert.deepEqual(next.problems, []);
  assert.equal(Deno.statSync(files.journal).mode! & 0o777, 0o600);
  assert.throws(() => Deno.statSync(files.snapshot), Deno.errors.NotFound);
  Deno.writeTextFileSync(files.journal, "b 9 1", { append: true });
  assert.deepEqual(files.open().problems, []);
  assert.deepEqual([...files.open().marks], [B, A2]);
});

Deno.test("AcceptedMarks outlives the machine by its snapshot", async () => {
  await using files = new Files();
  const marks = files.open();
  marks.start();
  marks.note(A1);
  await marks.save();
  marks.note(B);
  Deno.removeSync(files.journal);
  assert.deepEqual([...files.open().marks], [A1]);
  await marks.stop();
  assert.deepEqual([...files.open().marks], [A1, B]);
  assert.equal(Deno.statSync(files.snapshot).mode! & 0o777, 0o600);
  assert.equal(Deno.statSync(`${files.directory}/state`).mode! & 0o777, 0o700);
});

Deno.test("AcceptedMarks takes the larger mark of both files", async () => {
  for (const [first, then] of [[A3, A2], [A2, A3], [A1, A3]] as const) {
    await using files = new Files();
    const marks = files.open();
    marks.start();
    marks.note(first);
    await marks.stop();
    Deno.writeTextFileSync(files.journal, markLine(then));
    assert.deepEqual([...files.open().marks], [A3]);
  }
});

Deno.test("AcceptedMarks never goes back to an earlier mark", async () => {
  await using files = new Files();
  const marks = files.open();
  marks.start();
  for (const mark of [A3, A2, A1]) marks.note(mark);
  assert.deepEqual([...marks.marks], [A3]);
  assert.deepEqual([...files.open().marks], [A3]);
});

Deno.test("AcceptedMarks keeps those that were accepted last, of those known for as long", async () => {
  await using files = new Files();
  const marks = files.open(2);
  for (const id of ["a", "b", "c", "b", "d"]) marks.note({ ...A1, id });
  assert.deepEqual([...marks.marks].map(({ id }) => id), ["b", "d"]);
});

Deno.test("AcceptedMarks keeps hosts that are known for days, whoever invents thousands", async () => {
  await using files = new Files();
  const old = files.open(2_000);
  old.start();
  const invent = (marks: ReplayGuard, name: string) => {
    for (let n = 0; n < 5_000; n++) marks.note({ ...A1, id: `${name}-${n}` });
  };
  const kept = (marks: ReplayGuard) =>
    new Set([...marks.marks].map(({ id }) => id));
  old.note(A1, B);
  await old.stop();
  files.today++;
  const marks = files.open(2_000);
  marks.start();
  marks.note(A2);
  invent(marks, "made-up");
  assert.ok(kept(marks).has("a"));
  assert.ok(kept(marks).size <= 2_000 && kept(marks).size > 1_800);
  await marks.stop();
  files.today++;
  const next = files.open(2_000);
  next.start();
  invent(next, "again");
  assert.ok(kept(next).has("a"));
  assert.ok(!kept(next).has("b"));
  const a = [...next.marks].find(({ id }) => id === "a");
  assert.deepEqual(a, { ...A2, days: 2, day: TODAY + 1 });
});

Deno.test("AcceptedMarks appends what is new to its snapshot, and writes it anew when it is twice as long as needed", async () => {
  await using files = new Files();
  const marks = files.open(20_000);
  marks.start();
  const id = (n: number) => String(n).padStart(32, "0");
  const size = () => Deno.statSync(files.snapshot).size;
  for (let n = 0; n < 10_000; n++) marks.note({ ...A1, id: id(n) });
  await marks.save();
  const { ino } = Deno.statSync(files.snapshot);
  const whole = size();
  let written = 0;
  for (let turn = 1; turn < 60; turn++) {
    for (let n = 0; n < 500; n++) {
      marks.note({ ...A1, id: id(turn * 7 + n), seq: turn + 1 });
    }
    const before = size();
    await marks.save();
    written += size() > before ? size() - before : size();
    if (turn === 1) assert.equal(Deno.statSync(files.snapshot).ino, ino);
  }
  const received = 60 * 500 * 150;
  assert.ok(written < received, `${written} of ${received}`);
  assert.ok(size() < 2.5 * whole);
  const expected = [...marks.marks].toSorted(byId);
  Deno.removeSync(files.journal);
  assert.deepEqual([...files.open(20_000).marks].toSorted(byId), expected);
});

Deno.test("AcceptedMarks writes a snapshot anew that somebody changed or removed", async () => {
  await using files = new Files();
  const marks = files.open();
  marks.start();
  marks.note(A1);
  await marks.save();
  Deno.removeSync(files.snapshot);
  marks.note(B);
  await marks.save();
  assert.equal(
    readMarkLines(Deno.readTextFileSync(files.snapshot)).marks.length,
    2,
  );
  Deno.writeTextFileSync(files.snapshot, "x\n", { append: true });
  marks.note(A2);
  await marks.save();
  assert.deepEqual(readMarkLines(Deno.readTextFileSync(files.snapshot)), {
    marks: [B, A2],
    damagedLines: 0,
  });
});

function byId(a: Mark, b: Mark): number {
  return a.id < b.id ? -1 : 1;
}

Deno.test("AcceptedMarks writes a journal that grew large anew", async () => {
  await using files = new Files();
  const marks = files.open();
  marks.start();
  const line = markLine(A1).length;
  for (let seq = 0; seq * line < 2 * MAX_JOURNAL_BYTES; seq++) {
    marks.note({ ...A1, seq });
  }
  assert.ok(Deno.statSync(files.journal).size < MAX_JOURNAL_BYTES + line);
  const [kept] = marks.marks;
  assert.deepEqual([...files.open().marks], [kept]);
  assert.deepEqual([...Deno.readDirSync(files.directory)].length, 1);
});

Deno.test("AcceptedMarks does not write a journal anew all the time where many marks count", async () => {
  await using files = new Files();
  const marks = files.open(20_000);
  marks.start();
  const id = (n: number) => String(n).padStart(64, "0");
  for (let n = 0; n < 20_000; n++) marks.note({ ...A1, id: id(n) });
  const { size } = Deno.statSync(files.journal);
  assert.ok(size > MAX_JOURNAL_BYTES);
  const { ino } = Deno.statSync(files.journal);
  for (let n = 0; n < 100; n++) marks.note({ ...A2, id: id(n) });
  assert.equal(Deno.statSync(files.journal).ino, ino);
  assert.equal([...files.open(20_000).marks].length, 20_000);
});

Deno.test("AcceptedMarks keeps what can be read of damaged files, says so, and mends them", async () => {
  await using files = new Files();
  Deno.mkdirSync(`${files.directory}/state`);
  const odd = new Uint8Array([0, 255, 10]);
  Deno.writeFileSync(files.journal, odd);
  Deno.writeTextFileSync(files.journal, markLine(B), { append: true });
  Deno.writeTextFileSync(files.snapshot, `a 1 7 00000000\nx\n${markLine(A1)}`);
  const marks = files.open();
  assert.deepEqual([...marks.marks], [A1, B]);
  assert.equal(marks.problems.length, 2);
  assert.match(
    marks.problems[0]!,
    /accepted\.txt has 2 damaged lines, now ignored/,
  );
  assert.match(marks.problems[1]!, /accepted has 1 damaged line, now ignored/);
  marks.start();
  await marks.stop();
  assert.deepEqual([...files.open().marks], [A1, B]);
  assert.deepEqual(files.open().problems, []);
});

Deno.test("AcceptedMarks does without files that cannot be read, and says so", async () => {
  await using files = new Files();
  Deno.mkdirSync(files.journal);
  const marks = files.open();
  assert.deepEqual([...marks.marks], []);
  assert.match(marks.problems.join(), /^Cannot read .*\.accepted: .*directory/);
});

Deno.test("AcceptedMarks goes on where neither can be written, and writes when they can be", async () => {
  await using files = new Files();
  const blocked = `${files.directory}/not-yet`;
  const marks = files.openAt({
    journal: `${blocked}/control.sock.accepted`,
    snapshot: `${files.snapshot}/accepted.txt`,
    most: 9,
  });
  Deno.mkdirSync(`${files.directory}/state`);
  Deno.writeTextFileSync(
    files.snapshot,
    "a file where the directory should be",
  );
  marks.start();
  marks.note(A1);
  await marks.save();
  assert.deepEqual([...marks.marks], [A1]);
  assert.equal(marks.problems.length, 2);
  for (const problem of marks.problems) {
    assert.match(problem, /^Cannot write .*: .*\. Until this is fixed /);
  }
  Deno.mkdirSync(blocked);
  Deno.removeSync(files.snapshot);
  marks.note(B);
  await marks.save();
  assert.deepEqual(marks.problems, []);
  marks.note(A2);
  const next = files.openAt({
    journal: `${blocked}/control.sock.accepted`,
    snapshot: `${files.directory}/nothing`,
    most: 9,
  });
  assert.deepEqual([...next.marks], [B, A2]);
});
