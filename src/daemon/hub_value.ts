/**
 * What a host keeps in a hub: its announcement, each datagram in an envelope
 * behind its length in two bytes, divided into values.
 */
import { writeEnvelope } from "../codec/envelope.ts";
import { HOST_ID } from "../inventory/host.ts";
import { isSiteName } from "../text/site_name.ts";

/** Longest value; a server takes 1 MiB unless it is configured otherwise. */
export const MAX_VALUE_BYTES = 256 * 1024;

/** Where the list of a host is kept. */
interface HubKey {
  readonly site: string;
  readonly id: string;
  /** Number of the value, from 1. */
  readonly chunk: number;
}

/** `h.home.56475aa75463474c0285df5dbf2bcab7.1` */
export function hubKey({ site, id, chunk }: HubKey): string {
  return `h.${site}.${id}.${chunk}`;
}

/** Reads it; a site may have dots. */
export function readHubKey(text: string): HubKey | null {
  const [, host = "", chunk] = /^h\.(.+)\.(\d{1,4})$/.exec(text) ?? [];
  const named = readBeatSubject(host);
  return named === null ? null : { ...named, chunk: Number(chunk) };
}

/** Subject on which a host says that it is there, behind `beat.`. */
export function beatSubject({ site, id }: Omit<HubKey, "chunk">): string {
  return `${site}.${id}`;
}

export function readBeatSubject(text: string): Omit<HubKey, "chunk"> | null {
  const dot = text.lastIndexOf(".");
  const [site, id] = [text.slice(0, Math.max(0, dot)), text.slice(dot + 1)];
  return isSiteName(site) && HOST_ID.test(id) ? { site, id } : null;
}

/** Divides an announcement into values. */
export function writeValues(
  datagrams: readonly Uint8Array[],
  place: { readonly site: string; readonly from: string },
): Uint8Array[] {
  const values: Uint8Array[] = [];
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  const close = () => {
    values.push(concatenated(pieces, bytes));
    pieces = [];
    bytes = 0;
  };
  for (const datagram of datagrams) {
    const envelope = writeEnvelope(place, datagram);
    if (bytes + 2 + envelope.length > MAX_VALUE_BYTES) close();
    const length = Uint8Array.of(envelope.length >> 8, envelope.length & 255);
    pieces.push(length, envelope);
    bytes += length.length + envelope.length;
  }
  close();
  return values;
}

/** The envelopes of a value; `null` if it is none. */
export function readValue(value: Uint8Array): Uint8Array[] | null {
  const envelopes: Uint8Array[] = [];
  for (let at = 0; at < value.length;) {
    const length = value[at]! * 256 + (value[at + 1] ?? 0);
    at += 2;
    if (length === 0 || at + length > value.length) return null;
    envelopes.push(value.subarray(at, at + length));
    at += length;
  }
  return envelopes;
}

function concatenated(
  pieces: readonly Uint8Array[],
  length: number,
): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
