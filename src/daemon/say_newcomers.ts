import { sayAddress } from "../inventory/far_address.ts";
import type { Host } from "../inventory/host.ts";
import { nameKey } from "../inventory/host_names.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { NameHolder } from "../inventory/name_holders.ts";
import type { Clock } from "./clocks.ts";

/** Names told one by one; there may be thousands in a flood. */
const MAX_TOLD = 5;

interface NewcomerParts {
  readonly inventory: Pick<
    Inventory,
    "hosts" | "otherHolder" | "uniqueName" | "self"
  >;
  readonly clock: Pick<Clock, "timeOfDay">;
}

/** The hosts under a name that is known of another one. */
interface Newcomers {
  readonly first: Host;
  readonly holder: NameHolder;
  count: number;
}

/** What an administrator should know of hosts under a name that is known of another one, a sentence each name. */
export function sayNewcomers(parts: NewcomerParts): string[] {
  const byName = new Map<string, Newcomers>();
  for (const host of parts.inventory.hosts()) {
    const holder = parts.inventory.otherHolder(host);
    if (holder === null) continue;
    const key = nameKey(host.name);
    const known = byName.get(key);
    if (known === undefined) byName.set(key, { first: host, holder, count: 1 });
    else known.count++;
  }
  const more = byName.size - MAX_TOLD;
  return [
    ...byName.values().take(MAX_TOLD).map((one) => sayName(one, parts)),
    ...more > 0 ? [`${more} more names come under another key`] : [],
  ];
}

function sayName(
  { first, holder, count }: Newcomers,
  { inventory, clock }: NewcomerParts,
): string {
  const others = count > 1 ? ` and ${count - 1} more` : "";
  const [best] = first.addresses;
  const who = `${inventory.uniqueName(first)} at ` +
    `${best === undefined ? "no address" : sayAddress(best)}${others}`;
  if (holder.id === inventory.self.id) {
    return `${who} has the name of this host: one of them needs another name, ` +
      "or somebody pretends";
  }
  const since = clock.timeOfDay(holder.since).slice(0, "2026-03-12".length);
  const newcomer = first.isProven ? who : `${who}, which proves nothing`;
  return `${holder.name} is known by another key since ${since}; the newcomer ` +
    `is ${newcomer}: reinstalled, or somebody pretends; settle it with: ` +
    `diskd forget ${inventory.uniqueName(holder)}`;
}
