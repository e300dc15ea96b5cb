import { type RpcError, wrongSocket } from "./jsonrpc.ts";
import { isReading } from "./parameters.ts";
import type { EventRow, MethodName, Methods } from "./views.ts";

/** The result of a handler: the value, or its JSON, at once or in parts. */
export type Result<M extends MethodName> =
  | Methods[M]["result"]
  | Encoded<Methods[M]["result"]>
  | Streamed<Methods[M]["result"]>;

/**
 * The handler of each method. An `RpcError` is reported to the client; any
 * other error is reported to the client and to the daemon.
 */
export type MethodHandlers = {
  readonly [M in MethodName]: (
    params: Methods[M]["params"],
  ) => Result<M> | Promise<Result<M>>;
};

export type Handlers = MethodHandlers & {
  /** Calls `onEvent` for each event until the returned function is called. */
  readonly watch: (onEvent: (event: EventRow) => void) => () => void;
};

/** Formats answers for people who type commands. */
export interface TextStyle {
  /** The answer of a method, in one or more lines. */
  readonly answer: <M extends MethodName>(
    method: M,
    result: Methods[M]["result"],
    params: Methods[M]["params"],
  ) => string;
  /** An event, on a single line. */
  readonly event: (event: EventRow) => string;
}

/** The methods allowed on a socket. */
export type Access =
  /** Everything: the owner's socket. */
  | { readonly kind: "all" }
  /** Methods that change nothing, on this host or others. */
  | {
    readonly kind: "read";
    /** Path of the socket that allows everything. */
    readonly elsewhere: string;
  };

export const ALL: Access = { kind: "all" };

/** Why this socket refuses a method; `null` if it does not. */
export function refusal(
  access: Access,
  method: MethodName | "watch",
): RpcError | null {
  if (access.kind === "all" || isReading(method)) return null;
  return wrongSocket(method, access.elsewhere);
}

/** A result already encoded as JSON, so that a long list is not encoded for each request. */
export class Encoded<T> {
  /** UTF-8, without a newline outside of strings. Not copied: must not be changed. */
  readonly chunks: readonly Uint8Array<ArrayBuffer>[];

  constructor(json: string | readonly Uint8Array<ArrayBuffer>[]) {
    this.chunks = typeof json === "string" ? [encoder.encode(json)] : json;
  }

  decode(): T {
    const decoder = new TextDecoder();
    const texts = this.chunks.map((chunk) =>
      decoder.decode(chunk, { stream: true })
    );
    return JSON.parse(texts.join("") + decoder.decode());
  }
}

/** A long list as JSON, made as the client reads it, so that it takes no memory as a whole. */
export class Streamed<T> {
  /** Elements with commas between them; none of the parts is empty. */
  readonly #parts: AsyncIterable<Uint8Array>;

  constructor(parts: AsyncIterable<Uint8Array>) {
    this.#parts = parts;
  }

  /** The whole array, in pieces. */
  async *json(): AsyncGenerator<Uint8Array> {
    let before = "[";
    for await (const part of this.#parts) {
      yield encoder.encode(before);
      yield part;
      before = ",";
    }
    yield encoder.encode(before === "[" ? "[]" : "]");
  }

  /** The elements, in groups of at least so many bytes of JSON but for the last, which may be empty. */
  async *groups(minBytes: number): AsyncGenerator<T> {
    let texts: string[] = [];
    let bytes = 0;
    for await (const part of this.#parts) {
      texts.push(new TextDecoder().decode(part));
      bytes += part.length;
      if (bytes < minBytes) continue;
      yield JSON.parse(`[${texts}]`);
      [texts, bytes] = [[], 0];
    }
    yield JSON.parse(`[${texts}]`);
  }
}

const encoder = new TextEncoder();
