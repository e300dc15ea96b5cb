import {
  MAX_HEADER_BYTES,
  MAX_V2_DATAGRAM_BYTES,
  REJECTED,
  type Rejected,
} from "./announcement.ts";
import { decodeUtf8 } from "./read_disks.ts";

const NEWLINE = 0x0a;

/** The two parts of a datagram of version 2. */
interface FirstLine {
  /** Behind the prefix. */
  readonly line: string;
  /** What follows the line, a view of `bytes`. */
  readonly body: Uint8Array;
}

/** Splits a datagram of version 2 behind its first line. */
export function splitFirstLine(
  bytes: Uint8Array,
  { prefixBytes }: { readonly prefixBytes: number },
): FirstLine | Rejected {
  if (bytes.length > MAX_V2_DATAGRAM_BYTES) return REJECTED["too-long"];
  const end = bytes.indexOf(NEWLINE);
  if (end === -1 || end > MAX_HEADER_BYTES) return REJECTED["bad-header"];
  const line = decodeUtf8(bytes.subarray(prefixBytes, end));
  if (line === null) return REJECTED["not-utf8"];
  return { line, body: bytes.subarray(end + 1) };
}
