import type { DiskRow } from "../control/views.ts";
import type { Remark } from "../inventory/remark.ts";
import { typedNames } from "../inventory/typed_names.ts";
import { isTypable } from "../text/shell_quoted.ts";
import type { Context, DaemonClient, Invocation } from "./context.ts";
import { withDaemon } from "./with_daemon.ts";

/** Longest wait after the Tab key. */
const TIMEOUT = { timeoutMs: 2000 };

type Asker = Pick<Invocation, "socket" | "before"> & {
  readonly context: Context;
};

/** Names of disks known to the daemon, for completion; empty without a daemon. */
export function knownNames(asker: Asker): Promise<readonly string[]> {
  return proposals(asker, (client) => client.call("names", {}, TIMEOUT));
}

/** The same for a command whose first word alone is a name. */
export function knownNamesFirst(asker: Asker): Promise<readonly string[]> {
  return asker.before.length === 0 ? knownNames(asker) : Promise.resolve([]);
}

/** Tags of any disk. */
export function knownTags(asker: Asker): Promise<readonly string[]> {
  return proposals(asker, tagsInUse);
}

/** For `tag`: names, then tags that the disk of this name may get, and those that it has. */
export function tagsToChange(asker: Asker): Promise<readonly string[]> {
  const [name] = asker.before;
  if (name === undefined) return knownNames(asker);
  return answers(asker, async (client) => {
    const { rows, verdict } = await client.call("find", { name }, TIMEOUT);
    const disks = [...rows, ...verdict.noted ?? []];
    const own = new Set(disks.flatMap(({ tags }) => tags));
    const others = (await tagsInUse(client)).filter((tag) => !own.has(tag));
    return [
      ...others.map((tag) => `+${tag}`),
      ...[...own].map((tag) => `-${tag}`),
    ];
  });
}

async function tagsInUse(client: DaemonClient): Promise<readonly string[]> {
  // Only Tab behind a tag needs it.
  const { outranks, tagIn } = await import("../inventory/remark.ts");
  const latest = new Map<string, Remark>();
  for (const remark of await client.call("remarks", {}, TIMEOUT)) {
    const key = `${remark.field} ${remark.subject}`;
    const known = latest.get(key);
    if (known === undefined || outranks(remark, known)) latest.set(key, remark);
  }
  const tags = [...latest.values()]
    .filter(({ value }) => value !== null)
    .map(({ field }) => tagIn(field)).filter((tag) => tag !== null);
  return [...new Set(tags)].sort();
}

/** Names of the hosts known to the daemon, likewise. */
export function knownHosts(asker: Asker): Promise<readonly string[]> {
  return proposals(asker, async (client) => {
    const hosts = await client.call("hosts", {}, TIMEOUT);
    return hosts.map(({ uniqueHost }) => uniqueHost);
  });
}

/** Names of the sites where they are, likewise. */
export function knownSites(asker: Asker): Promise<readonly string[]> {
  return proposals(asker, async (client) => {
    const hosts = await client.call("hosts", {}, TIMEOUT);
    const sites = hosts.flatMap(({ site }) => site ?? []);
    return [...new Set(sites)].sort();
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
  return new Set(
    rows.flatMap((
      row,
    ) => [...row.alias === null ? [] : [row.alias], ...typedNames(row)]),
  );
}

type Ask = (client: DaemonClient) => Promise<readonly string[]>;

/** The daemon's answer without names that cannot be typed or look like flags. */
async function proposals(asker: Asker, ask: Ask): Promise<readonly string[]> {
  return (await answers(asker, ask)).filter(isTypable);
}

/** The daemon's answer; empty without one. */
async function answers(
  { context, socket }: Asker,
  ask: Ask,
): Promise<readonly string[]> {
  const options = socket === undefined ? {} : { socket };
  try {
    return await withDaemon({ options, context, doubts: "ignored" }, ask);
  } catch {
    return [];
  }
}
