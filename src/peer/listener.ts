import type { Datagram } from "../codec/announcement.ts";
import type { FarPlace } from "../codec/envelope.ts";
import { readDisks } from "../codec/read_datagram.ts";
import { isNoRoom } from "../inventory/applied.ts";
import type { Change } from "../inventory/change.ts";
import type { Disk } from "../inventory/disk.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { Assemblies } from "./assembly.ts";
import type { AcceptedEffect, Counters } from "./effect.ts";
import type { RateLimiter } from "./rate_limiter.ts";
import { accept, NEVER_HEARD, type Remote, type Remotes } from "./remotes.ts";
import { V1Hosts } from "./v1_hosts.ts";

type Version2 = Datagram & { readonly format: 2 };
type Version1 = Datagram & { readonly format: 1 };

/** Who passed a datagram on from another network. */
export interface Carrier extends FarPlace {
  /** Address of the relay; of a hub, `HUB`. */
  readonly address: string;
  /** Whether it came to this host alone: from a peer of this relay, or a hub. */
  readonly isPeer: boolean;
  /** From a hub: for whom it took the datagram. */
  readonly id?: string;
  /** From a hub: since when it keeps the datagram, if it was not said just now; monotonic ms. */
  readonly keptSince?: number | undefined;
}

/** Where what a hub tells comes from: no address of a host. */
export const HUB = "hub";

/** For whom a hub took a datagram, and since when it keeps it. */
export interface NamedByHub extends Pick<Carrier, "keptSince"> {
  readonly id: string;
  readonly site: string;
}

/** Source and time (monotonic ms) of a datagram. */
export interface Arrival {
  /** With its site, if the host is on another one; see `farAddress`. */
  readonly address: string;
  /** `null`: its host spoke itself. */
  readonly carrier: Carrier | null;
  /** As its host sent it; a view. */
  readonly datagram: Uint8Array;
  readonly now: number;
  /** Id of the shared key that the sender proves; `null` without one. */
  readonly key: string | null;
}

/** What proved the sender: its public key, and the signature as sent. */
export interface Proof {
  readonly publicKey: string;
  readonly signature: Uint8Array;
}

/** Result of an accepted announcement. */
export interface TakenIn {
  /** To be stored; `null` for a copy, for another part of the same announcement, and for 0.01. */
  readonly accepted: AcceptedEffect | null;
  readonly changes: readonly Change[];
  /** Whether it was heard before, through another interface. */
  readonly isCopy: boolean;
  /** Whether its sender was silent, has restarted, or is new, and so may not know us. */
  readonly isBack: boolean;
}

/** The receiving half of the protocol: accepts announcements of other hosts, or counts why not. */
export class Listener {
  readonly #inventory: Inventory;
  readonly #counters: Counters;
  readonly #remotes: Remotes;
  readonly #assemblies = new Assemblies();
  readonly #v1Hosts: V1Hosts;

  constructor(
    { inventory, counters, rateLimiter, remotes }: {
      readonly inventory: Inventory;
      readonly counters: Counters;
      readonly rateLimiter: Pick<RateLimiter, "spend">;
      readonly remotes: Remotes;
    },
  ) {
    this.#inventory = inventory;
    this.#counters = counters;
    this.#remotes = remotes;
    this.#v1Hosts = new V1Hosts(inventory, rateLimiter);
  }

  /** Processes a fresh announcement of another host, which is proven; `null` if it is rejected. */
  hear(datagram: Version2, arrival: Arrival, proof: Proof): TakenIn | null {
    const { header } = datagram;
    const { boot, seq, rev, bye } = header;
    const id = header.id!;
    if (header.bye && this.#isUnknown(id)) {
      // It would be remembered in place of others.
      this.#counters.reject("unknown-host");
      return null;
    }
    const remote = this.#remotes.get(id);
    const wasUp = this.#inventory.host(id)?.liveness === "up";
    const isNewcomer = remote.boot === NEVER_HEARD;
    const isNewLife = boot !== remote.boot;
    const isNews = bye || isNewLife || rev !== remote.rev;
    Object.assign(remote, proof);
    const isFirst = accept(remote, header, arrival);
    const changes = bye
      ? this.#inventory.applyGoodbye(id, arrival.now)
      : this.#takeIn(datagram, remote, { ...arrival, isNewLife });
    if (changes === null) {
      if (isNewcomer) this.#forget(id);
      return null;
    }
    const upgraded = this.#v1Hosts.speaksVersion2(arrival.address, arrival.now);
    return {
      accepted: isFirst ? { kind: "accepted", id, boot, seq, isNews } : null,
      changes: [...upgraded, ...changes],
      isCopy: false,
      isBack: !bye && (!wasUp || isNewLife),
    };
  }

  /** Processes an announcement of a host of 0.01; `null` if it is rejected. */
  hearV1(datagram: Version1, { address, now }: Arrival): TakenIn | null {
    const wasUp = this.#v1Hosts.isUp(address);
    const applied = this.#v1Hosts.hear(datagram, address, now);
    if (typeof applied === "string") {
      this.#counters.reject(applied);
      return null;
    }
    const { changes, shortage } = applied;
    if (shortage !== null) this.#counters.reject(shortage);
    if (isNoRoom(shortage)) return null;
    return { accepted: null, changes, isCopy: false, isBack: !wasUp };
  }

  /** Datagrams in a round of announcements of all running hosts of this LAN. */
  datagramsARound(): number {
    let datagrams = 0;
    for (const host of this.#inventory.hosts()) {
      if (host.liveness !== "up" || host.farSite !== null) continue;
      datagrams += this.#remotes.partsOf(host.id);
    }
    return datagrams;
  }

  /** Drops silent hosts of 0.01, and unfinished lists. */
  keepHouse(now: number): void {
    this.#v1Hosts.forgetSilent(now);
    const dropped = this.#assemblies.expire(now);
    if (dropped > 0) this.#counters.reject("unfinished", dropped);
  }

  #isUnknown(id: string): boolean {
    return !this.#remotes.has(id) && this.#inventory.host(id) === undefined;
  }

  /** A copy of what was accepted only shows that its sender has this address too. */
  hearCopy(
    id: string,
    { address, now }: Pick<Arrival, "address" | "now">,
  ): TakenIn {
    this.#counters.copies++;
    this.#inventory.heardAlsoFrom(id, address, now);
    const changes = this.#v1Hosts.speaksVersion2(address, now);
    return { accepted: null, changes, isCopy: true, isBack: false };
  }

  #takeIn(
    datagram: Version2,
    remote: Remote,
    { address, now, key, carrier, isNewLife }: Arrival & {
      readonly isNewLife: boolean;
    },
  ): readonly Change[] | null {
    const { header } = datagram;
    const id = header.id!;
    const disks = this.#newListOf(datagram, remote, { address, now });
    if (disks === "rejected") return null;
    const { changes, shortage } = this.#inventory.applyAnnouncement(
      {
        id,
        name: header.host ?? address,
        version: header.version,
        everyMs: header.every * 1000,
        key,
        relayOf: header.site ?? null,
      },
      disks,
      {
        address,
        now,
        announcedAt: remote.announcedAt,
        heardAt: carrier?.keptSince ?? now,
        hasStarted: isNewLife,
      },
    );
    if (shortage !== null) this.#counters.reject(shortage);
    return isNoRoom(shortage) ? null : changes;
  }

  /** The whole list if this datagram completes a new one; `null` if it brings no news. */
  #newListOf(
    datagram: Version2,
    remote: Remote,
    { address, now }: Pick<Arrival, "address" | "now">,
  ): readonly Disk[] | null | "rejected" {
    const { boot, rev, part, parts } = datagram.header;
    const id = datagram.header.id!;
    const isKnown = rev === remote.rev &&
      this.#inventory.host(id) !== undefined &&
      !this.#inventory.wantsListOf(id, now);
    if (isKnown) return null;
    const read = readDisks(datagram);
    if (read.format === "rejected") {
      this.#counters.reject(read.reason);
      return "rejected";
    }
    if (parts === 1) this.#assemblies.discard(id);
    const disks = parts === 1 ? read.disks : this.#assemblies.add(
      {
        id,
        boot,
        rev,
        part,
        parts,
        isKnown: this.#inventory.isUpAs(id, address),
        address,
      },
      read.disks,
      now,
    );
    if (disks !== null) remote.rev = rev;
    return disks;
  }

  /** Drops all memory of a host that was never listed. */
  #forget(id: string): void {
    this.#remotes.forget(id);
    this.#assemblies.discard(id);
  }
}
