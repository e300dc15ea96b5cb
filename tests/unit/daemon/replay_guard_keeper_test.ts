import assert from "node:assert/strict";
import { Log } from "../../../src/daemon/log.ts";
import {
  FLUSH_JOURNAL_MS,
  ReplayGuardKeeper,
  SAVE_NEWS_MS,
  SAVE_REPEATS_MS,
  SAVE_SOON_MS,
} from "../../../src/daemon/replay_guard_keeper.ts";
import type { Mark } from "../../../src/store/mark_journal.ts";
import { MockedTime } from "../../support/mocked_time.ts";

function setUp(time: MockedTime) {
  const noted: Mark[] = [];
  const savedAt: number[] = [];
  const lines: string[] = [];
  const problems: string[] = [];
  const lost: string[] = [];
  const keeper = new ReplayGuardKeeper({
    guard: {
      note: (...marks) => void noted.push(...marks),
      start: () => {},
      save: () => {
        savedAt.push(time.now());
        return Promise.resolve();
      },
      stop: () => Promise.resolve(),
      keepJournal: () => lost.pop() ?? null,
      problems,
    },
    now: time.now,
    log: new Log({ level: "info", format: "text" }, {
      write: (line) => lines.push(line),
      timeOfDay: () => new Date(0),
    }),
  });
  return { keeper, noted, savedAt, lines, problems, lost };
}

const NEWS = { id: "a", boot: 1, seq: 1, isNews: true };
const REPEAT = { id: "a", boot: 1, seq: 2, isNews: false };

const OTHER = { id: "b", boot: 1, seq: 1, isNews: false };

Deno.test("ReplayGuardKeeper notes the last mark of each host within 20 ms, in the order of acceptance", async () => {
  using time = new MockedTime();
  const { keeper, noted } = setUp(time);
  keeper.note(NEWS);
  keeper.note(OTHER);
  keeper.note(REPEAT);
  await time.pass(FLUSH_JOURNAL_MS - 1);
  assert.deepEqual(noted, []);
  await time.pass(1);
  assert.deepEqual(noted, [
    { id: "b", boot: 1, seq: 1 },
    { id: "a", boot: 1, seq: 2 },
  ]);
  await time.pass(FLUSH_JOURNAL_MS);
  assert.equal(noted.length, 2);
});

Deno.test("ReplayGuardKeeper notes what waits when it is told to flush, once", async () => {
  using time = new MockedTime();
  const { keeper, noted } = setUp(time);
  keeper.flush();
  keeper.note(NEWS);
  keeper.flush();
  assert.deepEqual(noted, [{ id: "a", boot: 1, seq: 1 }]);
  keeper.flush();
  await time.pass(FLUSH_JOURNAL_MS);
  assert.equal(noted.length, 1);
});

Deno.test("ReplayGuardKeeper notes what waits before it stops", async () => {
  using time = new MockedTime();
  const { keeper, noted } = setUp(time);
  keeper.note(NEWS);
  await keeper.stop();
  assert.equal(noted.length, 1);
});

Deno.test("ReplayGuardKeeper writes news soon, and then at most once a minute", async () => {
  using time = new MockedTime();
  const { keeper, savedAt } = setUp(time);
  keeper.note(NEWS);
  keeper.note(NEWS);
  await time.pass(SAVE_SOON_MS);
  assert.deepEqual(savedAt, [SAVE_SOON_MS]);
  keeper.note(NEWS);
  await time.pass(SAVE_NEWS_MS);
  assert.deepEqual(savedAt, [SAVE_SOON_MS, SAVE_SOON_MS + SAVE_NEWS_MS]);
  await time.pass(2 * SAVE_NEWS_MS);
  assert.equal(savedAt.length, 2);
});

Deno.test("ReplayGuardKeeper writes repeats every five minutes, and with the news that comes before", async () => {
  using time = new MockedTime();
  const { keeper, savedAt } = setUp(time);
  keeper.note(REPEAT);
  await time.pass(SAVE_REPEATS_MS - 1);
  assert.deepEqual(savedAt, []);
  await time.pass(1);
  assert.deepEqual(savedAt, [SAVE_REPEATS_MS]);
  keeper.note(REPEAT);
  await time.pass(SAVE_NEWS_MS);
  keeper.note(NEWS);
  await time.pass(SAVE_SOON_MS);
  assert.equal(savedAt.length, 2);
  await time.pass(SAVE_REPEATS_MS);
  assert.equal(savedAt.length, 2);
});

Deno.test("ReplayGuardKeeper writes nothing where nothing was accepted, nor when it has stopped", async () => {
  using time = new MockedTime();
  const { keeper, savedAt } = setUp(time);
  keeper.start();
  await time.pass(2 * SAVE_REPEATS_MS);
  keeper.note(NEWS);
  await keeper.stop();
  await time.pass(SAVE_NEWS_MS);
  assert.deepEqual(savedAt, []);
});

Deno.test("ReplayGuardKeeper logs what goes wrong once, and when it is well again", async () => {
  using time = new MockedTime();
  const { keeper, lines, problems } = setUp(time);
  problems.push("Cannot write x");
  keeper.start();
  keeper.note(NEWS);
  await time.pass(SAVE_SOON_MS);
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, / warn +Cannot write x/);
  assert.deepEqual(keeper.problems, problems);
  problems.pop();
  keeper.note(NEWS);
  await time.pass(SAVE_NEWS_MS);
  assert.match(lines[1]!, / info +accepted datagrams are recorded again/);
});

Deno.test("ReplayGuardKeeper.check() says which file was lost, once, and logs problems", () => {
  using time = new MockedTime();
  const { keeper, lost, lines, problems } = setUp(time);
  assert.equal(keeper.check(), null);
  lost.push("/run/diskd/control.sock.accepted");
  assert.equal(keeper.check(), "/run/diskd/control.sock.accepted");
  assert.equal(keeper.check(), null);
  assert.deepEqual(lines, []);
  problems.push("no room");
  keeper.check();
  assert.match(lines.join(), /warn +no room/);
});
