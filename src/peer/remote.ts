import type { Header } from "../codec/announcement.ts";
import type { Accepted } from "./accepted.ts";
import type { Claim } from "./claim.ts";

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
