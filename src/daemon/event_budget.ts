/**
 * How many changes of other hosts are told one by one: in the log, to those who
 * watch, and in the history. Beyond that a list is taken in all the same, and
 * what was left out is told in summary.
 *
 * A host may be made up, and so may a thousand of them; so the changes of a
 * host count three times: for the host, for the address that sent them, and for
 * all hosts together. A host that proves who it is, has been known for a while,
 * and is quiet has a reserve that no other host can use up.
 */
import type { Host } from "../inventory/host.ts";
import { type Allowance, Purse } from "./purse.ts";

export const EVENTS_AT_ONCE = 200;
export const EVENTS_A_SECOND = 20;
export const ALL_EVENTS_AT_ONCE = 8_000;
export const ALL_EVENTS_A_SECOND = 100;
export const RESERVED_EVENTS_AT_ONCE = 20;
export const RESERVED_EVENTS_A_SECOND = 0.1;

/** From then on a host has a reserve. */
export const RESERVED_AFTER_MS = 600_000;

/** The first list of a host is a line in the log, however long: it counts as a part of its changes. */
const FIRST_LIST_SHARE = 1 / 20;

/** Addresses remembered; beyond that those heard longest ago are forgotten. */
const MAX_SOURCES = 20_000;

const OF_ONE: Allowance = {
  burst: EVENTS_AT_ONCE,
  perSecond: EVENTS_A_SECOND,
};

const OF_ALL: Allowance = {
  burst: ALL_EVENTS_AT_ONCE,
  perSecond: ALL_EVENTS_A_SECOND,
};

const RESERVED: Allowance = {
  burst: RESERVED_EVENTS_AT_ONCE,
  perSecond: RESERVED_EVENTS_A_SECOND,
};

/** Why changes are left out: the host or its address changes too much, or all hosts together do. */
export type Overspending = "own" | "all";

/** Changes of a host that came together. */
interface Arrivals {
  readonly count: number;
  /** Whether all of them tell of a disk that came, or of the host. */
  readonly isOnlyMore: boolean;
  /** Whether nothing but what is reserved may be told. Default: no. */
  readonly isTight?: boolean;
  /** The sender's address, or the host's; `null` if there is none. */
  readonly address: string | null;
  /** Monotonic ms. */
  readonly now: number;
}

interface HostBudget {
  readonly own: Purse;
  readonly reserve: Purse;
  /** Since when it is known; monotonic ms. */
  readonly since: number;
  hasListed: boolean;
}

export class EventBudget {
  readonly #hosts = new WeakMap<Host, HostBudget>();
  readonly #addresses = new Map<string, Purse>();
  readonly #all = new Purse(OF_ALL);

  /** These hosts are known from an earlier run. */
  remember(hosts: Iterable<Host>): void {
    for (const host of hosts) {
      this.#hosts.set(host, { ...budgetSince(-Infinity), hasListed: true });
    }
  }

  /** Why these changes of a host may not be told one by one; `null` if they may. */
  take(
    host: Host,
    { count, isOnlyMore, isTight = false, address, now }: Arrivals,
  ): Overspending | null {
    const budget = this.#budgetOf(host, now);
    const isFirst = this.takeFirstList(host, { isOnlyMore, now });
    const cost = isFirst ? Math.ceil(count * FIRST_LIST_SHARE) : count;
    const isKnown = host.isProven && now - budget.since >= RESERVED_AFTER_MS;
    if (isKnown && cost <= budget.reserve.at(now)) {
      budget.reserve.spend(cost);
      return null;
    }
    if (isTight) return "all";
    const purses = [budget.own];
    if (address !== null) purses.push(this.#purseOf(senderOf(address)));
    if (!purses.every((purse) => purse.mayPay(cost, now))) return "own";
    if (!this.#all.mayPay(cost, now)) return "all";
    for (const purse of [...purses, this.#all]) purse.spend(cost);
    return null;
  }

  /** Whether this is the first list of a host, which is then one that it had. */
  takeFirstList(
    host: Host,
    { isOnlyMore, now }: Pick<Arrivals, "isOnlyMore" | "now">,
  ): boolean {
    const budget = this.#budgetOf(host, now);
    const isFirst = isOnlyMore && !budget.hasListed && host.disks.length > 0;
    if (isFirst) budget.hasListed = true;
    return isFirst;
  }

  #budgetOf(host: Host, now: number): HostBudget {
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    const budget = budgetSince(now);
    this.#hosts.set(host, budget);
    return budget;
  }

  #purseOf(source: string): Purse {
    const purse = this.#addresses.get(source) ?? new Purse(OF_ONE);
    this.#addresses.delete(source);
    this.#addresses.set(source, purse);
    if (this.#addresses.size > MAX_SOURCES) {
      const [oldest] = this.#addresses.keys();
      this.#addresses.delete(oldest!);
    }
    return purse;
  }
}

function budgetSince(since: number): HostBudget {
  const own = new Purse(OF_ONE);
  const reserve = new Purse(RESERVED);
  return { own, reserve, since, hasListed: false };
}

/** The address, or the network of an IPv6 address: its host may have all others there. */
export function senderOf(address: string): string {
  if (!address.includes(":") || address.startsWith("fe80:")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":").filter((group) => group !== "");
  if (tail === undefined) return `${groups.slice(0, 4).join(":")}::/64`;
  const after = tail.split(":").filter((group) => group !== "").length;
  while (groups.length + after < 8) groups.push("0");
  return `${groups.slice(0, 4).join(":")}::/64`;
}
