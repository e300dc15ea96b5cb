import type { Header } from "../codec/announcement.ts";

/** What was last accepted from another host; decides what is old. */
export interface Remote {
  boot: number;
  seq: number;
  /** Revision of the list that is known whole; -1 before the first. */
  rev: number;
  /** Datagrams that one announcement of it takes. */
  parts: number;
  /** Part numbers of `seq` seen so far, to tell a copy that came by another interface. */
  partsSeen: Set<number> | null;
}

/** `fresh`: not seen before. `copy`: this very datagram again. `old`: overtaken by a later one, or replayed. */
export type Age = "fresh" | "copy" | "old";

/** The `boot` of a host of which nothing was accepted yet. */
export const NEVER_HEARD = -1;

export function newRemote(): Remote {
  return { boot: NEVER_HEARD, seq: -1, rev: -1, parts: 1, partsSeen: null };
}

/**
 * Places a datagram in the life of its sender, and remembers it when it is
 * fresh. (`boot`, `seq`) only grows; parts of one announcement share both.
 */
export function placeInTime(remote: Remote, header: Header): Age {
  if (header.boot < remote.boot) return "old";
  if (header.boot === remote.boot) {
    if (header.seq < remote.seq) return "old";
    if (header.seq === remote.seq) return notePart(remote, header.part);
  } else {
    remote.rev = -1;
  }
  remote.boot = header.boot;
  remote.seq = header.seq;
  remote.parts = header.parts;
  remote.partsSeen = header.parts === 1 ? null : new Set([header.part]);
  return "fresh";
}

function notePart(remote: Remote, part: number): Age {
  if (remote.partsSeen === null || remote.partsSeen.has(part)) return "copy";
  remote.partsSeen.add(part);
  return "fresh";
}
