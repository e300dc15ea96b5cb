import { checkAgreement } from "./check_agreement.ts";
import { checkDatagrams } from "./check_datagrams.ts";
import { checkLies } from "./check_lies.ts";
import { checkLimits } from "./check_limits.ts";
import { checkOrder } from "./check_order.ts";
import { checkRate } from "./check_rate.ts";
import { checkRemarks } from "./check_remarks.ts";
import type { Checker } from "./history.ts";
import type { Scenario } from "./scenario.ts";

/**
 * What is to hold of a scenario. Where strangers take all the room, views need
 * not agree; where two machines begin with one id, their lists have no order.
 */
export function checkersFor({ isCrowded, hasClone }: Scenario): Checker[] {
  const always = [
    ...(hasClone ? [] : [checkOrder]),
    checkLies,
    checkLimits,
    checkDatagrams,
    checkRate,
  ];
  return isCrowded ? always : [checkAgreement, checkRemarks, ...always];
}
