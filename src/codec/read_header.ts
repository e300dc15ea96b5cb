/**
 * The header of a version 2 datagram, a JSON object on the first line:
 *
 *     {"v":2,"id":"9f0c","host":"alpha","version":"0.1.0","boot":1790000000123,
 *      "seq":17,"rev":3,"part":[1,1],"every":30,"ask":true,"bye":true}
 *
 * `v`, `boot`, `seq` and `every` must be there, and `id` unless `ask` is true.
 * The others have defaults. Keys that are not known here are ignored.
 */
import type { Header, RejectReason } from "./announcement.ts";
import {
  MAX_EVERY_SECONDS,
  MAX_HOST_LENGTH,
  MAX_PARTS,
  MAX_VERSION_LENGTH,
  MIN_EVERY_SECONDS,
} from "./limits.ts";
import { parseJson } from "./parse_json.ts";

const WIRE_VERSION = 2;
const ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;
const ONE_PART: readonly unknown[] = [1, 1];

/**
 * Reads and checks a header. `every` is brought into its range, so that a
 * sender with odd ideas of time is still heard; anything else out of range
 * is "bad-header".
 */
export function readHeader(json: string): Header | RejectReason {
  const raw = parseJson(json);
  if (!isRecord(raw)) return "bad-header";
  if (raw.v !== WIRE_VERSION) {
    return typeof raw.v === "number" ? "bad-version" : "bad-header";
  }
  const { boot, seq, rev = seq, part = ONE_PART, every } = raw;
  const { ask = false, bye = false } = raw;
  const { id = null, host = null, version = null } = raw;
  const isValid = isCount(boot) && isCount(seq) && isCount(rev) &&
    isPart(part) && isFiniteNumber(every) && isBoolean(ask) && isBoolean(bye) &&
    isText(host, MAX_HOST_LENGTH) && isText(version, MAX_VERSION_LENGTH) &&
    isId(id) && (id !== null || ask);
  if (!isValid) return "bad-header";
  return {
    id,
    host: host?.toWellFormed() || null,
    version: version?.toWellFormed() || null,
    boot,
    seq,
    rev,
    part: part[0],
    parts: part[1],
    every: Math.min(Math.max(every, MIN_EVERY_SECONDS), MAX_EVERY_SECONDS),
    ask,
    bye,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isText(value: unknown, maxLength: number): value is string | null {
  return value === null ||
    (typeof value === "string" && value.length <= maxLength);
}

function isId(value: unknown): value is string | null {
  return value === null ||
    (typeof value === "string" && ID_PATTERN.test(value));
}

function isPart(value: unknown): value is [part: number, parts: number] {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [part, parts] = value;
  return isCount(part) && isCount(parts) && part >= 1 && part <= parts &&
    parts <= MAX_PARTS;
}
