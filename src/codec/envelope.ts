import { REJECTED, type Rejected } from "./announcement.ts";
import { isSiteName } from "../text/site_name.ts";
import { decodeUtf8, parseJson } from "./read_disks.ts";

/**
 * A datagram as a relay passes it on to another network, byte for byte as its
 * host signed it:
 *
 *     bytes  contents
 *     5      `dskr` and 1, the version of this format
 *     1      length of what follows
 *     any    `["home","192.168.1.11"]`: site and address of the host, in JSON
 *     any    the datagram
 *
 * It does not begin with `diskd:`, because 0.01 would take it for a list of the
 * relay.
 */

const PREFIX = new TextEncoder().encode("dskr\x01");
const START_BYTES = PREFIX.length + 1;

/** Longest envelope, without the datagram in it; `MAX_DATAGRAM_BYTES` leaves room for it. */
export const MAX_ENVELOPE_BYTES = 80;

/** Where a host is, as its relay says. */
export interface FarPlace {
  /** The site of the host; `null`: that of the receiver, whose networks a relay joins. */
  readonly site: string | null;
  /** Its address there, without an interface; `null`: the relay speaks of itself. */
  readonly from: string | null;
}

export interface Envelope extends FarPlace {
  readonly format: "envelope";
  /** A view of the bytes, valid until they are overwritten. */
  readonly datagram: Uint8Array;
}

export function isEnvelope(bytes: Uint8Array): boolean {
  return PREFIX.every((byte, i) => bytes[i] === byte);
}

/** Reads the outside. */
export function openEnvelope(bytes: Uint8Array): Envelope | Rejected {
  if (!isEnvelope(bytes)) return BAD;
  const end = START_BYTES + (bytes[PREFIX.length] ?? 0);
  if (end > Math.min(bytes.length, MAX_ENVELOPE_BYTES)) return BAD;
  const text = decodeUtf8(bytes.subarray(START_BYTES, end));
  const place = text === null ? null : parseJson(text);
  if (!Array.isArray(place)) return BAD;
  const [site, from] = place;
  if (site !== null && !(typeof site === "string" && isSiteName(site))) {
    return BAD;
  }
  if (from !== null && !(typeof from === "string" && ADDRESS.test(from))) {
    return BAD;
  }
  const datagram = bytes.subarray(end);
  if (isEnvelope(datagram)) return BAD;
  return { format: "envelope", site, from, datagram };
}

/** Writes it. */
export function writeEnvelope(
  { site, from }: FarPlace,
  datagram: Uint8Array,
): Uint8Array {
  const place = new TextEncoder().encode(JSON.stringify([site, from]));
  const bytes = new Uint8Array(START_BYTES + place.length + datagram.length);
  bytes.set(PREFIX);
  bytes[PREFIX.length] = place.length;
  bytes.set(place, START_BYTES);
  bytes.set(datagram, START_BYTES + place.length);
  return bytes;
}

const BAD = REJECTED["bad-envelope"];

/** IPv4, or IPv6 without an interface: no other is of use elsewhere. */
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]{2,39})$/;
