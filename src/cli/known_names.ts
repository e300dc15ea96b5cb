import { isPrintable } from "../text/printable.ts";
import type { Invocation } from "./invocation.ts";
import { withDaemon } from "./with_daemon.ts";

/** Who presses the Tab key does not wait longer. */
const TIMEOUT_MS = 2000;

/**
 * Labels and UUIDs that the daemon knows, for completion; none where no daemon
 * answers. Left out are names that cannot be typed, and those that would be
 * taken for flags.
 */
export async function knownNames(
  { context, socket }: Pick<Invocation, "context" | "socket">,
): Promise<readonly string[]> {
  const options = socket === undefined ? {} : { socket };
  try {
    const names = await withDaemon(
      { options, context },
      (client) => client.call("names", {}, { timeoutMs: TIMEOUT_MS }),
    );
    return names.filter((name) =>
      name !== "" && !name.startsWith("-") && isPrintable(name)
    );
  } catch {
    return [];
  }
}
