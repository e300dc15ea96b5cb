import { isHostId, isV1HostId } from "../inventory/host.ts";
import type { Remark } from "../inventory/remark.ts";
import { TABLE_BYTES } from "../inventory/remark_set.ts";
import type { RemarkWithProof } from "../inventory/remarks.ts";
import {
  MAX_DATAGRAM_BYTES,
  PUBLIC_KEY_LENGTH,
  REJECTED,
  type Rejected,
} from "./announcement.ts";
import { splitFirstLine } from "./first_line.ts";
import { byteLength } from "./quote_text.ts";
import { decodeUtf8, parseJson } from "./read_disks.ts";

/**
 * Remarks on disks, or a question for them, in a datagram of their own:
 *
 *     diskr:{"v":2,"id":"5647...","key":"A6EH...","boot":1795384031500}
 *     [["A6EH...","alpha",[["uuid 30c3...","note","drawer 3",1795384020933,"stRX..."]]]]
 *     #sig ...
 *
 * The list has, for each host where they were made, its public key, its name and
 * its remarks, each with the signature of that host, see `signRemark`; and `true`
 * if the sender knows that this host proved a shared key. A question says of whom it is asked, and which remarks the asker has:
 *
 *     diskr:{"v":2,"id":"5647...","key":"A6EH...","boot":1795384031500,"to":"5fec...","has":"AAAA..."}
 *     []
 *     #sig ...
 *
 * It does not begin with `diskd:`, so App::Diskd 0.01 ignores it.
 */

const PREFIX = "diskr:";
const PREFIX_BYTES = new TextEncoder().encode(PREFIX);
const WIRE_VERSION = 2;

/** Largest number of remarks in a datagram. */
const MAX_REMARKS_READ = 256;

const BASE64 = { alphabet: "base64url", omitPadding: true } as const;

/** Its first line. */
export interface RemarkHeader {
  readonly id: string;
  readonly key: string;
  /** In a question: when it was asked, ms since 1970; grows. Otherwise 0. */
  readonly boot: number;
  readonly question: RemarkQuestion | null;
}

export interface RemarkQuestion {
  /** Who is asked. */
  readonly to: string;
  /** Digests of what the asker has, `TABLE_BYTES` long. */
  readonly has: Uint8Array;
}

export interface RemarkDatagram {
  readonly format: "remarks";
  readonly header: RemarkHeader;
  readonly body: Uint8Array;
}

/** Whether the bytes are remarks, and no announcement. */
export function areRemarks(bytes: Uint8Array): boolean {
  return PREFIX_BYTES.every((byte, i) => bytes[i] === byte);
}

/** Reads the first line of such a datagram. The `body` is a view of `bytes`. */
export function readRemarkHeader(bytes: Uint8Array): RemarkDatagram | Rejected {
  if (bytes.length > MAX_DATAGRAM_BYTES) return REJECTED["too-long"];
  const split = splitFirstLine(bytes, { prefixBytes: PREFIX_BYTES.length });
  if ("format" in split) return split;
  const header = readHeader(parseJson(split.line));
  if (header === null) return REJECTED["bad-header"];
  return { format: "remarks", header, body: split.body };
}

function readHeader(raw: unknown): RemarkHeader | null {
  if (typeof raw !== "object" || raw === null) return null;
  const { v, id, key, boot = 0, to, has } = raw as Record<string, unknown>;
  if (v !== WIRE_VERSION || !isId(id) || !isKey(key) || !isTime(boot)) {
    return null;
  }
  if (to === undefined) return { id, key, boot, question: null };
  const table = readTable(has);
  if (!isId(to) || table === null) return null;
  return { id, key, boot, question: { to, has: table } };
}

function readTable(has: unknown): Uint8Array | null {
  if (typeof has !== "string") return null;
  try {
    const table = Uint8Array.fromBase64(has, { alphabet: "base64url" });
    return table.length === TABLE_BYTES ? table : null;
  } catch {
    return null;
  }
}

/** The remarks of a datagram, with neither texts nor signatures checked, see `formProblem`; `null` if the list is none. */
export function readRemarks(
  { body }: RemarkDatagram,
): RemarkWithProof[] | null {
  const [first] = decodeUtf8(body)?.split("\n#", 1) ?? [];
  const list = first === undefined ? undefined : parseJson(first);
  if (!Array.isArray(list)) return null;
  const remarks: RemarkWithProof[] = [];
  for (const entry of list) {
    if (!Array.isArray(entry)) return null;
    const [key, host, said, isProven] = entry;
    if (!isKey(key) || typeof host !== "string" || !Array.isArray(said)) {
      return null;
    }
    for (const row of said) {
      const remark = readRow(row, { key, host });
      if (remark === null || remarks.length === MAX_REMARKS_READ) return null;
      remarks.push({ remark, isProven: isProven === true });
    }
  }
  return remarks;
}

function readRow(
  row: unknown,
  { key, host }: Pick<Remark, "key" | "host">,
): Remark | null {
  if (!Array.isArray(row)) return null;
  const [subject, field, value, at, signature] = row as unknown[];
  const isValid = typeof subject === "string" && typeof field === "string" &&
    (value === null || typeof value === "string") && isTime(at) &&
    typeof signature === "string";
  if (!isValid) return null;
  return { subject, field, value, at, by: "", host, key, signature };
}

function isId(value: unknown): value is string {
  return typeof value === "string" && isHostId(value) && !isV1HostId(value);
}

function isKey(value: unknown): value is string {
  return typeof value === "string" && value.length === PUBLIC_KEY_LENGTH;
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Writes a question. */
export function writeRemarkQuestion(
  { id, key, boot }: Omit<RemarkHeader, "question">,
  { to, has }: RemarkQuestion,
): Uint8Array {
  const header = {
    v: WIRE_VERSION,
    id,
    key,
    boot,
    to,
    has: has.toBase64(BASE64),
  };
  return encode(header, "[]");
}

/** Writes remarks, in as many datagrams of at most `maxBytes` as they need. */
export function writeRemarks(
  { id, key }: Pick<RemarkHeader, "id" | "key">,
  remarks: Iterable<RemarkWithProof>,
  { maxBytes }: { readonly maxBytes: number },
): Uint8Array[] {
  const header = { v: WIRE_VERSION, id, key };
  const room = maxBytes - encode(header, "[]").length;
  const datagrams: Uint8Array[] = [];
  let list = new RemarkList();
  for (const remark of remarks) {
    if (list.add(remark, room)) continue;
    datagrams.push(encode(header, list.toString()));
    list = new RemarkList();
    list.add(remark, room);
  }
  if (!list.isEmpty) datagrams.push(encode(header, list.toString()));
  return datagrams;
}

/** The list of a datagram while it is filled. */
class RemarkList {
  readonly #groups: {
    readonly of: string;
    readonly end: string;
    readonly rows: string[];
  }[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#groups.length === 0;
  }

  /** Adds a remark, unless that makes the list longer than `room`. The first is always added. */
  add({ remark, isProven }: RemarkWithProof, room: number): boolean {
    const { subject, field, value, at, key, host, signature } = remark;
    const row = JSON.stringify([subject, field, value, at, signature]);
    const of = `${JSON.stringify(key)},${JSON.stringify(host)}`;
    const end = isProven ? ",true" : "";
    const last = this.#groups.at(-1);
    const isSame = last?.of === of && last.end === end;
    const extra = byteLength(row) + ",".length +
      (isSame ? 0 : byteLength(of) + end.length + "[,[]],".length);
    if (!this.isEmpty && this.#bytes + extra > room) return false;
    this.#bytes += extra;
    if (isSame) last!.rows.push(row);
    else this.#groups.push({ of, end, rows: [row] });
    return true;
  }

  toString(): string {
    const groups = this.#groups
      .map(({ of, end, rows }) => `[${of},[${rows}]${end}]`);
    return `[${groups}]`;
  }
}

const encoder = new TextEncoder();

function encode(header: object, list: string): Uint8Array {
  return encoder.encode(`${PREFIX}${JSON.stringify(header)}\n${list}\n`);
}
