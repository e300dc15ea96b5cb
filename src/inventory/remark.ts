import { isPrintable, printable } from "../text/printable.ts";
import type { Disk } from "./disk.ts";
import { realSerial, realWwn } from "./evidence.ts";
import { meansOnlyItself } from "./name_forms.ts";

/**
 * A remark: what somebody said of a disk, in one of its fields. All hosts know
 * all remarks. Of each field the latest counts; a clearing is a remark too.
 */
export interface Remark {
  /** The disk, see `subjectOf`. */
  readonly subject: string;
  readonly field: RemarkField;
  /** `null`: the field is cleared. */
  readonly value: string | null;
  /** When it was said, ms since 1970; later than the remark that it replaced. */
  readonly at: number;
  /** Id of the host where it was said. */
  readonly by: string;
  /** Name of that host, then. */
  readonly host: string;
  /** Public key of that host, which signed it. */
  readonly key: string;
  /** 86 characters of base64url. */
  readonly signature: string;
}

/**
 * `note`, `name`, or `tag:` and a tag, whose value is empty. And `label`, which
 * diskd adds, so that a host knows the disk by it that never saw the disk.
 */
export type RemarkField = string;

export const NOTE: RemarkField = "note";
export const ALIAS: RemarkField = "name";
export const LABEL: RemarkField = "label";
const TAG_START = "tag:";

export const MAX_NOTE_BYTES = 256;
export const MAX_ALIAS_BYTES = 64;
export const MAX_TAG_BYTES = 32;
/** Of a disk. */
export const MAX_TAGS = 16;
/** Longest `subject`. The UUIDs that are in use have 36. */
export const MAX_SUBJECT_BYTES = 100;
/** Of the name of its host; a longer one is cut. */
export const MAX_REMARK_HOST_BYTES = 64;

/** No clock is right that shows an earlier time: this is older than all remarks. */
export const EARLIEST_MS = Date.UTC(2026, 10, 1);

/** A remark from a later future is refused: nobody could replace it. Ten years. */
export const MAX_REMARK_AHEAD_MS = 3_650 * 86_400_000;

/** Remarks of these fields are only of use to a later version, and kept for it. */
const FIELD = /^[a-z]{1,8}(?::.{1,32})?$/su;
const TAG = /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u;

/**
 * What the remarks on a disk go by: a volume by its UUID, whichever drive it
 * lies on; a partition without one by its PARTUUID; a drive by its WWN or serial
 * number. `null` for what has none of them, or too long ones.
 */
export function subjectOf(
  disk: Pick<Disk, "uuid" | "partuuid" | "kind" | "wwn" | "serial">,
): string | null {
  const subject = identifierOf(disk);
  return subject !== null && isSubject(subject) ? subject : null;
}

/** The same of the drive that a disk is, or lies on. */
export function driveSubjectOf(
  { wwn, serial }: Pick<Disk, "wwn" | "serial">,
): string | null {
  return subjectOf({ uuid: null, partuuid: null, kind: "disk", wwn, serial });
}

/** Whether a text from elsewhere has the form of a subject. */
export function isSubject(text: string): boolean {
  return SUBJECT.test(text) && isPrintable(text) &&
    byteLength(text) <= MAX_SUBJECT_BYTES;
}

const SUBJECT = /^(?:uuid|partuuid|wwn|serial) ./u;

function identifierOf(
  { uuid, partuuid, kind, wwn, serial }: Parameters<typeof subjectOf>[0],
): string | null {
  if (uuid !== null) return `uuid ${uuid}`;
  if (partuuid !== null) return `partuuid ${partuuid}`;
  if (kind !== "disk" && kind !== "mpath") return null;
  const [realW, realS] = [realWwn(wwn), realSerial(serial)];
  if (realW !== null) return `wwn ${realW}`;
  return realS === null ? null : `serial ${realS}`;
}

/** The field that a subject goes by, and its value. */
export function splitSubject(subject: string): [field: string, value: string] {
  const at = subject.indexOf(" ");
  return [subject.slice(0, at), subject.slice(at + 1)];
}

/** The identifier in a subject, by which commands find the disk. */
export function identifierIn(subject: string): string {
  return splitSubject(subject)[1];
}

/** The field of a tag. Tags have no capital letters. */
export function tagField(tag: string): RemarkField {
  return TAG_START + tag.toLowerCase();
}

/** The tag of a field; `null` if it is no tag. */
export function tagIn(field: RemarkField): string | null {
  return field.startsWith(TAG_START) ? field.slice(TAG_START.length) : null;
}

/** Why a field cannot have this value, as a sentence without its end; `null` if it can. */
export function remarkProblem(
  field: RemarkField,
  value: string | null,
): string | null {
  const tag = tagIn(field);
  if (tag !== null) return tagProblem(tag, value);
  if (field === ALIAS) {
    return textProblem("a name", value, MAX_ALIAS_BYTES) ?? nameProblem(value);
  }
  if (field === NOTE) return textProblem("a note", value, MAX_NOTE_BYTES);
  if (!FIELD.test(field) || !isPrintable(field)) return "it is no field";
  return textProblem("a remark", value, MAX_NOTE_BYTES);
}

function tagProblem(tag: string, value: string | null): string | null {
  if (byteLength(tag) > MAX_TAG_BYTES) {
    return `a tag has at most ${MAX_TAG_BYTES} bytes, this one ${
      byteLength(tag)
    }`;
  }
  if (!TAG.test(tag) || tag !== tag.toLowerCase()) {
    return "a tag consists of letters, digits, and . _ - behind the first, " +
      `found ${JSON.stringify(tag)}`;
  }
  return value === null || value === "" ? null : "a tag has no value";
}

/** Else it would hide what it looks like. */
function nameProblem(name: string | null): string | null {
  if (name === null || (meansOnlyItself(name) && !/^[-+]/.test(name))) {
    return null;
  }
  return "a name looks neither like a pattern, a path, HOST:DEVICE, " +
    "LABEL=..., the partition of a disk, a text that was cut, nor an option";
}

function textProblem(
  what: string,
  value: string | null,
  maxBytes: number,
): string | null {
  if (value === null) return null;
  const bytes = byteLength(value);
  if (bytes > maxBytes) {
    return `${what} has at most ${maxBytes} bytes, this one ${bytes}`;
  }
  if (value.trim() === "") return `${what} has at least a character`;
  if (value !== value.trim()) return `${what} neither begins nor ends in space`;
  return isPrintable(value)
    ? null
    : `${what} is one line of text, without control characters`;
}

/** Whether a remark may come from a clock that is right, or will be replaced in time. */
export function isPlausible(at: number, wallMs: number): boolean {
  return Number.isSafeInteger(at) && at >= 0 &&
    at <= Math.max(wallMs, EARLIEST_MS) + MAX_REMARK_AHEAD_MS;
}

/**
 * The time of a new remark: now, but behind the one that it replaces, so that
 * nobody's wrong clock has the last word.
 */
export function timeAfter(
  replaced: Pick<Remark, "at"> | undefined,
  wallMs: number,
): number {
  return Math.max(
    Math.floor(wallMs),
    EARLIEST_MS,
    (replaced?.at ?? 0) + 1,
  );
}

/** Whether `a` replaces `b`, on all hosts alike. */
export function outranks(a: Remark, b: Remark): boolean {
  if (a.at !== b.at) return a.at > b.at;
  if (a.by !== b.by) return a.by > b.by;
  return a.signature > b.signature;
}

/** Whether it has the form of such a name. */
export function isRemarkHost(value: string): boolean {
  return value !== "" && value.isWellFormed() &&
    byteLength(value) <= MAX_REMARK_HOST_BYTES;
}

/** The name of this host, as its remarks have it. */
export function cutHostName(name: string): string {
  let cut = printable(name);
  while (byteLength(cut) > MAX_REMARK_HOST_BYTES) {
    cut = [...cut].slice(0, -1).join("");
  }
  return cut;
}

const encoder = new TextEncoder();

function byteLength(text: string): number {
  return encoder.encode(text).length;
}
