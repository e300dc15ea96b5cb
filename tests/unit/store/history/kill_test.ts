import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { Process } from "../../../support/process.ts";
import { programEnv } from "../../../support/program.ts";
import { seededRandom } from "../../../support/seeded_random.ts";
import { TemporaryHistory } from "./temporary_history.ts";

const SCRIPT = fileURLToPath(
  new URL("write_and_tell_main.ts", import.meta.url),
);
const KILLS = 100;
/** Kills of one file; then another is begun, so that some come while that is made. */
const KILLS_A_FILE = 10;
/** How long a writer is left alone at most after its first word. */
const MAX_WRITING_MS = 60;
/** Numbers of one life of a writer are below those of the next. */
const NUMBERS_A_LIFE = 1_000_000;

Deno.test(`a history outlives kill -9 while it is written, ${KILLS} times, with all that was flushed`, async () => {
  const files = Array.from({ length: KILLS / KILLS_A_FILE }, (_, seed) => seed);
  const told = [0, 0];
  async function lane(which: number): Promise<void> {
    for (let seed = files.pop(); seed !== undefined; seed = files.pop()) {
      told[which]! += await killOften(seed);
    }
  }
  await Promise.all([lane(0), lane(1)]);
  assert.ok(told[0]! + told[1]! > 10 * KILLS, `only ${told} were written`);
});

/** Returns how many disks were told to be written. */
async function killOften(seed: number): Promise<number> {
  using temporary = new TemporaryHistory();
  const random = seededRandom(seed);
  let told = 0;
  for (let life = 0; life < KILLS_A_FILE; life++) {
    const first = life * NUMBERS_A_LIFE + 1;
    // The first one of each file is killed while it begins.
    const last = await killedWriter(temporary.path, {
      first,
      afterMs: random() * MAX_WRITING_MS,
      wait: life > 0,
    });
    const history = await temporary.open();
    const numbers = history.sightings({ since: first - 1, limit: 100_000 })
      .map(({ from }) => from);
    history.close();
    assertWhole(temporary.path);
    const kept = new Set(numbers);
    for (let number = first; number <= last; number++) {
      assert.ok(kept.has(number), `${number} of ${first} to ${last} is lost`);
    }
    told += Math.max(0, last - first + 1);
  }
  return told;
}

/** Returns the last number that it told of, 0 when it told of none. */
async function killedWriter(
  path: string,
  { first, afterMs, wait }: { first: number; afterMs: number; wait: boolean },
): Promise<number> {
  const argv = [Deno.execPath(), "run", "-A", "--quiet", "--cached-only"];
  await using writer = new Process([...argv, SCRIPT, path, `${first}`], {
    env: programEnv(),
  });
  if (wait) await writer.waitForLog(/\n/);
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  const { stdout, stderr } = await writer.stop("SIGKILL");
  assert.equal(stderr, "");
  return Number(stdout.slice(0, stdout.lastIndexOf("\n")).split("\n").at(-1));
}

/** SQLite finds nothing wrong with the file. */
function assertWhole(path: string): void {
  using database = new DatabaseSync(path);
  const found = database.prepare("PRAGMA integrity_check").all();
  assert.deepEqual(found.map((row) => ({ ...row })), [
    { integrity_check: "ok" },
  ]);
}
