/** The relays of other sites that a relay talks with. Times are monotonic ms. */
import type { NoKey } from "./locked_senders.ts";

/** Between two questions to a peer that is not heard. */
export const PEER_RETRY_MS = 5_000;

/** Between two words to one that is, so that a NAT keeps the way back open. */
export const HELLO_MS = 15_000;

/** Silence after which a peer counts as lost. */
export const PEER_SILENT_MS = 50_000;

/** Between two answers to the questions of a peer. */
export const PEER_ANSWER_GAP_MS = 5_000;

/** Addresses of a peer on our networks that are remembered. */
const MAX_NEAR = 16;

/** Wait until this host may speak. */
const NOT_YET_MS = 200;

/** What is known of a peer. */
export interface PeerState {
  readonly address: string;
  /** The site that it speaks for; `null` until it was heard. */
  readonly site: string | null;
  /** Whether it was heard lately. */
  readonly isReached: boolean;
  /** Since when that is so. */
  readonly since: number;
  /** Why its own announcements are not accepted; `null`: they are, or none came yet. */
  readonly noKey: NoKey | null;
}

type KnownPeer = { -readonly [K in keyof PeerState]: PeerState[K] } & {
  /** Of the host; `null` until it was proven. */
  id: string | null;
  /** Where the same host is heard on a network of ours, oldest first. */
  readonly near: Set<string>;
  heardAt: number;
  answeredAt: number;
  /** When to say something to it. */
  dueAt: number;
};

export class PeerStates {
  #byAddress = new Map<string, KnownPeer>();

  get all(): readonly PeerState[] {
    return [...this.#byAddress.values()];
  }

  get addresses(): readonly string[] {
    return [...this.#byAddress.keys()];
  }

  /** When somebody is due in `takeDue` next. */
  get deadline(): number {
    let deadline = Infinity;
    for (const { dueAt } of this.#byAddress.values()) {
      deadline = Math.min(deadline, dueAt);
    }
    return deadline;
  }

  /** Talks with exactly these from now on. */
  use(addresses: readonly string[], now: number): void {
    this.#byAddress = new Map(addresses.map((address) => [
      address,
      this.#byAddress.get(address) ?? newPeer(address, now),
    ]));
  }

  has(address: string): boolean {
    return this.#byAddress.has(address);
  }

  /** Whether a peer speaks from this address on our networks too. */
  isNear(address: string): boolean {
    for (const { near } of this.#byAddress.values()) {
      if (near.has(address)) return true;
    }
    return false;
  }

  /** Which host a peer is, is proven. */
  proven(address: string, id: string): void {
    const peer = this.#byAddress.get(address);
    if (peer === undefined) return;
    peer.id = id;
    peer.noKey = null;
  }

  /** What a peer says of itself is not accepted. */
  refused(address: string, noKey: NoKey): void {
    const peer = this.#byAddress.get(address);
    if (peer !== undefined) peer.noKey = noKey;
  }

  /** A host is heard on one of our networks. Returns whether it is a peer. */
  heardNear(id: string, address: string): boolean {
    const peer = [...this.#byAddress.values()].find((one) => one.id === id);
    if (peer === undefined) return false;
    peer.near.delete(address);
    peer.near.add(address);
    const [oldest] = peer.near;
    if (peer.near.size > MAX_NEAR) peer.near.delete(oldest!);
    return true;
  }

  siteOf(address: string): string | null {
    return this.#byAddress.get(address)?.site ?? null;
  }

  /** A peer was heard, and its site if it named that. Returns whether it was not before. */
  heard(address: string, site: string | null, now: number): boolean {
    const peer = this.#byAddress.get(address);
    if (peer === undefined) return false;
    peer.heardAt = now;
    if (site !== null) peer.site = site;
    if (peer.isReached) return false;
    peer.isReached = true;
    peer.since = now;
    peer.dueAt = now;
    return true;
  }

  /** Whether a question of a peer may be answered; then it is. */
  mayAnswer(address: string, now: number): boolean {
    const peer = this.#byAddress.get(address);
    if (peer === undefined) return false;
    if (now - peer.answeredAt < PEER_ANSWER_GAP_MS) return false;
    peer.answeredAt = now;
    return true;
  }

  /** Those to which something is to be said now: a question, if they were not heard until now. */
  takeDue(
    now: number,
    { maySpeak }: { readonly maySpeak: boolean },
  ): { readonly address: string; readonly isAsked: boolean }[] {
    const due = [];
    for (const peer of this.#byAddress.values()) {
      if (now - peer.heardAt >= PEER_SILENT_MS && peer.isReached) {
        peer.isReached = false;
        peer.since = now;
      }
      if (now < peer.dueAt) continue;
      if (!maySpeak) {
        peer.dueAt = now + NOT_YET_MS;
        continue;
      }
      const isAsked = !peer.isReached || peer.since === now;
      due.push({ address: peer.address, isAsked });
      peer.dueAt = now + (peer.isReached ? HELLO_MS : PEER_RETRY_MS);
    }
    return due;
  }
}

function newPeer(address: string, now: number): KnownPeer {
  return {
    address,
    id: null,
    near: new Set(),
    site: null,
    isReached: false,
    since: now,
    noKey: null,
    heardAt: -Infinity,
    answeredAt: -Infinity,
    dueAt: now,
  };
}
