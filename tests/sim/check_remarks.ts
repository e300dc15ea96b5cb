import { outranks, type Remark } from "../../src/inventory/remark.ts";
import { areRemarks } from "../../src/codec/remark_datagram.ts";
import type { History, Moment, View } from "./history.ts";

/** Nobody says remarks any more for so long before all is settled. */
const QUIET_MS = 20_000;

/** From a clock that is decades ahead: its host says the same again later. */
const FAR_MS = Date.UTC(2040);

/**
 * When the network has been well for long enough, all hosts have the same
 * remarks: of each field the latest that was made on a host that runs, or a
 * later one. None is forged, and nobody says any more.
 */
export function checkRemarks(history: History): string[] {
  return [
    ...checkAgreed(history),
    ...checkForged(history),
    ...checkQuiet(history),
  ];
}

/** What a host is shown to have said it said. */
function checkForged({ moments, remarks }: History): string[] {
  const made = new Set(remarks.map(({ remark }) => remark?.signature));
  const honest = new Set(
    moments.flatMap(({ truth }) => truth.map(({ id }) => id)),
  );
  return moments.flatMap(({ views }) =>
    views.flatMap((view) =>
      view.remarks.filter(({ by, signature }) =>
        honest.has(by) && !made.has(signature)
      ).map(({ field, host, value }) =>
        `${view.viewer} has a ${field} "${value}" that ${host} never said`
      )
    )
  );
}

function checkQuiet({ moments, wire }: History): string[] {
  return moments.filter(({ kind }) => kind === "settled").flatMap(({ at }) => {
    const late = wire.filter((sent) =>
      sent.at > at - QUIET_MS && sent.at <= at && areRemarks(sent.bytes)
    );
    return late.map((sent) =>
      `${sent.from} still said remarks ${at - sent.at} ms before the end`
    );
  });
}

function checkAgreed({ moments, remarks }: History): string[] {
  const kept = remarks.flatMap(({ remark, by }, i) =>
    remark === null || remark.at > FAR_MS || isForgotten(by, remarks.slice(i))
      ? []
      : [{ remark, by }]
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
