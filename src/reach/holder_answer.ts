import { isJsonObject, type JsonObject } from "../probe/printed_json.ts";
import type { MountView, UnmountedPlace, UnmountView } from "./views.ts";

/** Longer paths no file can have: `PATH_MAX` of limits.h, a NUL less. */
const MAX_PATH_BYTES = 4_095;
/** Names of hosts, labels and the like are far shorter. */
const MAX_TEXT_BYTES = 1_024;
/** A disk is hardly mounted in more places. */
const MAX_PLACES = 1_000;

/** An answer is not what it should be; the message is the end of a sentence, without anything that was in the answer. */
export class UnreadableAnswer extends Error {
  override readonly name = "UnreadableAnswer";
}

/**
 * Reads what `diskd mount --here UUID --json` printed on another host, field by
 * field, and takes nothing else along: that host may lie.
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

/**
 * Reads what `diskd unmount --here UUID --json` printed, likewise.
 * @throws {UnreadableAnswer}
 */
export function readUnmountAnswer(stdout: Uint8Array): UnmountView {
  const answer = readObject(stdout);
  const { unmounted } = answer;
  if (!Array.isArray(unmounted) || unmounted.length > MAX_PLACES) {
    throw wrong("unmounted", "a list");
  }
  return {
    host: textOrNull(answer, "host"),
    hostId: textOrNull(answer, "hostId"),
    uuid: text(answer, "uuid"),
    label: textOrNull(answer, "label"),
    unmounted: unmounted.map(readPlace),
  };
}

function readPlace(place: unknown): UnmountedPlace {
  if (!isJsonObject(place)) throw wrong("unmounted", "objects");
  return { host: text(place, "host"), path: path(place, "path") };
}

function readObject(stdout: Uint8Array): JsonObject {
  let answer: unknown;
  try {
    answer = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(stdout),
    );
  } catch {
    throw new UnreadableAnswer("it is not JSON");
  }
  if (!isJsonObject(answer)) throw new UnreadableAnswer("it is no object");
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
