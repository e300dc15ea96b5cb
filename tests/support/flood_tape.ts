import type { RawDatagram } from "./raw_socket.ts";

/** Before the bytes of each: the four of its source, and the two of its length. */
const HEAD_BYTES = 6;

/** Datagrams as a file, for who sends them faster than they can be made. */
export function writeTape(datagrams: readonly RawDatagram[]): Uint8Array {
  const length = datagrams.reduce(
    (sum, { bytes }) => sum + HEAD_BYTES + bytes.length,
    0,
  );
  const tape = new Uint8Array(length);
  const view = new DataView(tape.buffer);
  let at = 0;
  for (const { source, bytes } of datagrams) {
    tape.set(source.split(".").map(Number), at);
    view.setUint16(at + 4, bytes.length);
    tape.set(bytes, at + HEAD_BYTES);
    at += HEAD_BYTES + bytes.length;
  }
  return tape;
}

export function readTape(tape: Uint8Array): RawDatagram[] {
  const view = new DataView(tape.buffer, tape.byteOffset, tape.byteLength);
  const datagrams: RawDatagram[] = [];
  for (let at = 0; at < tape.length;) {
    const from = at + HEAD_BYTES;
    const end = from + view.getUint16(at + 4);
    datagrams.push({
      source: tape.subarray(at, at + 4).join("."),
      bytes: tape.subarray(from, end),
    });
    at = end;
  }
  return datagrams;
}
