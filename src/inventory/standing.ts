/**
 * How well a host stands when memory is short.
 *
 * Who floods has many hosts, and anyone can make new keys and forge addresses.
 * So what counts is how long a host was heard, and how much comes from one
 * source.
 */
import { farAddress, splitAddress } from "./far_address.ts";
import type { Host } from "./host.ts";

/** A host heard for this long stays when newcomers need room, within its quota. */
export const LONG_UP_MS = 600_000;

/** Of a host that was silent for this long, that counts no more. */
export const LONG_SILENT_MS = 604_800_000;

/** Hosts at an address that nobody finds too many. */
export const CALM_HOSTS = 4;
/** Silence after which further ones are forgotten. */
export const FORGET_NEWCOMER_MS = 600_000;
/** The same of those that were up for long. */
export const FORGET_KNOWN_MS = 3_600_000;

/** Longest interval of one of so many, so that those invented fall silent soon. */
export const MAX_CROWDED_EVERY_MS = 600_000;

/** What one source may have: so many times what a host may have. */
export const QUOTA_OF_ADDRESS = 2;
/** The same of an IPv6 network: all hosts of a LAN may be in it. */
export const QUOTA_OF_NETWORK = 8;

export function quotaFactor(source: string): number {
  return isOfMany(source) ? QUOTA_OF_NETWORK : QUOTA_OF_ADDRESS;
}

/** Whether a source is more than an address. */
export function isOfMany(source: string): boolean {
  return source.includes(":") || source.includes("@");
}

/** A host, as far as its standing goes. Times are monotonic ms. */
interface Ranked extends Pick<Host, "id" | "heardAt" | "liveness"> {
  /** Where it was heard, the best first; others may speak from there now. */
  readonly sources: readonly { readonly address: string }[];
  /** When it was heard first, in an earlier run too. */
  readonly knownSince: number;
}

/** Whether it was heard for long. */
export function wasLongUp({ heardAt, knownSince }: Ranked): boolean {
  return heardAt - knownSince >= LONG_UP_MS;
}

/** What sends under this address: the address, with IPv6 its network of 64 bits, and from afar its site. */
export function sourceOfAddress(address: string): string {
  const { site } = splitAddress(address);
  if (site !== null) return farAddress("", site);
  if (!address.includes(":")) return address;
  const [words = "", zone] = address.split("%");
  const [start = "", end] = words.split("::");
  const first = start === "" ? [] : start.split(":");
  const last = end ? end.split(":") : [];
  const zeros = end === undefined
    ? 0
    : Math.max(0, 8 - first.length - last.length);
  const all = [...first, ...Array<string>(zeros).fill("0"), ...last];
  const network = all.slice(0, 4).map((word) => word.replace(/^0+(?=.)/, ""));
  return `${network.join(":")}::/64${zone === undefined ? "" : `%${zone}`}`;
}

/** The source of a host; one without an address is its own. */
export function sourceOfHost(
  { sources: [first], id }: Pick<Ranked, "sources" | "id">,
): string {
  return first === undefined ? `id ${id}` : sourceOfAddress(first.address);
}

/**
 * The lowest gives up its room first. `over`: its source has more than a host
 * may have. `far`: heard for a short time only, and not from a network of ours.
 */
export const TIER = { over: 0, far: 1, near: 2, known: 3 } as const;

/** What decides who gives up room. */
export interface Yielding {
  readonly tier: typeof TIER[keyof typeof TIER];
  /** Its own share, and that of hosts of its source that are known for longer. */
  readonly burden: number;
}

/** What a host takes of a limit. */
export interface MemoryClaim<H> extends Yielding {
  readonly host: H;
  readonly source: string;
  /** The largest burden with which it is not `over`. */
  readonly quota: number;
}

interface Claiming<H> {
  /** In the order in which they became known. */
  readonly hosts: Iterable<H>;
  readonly now: number;
  readonly isNear: (address: string) => boolean;
  /** Its share of the limit. */
  readonly shareOf: (host: H) => number;
  /** The largest share of one host. */
  readonly quota: number;
}

/** The claims of all these hosts. */
export function claimsOf<H extends Ranked>(
  { hosts, now, isNear, shareOf, quota }: Claiming<H>,
): MemoryClaim<H>[] {
  const bySource = new Map<string, number>();
  const known: H[] = [];
  const newcomers: H[] = [];
  for (const host of hosts) {
    const isKnown = wasLongUp(host) &&
      (host.liveness === "up" || now - host.heardAt < LONG_SILENT_MS);
    (isKnown ? known : newcomers).push(host);
  }
  const claimOf = (host: H, isKnown: boolean): MemoryClaim<H> => {
    const source = sourceOfHost(host);
    const burden = (bySource.get(source) ?? 0) + shareOf(host);
    bySource.set(source, burden);
    const factor = isOfMany(source) ? QUOTA_OF_NETWORK : 1;
    const most = quota * factor + ROUNDING;
    const [heard] = host.sources;
    const tier = burden > most
      ? TIER.over
      : isKnown
      ? TIER.known
      : heard === undefined || isNear(heard.address)
      ? TIER.near
      : TIER.far;
    return { host, source, tier, burden, quota: most };
  };
  return [
    ...known.map((host) => claimOf(host, true)),
    ...newcomers.map((host) => claimOf(host, false)),
  ];
}

const ROUNDING = 1e-9;

/** Whether one must give up room for another. Those known for long and within their quota never do. */
export function yieldsTo(one: Yielding, other: Yielding): boolean {
  return one.tier < other.tier ||
    one.tier === other.tier && one.tier < TIER.known &&
      one.burden > other.burden + ROUNDING;
}

/** Who gives up room first. */
export function byStanding(a: Yielding, b: Yielding): number {
  return a.tier - b.tier || b.burden - a.burden;
}
