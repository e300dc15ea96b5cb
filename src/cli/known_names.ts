import type { DiskRow } from "../control/views.ts";
import { typedNames } from "../inventory/typed_names.ts";
import { isTypable } from "../text/shell_quoted.ts";
import type { Context, DaemonClient, Invocation } from "./context.ts";
import { withDaemon } from "./with_daemon.ts";

/** Longest wait after the Tab key. */
const TIMEOUT = { timeoutMs: 2000 };

type Asker = Pick<Invocation, "socket"> & { readonly context: Context };

/** Names of disks known to the daemon, for completion; empty without a daemon. */
export function knownNames(asker: Asker): Promise<readonly string[]> {
  return proposals(asker, (client) => client.call("names", {}, TIMEOUT));
}

/** Names of the hosts known to the daemon, likewise. */
export function knownHosts(asker: Asker): Promise<readonly string[]> {
  return proposals(asker, async (client) => {
    const hosts = await client.call("hosts", {}, TIMEOUT);
    return hosts.map(({ uniqueHost }) => uniqueHost);
  });
}

/** Names proposed for `forget`: those of detached disks, and of hosts that are not up. */
export function forgettableNames(asker: Asker): Promise<readonly string[]> {
  return proposals(asker, async (client) => {
    const rows = await client.call("list", { all: true }, TIMEOUT);
    const hosts = await client.call("hosts", {}, TIMEOUT);
    const present = namesOf(rows.filter(({ state }) => state !== "detached"));
    const gone = namesOf(rows.filter(({ state }) => state === "detached"));
    const names = [
      ...gone.difference(present),
      ...hosts.filter(({ state }) => state !== "up")
        .map(({ uniqueHost }) => uniqueHost),
    ];
    return [...new Set(names)].sort();
  });
}

function namesOf(rows: readonly DiskRow[]): Set<string> {
  return new Set(rows.flatMap((row) => [...typedNames(row)]));
}

/** The daemon's answer without names that cannot be typed or look like flags. */
async function proposals(
  { context, socket }: Asker,
  ask: (client: DaemonClient) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const options = socket === undefined ? {} : { socket };
  try {
    const names = await withDaemon(
      { options, context, doubts: "ignored" },
      ask,
    );
    return names.filter(isTypable);
  } catch {
    return [];
  }
}
