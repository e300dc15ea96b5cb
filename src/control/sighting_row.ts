import * as v from "valibot";
import { DISK_FIELDS, FACT_NAMES, type FactName } from "../inventory/disk.ts";
import { isHostId } from "../inventory/host.ts";
import { printableJson } from "../text/printable.ts";
import type { ImportedRow } from "./views.ts";

/** Longest text of an imported row, in characters. */
export const MAX_ROW_TEXT_CHARS = 4_096;
/** Largest number of mount points in an imported row. */
export const MAX_ROW_MOUNTS = 4_096;
/** Largest number of drives in an imported row. */
const MAX_ROW_DRIVES = 256;
/** Farthest time in the future in an imported row: clocks differ by less. */
export const MAX_AHEAD_MS = 86_400_000;

const TEXT = `a text of at most ${MAX_ROW_TEXT_CHARS} characters`;
const NAME = `${TEXT} that is not empty`;
const TIME = "a time like 2026-01-31T12:00:00.000Z, not before 1970";
const SIZE = "a number of bytes, or null";
const ID = "the id of a host";

const text = v.pipe(v.string(TEXT), v.maxLength(MAX_ROW_TEXT_CHARS, TEXT));
const name = v.pipe(text, v.nonEmpty(NAME));
const textOrNull = v.nullable(text);
const flagOrNull = v.nullable(v.boolean("true, false or null"));
const time = v.pipe(
  v.string(TIME),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/, TIME),
  v.check((text) => Date.parse(text) >= 0, TIME),
);

const texts = v.pipe(
  v.array(text, "a list of texts"),
  v.maxLength(MAX_ROW_MOUNTS, `a list of at most ${MAX_ROW_MOUNTS} texts`),
);
const bytesOrNull = v.nullable(
  v.pipe(v.number(SIZE), v.safeInteger(SIZE), v.minValue(0, SIZE)),
);

const drive = v.object({
  model: textOrNull,
  serial: textOrNull,
  wwn: textOrNull,
  tran: textOrNull,
  size: bytesOrNull,
}, "an object with the fields of a drive");
const drives = v.pipe(
  v.array(drive, "a list of drives"),
  v.maxLength(MAX_ROW_DRIVES, `a list of at most ${MAX_ROW_DRIVES} drives`),
);

const VALUES = {
  text: textOrNull,
  number: bytesOrNull,
  flag: flagOrNull,
  texts,
};

type Facts = {
  readonly [Name in FactName]: v.OptionalSchema<
    typeof VALUES[typeof DISK_FIELDS[Name]["kind"]],
    null
  >;
};

/** Rows exported by an earlier version lack the fields that came after it. */
const FACTS = Object.fromEntries(
  FACT_NAMES.map((name) => [
    name,
    v.optional(VALUES[DISK_FIELDS[name].kind], null),
  ]),
) as unknown as Facts;

const ROW = v.object({
  host: name,
  hostId: v.pipe(v.string(ID), v.check(isHostId, ID)),
  device: name,
  mounts: texts,
  inUse: v.optional(flagOrNull, null),
  drives: v.optional(drives, () => []),
  state: v.picklist(
    ["attached", "stale", "detached"],
    "attached, stale or detached",
  ),
  from: time,
  unplugged: v.optional(v.boolean("true or false")),
  until: v.nullable(time),
  seenAt: time,
  ...FACTS,
}, "an object with the fields of a sighting");

/** An imported row, or its fault, continuing a sentence and safe to print. */
type CheckedRow =
  | { readonly row: ImportedRow; readonly problem: null }
  | { readonly row: null; readonly problem: string };

/** Checks an untrusted row. `now` is ms since 1970. */
export function checkSightingRow(value: unknown, now: number): CheckedRow {
  const result = v.safeParse(ROW, value, { abortPipeEarly: true });
  if (!result.success) return wrong(describe(result.issues[0]));
  const row = result.output;
  const [from, seenAt] = [Date.parse(row.from), Date.parse(row.seenAt)];
  const until = row.until === null ? seenAt : Date.parse(row.until);
  if (until < from || seenAt < from) {
    return wrong(
      `it ends (${row.until ?? row.seenAt}) before it begins (${row.from})`,
    );
  }
  if (Math.max(until, seenAt) > now + MAX_AHEAD_MS) {
    return wrong(`it is in the future (${row.until ?? row.seenAt})`);
  }
  return { row, problem: null };
}

function wrong(problem: string): CheckedRow {
  return { row: null, problem };
}

function describe(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  const what = path === null ? "it" : path;
  if (issue.input === undefined) return `${what} is missing`;
  const found = printableJson(
    JSON.stringify(issue.input).slice(0, MAX_SHOWN_CHARS),
  );
  return `${what} is ${found}, expected ${issue.message}`;
}

const MAX_SHOWN_CHARS = 60;
