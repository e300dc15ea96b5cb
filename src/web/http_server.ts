import { pause } from "../system/within.ts";
import { type AnswerRequest, HttpConnection } from "./http_connection.ts";
import type { Acceptor } from "./listen.ts";

/** Connections at once, those that follow events among them. */
const MAX_CONNECTIONS = 150;
/** Wait until files that are open may have been closed. */
const NO_FILES_MS = 100;

/**
 * Accepts connections until the signal. With too many, the oldest makes room,
 * first of those that are idle: so nobody is kept out for long.
 */
export async function acceptBrowsers(
  listener: Acceptor,
  answer: AnswerRequest,
  signal: AbortSignal,
): Promise<void> {
  const open = new Set<HttpConnection>();
  const close = () => {
    listener.close();
    for (const connection of open) connection.close();
  };
  signal.addEventListener("abort", close, { once: true });
  if (signal.aborted) close();
  while (!signal.aborted) {
    let conn: Deno.Conn;
    try {
      conn = await listener.accept();
    } catch {
      // No further file can be opened, or the client is gone already.
      await pause(NO_FILES_MS, signal);
      continue;
    }
    if (open.size >= MAX_CONNECTIONS) makeRoom(open);
    const connection = new HttpConnection(conn, answer);
    open.add(connection);
    connection.serve().finally(() => open.delete(connection));
  }
}

function makeRoom(open: Set<HttpConnection>): void {
  const [oldest] = open;
  const victim = [...open].find(({ isIdle }) => isIdle) ?? oldest!;
  victim.close();
  open.delete(victim);
}
