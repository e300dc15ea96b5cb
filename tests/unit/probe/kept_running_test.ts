import assert from "node:assert/strict";
import {
  KEPT_RUNNING_TIMES as TIMES,
  KeptRunning,
} from "../../../src/probe/kept_running.ts";
import { MockedTime } from "../../support/mocked_time.ts";
import { endedWith, ScriptedPrograms } from "../../support/scripted_system.ts";

const NOT_FOUND =
  "seer was not found in PATH, /usr/sbin, /sbin, /usr/bin or /bin, so nothing is seen: install crystal.";

Deno.test("KeptRunning listens from the line that tells so", async () => {
  using run = running();
  run.programs.the("seer").print("heading");
  assert.equal(run.seer.isListening, false);
  run.programs.the("seer").print("ready");
  assert.deepEqual(run.states, ["listening"]);
  assert.deepEqual(run.lines, ["heading", "ready"]);
  await run.time.pass(TIMES.readyMs);
  assert.deepEqual(run.states, ["listening"]);
});

Deno.test("KeptRunning takes a program that says nothing for listening after a while", async () => {
  using run = running();
  await run.time.pass(TIMES.readyMs - 1);
  assert.equal(run.seer.isListening, false);
  await run.time.pass(1);
  assert.deepEqual(run.states, ["listening"]);
});

Deno.test("KeptRunning starts a program that ends again, each time twice as much later", async () => {
  using run = running();
  const pauses: number[] = [];
  for (let ends = 0; ends < 9; ends++) {
    const endedAt = run.time.now();
    const { length } = run.programs.starts;
    run.programs.the("seer").end(endedWith(1));
    while (run.programs.starts.length === length) await run.time.pass(1);
    pauses.push(run.time.now() - endedAt);
  }
  assert.deepEqual(
    pauses,
    [1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000),
  );
});

Deno.test("KeptRunning forgets how often a program ended once it has lived long", async () => {
  using run = running();
  for (const pauseMs of [1_000, 2_000, 4_000]) {
    run.programs.the("seer").end(endedWith(1));
    await run.time.pass(pauseMs);
  }
  await run.time.pass(TIMES.longLifeMs);
  const { length } = run.programs.starts;
  run.programs.the("seer").end(endedWith(1));
  await run.time.pass(TIMES.restartMs);
  assert.equal(run.programs.starts.length, length + 1);
});

Deno.test("KeptRunning says why a program ended, what of that, and nothing twice", async () => {
  using run = running();
  for (const pauseMs of [1_000, 2_000, 4_000]) {
    run.programs.the("seer").end(endedWith(3, "fog\x1b[2J\nand more\n"));
    await run.time.pass(pauseMs);
  }
  assert.deepEqual(run.states, [
    "seer ended with exit code 3 (fog\\x1b[2J), so nothing is seen until it is started again.",
  ]);
});

Deno.test("KeptRunning does not complain of the first end of a program that worked, but of the next one", async () => {
  using run = running();
  run.programs.the("seer").print("ready");
  run.programs.the("seer").end(endedWith(0));
  await run.time.pass(TIMES.restartMs);
  run.programs.the("seer").print("ready");
  run.programs.the("seer").end(endedWith(0));
  await run.time.pass(0);
  assert.deepEqual(run.states, [
    "listening",
    "not listening",
    "listening",
    "seer ended with exit code 0, so nothing is seen until it is started again.",
  ]);
});

Deno.test("KeptRunning tries a missing program again once a minute, and says so once", async () => {
  using run = running({ kind: "missing" });
  await run.time.pass(2 * TIMES.maxRestartMs);
  assert.equal(run.programs.starts.length, 3);
  assert.deepEqual(run.states, [NOT_FOUND]);
  run.programs.absent.clear();
  await run.time.pass(TIMES.maxRestartMs);
  run.programs.the("seer").print("ready");
  assert.deepEqual(run.states, [NOT_FOUND, "listening"]);
});

Deno.test("KeptRunning says why a program may not be started", async () => {
  using run = running({ kind: "denied", reason: "no \x07 right" });
  await run.time.pass(TIMES.maxRestartMs);
  assert.deepEqual(run.states, [
    "seer cannot be run (no \\x07 right), so nothing is seen: let diskd run it.",
  ]);
  assert.equal(run.programs.starts.length, 2);
});

Deno.test("KeptRunning, stopped, ends its program and starts none", async () => {
  using run = running();
  run.programs.the("seer").print("ready");
  await run.seer.stop();
  await run.time.pass(2 * TIMES.maxRestartMs);
  assert.deepEqual(run.programs.running, []);
  assert.equal(run.programs.starts.length, 1);
  assert.deepEqual(run.states, ["listening"]);
});

Deno.test("KeptRunning, stopped while its program is not there, starts none", async () => {
  using run = running({ kind: "missing" });
  await run.time.pass(1);
  await run.seer.stop();
  await run.time.pass(2 * TIMES.maxRestartMs);
  assert.equal(run.programs.starts.length, 1);
});

/** A program `seer` that is kept running, in mocked time, and what was heard of it. */
function running(absence?: Parameters<ScriptedPrograms["absent"]["set"]>[1]) {
  const time = new MockedTime();
  const programs = new ScriptedPrograms();
  if (absence) programs.absent.set("seer", absence);
  const lines: string[] = [];
  const states: string[] = [];
  const seer: KeptRunning = new KeptRunning({
    name: "seer",
    package: "crystal",
    without: "nothing is seen",
    follow: (onLine) => programs.follow("seer", [], onLine),
    onLine: (line) => lines.push(line),
    isReady: (line) => line === "ready",
    onState: () =>
      states.push(
        seer.problem ?? (seer.isListening ? "listening" : "not listening"),
      ),
    now: time.now,
  });
  seer.start();
  return {
    time,
    programs,
    lines,
    states,
    seer,
    [Symbol.dispose]: () => time[Symbol.dispose](),
  };
}
