import { isJsonObject, type JsonObject } from "../text/json_object.ts";
import type {
  LocatedDrive,
  LocateView,
  MountView,
  UnmountedPlace,
  UnmountView,
} from "./views.ts";

/** The answers of diskd on another host, which may lie. */

/** Longest possible path: `PATH_MAX` of limits.h less its NUL. */
const MAX_PATH_BYTES = 4_095;
/** Host names, labels and the like are far shorter. */
const MAX_TEXT_BYTES = 1_024;
/** No disk is mounted in more places. */
const MAX_PLACES = 1_000;

/** An invalid answer. The message continues a sentence, and quotes nothing of the answer. */
export class UnreadableAnswer extends Error {
  override readonly name = "UnreadableAnswer";
}

/**
 * Parses the output of `diskd mount --here UUID --json` on another host, field
 * by field, ignoring anything else: that host may lie.
 * @throws {UnreadableAnswer}
 */
export function readMountAnswer(stdout: Uint8Array): MountView {
  const answer = readObject(stdout);
  return {
    host: text(answer, "host"),
    hostId: text(answer, "hostId"),
    device: path(answer, "device"),
    uuid: text(answer, "uuid"),
    label: textOrNull(answer, "label"),
    type: textOrNull(answer, "type"),
    path: path(answer, "path"),
    at: null,
    readOnly: flag(answer, "readOnly"),
    wasMounted: flag(answer, "wasMounted"),
  };
}

/** The answer to another host. */
interface UnmountAnswer extends UnmountView {
  /** Mount points of other programs, if only those have it mounted. */
  readonly left?: readonly UnmountedPlace[];
}

/**
 * Parses the output of `diskd unmount --here UUID --json` likewise.
 * @throws {UnreadableAnswer}
 */
export function readUnmountAnswer(stdout: Uint8Array): UnmountAnswer {
  const answer = readObject(stdout);
  return {
    host: textOrNull(answer, "host"),
    hostId: textOrNull(answer, "hostId"),
    uuid: text(answer, "uuid"),
    label: textOrNull(answer, "label"),
    unmounted: places(answer, "unmounted"),
    ...("left" in answer && { left: places(answer, "left") }),
  };
}

/**
 * Parses the output of `diskd locate --here NAME --json` likewise; `null`: there
 * is no whole answer yet.
 * @throws {UnreadableAnswer}
 */
export function readLocateAnswer(stdout: Uint8Array): LocateView | null {
  if (!new TextDecoder().decode(stdout).endsWith(OBJECT_END)) return null;
  const answer = readObject(stdout);
  const list = answer["drives"];
  if (!Array.isArray(list)) throw wrong("drives", "a list");
  return {
    host: text(answer, "host"),
    hostId: text(answer, "hostId"),
    device: path(answer, "device"),
    uuid: textOrNull(answer, "uuid"),
    label: textOrNull(answer, "label"),
    drives: list.map((drive: unknown) => {
      if (!isJsonObject(drive)) throw wrong("drives", "objects");
      return readDrive(drive);
    }),
  };
}

function readDrive(drive: JsonObject): LocatedDrive {
  return {
    device: path(drive, "device"),
    kind: textOrNull(drive, "kind"),
    model: textOrNull(drive, "model"),
    serial: textOrNull(drive, "serial"),
    wwn: textOrNull(drive, "wwn"),
    tran: textOrNull(drive, "tran"),
    size: numberOrNull(drive, "size"),
    port: textOrNull(drive, "port"),
    slot: textOrNull(drive, "slot"),
    health: textOrNull(drive, "health"),
    asleep: flag(drive, "asleep"),
  };
}

function numberOrNull(answer: JsonObject, key: string): number | null {
  const value = answer[key];
  if (value === null) return null;
  if (typeof value !== "number") throw wrong(key, "a number, or null");
  return value;
}

function places(answer: JsonObject, key: string): UnmountedPlace[] {
  const list = answer[key];
  if (!Array.isArray(list) || list.length > MAX_PLACES) {
    throw wrong(key, "a list");
  }
  return list.map((place: unknown) => {
    if (!isJsonObject(place)) throw wrong(key, "objects");
    return { host: text(place, "host"), path: path(place, "path") };
  });
}

/** Start and end of an object in the output of diskd. */
const OBJECT_START = '{\n  "';
const OBJECT_END = "\n}\n";

/** The last object. A `.bashrc` or the like may print something before or after it. */
function lastObject(text: string): string {
  const end = text.lastIndexOf(OBJECT_END);
  const start = text.lastIndexOf(OBJECT_START, end);
  return end === -1 || start === -1
    ? text
    : text.slice(start, end + OBJECT_END.length);
}

function readObject(stdout: Uint8Array): JsonObject {
  let answer: unknown;
  try {
    answer = JSON.parse(lastObject(new TextDecoder().decode(stdout)));
  } catch {
    throw new UnreadableAnswer("it is not JSON");
  }
  if (!isJsonObject(answer)) throw new UnreadableAnswer("it is not an object");
  return answer;
}

function text(answer: JsonObject, key: string): string {
  const value = textOrNull(answer, key);
  if (value === null || value === "") throw wrong(key, "a text");
  return value;
}

function textOrNull(answer: JsonObject, key: string): string | null {
  const value = answer[key];
  if (value === null) return null;
  if (typeof value !== "string" || bytesOf(value) > MAX_TEXT_BYTES) {
    throw wrong(key, `a text of at most ${MAX_TEXT_BYTES} bytes, or null`);
  }
  return value;
}

function path(answer: JsonObject, key: string): string {
  const value = answer[key];
  const isPath = typeof value === "string" && value.startsWith("/") &&
    !/\p{Cc}/u.test(value) && bytesOf(value) <= MAX_PATH_BYTES;
  if (!isPath) {
    throw wrong(key, "an absolute path without control characters");
  }
  return value;
}

function flag(answer: JsonObject, key: string): boolean {
  const value = answer[key];
  if (typeof value !== "boolean") throw wrong(key, "true or false");
  return value;
}

function bytesOf(value: string): number {
  return new TextEncoder().encode(value).length;
}

function wrong(key: string, expected: string): UnreadableAnswer {
  return new UnreadableAnswer(`"${key}" is not ${expected}`);
}
