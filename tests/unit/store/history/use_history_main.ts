/**
 * Uses the history in a file, with the permissions of diskd, and prints what
 * came of it as JSON:
 *
 *     use_history_main.ts PATH [BALLAST]
 *
 * With BALLAST, a file on the same small disk, it writes until nothing can be
 * written, removes that file, and goes on a minute later.
 */
import type { History } from "../../../../src/store/history/history.ts";
import { openHistory } from "../../../../src/store/history/open_history.ts";
import { ALPHA, at, madeUpDisk } from "./made_up.ts";
import { flushAll, NOW } from "./temporary_history.ts";

/** More than the small disk holds. */
const MOST = 20_000;
/** Changes that wait while nothing can be written. */
const WAITING = 500;

let now = NOW;
const [path = "", ballast] = Deno.args;
const { history, problem } = await openHistory({
  path,
  keepDays: 400,
  maxMegabytes: 256,
  wallClock: () => now,
});
const outcome = { opened: history !== null, problem };
console.log(JSON.stringify({ ...outcome, ...history && use(history) }));
history?.close();

function use(history: History) {
  if (ballast !== undefined) return { ...fillDisk(history, ballast) };
  begin(history, 0);
  flushAll(history);
  return { count: count(history), problem: history.problem };
}

function fillDisk(history: History, ballast: string) {
  let begun = 0;
  while (history.problem === null && begun < MOST) {
    begin(history, begun++);
    history.flush();
  }
  const { problem } = history;
  const known = count(history);
  Deno.removeSync(ballast);
  for (let i = 0; i < WAITING; i++) begin(history, begun++);
  flushAll(history);
  const stillProblem = history.problem;
  now += 60_000;
  flushAll(history);
  return { begun, problem, known, stillProblem, ...after(history) };
}

function after(history: History) {
  return { count: count(history), problemAfter: history.problem };
}

function begin(history: History, i: number): void {
  const device = `/dev/disk${i}`;
  history.began(ALPHA, madeUpDisk(`disk ${i}`), at("disk", { device }));
}

function count(history: History): number {
  return history.sightings({ limit: MOST }).length;
}
