import { nextChunk } from "./next_chunk.ts";

/** What was read of a stream. */
export interface Collected {
  readonly bytes: Uint8Array;
  /** There was more than `limitBytes`; `bytes` holds what came before. */
  readonly overflow: boolean;
}

/** A stream that is being read. */
export interface Collecting {
  /** Settles at the end of the stream, at the limit, or when cancelled. Never rejects. */
  readonly collected: Promise<Collected>;
  /** Reads no more, and frees the stream. */
  cancel(): void;
}

/** How to read a stream. */
export interface CollectOptions {
  /** Bytes kept. */
  readonly limitBytes: number;
  /** At the limit: `stop` reading, or `drop` what follows, so that the writer is not held up. */
  readonly beyond: "stop" | "drop";
}

/** Reads a stream into memory, but never more than a limit of it. */
export function collect(
  stream: ReadableStream<Uint8Array>,
  options: CollectOptions,
): Collecting {
  const reader = stream.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  return { collected: readAll(reader, options).finally(cancel), cancel };
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { limitBytes, beyond }: CollectOptions,
): Promise<Collected> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let overflow = false;
  for (;;) {
    const chunk = await nextChunk(reader);
    if (chunk === null) break;
    const kept = chunk.subarray(0, limitBytes - size);
    if (kept.length > 0) chunks.push(kept);
    size += kept.length;
    overflow ||= kept.length < chunk.length;
    if (overflow && beyond === "stop") break;
  }
  return { bytes: join(chunks, size), overflow };
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
