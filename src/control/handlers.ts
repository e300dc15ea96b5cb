import type { Encoded } from "./encoded.ts";
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
