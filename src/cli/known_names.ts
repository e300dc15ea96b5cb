import type { DiskRow } from "../control/views.ts";
import { isPrintable } from "../text/printable.ts";
import type { Context, DaemonClient, Invocation } from "./context.ts";
import { withDaemon } from "./with_daemon.ts";

/** Who presses the Tab key does not wait longer. */
const TIMEOUT = { timeoutMs: 2000 };

type Asker = Pick<Invocation, "socket"> & { readonly context: Context };

/** Labels and UUIDs that the daemon knows, for completion; none where no daemon answers. */
export function knownNames(asker: Asker): Promise<readonly string[]> {
  return proposals(asker, (client) => client.call("names", {}, TIMEOUT));
}

/** Names of the hosts that the daemon knows, likewise. */
export function knownHosts(asker: Asker): Promise<readonly string[]> {
  return proposals(asker, async (client) => {
    const hosts = await client.call("hosts", {}, TIMEOUT);
    return hosts.map(({ host }) => host);
  });
}

/** What `forget` would take: labels and UUIDs of disks that are attached nowhere, names of hosts that are not up. */
export function forgettableNames(asker: Asker): Promise<readonly string[]> {
  return proposals(asker, async (client) => {
    const rows = await client.call("list", { all: true }, TIMEOUT);
    const hosts = await client.call("hosts", {}, TIMEOUT);
    const present = namesOf(rows.filter(({ state }) => state !== "detached"));
    const gone = namesOf(rows.filter(({ state }) => state === "detached"));
    const names = [
      ...gone.difference(present),
      ...hosts.filter(({ state }) => state !== "up").map(({ host }) => host),
    ];
    return [...new Set(names)].sort();
  });
}

function namesOf(rows: readonly DiskRow[]): Set<string> {
  const names = rows.flatMap(({ label, uuid }) => [label, uuid]);
  return new Set(names.filter((name) => name !== null));
}

/** What the daemon answers, without names that cannot be typed, and those that would be taken for flags. */
async function proposals(
  { context, socket }: Asker,
  ask: (client: DaemonClient) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const options = socket === undefined ? {} : { socket };
  try {
    const names = await withDaemon({ options, context }, ask);
    return names.filter((name) =>
      name !== "" && !name.startsWith("-") && isPrintable(name)
    );
  } catch {
    return [];
  }
}
