import { createHash } from "node:crypto";

/** What a request is answered with. */
export interface WebReply {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** What identifies the body: a client that has it is told so, and gets none. */
  readonly etag?: string;
}

const encoder = new TextEncoder();

/** A document that clients may keep, and ask whether it is still right. */
export function keptReply(type: string, text: string): WebReply {
  const body = encoder.encode(text);
  const hash = createHash("sha256").update(body).digest("base64url");
  return { status: 200, type, body, etag: `W/"${hash.slice(0, 27)}"` };
}

export function textReply(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): WebReply {
  return {
    status,
    type: "text/plain; charset=utf-8",
    body: encoder.encode(`${text}\n`),
    headers,
  };
}

/** Refused, or failed, in the form of the API: `{"error": "..."}`. */
export function errorReply(
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): WebReply {
  return {
    status,
    type: "application/json",
    body: encoder.encode(`${JSON.stringify({ error })}\n`),
    headers,
  };
}
