import type { Header } from "../codec/announcement.ts";
import type { Accepted } from "./effect.ts";

/** Senders remembered: all that may be listed, and as many who said goodbye before they were, or were forgotten for want of room. Else what was said before, heard again, would bring them back. */
export const MAX_REMOTES = 20_000;

/** What was last accepted from each other host. */
export class Remotes {
  readonly #byId = new Map<string, Remote>();
  readonly #isListed: (id: string) => boolean;

  /** `accepted` is from earlier lives of ours; of too many the last ones count. */
  constructor(
    accepted: Iterable<Accepted>,
    isListed: (id: string) => boolean,
  ) {
    this.#isListed = isListed;
    for (const one of [...accepted].slice(-MAX_REMOTES)) {
      this.#byId.set(one.id, newRemote(one));
    }
  }

  /** What is remembered of a host; of one that was never heard, nothing yet. */
  get(id: string): Remote {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    if (this.#byId.size >= MAX_REMOTES) this.#makeRoom();
    const remote = newRemote();
    this.#byId.set(id, remote);
    return remote;
  }

  /** Datagrams that one announcement of a host takes. */
  partsOf(id: string): number {
    return this.#byId.get(id)?.parts ?? 0;
  }

  forget(id: string): void {
    this.#byId.delete(id);
  }

  /** Of those that are not listed the half is forgotten that was heard before the other: what is left stops replays still, and there is room for long. */
  #makeRoom(): void {
    const unlisted = [...this.#byId].filter(([id]) => !this.#isListed(id))
      .sort(([, a], [, b]) => a.acceptedAt - b.acceptedAt);
    for (const [id] of unlisted.slice(0, Math.ceil(unlisted.length / 2))) {
      this.#byId.delete(id);
    }
  }
}

/** What comes again this long after it was taken in, or sooner, came by another interface. Later it is a replay. */
export const COPY_MS = 1_000;

/** What was last accepted from another host; decides what is old. */
export interface Remote {
  boot: number;
  seq: number;
  /** Revision of the list that is known whole; -1 before the first. */
  rev: number;
  /** Datagrams that one announcement of it took, as many as were heard: whoever claims thousands would keep all others from speaking. */
  parts: number;
  /** Part numbers of `seq` seen so far, to tell a copy that came by another interface. */
  partsSeen: Set<number> | null;
  /** Where it was accepted from, `null` when in an earlier life of ours, or never. */
  address: string | null;
  acceptedAt: number;
  /** Somebody else says to be it. */
  claim: Claim | null;
}

/** `fresh`: not seen before. `copy`: this very datagram again. `old`: overtaken by a later one, or replayed. */
export type Age = "fresh" | "copy" | "old";

/** The `boot` of a host of which nothing was accepted yet. */
export const NEVER_HEARD = -1;

/** A host of which only this was accepted, in an earlier life of ours, or nothing. */
export function newRemote(
  { boot, seq }: Pick<Accepted, "boot" | "seq"> = NOTHING,
): Remote {
  return {
    boot,
    seq,
    rev: -1,
    parts: 1,
    partsSeen: null,
    address: null,
    acceptedAt: -Infinity,
    claim: null,
  };
}

const NOTHING = { boot: NEVER_HEARD, seq: -1 };

/** Places a datagram in the life of its sender. (`boot`, `seq`) only grows; parts of one announcement share both. */
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

/** Remembers a fresh datagram. Returns whether it is the first of its announcement. */
export function accept(
  remote: Remote,
  header: Header,
  { address, now }: { readonly address: string; readonly now: number },
): boolean {
  remote.address = address;
  remote.acceptedAt = now;
  remote.claim = null;
  const isNewLife = header.boot !== remote.boot;
  if (!isNewLife && header.seq === remote.seq) {
    remote.partsSeen?.add(header.part);
    remote.parts = Math.max(remote.parts, remote.partsSeen?.size ?? 1);
    return false;
  }
  if (isNewLife) remote.rev = -1;
  remote.boot = header.boot;
  remote.seq = header.seq;
  remote.parts = Math.min(header.parts, remote.partsSeen?.size ?? 1);
  remote.partsSeen = header.parts === 1 ? null : new Set([header.part]);
  return true;
}

/**
 * Nobody speaks for a host that is up. What comes under its id from another
 * address than it was last accepted from is held back: not taken in, and not
 * placed in its life. A host that is alive hears that too, and speaks up at
 * once. If it does not, it has moved to the other address, by DHCP or with
 * another cable, and repeats itself there in any case.
 */

/** How long the known address must be silent before another one is believed. Longer than it takes a host to speak up against an impostor, also where the first words are lost. */
export const CLAIM_MS = 1_500;

/** Another address speaks under the id of a host. */
export interface Claim {
  /** When the first of what is held back came. */
  readonly since: number;
  /** How many datagrams were held back. */
  held: number;
  /** The last of them. */
  address: string;
  boot: number;
  seq: number;
}

/** What the datagrams were that had been held back. */
export interface Settled {
  /** `copies`: what the host said itself, by another interface. `old`: what it said itself before it was believed at its new address. */
  readonly as: "copies" | "impostor" | "old";
  readonly held: number;
  /** The other address of the host; `null` where that is not sure. */
  readonly address: string | null;
}

/** A datagram that is fresh came from another address. Returns whether to take it in, or else holds it back. */
export function claim(
  remote: Remote,
  { boot, seq }: Header,
  { address, now }: { readonly address: string; readonly now: number },
): boolean {
  const known = remote.claim;
  if (known === null) {
    remote.claim = { since: now, held: 1, address, boot, seq };
    return false;
  }
  if (now - known.since >= CLAIM_MS) return true;
  known.held++;
  known.address = address;
  known.boot = boot;
  known.seq = seq;
  return false;
}

/** A datagram was taken in from the known address, or one whose claim was good. */
export function settleClaim(
  { claim }: Remote,
  { boot, seq }: Header,
  address: string,
): Settled | null {
  if (claim === null) return null;
  const { held } = claim;
  if (claim.address === address) return { as: "old", held, address: null };
  const isBehind = claim.boot === boot && claim.seq <= seq;
  return {
    as: isBehind ? "copies" : "impostor",
    held,
    address: isBehind && claim.seq === seq ? claim.address : null,
  };
}
