/**
 * Writes to a history without a pause, and tells what it flushed, until it is
 * killed:
 *
 *     write_and_tell_main.ts PATH FIRST
 *
 * Each disk has a number as the time since when it is there, from FIRST on.
 * Prints a line for each number when all up to it are flushed.
 */
import { openHistory } from "../../../../src/store/history/open_history.ts";
import { ALPHA, at, madeUpDisk } from "./made_up.ts";

const PAUSE_MS = 1;
/** Disks between two flushes. */
const BATCH = 7;

const [path = "", first = "1"] = Deno.args;
const { history, problem } = await openHistory({
  path,
  keepDays: 400_000,
  maxMegabytes: 256,
  wallClock: () => Date.now(),
});
if (history === null || problem !== null) throw new Error(`${problem}`);
for (let number = Number(first);;) {
  for (const end = number + BATCH; number < end; number++) {
    const device = `/dev/disk${number % 50}`;
    const label = `disk ${number}`;
    history.ended(ALPHA.hostId, device, number);
    history.began(
      ALPHA,
      madeUpDisk(label),
      at(label, { device, from: number }),
    );
  }
  history.alive(number);
  while (history.flush());
  if (history.problem !== null) throw new Error(history.problem);
  await Deno.stdout.write(new TextEncoder().encode(`${number - 1}\n`));
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
