import type { Datagram } from "../codec/announcement.ts";
import { readDisks } from "../codec/read.ts";
import type { Change } from "../inventory/change.ts";
import type { Disk } from "../inventory/disk.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { Assemblies } from "./assembly.ts";
import type { Counters } from "./counters.ts";
import { NEVER_HEARD, newRemote, placeInTime, type Remote } from "./remote.ts";
import { V1Hosts } from "./v1_hosts.ts";

type Version2 = Datagram & { readonly format: 2 };
type Version1 = Datagram & { readonly format: 1 };

/** Senders remembered: all that may be listed, and as many who said goodbye before they were, or were forgotten for want of room. Else what was said before, heard again, would bring them back. */
export const MAX_REMOTES = 20_000;

/** Where a datagram came from, and when, monotonic ms. */
export interface Arrival {
  readonly address: string;
  readonly now: number;
}

/** What an announcement that was taken in brought. */
export interface Heard {
  readonly changes: readonly Change[];
  /** It was heard before, by another interface. */
  readonly isCopy: boolean;
  /** Its sender was silent, has started anew, or was never heard, and so may not know us. */
  readonly isBack: boolean;
}

/** The listening half of the protocol: takes in what other hosts announce, or counts why not. */
export class Listener {
  readonly #inventory: Inventory;
  readonly #counters: Counters;
  readonly #remotes = new Map<string, Remote>();
  readonly #assemblies = new Assemblies();
  readonly #v1Hosts: V1Hosts;

  constructor(inventory: Inventory, counters: Counters) {
    this.#inventory = inventory;
    this.#counters = counters;
    this.#v1Hosts = new V1Hosts(inventory);
  }

  /** Takes in an announcement of another host; `null` when it was rejected. */
  hear(datagram: Version2, arrival: Arrival): Heard | null {
    const { header } = datagram;
    const id = header.id!;
    const remote = this.#remoteOf(id);
    const bootBefore = remote.boot;
    const age = placeInTime(remote, header);
    if (age === "old") {
      this.#counters.reject("old");
      return null;
    }
    const wasUp = this.#inventory.host(id)?.liveness === "up";
    const changes = age === "copy"
      ? this.#hearCopy(id, arrival)
      : header.bye
      ? this.#inventory.applyGoodbye(id, arrival.now)
      : this.#takeIn(datagram, remote, arrival);
    if (changes === null) {
      if (bootBefore === NEVER_HEARD) this.#forget(id);
      return null;
    }
    const upgraded = this.#v1Hosts.speaksVersion2(arrival.address, arrival.now);
    return {
      changes: upgraded.length === 0 ? changes : [...upgraded, ...changes],
      isCopy: age === "copy",
      isBack: !header.bye && (!wasUp || header.boot !== bootBefore),
    };
  }

  /** Takes in what a host of 0.01 says; `null` when that was rejected. */
  hearV1(datagram: Version1, { address, now }: Arrival): Heard | null {
    const wasUp = this.#v1Hosts.isUp(address);
    const applied = this.#v1Hosts.hear(datagram, address, now);
    if (typeof applied === "string") {
      this.#counters.reject(applied);
      return null;
    }
    const { changes, shortage } = applied;
    if (shortage !== null) this.#counters.reject(shortage);
    if (shortage === "too-many-hosts") return null;
    return { changes, isCopy: false, isBack: !wasUp };
  }

  /** Datagrams that one announcement of each host that is up takes, all together. */
  datagramsARound(): number {
    let datagrams = 0;
    for (const host of this.#inventory.hosts()) {
      if (host.liveness !== "up") continue;
      datagrams += this.#remotes.get(host.id)?.parts ?? 0;
    }
    return datagrams;
  }

  /** Drops what is remembered of silent hosts of 0.01, and lists that stay unfinished. */
  keepHouse(now: number): void {
    this.#v1Hosts.forgetSilent(now);
    const dropped = this.#assemblies.expire(now);
    if (dropped > 0) this.#counters.reject("unfinished", dropped);
  }

  /** It says nothing new, but that its sender has this address too. */
  #hearCopy(id: string, { address, now }: Arrival): readonly Change[] {
    this.#counters.copies++;
    this.#inventory.heardAlsoFrom(id, address, now);
    return NO_CHANGES;
  }

  #takeIn(
    datagram: Version2,
    remote: Remote,
    { address, now }: Arrival,
  ): readonly Change[] | null {
    const { header } = datagram;
    const id = header.id!;
    const disks = this.#newListOf(datagram, remote, now);
    if (disks === "rejected") return null;
    const { changes, shortage } = this.#inventory.applyAnnouncement(
      {
        id,
        name: header.host ?? address,
        version: header.version,
        everyMs: header.every * 1000,
      },
      disks,
      { address, now },
    );
    if (shortage !== null) this.#counters.reject(shortage);
    return shortage === "too-many-hosts" ? null : changes;
  }

  /** The whole list when this datagram completes a new one; `null` when it says nothing new. */
  #newListOf(
    datagram: Version2,
    remote: Remote,
    now: number,
  ): readonly Disk[] | null | "rejected" {
    const { boot, rev, part, parts } = datagram.header;
    const id = datagram.header.id!;
    const isKnown = rev === remote.rev &&
      this.#inventory.host(id) !== undefined;
    if (isKnown) return null;
    const read = readDisks(datagram);
    if (read.format === "rejected") {
      this.#counters.reject(read.reason);
      return "rejected";
    }
    if (parts === 1) this.#assemblies.discard(id);
    const disks = parts === 1
      ? read.disks
      : this.#assemblies.add({ id, boot, rev, part, parts }, read.disks, now);
    if (disks !== null) remote.rev = rev;
    return disks;
  }

  /** Keeps nothing of a host that was never listed. */
  #forget(id: string): void {
    this.#remotes.delete(id);
    this.#assemblies.discard(id);
  }

  #forgetUnlisted(): void {
    for (const id of this.#remotes.keys()) {
      if (this.#inventory.host(id) === undefined) this.#forget(id);
    }
  }

  #remoteOf(id: string): Remote {
    const known = this.#remotes.get(id);
    if (known !== undefined) return known;
    if (this.#remotes.size >= MAX_REMOTES) this.#forgetUnlisted();
    const remote = newRemote();
    this.#remotes.set(id, remote);
    return remote;
  }
}

const NO_CHANGES: readonly Change[] = [];
