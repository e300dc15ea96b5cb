/**
 * What a host can tell of its own hearing. Multicast brings back what was
 * sent, on the interface that it was sent on, after it has passed the packet
 * filters of the host: if nothing comes back, nothing else gets in either.
 * What goes wrong further out shows only in that others fall silent.
 */
import type { Host } from "../inventory/host.ts";
import type { JoinedInterface } from "../transport/transport.ts";

/** What is looked at of another host. */
export type OtherHost = Pick<
  Host,
  "heardAt" | "everyMs" | "liveness" | "isRemembered"
>;

export interface HearingLook {
  readonly interfaces: readonly JoinedInterface[];
  /** The hosts that are known, without this one. */
  readonly others: Iterable<OtherHost>;
}

/** Datagrams of which none came back, before an interface counts as deaf. */
export const DEAF_AFTER_DATAGRAMS = 3;

/** Hosts of which the last words are this many intervals apart fell silent together. */
const TOGETHER_INTERVALS = 2;

/** Takes a look at a time. */
export class MulticastHealth {
  readonly #to: { readonly group: string; readonly port: number };
  #suspects: ReadonlySet<string> = new Set();
  #deaf: readonly JoinedInterface[] = [];
  #silent = 0;

  constructor(to: { readonly group: string; readonly port: number }) {
    this.#to = to;
  }

  /** Whether every host that was known has fallen silent. */
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
    // Who hears nothing at all need not wonder about others.
    if (problems.length > 0 || this.#silent < 2) return problems;
    return [
      `All ${this.#silent} hosts that were heard fell silent at about the ` +
      "same time, while this host hears itself: a cable, a switch that " +
      "prunes multicast (IGMP snooping without a querier), or a firewall " +
      "between is the likely cause",
    ];
  }

  /** To be called at intervals long enough for a datagram to come back. */
  look({ interfaces, others }: HearingLook): void {
    const suspects = interfaces.filter(({ problem, unreturned }) =>
      problem === null && unreturned >= DEAF_AFTER_DATAGRAMS
    );
    // Twice in a row: what was sent a moment ago may still come back.
    this.#deaf = suspects.filter(({ name, address }) =>
      this.#suspects.has(`${name} ${address}`)
    );
    this.#suspects = new Set(
      suspects.map(({ name, address }) => `${name} ${address}`),
    );
    this.#silent = countSilent(others);
  }

  #sayDeaf({ name, address }: JoinedInterface): string {
    const { group, port } = this.#to;
    return `Nothing that this host sends to ${group}:${port} on ${name} ` +
      `(${address}) comes back to it, so nothing of others will be heard: a ` +
      `firewall here that drops UDP port ${port} is the likely cause, or the ` +
      `interface is down; see: nft list ruleset; ip link show ${name}`;
  }
}

/**
 * How many hosts fell silent together with the one that was heard last; 0
 * while that one is not stale. One that says goodbye is not silent, and one
 * that was never heard since the daemon started has not fallen silent.
 */
export function countSilent(others: Iterable<OtherHost>): number {
  const present = [...others].filter(({ liveness, isRemembered }) =>
    liveness !== "gone" && !isRemembered
  );
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
