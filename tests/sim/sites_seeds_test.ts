import assert from "node:assert/strict";
import { checkCrossings } from "./check_crossings.ts";
import { checkLies } from "./check_lies.ts";
import { checkOrder } from "./check_order.ts";
import { checkRemarks } from "./check_remarks.ts";
import {
  checkSitesAgreement,
  checkSitesDatagrams,
  checkSitesRate,
} from "./check_sites.ts";
import { sitesScenarioOf } from "./sites_scenario.ts";
import { simulateSites } from "./sites_simulate.ts";

/** Seeds that are run unless `DISKD_SIM_SEED` names one. */
const SEEDS = 300;

/** Problems that are shown of a seed. */
const MAX_SHOWN = 5;

const CHECKERS = [
  checkSitesAgreement,
  checkCrossings,
  checkSitesRate,
  checkSitesDatagrams,
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
} else {
  Deno.test(`sites of seeds 1 to ${SEEDS} come to agree, and stay within their bounds`, () => {
    for (let seed = 1; seed <= SEEDS; seed++) checkSeed(seed);
  });
}

function checkSeed(seed: number): void {
  const history = simulateSites(sitesScenarioOf(seed));
  const problems = CHECKERS.flatMap((check) => check(history));
  assert.ok(
    problems.length === 0,
    [
      `Seed ${seed}: ${problems.length} problems`,
      ...problems.slice(0, MAX_SHOWN),
      `Run it alone: DISKD_SIM_SEED=${seed} deno test -A tests/sim/sites_seeds_test.ts`,
    ].join("\n"),
  );
}
