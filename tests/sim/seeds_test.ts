import assert from "node:assert/strict";
import { checkersFor } from "./checkers.ts";
import { readCaptures } from "./old_peer.ts";
import { scenarioOf } from "./scenario.ts";
import { simulate } from "./simulate.ts";

/** Seeds that are run unless `DISKD_SIM_SEED` names one. */
const SEEDS = 1_000;

/** Seeds of one test, so that a failure ends little. */
const SEEDS_A_TEST = 100;

/** Problems that are shown of a seed. */
const MAX_SHOWN = 5;

const captures = readCaptures();
const chosen = Deno.env.get("DISKD_SIM_SEED");

if (chosen !== undefined) {
  const seed = Number(chosen);
  Deno.test(`a LAN of seed ${seed} comes to agree, and stays within its bounds`, () => {
    assert.ok(
      Number.isSafeInteger(seed),
      `DISKD_SIM_SEED is ${chosen}, expected a whole number`,
    );
    console.log(scenarioOf(seed));
    checkSeed(seed);
  });
}

for (
  let first = 1;
  chosen === undefined && first <= SEEDS;
  first += SEEDS_A_TEST
) {
  const last = first + SEEDS_A_TEST - 1;
  Deno.test(`LANs of seeds ${first} to ${last} come to agree, and stay within their bounds`, () => {
    for (let seed = first; seed <= last; seed++) checkSeed(seed);
  });
}

function checkSeed(seed: number): void {
  const scenario = scenarioOf(seed);
  const history = simulate(scenario, captures);
  const problems = checkersFor(scenario).flatMap((check) => check(history));
  assert.ok(
    problems.length === 0,
    [
      `Seed ${seed}: ${problems.length} problems`,
      ...problems.slice(0, MAX_SHOWN),
      `Run it alone: DISKD_SIM_SEED=${seed} deno test -A tests/sim/seeds_test.ts`,
    ].join("\n"),
  );
}
