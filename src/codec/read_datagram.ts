import { isHostId, isV1HostId } from "../inventory/host.ts";
import type { Disk } from "../inventory/disk.ts";
import {
  type Datagram,
  type Disks,
  type Header,
  MAX_EVERY_SECONDS,
  MAX_HOST_LENGTH,
  MAX_PARTS,
  MAX_REMARKS_DIGEST_LENGTH,
  MAX_V1_DATAGRAM_BYTES,
  MAX_VERSION_LENGTH,
  MIN_EVERY_SECONDS,
  PUBLIC_KEY_LENGTH,
  REJECTED,
  type RejectReason,
} from "./announcement.ts";
import { isSiteName, MAX_SITE_LENGTH } from "../text/site_name.ts";
import { splitFirstLine } from "./first_line.ts";
import { parseJson, readDisk, readRows } from "./read_disks.ts";

/**
 * Parses an announcement in two steps: `readDatagram` reads the first line,
 * which tells whether there is news, and `readDisks` the list, which is usually
 * known already.
 *
 * A version 2 datagram is
 *
 *     diskd:#{"v":2,...}                                 header, a YAML comment
 *     [["UUID","LABEL","/dev/sdb1",{"type":"ext4"}]]     body, JSON and YAML
 *     #sig ...                                           notes, not read here
 *
 * A datagram of App::Diskd 0.01 is `diskd:` and a YAML list of such rows
 * without their fourth element. Any bytes are either read or rejected; nothing
 * is thrown.
 */

const PREFIX = new TextEncoder().encode("diskd:");
const HASH = 0x23;
const BRACE = 0x7b;

/**
 * Determines the format of a datagram, and reads the header of version 2. The
 * `body` is a view of `bytes`, valid until they are overwritten.
 */
export function readDatagram(bytes: Uint8Array): Datagram {
  if (!hasPrefix(bytes)) return REJECTED["not-diskd"];
  const isVersion2 = bytes[PREFIX.length] === HASH &&
    bytes[PREFIX.length + 1] === BRACE;
  if (isVersion2) return readVersion2(bytes);
  if (bytes.length > MAX_V1_DATAGRAM_BYTES) return REJECTED["too-long"];
  return { format: 1, body: bytes.subarray(PREFIX.length) };
}

/**
 * Reads the list of a datagram before its bytes are overwritten. Leaves out
 * rows without a device; empty texts become `null`.
 */
export function readDisks(datagram: Datagram): Disks {
  const read = readRows(datagram);
  if (read.format === "rejected") return read;
  const disks: Disk[] = [];
  for (const row of read.rows) {
    const disk = readDisk(row);
    if (disk !== null) disks.push(disk);
  }
  return { format: "disks", disks };
}

function readVersion2(bytes: Uint8Array): Datagram {
  const split = splitFirstLine(bytes, { prefixBytes: PREFIX.length + 1 });
  if ("format" in split) return split;
  const header = readHeader(split.line);
  if (typeof header === "string") return REJECTED[header];
  return { format: 2, header, body: split.body };
}

function hasPrefix(bytes: Uint8Array): boolean {
  for (let i = 0; i < PREFIX.length; i++) {
    if (bytes[i] !== PREFIX[i]) return false;
  }
  return true;
}

/**
 * The header of a version 2 datagram, a JSON object on the first line:
 *
 *     {"v":2,"id":"9f0c","key":"Kq3...","host":"alpha","version":"0.1.0",
 *      "boot":1790000000123,"seq":17,"rev":3,"part":[1,1],"every":30,
 *      "ask":true,"bye":true}
 *
 * `v`, `boot`, `seq` and `every` are required, and `id` unless `ask` is true or
 * there is a `probe` or an `answer`.
 * The others have defaults. Unknown keys are ignored.
 */

const WIRE_VERSION = 2;
const ONE_PART: readonly unknown[] = [1, 1];

/**
 * Reads and checks a header. `every` is clamped to its range, so that a sender
 * with an odd interval is still heard; any other value out of range is
 * "bad-header".
 */
export function readHeader(json: string): Header | RejectReason {
  const raw = parseJson(json);
  if (!isRecord(raw)) return "bad-header";
  if (raw.v !== WIRE_VERSION) {
    return typeof raw.v === "number" ? "bad-version" : "bad-header";
  }
  const { boot, seq, rev = seq, part = ONE_PART, every } = raw;
  const { ask = false, bye = false, probe, answer } = raw;
  const { id = null, key = null, host = null, version = null } = raw;
  const { remarks = null, site = null } = raw;
  const isValid = isCount(boot) && isCount(seq) && isCount(rev) &&
    isPart(part) && isFiniteNumber(every) && isBoolean(ask) && isBoolean(bye) &&
    isText(host, MAX_HOST_LENGTH) && isText(version, MAX_VERSION_LENGTH) &&
    isText(remarks, MAX_REMARKS_DIGEST_LENGTH) &&
    isText(site, MAX_SITE_LENGTH) &&
    isId(id) && isKey(key) && isIdQuestion(probe) && isIdQuestion(answer) &&
    (id !== null || ask || probe !== undefined || answer !== undefined);
  if (!isValid) return "bad-header";
  return {
    id,
    key,
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
    ...(remarks && { remarks }),
    ...(site !== null && (site === "" || isSiteName(site)) && { site }),
    ...(probe && { probe: { id: probe[0], nonce: probe[1] } }),
    ...(answer && { answer: { id: answer[0], nonce: answer[1] } }),
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
    (typeof value === "string" && isHostId(value) && !isV1HostId(value));
}

function isKey(value: unknown): value is string | null {
  return value === null ||
    (typeof value === "string" && value.length === PUBLIC_KEY_LENGTH);
}

function isIdQuestion(
  value: unknown,
): value is [id: string, nonce: number] | undefined {
  if (value === undefined) return true;
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [id, nonce] = value;
  return id !== null && isId(id) && isCount(nonce);
}

function isPart(value: unknown): value is [part: number, parts: number] {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [part, parts] = value;
  return isCount(part) && isCount(parts) && part >= 1 && part <= parts &&
    parts <= MAX_PARTS;
}
