import type { HostRow } from "../control/views.ts";
import { nameKey } from "../inventory/host_names.ts";

/** Names told one by one; there may be thousands in a flood. */
const MAX_TOLD = 5;

/** What an administrator should know of hosts under a name that is known of another one, a sentence each name. */
export function sayNewcomers(
  hosts: readonly HostRow[],
  selfId: string,
): string[] {
  const byName = Map.groupBy(
    hosts.filter(({ nameHolder }) => nameHolder !== null),
    ({ host }) => nameKey(host),
  );
  const names = [...byName.values()];
  const more = names.length - MAX_TOLD;
  return [
    ...names.slice(0, MAX_TOLD).map((rows) => sayName(rows, selfId)),
    ...more > 0 ? [`${more} more names come under another key`] : [],
  ];
}

function sayName(newcomers: readonly HostRow[], selfId: string): string {
  const first = newcomers[0]!;
  const { host: name, hostId, uniqueHost, since } = first.nameHolder!;
  const others = newcomers.length - 1;
  const who = `${first.uniqueHost} at ${first.addresses[0] ?? "no address"}` +
    (others > 0 ? ` and ${others} more` : "");
  if (hostId === selfId) {
    return `${who} has the name of this host: one of them needs another name, ` +
      "or somebody pretends";
  }
  const newcomer = first.proven ? who : `${who}, which proves nothing`;
  return `${name} is known by another key since ${since.slice(0, 10)}; ` +
    `the newcomer is ${newcomer}: reinstalled, or somebody pretends; ` +
    `settle it with: diskd forget ${uniqueHost}`;
}
