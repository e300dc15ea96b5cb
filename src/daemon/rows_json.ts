/** Rows as JSON, in bytes: kept for the next answer, and copied in large blocks. */
import type { DiskRow } from "../control/views.ts";
import { letOthersRun, TURN_MS } from "./tasks.ts";

const encoder = new TextEncoder();
const COMMA = encoder.encode(",");
const BLOCK_BYTES = 256 * 1024;

/** Fields common to all rows of a host, except the time. */
type HostPart =
  & Pick<
    DiskRow,
    "host" | "hostId" | "uniqueHost" | "address" | "state" | "unplugged"
  >
  & { readonly site: string | null };

export type ShownRow = Omit<DiskRow, keyof HostPart | "seenAt">;

/**
 * The rows of a host's disks as JSON, with commas in between. Usually only the
 * time of its last announcement changes: then only this is rewritten, in place
 * in each row.
 */
export class HostJson {
  readonly #host: HostPart;
  readonly #bytes: Uint8Array;
  /** Offsets of the times in `#bytes`; RFC 3339 with milliseconds has a fixed length. */
  readonly #seenAtOffsets: readonly number[];
  #seenAt: string;

  constructor(host: HostPart, seenAt: string, shown: readonly ShownRow[]) {
    const before = encoder.encode(JSON.stringify({ ...host, seenAt })).length -
      `${seenAt}"}`.length;
    const rows = shown.map((row) =>
      encoder.encode(JSON.stringify({ ...host, seenAt, ...row }))
    );
    let start = 0;
    this.#seenAtOffsets = rows.map(({ length }) => {
      const offset = start + before;
      start += length + COMMA.length;
      return offset;
    });
    this.#host = host;
    this.#bytes = joinWithCommas(rows);
    this.#seenAt = seenAt;
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** Whether these are still the rows of this host. */
  isOf(host: HostPart): boolean {
    const known = this.#host;
    return known.state === host.state && known.host === host.host &&
      known.uniqueHost === host.uniqueHost && known.hostId === host.hostId &&
      known.address === host.address && known.site === host.site;
  }

  /** The present rows. Copy them before the next call, which may overwrite them. */
  bytes(seenAt: string): Uint8Array {
    if (this.#seenAt !== seenAt) {
      const time = encoder.encode(seenAt);
      for (const offset of this.#seenAtOffsets) this.#bytes.set(time, offset);
      this.#seenAt = seenAt;
    }
    return this.#bytes;
  }
}

/** The elements of a JSON array, with commas in between. */
export function elementsOf(rows: readonly object[]): Uint8Array {
  return encoder.encode(JSON.stringify(rows).slice(1, -1));
}

/** Each row as JSON. */
export function* eachAsJson(rows: Iterable<object>): Generator<Uint8Array> {
  for (const row of rows) yield encoder.encode(JSON.stringify(row));
}

/** Joins parts with commas into large blocks, and lets others run in between. */
export async function* inBlocks(
  parts: Iterable<Uint8Array>,
  now: () => number,
): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  let endsAt = now() + TURN_MS;
  for (const part of parts) {
    held.push(part.slice());
    bytes += part.length;
    if (bytes >= BLOCK_BYTES) {
      yield joinWithCommas(held);
      [held, bytes] = [[], 0];
    }
    if (now() < endsAt) continue;
    await letOthersRun();
    endsAt = now() + TURN_MS;
  }
  if (held.length > 0) yield joinWithCommas(held);
}

/** A JSON array built in blocks, because large arrays are slow to copy. */
export class JsonArray {
  readonly #blocks: Uint8Array<ArrayBuffer>[] = [];
  #block = new Uint8Array(BLOCK_BYTES);
  #size = 0;
  #separator = encoder.encode("[");

  /** Copies elements: JSON with commas between them. */
  readonly add = (elements: Uint8Array): void => {
    this.#append(this.#separator);
    this.#append(elements);
    this.#separator = COMMA;
  };

  /** The whole text, in pieces. */
  end(): readonly Uint8Array<ArrayBuffer>[] {
    if (this.#separator !== COMMA) this.#append(this.#separator);
    this.#append(encoder.encode("]"));
    return [...this.#blocks, this.#block.subarray(0, this.#size)];
  }

  #append(bytes: Uint8Array): void {
    if (this.#size + bytes.length > this.#block.length) {
      this.#blocks.push(this.#block.subarray(0, this.#size));
      this.#block = new Uint8Array(Math.max(BLOCK_BYTES, bytes.length));
      this.#size = 0;
    }
    this.#block.set(bytes, this.#size);
    this.#size += bytes.length;
  }
}

/** The chunks with commas between them. */
function joinWithCommas(chunks: readonly Uint8Array[]): Uint8Array {
  const commas = Math.max(0, chunks.length - 1) * COMMA.length;
  const bytes = new Uint8Array(
    chunks.reduce((sum, { length }) => sum + length, commas),
  );
  let at = 0;
  chunks.forEach((chunk, index) => {
    if (index > 0) bytes.set(COMMA, at++);
    bytes.set(chunk, at);
    at += chunk.length;
  });
  return bytes;
}
