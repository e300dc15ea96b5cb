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

/** Refused, or failed, in the form of an API: `{"error": "..."}`. */
export function errorReply(status: number, error: string): WebReply {
  return {
    status,
    type: "application/json",
    body: encoder.encode(`${JSON.stringify({ error })}\n`),
  };
}
