import { MONTH_NAMES, two } from "./format.js";

/** Where sightings are drawn on a timeline. Times are ms since 1970. */

/** @typedef {import("../../control/views.ts").HistoryRow} HistoryRow */
/** @typedef {{ from: number, to: number }} Span */
/** @typedef {{ row: HistoryRow, start: number, width: number }} Bar in parts of the span */
/** @typedef {{ host: string, hostId: string, bars: Bar[] }} Lane */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MIN_SPAN_MS = MINUTE_MS;

/**
 * All of a history.
 * @param {readonly HistoryRow[]} rows
 * @param {number} now
 * @returns {Span}
 */
export function wholeSpan(rows, now) {
  const from = Math.min(
    now - MIN_SPAN_MS,
    ...rows.map((row) => Date.parse(row.from)),
  );
  return { from, to: now };
}

/**
 * A lane for each host, the one that had it last first.
 * @param {readonly HistoryRow[]} rows
 * @param {Span} span
 * @param {number} now
 * @returns {Lane[]}
 */
export function lanesOf(rows, span, now) {
  const length = span.to - span.from;
  /** @type {Map<string, Lane>} */
  const lanes = new Map();
  for (const row of rows) {
    const { hostId, uniqueHost } = row;
    const lane = lanes.get(hostId) ?? { host: uniqueHost, hostId, bars: [] };
    lanes.set(hostId, lane);
    const from = Math.max(Date.parse(row.from), span.from);
    const end = row.until === null ? now : Date.parse(row.until);
    const to = Math.min(end, span.to);
    if (to < from) continue;
    lane.bars.push({
      row,
      start: (from - span.from) / length,
      width: (to - from) / length,
    });
  }
  return [...lanes.values()];
}

/**
 * Nearer for a factor below 1, farther above; the point at a part of the span
 * stays where it is. Never beyond the whole, nor below a minute.
 * @param {Span} span
 * @param {{ factor: number, at?: number, whole: Span }} how
 * @returns {Span}
 */
export function zoomed(span, { factor, at = 0.5, whole }) {
  const length = span.to - span.from;
  const most = whole.to - whole.from;
  const next = Math.min(Math.max(length * factor, MIN_SPAN_MS), most);
  const fixed = span.from + length * at;
  return within(
    { from: fixed - next * at, to: fixed + next * (1 - at) },
    whole,
  );
}

/**
 * Earlier or later by a part of what is shown.
 * @param {Span} span
 * @param {number} part
 * @param {Span} whole
 */
export function moved(span, part, whole) {
  const step = (span.to - span.from) * part;
  return within({ from: span.from + step, to: span.to + step }, whole);
}

/** @param {Span} span @param {Span} whole @returns {Span} */
function within({ from, to }, whole) {
  const shift = from < whole.from
    ? whole.from - from
    : to > whole.to
    ? whole.to - to
    : 0;
  return { from: from + shift, to: to + shift };
}

const STEPS = [
  1,
  5,
  15,
  30,
  60,
  3 * 60,
  6 * 60,
  12 * 60,
  24 * 60,
  2 * 1440,
  7 * 1440,
  14 * 1440,
  30 * 1440,
  91 * 1440,
  365 * 1440,
  5 * 365 * 1440,
].map((minutes) => minutes * MINUTE_MS);

/**
 * Marks of the axis, by the reader's clock.
 * @param {Span} span
 * @param {number} most
 * @returns {{ at: number, text: string }[]} in parts of the span
 */
export function marksOf(span, most) {
  const length = span.to - span.from;
  const step = STEPS.find((ms) => length / ms <= most) ?? length;
  const offset = new Date(span.to).getTimezoneOffset() * MINUTE_MS;
  const marks = [];
  const first = Math.floor((span.from - offset) / step) * step + offset;
  for (let time = first; time <= span.to + HOUR_MS; time += step) {
    const shown = byClock(time, step);
    if (shown < span.from || shown > span.to) continue;
    marks.push({
      at: (shown - span.from) / length,
      text: markText(shown, step),
    });
  }
  return marks;
}

/**
 * The clock may have been put forward or back since.
 * @param {number} time
 * @param {number} step
 */
function byClock(time, step) {
  const hours = Math.min(step, DAY_MS) / HOUR_MS;
  if (hours < 3) return time;
  const at = new Date(time + 1.5 * HOUR_MS);
  return at.setHours(Math.floor(at.getHours() / hours) * hours, 0, 0, 0);
}

/** @param {number} time @param {number} step */
function markText(time, step) {
  const at = new Date(time);
  if (step < DAY_MS) {
    const isMidnight = at.getHours() === 0 && at.getMinutes() === 0;
    if (!isMidnight) return `${two(at.getHours())}:${two(at.getMinutes())}`;
  }
  const month = MONTH_NAMES[at.getMonth()];
  return step >= 91 * DAY_MS
    ? `${month} ${at.getFullYear()}`
    : `${two(at.getDate())} ${month}`;
}
