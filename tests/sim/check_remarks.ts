import { outranks, type Remark } from "../../src/inventory/remark.ts";
import type { History, Moment, View } from "./history.ts";

/**
 * When the network has been well for long enough, all hosts have the same
 * remarks: of each field the latest that was made on a host that runs, or a
 * later one.
 */
export function checkRemarks({ moments, remarks }: History): string[] {
  const kept = remarks.flatMap(({ remark, by }, i) =>
    remark === null || isForgotten(by, remarks.slice(i)) ? [] : [{ remark, by }]
  );
  return moments.filter(({ kind }) => kind === "settled").flatMap((moment) => [
    ...differing(moment),
    ...moment.views.flatMap((view) =>
      kept.filter(({ by }) => isRunning(by, moment))
        .filter(({ remark }) => isLost(remark, view))
        .map(({ remark }) =>
          `${view.viewer} has lost the ${remark.field} of ${remark.host}`
        )
    ),
  ]);
}

function isForgotten(by: string, later: History["remarks"]): boolean {
  return later.some((one) => one.remark === null && one.by === by);
}

function differing({ views }: Moment): string[] {
  const [first, ...others] = views;
  return others.filter((view) => textOf(view) !== textOf(first!))
    .map((view) =>
      `${view.viewer} has other remarks than ${first!.viewer}: ${
        textOf(view)
      }, not ${textOf(first!)}`
    );
}

function textOf({ remarks }: View): string {
  return remarks
    .map(({ subject, field, value, at }) =>
      `${subject} ${field} ${value} ${at}`
    )
    .sort().join(", ");
}

function isRunning(id: string, { views }: Moment): boolean {
  return views.some(({ hostId }) => hostId === id);
}

function isLost(said: Remark, { remarks }: View): boolean {
  return !remarks.some((one) =>
    one.subject === said.subject && one.field === said.field &&
    (one.signature === said.signature || outranks(one, said))
  );
}
