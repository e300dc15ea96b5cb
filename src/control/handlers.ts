import { type RpcError, wrongSocket } from "./jsonrpc.ts";
import { isReading } from "./parameters.ts";
import type { EventRow, MethodName, Methods } from "./views.ts";

/** A result as a handler gives it: the value, or its JSON. */
export type Result<M extends MethodName> =
  | Methods[M]["result"]
  | Encoded<Methods[M]["result"]>;

/**
 * What answers each method. A handler that throws `RpcError` says why it could
 * not to the client; any other error is told too, and is reported besides.
 */
export type MethodHandlers = {
  readonly [M in MethodName]: (
    params: Methods[M]["params"],
  ) => Result<M> | Promise<Result<M>>;
};

export type Handlers = MethodHandlers & {
  /** Calls `onEvent` for each event from now on, until the function that it returns is called. */
  readonly watch: (onEvent: (event: EventRow) => void) => () => void;
};

/** How answers look to those who type commands rather than speak JSON. */
export interface TextStyle {
  /** The answer to one method, one line or more. */
  readonly answer: <M extends MethodName>(
    method: M,
    result: Methods[M]["result"],
    params: Methods[M]["params"],
  ) => string;
  /** One event, on one line. */
  readonly event: (event: EventRow) => string;
}

/** What may be asked on a socket. */
export type Access =
  /** Everything: it is its owner's. */
  | { readonly kind: "all" }
  /** What changes nothing, neither here nor on other hosts. */
  | {
    readonly kind: "read";
    /** Path of the socket that everything may be asked on. */
    readonly elsewhere: string;
  };

export const ALL: Access = { kind: "all" };

/** Why a method is not answered on such a socket; `null`: it is. */
export function refusal(
  access: Access,
  method: MethodName | "watch",
): RpcError | null {
  if (access.kind === "all" || isReading(method)) return null;
  return wrongSocket(method, access.elsewhere);
}

/**
 * A result that is JSON already, so that a long list which is asked for again
 * and again is not made into text each time.
 */
export class Encoded<T> {
  /** UTF-8, without a newline outside of strings. Not copied: do not change it. */
  readonly bytes: Uint8Array<ArrayBuffer>;

  constructor(json: string | Uint8Array<ArrayBuffer>) {
    this.bytes = typeof json === "string"
      ? new TextEncoder().encode(json)
      : json;
  }

  decode(): T {
    return JSON.parse(new TextDecoder().decode(this.bytes));
  }
}
