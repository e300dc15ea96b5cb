import assert from "node:assert/strict";
import { checkCrossings, checkReturns } from "./check_crossings.ts";
import { checkLies } from "./check_lies.ts";
import { checkOrder } from "./check_order.ts";
import { checkRemarks } from "./check_remarks.ts";
import {
  checkEchoes,
  checkPassedOn,
  checkSitesAgreement,
  checkSitesRate,
} from "./check_sites.ts";
import { sitesScenarioOf } from "./sites_scenario.ts";
import { simulateSites } from "./sites_simulate.ts";

/** Seeds that are run unless `DISKD_SIM_SEED` names one. */
const SEEDS = Number(Deno.env.get("DISKD_SIM_SITES_SEEDS") ?? 100);

/** Always run: so much is told there that LANs are as full as they may be. */
const FULL_SEED = 278;

/** Seeds of one test, so that a failure ends little. */
const SEEDS_A_TEST = 50;

/** Problems that are shown of a seed. */
const MAX_SHOWN = 5;

const CHECKERS = [
  checkSitesAgreement,
  checkCrossings,
  checkEchoes,
  checkSitesRate,
  checkPassedOn,
  checkRemarks,
  checkLies,
  checkOrder,
];

const chosen = Deno.env.get("DISKD_SIM_SEED");

if (chosen !== undefined) {
  Deno.test(`sites of seed ${chosen} come to agree, and stay within their bounds`, () => {
    console.log(sitesScenarioOf(Number(chosen)));
    checkSeed(Number(chosen));
  });
}

for (
  let first = 1;
  chosen === undefined && first <= SEEDS;
  first += SEEDS_A_TEST
) {
  const last = Math.min(SEEDS, first + SEEDS_A_TEST - 1);
  Deno.test(`sites of seeds ${first} to ${last} come to agree, and stay within their bounds`, () => {
    for (let seed = first; seed <= last; seed++) checkSeed(seed);
  });
}

if (chosen === undefined && SEEDS < FULL_SEED) {
  Deno.test(`sites of seed ${FULL_SEED} come to agree, and stay within their bounds`, () => {
    checkSeed(FULL_SEED);
  });
}

function checkSeed(seed: number): void {
  const scenario = sitesScenarioOf(seed);
  const history = simulateSites(scenario);
  // A liar may say what a host said in the name of another site, and sooner.
  const checkers = scenario.hasLiars ? CHECKERS : [...CHECKERS, checkReturns];
  const problems = checkers.flatMap((check) => check(history));
  assert.ok(
    problems.length === 0,
    [
      `Seed ${seed}: ${problems.length} problems`,
      ...problems.slice(0, MAX_SHOWN),
      `Run it alone: DISKD_SIM_SEED=${seed} deno test -A tests/sim/sites_seeds_test.ts`,
    ].join("\n"),
  );
}
