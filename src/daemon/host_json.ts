import type { DiskRow } from "../control/views.ts";
import type { Disk } from "../inventory/disk.ts";

/** What all rows of one host have in common, besides the time. */
export type HostPart = Pick<DiskRow, "host" | "hostId" | "address" | "state">;

/**
 * The rows of one host's disks as JSON, with commas between. Of most hosts
 * nothing changes but when they were heard: then only the time is written
 * anew, in its place in each row.
 */
export class HostJson {
  readonly #host: HostPart;
  readonly #bytes: Uint8Array;
  /** Where in `#bytes` the time of each row begins: RFC 3339 with milliseconds always takes as many. */
  readonly #seenAtOffsets: readonly number[];
  #seenAt: string;

  /** `since` has a time for each of `disks`. */
  constructor(
    disks: readonly Disk[],
    host: HostPart,
    { seenAt, since }: {
      readonly seenAt: string;
      readonly since: readonly string[];
    },
  ) {
    const encoder = new TextEncoder();
    const before = encoder.encode(JSON.stringify({ ...host, seenAt })).length -
      `${seenAt}"}`.length;
    const rows = disks.map((disk, index) => {
      const row = { ...host, seenAt, since: since[index], ...disk };
      return encoder.encode(JSON.stringify(row));
    });
    let start = 0;
    this.#seenAtOffsets = rows.map(({ length }) => {
      const offset = start + before;
      start += length + COMMA.length;
      return offset;
    });
    this.#host = host;
    this.#bytes = joinBytes(rows, { before: "", after: "" });
    this.#seenAt = seenAt;
  }

  /** Whether these are the rows of that host still. */
  isOf(host: HostPart): boolean {
    const known = this.#host;
    return known.state === host.state && known.host === host.host &&
      known.hostId === host.hostId && known.address === host.address;
  }

  /** As of now. Copy them before the next call, which may write over them. */
  bytes(seenAt: string): Uint8Array {
    if (this.#seenAt !== seenAt) {
      const time = new TextEncoder().encode(seenAt);
      for (const offset of this.#seenAtOffsets) this.#bytes.set(time, offset);
      this.#seenAt = seenAt;
    }
    return this.#bytes;
  }
}

/** The chunks with commas between them, and what stands around all: ASCII. */
export function joinBytes(
  chunks: readonly Uint8Array[],
  { before, after }: { readonly before: string; readonly after: string },
): Uint8Array<ArrayBuffer> {
  const commas = Math.max(0, chunks.length - 1) * COMMA.length;
  const inner = chunks.reduce((sum, { length }) => sum + length, commas);
  const bytes = new Uint8Array(before.length + inner + after.length);
  const encoder = new TextEncoder();
  encoder.encodeInto(before, bytes);
  let at = before.length;
  chunks.forEach((chunk, index) => {
    if (index > 0) bytes[at++] = COMMA.charCodeAt(0);
    bytes.set(chunk, at);
    at += chunk.length;
  });
  encoder.encodeInto(after, bytes.subarray(at));
  return bytes;
}

const COMMA = ",";
