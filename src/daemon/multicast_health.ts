/**
 * Detects faults of multicast reception. Multicast returns sent datagrams on
 * the same interface, after the host's packet filters: if nothing returns,
 * nothing else arrives either. A fault further out shows only as silence of all
 * other hosts.
 */
import type { Host } from "../inventory/host.ts";
import {
  type Destination,
  destinationFrom,
  showDestination,
} from "../transport/destination.ts";
import type { JoinedInterface } from "../transport/transport.ts";

/** The fields of another host used here. */
export type OtherHost = Pick<
  Host,
  "heardAt" | "everyMs" | "liveness" | "isRemembered" | "farSite"
>;

export interface HearingLook {
  readonly interfaces: readonly JoinedInterface[];
  /** All known hosts except this one. */
  readonly others: Iterable<OtherHost>;
  /** Whether so much arrives that our own datagrams may be lost in it. */
  readonly isFlooded: boolean;
}

/** Datagrams without a single returned one until an interface counts as deaf. */
export const DEAF_AFTER_DATAGRAMS = 3;

/** Hosts whose last announcements are this many intervals apart fell silent together. */
const TOGETHER_INTERVALS = 2;

/** A host speaks earlier than this many of its intervals after its last announcement. */
export const QUIET_AFTER_INTERVALS = 1.5;

/** Checks reception step by step. */
export class MulticastHealth {
  readonly #to: Destination;
  #suspects: ReadonlySet<string> = new Set();
  #deaf: readonly JoinedInterface[] = [];
  #silent = 0;

  constructor(to: Destination) {
    this.#to = to;
  }

  /** Whether all known hosts have fallen silent. */
  get allSilent(): boolean {
    return this.#silent > 0;
  }

  /** Whether an interface is deaf. */
  get isDeaf(): boolean {
    return this.#deaf.length > 0;
  }

  /** Faults for an administrator to fix, a sentence each. */
  get problems(): string[] {
    const problems = this.#deaf.map((one) => this.#sayDeaf(one));
    // A host that hears nothing at all cannot judge the silence of others.
    if (problems.length > 0 || this.#silent < 2) return problems;
    return [
      `All ${this.#silent} hosts that were heard fell silent at about the ` +
      "same time, while this host hears itself: a cable, a switch that " +
      "prunes multicast (IGMP snooping without a querier, or MLD snooping for " +
      "IPv6), or a firewall " +
      "between is the likely cause",
    ];
  }

  /** Must be called at intervals long enough for a datagram to return. */
  look({ interfaces, others, isFlooded }: HearingLook): void {
    const suspects = isFlooded
      ? []
      : interfaces.filter(({ isInUse, unreturned }) =>
        isInUse && unreturned >= DEAF_AFTER_DATAGRAMS
      );
    // Twice in a row: a recent datagram may still return.
    this.#deaf = suspects.filter(({ name, address }) =>
      this.#suspects.has(`${name} ${address}`)
    );
    this.#suspects = new Set(
      suspects.map(({ name, address }) => `${name} ${address}`),
    );
    this.#silent = countSilent(others);
  }

  #sayDeaf(deaf: JoinedInterface): string {
    const { name, address } = deaf;
    const to = destinationFrom(deaf, this.#to);
    return `Nothing that this host sends to ${
      showDestination(to)
    } on ${name} ` +
      `(${address}) comes back to it, so nothing of others will be heard: a ` +
      `firewall here that drops UDP port ${to.port} is the likely cause, or ` +
      `the interface is down; see: nft list ruleset; ip link show ${name}`;
  }
}

/**
 * Whether each host should have spoken by `now`, so that a cable may be out, or
 * a switch have restarted. Earlier than `countSilent` knows.
 */
export function areQuiet(others: Iterable<OtherHost>, now: number): boolean {
  const present = presentAmong(others);
  return present.length > 0 &&
    present.every(({ heardAt, everyMs }) =>
      now - heardAt > QUIET_AFTER_INTERVALS * everyMs
    );
}

/**
 * Number of hosts that fell silent together with the one heard last; 0 while
 * that one is not stale. A host that said goodbye is not silent, and a host not
 * heard since the start has not fallen silent.
 */
export function countSilent(others: Iterable<OtherHost>): number {
  const present = presentAmong(others);
  let last: OtherHost | null = null;
  for (const host of present) {
    if (last === null || host.heardAt > last.heardAt) last = host;
  }
  if (last === null || last.liveness !== "stale") return 0;
  const { heardAt } = last;
  return present.filter((host) =>
    host.heardAt >= heardAt - TOGETHER_INTERVALS * host.everyMs
  ).length;
}

/** Those of this LAN that were heard since the start and said no goodbye. */
function presentAmong(others: Iterable<OtherHost>): OtherHost[] {
  return [...others].filter(({ liveness, isRemembered, farSite }) =>
    liveness !== "gone" && !isRemembered && farSite === null
  );
}
