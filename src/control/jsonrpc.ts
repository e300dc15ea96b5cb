/**
 * JSON-RPC 2.0 (https://www.jsonrpc.org/specification), one message per line.
 * Parameters go by name; batches are refused.
 */

import { isJsonObject, type JsonObject } from "../text/json_object.ts";

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
/** A server-defined error: there is no history; the message gives the reason. */
export const NO_HISTORY = -32000;
/**
 * The method changes something, but the socket is read-only; the message names
 * the right socket.
 */
export const WRONG_SOCKET = -32001;

export type RequestId = string | number | null;

/** An error reported to the client with its code. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The error for a method refused by a read-only socket; `elsewhere` is the path
 * of the other socket.
 */
export function wrongSocket(method: string, elsewhere: string): RpcError {
  return new RpcError(
    WRONG_SOCKET,
    `${method} changes something, but this socket is read-only; use ${elsewhere}, as its owner or as root`,
  );
}

export interface Request {
  readonly kind: "request";
  /** `undefined` for a notification, which is never answered. */
  readonly id: RequestId | undefined;
  readonly method: string;
  readonly params: JsonObject;
}

interface InvalidRequest {
  readonly kind: "invalid";
  readonly id: RequestId;
  readonly error: RpcError;
}

/** Parses a line from a client. Never throws. */
export function parseRequest(line: string): Request | InvalidRequest {
  const message = parseJson(line);
  if (message === undefined) {
    return invalid(null, PARSE_ERROR, "the line is not valid JSON");
  }
  if (Array.isArray(message)) {
    return invalid(
      null,
      INVALID_REQUEST,
      "batches are not supported; send one request a line",
    );
  }
  if (!isJsonObject(message)) {
    return invalid(
      null,
      INVALID_REQUEST,
      `a request is a JSON object, found ${jsonTypeOf(message)}`,
    );
  }
  return readRequest(message);
}

function readRequest(message: JsonObject): Request | InvalidRequest {
  const { jsonrpc, id, method, params } = message;
  if (id !== undefined && !isRequestId(id)) {
    return invalid(
      null,
      INVALID_REQUEST,
      `"id" must be a string, a number or null, found ${jsonTypeOf(id)}`,
    );
  }
  if (jsonrpc !== "2.0") {
    return invalid(id ?? null, INVALID_REQUEST, '"jsonrpc" must be "2.0"');
  }
  if (typeof method !== "string") {
    return invalid(
      id ?? null,
      INVALID_REQUEST,
      `"method" must be a string, found ${jsonTypeOf(method)}`,
    );
  }
  if (params !== undefined && !isJsonObject(params)) {
    return invalid(
      id ?? null,
      INVALID_PARAMS,
      `"params" must be an object with a key for each parameter, found ${
        jsonTypeOf(params)
      }`,
    );
  }
  return { kind: "request", id, method, params: params ?? {} };
}

function invalid(id: RequestId, code: number, message: string): InvalidRequest {
  return { kind: "invalid", id, error: new RpcError(code, message) };
}

/** A line from the server: the answer to a request, or a notification. */
export type Reply =
  | {
    readonly kind: "result";
    readonly id: RequestId;
    readonly result: unknown;
  }
  | { readonly kind: "error"; readonly id: RequestId; readonly error: RpcError }
  | {
    readonly kind: "notification";
    readonly method: string;
    readonly params: unknown;
  }
  /** Anything else, such as the greeting. */
  | { readonly kind: "other" };

/** Parses a line from a server. Never throws. */
export function parseReply(line: string): Reply {
  const message = line.startsWith("{") ? parseJson(line) : undefined;
  if (!isJsonObject(message)) return { kind: "other" };
  const { id, method, result, error, params } = message;
  if (typeof method === "string" && id === undefined) {
    return { kind: "notification", method, params };
  }
  if (!isRequestId(id)) return { kind: "other" };
  if (isJsonObject(error)) {
    return { kind: "error", id, error: readError(error) };
  }
  return result === undefined
    ? { kind: "other" }
    : { kind: "result", id, result };
}

function readError(error: JsonObject): RpcError {
  const code = typeof error.code === "number" ? error.code : INTERNAL_ERROR;
  const message = typeof error.message === "string"
    ? error.message
    : "an error without a message";
  return new RpcError(code, message);
}

export function requestLine(
  request: {
    readonly id: RequestId;
    readonly method: string;
    readonly params: object;
  },
): string {
  return `${JSON.stringify({ jsonrpc: "2.0", ...request })}\n`;
}

/** The answer to request `id`; `resultJson` is JSON without a newline. */
export function resultLine(id: RequestId, resultJson: string): string {
  return resultStart(id) + resultJson + RESULT_END;
}

/** Precedes the JSON of a result, in answers sent in pieces. */
export function resultStart(id: RequestId): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`;
}

/** Follows the JSON of a result. */
export const RESULT_END = "}\n";

export function errorLine(id: RequestId, { code, message }: RpcError): string {
  return `${
    JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } })
  }\n`;
}

export function notificationLine(method: string, params: unknown): string {
  return `${JSON.stringify({ jsonrpc: "2.0", method, params })}\n`;
}

/** The name of a JSON value's type, for messages. */
export function jsonTypeOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRequestId(value: unknown): value is RequestId {
  return value === null || typeof value === "string" ||
    typeof value === "number";
}
