import type { Header } from "../codec/announcement.ts";
import {
  DEFAULT_INVENTORY_LIMITS,
  type InventoryLimits,
} from "../inventory/limits.ts";
import type { Accepted } from "./effect.ts";

/**
 * Senders remembered where so many hosts may be listed: those, and as many
 * others, which said goodbye earlier or were dropped at a limit. Without them a
 * replay could bring such a host back.
 */
export function mostRemotes({ hosts }: Pick<InventoryLimits, "hosts">): number {
  return 2 * hosts;
}

/** The number for the default limit. */
export const MAX_REMOTES = mostRemotes(DEFAULT_INVENTORY_LIMITS);

/** The last datagram accepted from each other host. */
export class Remotes {
  readonly #byId = new Map<string, Remote>();
  readonly #isListed: (id: string) => boolean;
  readonly #most: number;

  /** `accepted` comes from earlier runs; of too many the last ones count. */
  constructor(
    accepted: Iterable<Accepted>,
    isListed: (id: string) => boolean,
    most = MAX_REMOTES,
  ) {
    this.#isListed = isListed;
    this.#most = most;
    for (const one of [...accepted].slice(-most)) {
      this.#byId.set(one.id, newRemote(one));
    }
  }

  /** Whether anything of a host was accepted. */
  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** Memory of a host; empty if it was never heard. */
  get(id: string): Remote {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    if (this.#byId.size >= this.#most) this.#makeRoom();
    const remote = newRemote();
    this.#byId.set(id, remote);
    return remote;
  }

  /** Memory of a host, if there is any. */
  find(id: string): Remote | undefined {
    return this.#byId.get(id);
  }

  /** Datagrams of an announcement of a host. */
  partsOf(id: string): number {
    return this.#byId.get(id)?.parts ?? 0;
  }

  forget(id: string): void {
    this.#byId.delete(id);
  }

  /**
   * Of the unlisted hosts, drops the half known for the fewest days, and of
   * those the ones heard earlier: so nobody who invents hosts makes us forget
   * old ones, whose replays would then be news.
   */
  #makeRoom(): void {
    const unlisted = [...this.#byId].filter(([id]) => !this.#isListed(id))
      .sort(([, a], [, b]) => a.days - b.days || a.acceptedAt - b.acceptedAt);
    for (const [id] of unlisted.slice(0, Math.ceil(unlisted.length / 2))) {
      this.#byId.delete(id);
    }
  }
}

/**
 * A datagram received again within this time is a copy through another
 * interface; later it is a replay.
 */
export const COPY_MS = 1_000;

/** The last datagram accepted from another host, to recognize old ones. */
export interface Remote {
  boot: number;
  seq: number;
  /** Revision of the last whole list; -1 before the first. */
  rev: number;
  /**
   * Datagrams heard of an announcement. The claimed number does not count: a
   * host claiming thousands would silence all others.
   */
  parts: number;
  /** Parts of `seq` received so far, to recognize copies through another interface. */
  partsSeen: Set<number> | null;
  /** Address it was accepted from; `null` if in an earlier run, or never. */
  address: string | null;
  acceptedAt: number;
  /** Days on which earlier runs heard it. */
  readonly days: number;
  /** When the first datagram of `seq` arrived. */
  announcedAt: number;
  /** Its public key; `null` before it proved itself in this run. */
  publicKey: string | null;
  /** The signature accepted last, as sent. */
  signature: Uint8Array | null;
  /** When it asked last without an announcement, by its own clock in ms since 1970. */
  askedAt: number;
}

/**
 * `fresh`: not seen before. `copy`: the same datagram again. `old`: behind a
 * later one, or a replay.
 */
export type Age = "fresh" | "copy" | "old";

/** The `boot` of a host without accepted datagrams. */
export const NEVER_HEARD = -1;

/** A host known only from an earlier run, or not at all. */
export function newRemote(
  { boot, seq, days = 0 }: Omit<Accepted, "id"> = NOTHING,
): Remote {
  return {
    boot,
    seq,
    rev: -1,
    parts: 1,
    partsSeen: null,
    address: null,
    acceptedAt: -Infinity,
    days,
    announcedAt: -Infinity,
    publicKey: null,
    signature: null,
    askedAt: 0,
  };
}

const NOTHING = { boot: NEVER_HEARD, seq: -1 };

/**
 * Compares a datagram with the last one of its sender. (`boot`, `seq`) only
 * grows; the parts of an announcement share both.
 */
export function ageOf(remote: Remote, header: Header, now: number): Age {
  if (header.boot !== remote.boot) {
    return header.boot < remote.boot ? "old" : "fresh";
  }
  if (header.seq !== remote.seq) {
    return header.seq < remote.seq ? "old" : "fresh";
  }
  if (remote.partsSeen !== null && !remote.partsSeen.has(header.part)) {
    return "fresh";
  }
  return now - remote.acceptedAt <= COPY_MS ? "copy" : "old";
}

/** Records a fresh datagram. Returns whether it is the first of its announcement. */
export function accept(
  remote: Remote,
  header: Header,
  { address, now }: { readonly address: string; readonly now: number },
): boolean {
  remote.address = address;
  remote.acceptedAt = now;
  const isNewLife = header.boot !== remote.boot;
  if (!isNewLife && header.seq === remote.seq) {
    remote.partsSeen?.add(header.part);
    remote.parts = Math.max(remote.parts, remote.partsSeen?.size ?? 1);
    return false;
  }
  remote.announcedAt = now;
  if (isNewLife) remote.rev = -1;
  remote.boot = header.boot;
  remote.seq = header.seq;
  remote.parts = Math.min(header.parts, remote.partsSeen?.size ?? 1);
  remote.partsSeen = header.parts === 1 ? null : new Set([header.part]);
  return true;
}
