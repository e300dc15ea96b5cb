/** The head of a request. */
export interface WebRequest {
  readonly method: string;
  /** As it was sent. */
  readonly target: string;
  /** By name in lower case; those that came several times are joined. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether another request may follow on the connection: nobody reads a body. */
  readonly mayFollow: boolean;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const REQUEST_LINE = new RegExp(
  `^(${TOKEN}) ([\\x21-\\x7e]+) HTTP/1\\.([01])$`,
);
const FIELD_LINE = new RegExp(
  `^(${TOKEN}):[ \\t]*([\\t\\x20-\\x7e\\x80-\\xff]*)$`,
);

/** Reads a head without its empty line, RFC 9112; a status if it is none. */
export function parseHead(text: string): WebRequest | number {
  const [first = "", ...lines] = text.split("\r\n");
  const [, method, target, minor] = REQUEST_LINE.exec(first) ?? [];
  if (method === undefined || target === undefined) return 400;
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const [, field, value = ""] = FIELD_LINE.exec(line) ?? [];
    if (field === undefined) return 400;
    const key = field.toLowerCase();
    const before = headers[key];
    // Which one counts is a question that attacks are made of.
    if (key === "host" && before !== undefined) return 400;
    const joint = key === "cookie" ? "; " : ", ";
    const trimmed = value.trimEnd();
    headers[key] = before === undefined ? trimmed : before + joint + trimmed;
  }
  const { connection = "", "content-length": length = "0" } = headers;
  const hasBody = length !== "0" || headers["transfer-encoding"] !== undefined;
  const closes = /(?:^|[ ,])close(?:$|[ ,])/i.test(connection);
  const mayFollow = minor === "1" && !closes && !hasBody;
  return { method, target, headers, mayFollow };
}
