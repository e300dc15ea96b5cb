/** Raw requests to `diskd web` on a Unix socket, as programs make them that mean no good. */

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Connects, and sends this. */
export async function openRaw(path: string, text = ""): Promise<Deno.Conn> {
  const conn = await Deno.connect({ transport: "unix", path });
  await writeAll(conn, text);
  return conn;
}

/** Asks for an address, and reads to the end. */
export async function ask(
  path: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  const conn = await openRaw(
    path,
    requestText(target, { connection: "close", ...headers }),
  );
  const text = await readAll(conn);
  const [head = "", ...body] = text.split("\r\n\r\n");
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]);
  return { status, head, body: body.join("\r\n\r\n") };
}

export function requestText(
  target: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  const lines = Object.entries({ host: "localhost", ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${target} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** What comes until the other side ends, or resets, the connection. */
export async function readAll(conn: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  let text = "";
  try {
    for (let n; (n = await conn.read(buffer)) !== null;) {
      text += decoder.decode(buffer.subarray(0, n), { stream: true });
    }
  } catch {
    // Reset, or closed by the test.
  }
  closeQuietly(conn);
  return text;
}

export function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It is closed.
  }
}

async function writeAll(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let sent = 0; sent < bytes.length;) {
      sent += await conn.write(bytes.subarray(sent));
    }
  } catch {
    // It was refused.
  }
}
