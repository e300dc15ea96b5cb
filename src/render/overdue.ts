import type {
  NotifyAnswer,
  NotifyRow,
  OverdueRow,
} from "../control/notify_views.ts";
import { printable } from "../text/printable.ts";
import { bold, formatAge, type ViewOptions } from "./format.ts";
import { sayPeriod } from "./notice.ts";
import { cellText, type Column, NO_VALUE, renderTable } from "./table.ts";

const OVERDUE_COLUMNS: readonly Column<OverdueRow>[] = [
  {
    title: "DISK",
    text: ({ name }) => printable(name),
    yieldsAs: 4,
    minWidth: 8,
    keep: true,
  },
  {
    title: "OVERDUE",
    text: ({ overdue, dueAt }, { now }) =>
      overdue ? formatAge(dueAt, now) : NO_VALUE,
    align: "right",
  },
  {
    title: "SEEN",
    text: ({ seenAt }, { now }) =>
      seenAt === null ? "never" : formatAge(seenAt, now),
    align: "right",
  },
  {
    title: "ON",
    text: ({ uniqueHost }) => cellText(uniqueHost),
    yieldsAs: 3,
    minWidth: 8,
  },
  { title: "STATE", text: stateOf },
  {
    title: "EXPECTED",
    text: ({ seenEverySeconds }) => sayPeriod(seenEverySeconds),
  },
  {
    title: "NOTE",
    text: ({ note }) => cellText(note),
    yieldsAs: 2,
    minWidth: 10,
  },
];

function stateOf({ state, unplugged }: OverdueRow): string {
  switch (state) {
    case null:
      return NO_VALUE;
    case "attached":
      return "attached";
    case "stale":
      return "host silent";
    case "detached":
      return unplugged ? "unplugged" : "host shut down";
  }
}

/** Rows of `overdue`. */
export function renderOverdue(
  rows: readonly OverdueRow[],
  view: ViewOptions,
): string {
  return renderTable(rows, {
    columns: OVERDUE_COLUMNS,
    paint: (line, { overdue }) => overdue ? bold(line, view) : line,
    view,
  });
}

const NOTIFY_COLUMNS: readonly Column<NotifyRow>[] = [
  {
    title: "TO",
    text: ({ to }) => printable(to),
    yieldsAs: 2,
    minWidth: 12,
    keep: true,
  },
  {
    title: "ON",
    text: ({ on }) => on.map(printable).join(" "),
    yieldsAs: 1,
    minWidth: 8,
  },
  { title: "SENT", text: ({ sent }) => `${sent}`, align: "right" },
  { title: "WAITING", text: ({ waiting }) => `${waiting}`, align: "right" },
  { title: "DROPPED", text: ({ dropped }) => `${dropped}`, align: "right" },
  { title: "LAST", text: ({ problem, sent }) => lastOutcome(problem, sent) },
];

function lastOutcome(problem: string | null, sent: number): string {
  if (problem !== null) return "failed";
  return sent === 0 ? NO_VALUE : "ok";
}

/** `notify`: who is told of what. */
export function renderNotify(
  rows: readonly NotifyRow[],
  view: ViewOptions,
): string {
  return renderTable(rows, { columns: NOTIFY_COLUMNS, view });
}

/** What the addresses answered to a test, a line each. */
export function renderAnswers(rows: readonly NotifyAnswer[]): string {
  return rows.map(({ to, status, problem, afterMs }) =>
    problem === null
      ? `${printable(to)} took it: ${status}, after ${afterMs} ms\n`
      : `${printable(problem)}\n`
  ).join("");
}
