import { splitAddress } from "../inventory/far_address.ts";
import type { Host } from "../inventory/host.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { OwnNetworks } from "./own_networks.ts";

/** Between two looks at who hears whom. */
const LOOK_MS = 5_000;

type HeardHosts = Pick<Inventory, "hosts" | "self" | "heardFrom">;

/**
 * Which of our interfaces, each in each family, hosts are heard through. Two
 * hosts without a common one need a relay: on two VLANs, or one with IPv4 alone
 * and the other with IPv6 alone.
 */
export class Media {
  readonly #inventory: HeardHosts;
  readonly #networks: OwnNetworks;
  /** Those of each running host, without repeats. */
  #ofHosts: readonly ReadonlySet<string>[] = [];
  #lookedAt = -Infinity;

  constructor(
    { inventory, networks }: {
      readonly inventory: HeardHosts;
      readonly networks: OwnNetworks;
    },
  ) {
    this.#inventory = inventory;
    this.#networks = networks;
  }

  /** Our addresses on the interfaces through which a host is heard; one that it has left is none. */
  of(id: string): ReadonlySet<string> {
    return new Set(
      this.#inventory.heardFrom(id).filter((one) =>
        splitAddress(one).site === null
      )
        .flatMap((one) => this.#networks.viasAt(one)),
    );
  }

  /** The interfaces on which somebody is who has none in common with these. */
  lacking(vias: ReadonlySet<string>, now: number): string[] {
    this.#look(now);
    const lacking = this.#ofHosts.filter((one) => one.isDisjointFrom(vias));
    return this.#networks.vias.filter((via) =>
      lacking.some((one) => one.has(via))
    );
  }

  /** More was heard than one may know from the last look. */
  lookAgain(): void {
    this.#lookedAt = -Infinity;
  }

  #look(now: number): void {
    if (now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = now;
    const { self } = this.#inventory;
    const found = new Map<string, ReadonlySet<string>>();
    for (const host of this.#inventory.hosts()) {
      if (host.id === self.id || !isNearAndUp(host)) continue;
      const vias = this.of(host.id);
      found.set([...vias].sort().join(" "), vias);
    }
    this.#ofHosts = [...found.values()];
  }
}

function isNearAndUp({ liveness, addresses: [best = "@"] }: Host): boolean {
  return liveness === "up" && splitAddress(best).site === null;
}
