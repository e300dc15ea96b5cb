import type { Header } from "../codec/announcement.ts";
import type { HostKey } from "../codec/host_key.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Accepted, Counters, Effect, Identity } from "./effect.ts";
import type { Speaker } from "./speaker.ts";

export interface OwnIdentityOptions {
  readonly speaker: Speaker;
  readonly inventory: Inventory;
  readonly counters: Counters;
  /** The largest `boot` of our earlier runs; 0 if unknown. */
  readonly pastBoot: number;
  /** Makes a new key pair. */
  readonly freshKey: () => HostKey;
}

/** Number of former identities remembered. */
const MAX_PAST = 16;

/** Shortest time between two questions whether another daemon has our key. */
export const PROBE_AGAIN_MS = 1_000;

/**
 * Our identity, and daemons that have the same key: the state directory was
 * copied to another machine. Each hears what it never said, validly signed with
 * its own key. It asks, with a probe, so that no replay counts; of the two that
 * are alive then, the one that started later makes a new key, and the earlier
 * one raises its `boot` above the other's, because receivers may by now consider
 * it older.
 */
export class OwnIdentity {
  readonly #options: OwnIdentityOptions;
  readonly #speaker: Speaker;
  /** The last announcement of each former identity. */
  readonly #past: Accepted[] = [];
  /** Earlier lives used our key up to this `boot`. */
  #pastBoot: number;
  /** The largest `boot` heard under our key that is not ours. */
  #othersBoot = 0;
  #probedAt = -Infinity;

  constructor(options: OwnIdentityOptions) {
    this.#options = options;
    this.#speaker = options.speaker;
    this.#pastBoot = options.pastBoot;
  }

  /** Takes another identity and announces it. */
  become(identity: Identity, now: number): void {
    this.#speaker.become(identity, now);
    this.describe();
  }

  /** Updates our own entry in the list of hosts. */
  describe(): void {
    const { identity, announceIntervalMs, keyId, site } = this.#speaker;
    const { key: { id }, name, version } = identity;
    this.#options.inventory.describeSelf({
      id,
      name,
      version,
      everyMs: announceIntervalMs,
      key: keyId,
      relayOf: site,
    });
  }

  /**
   * Whether we said this ourselves, under an id now possibly used by another
   * host. It is then no news of that host.
   */
  wasOurs(header: Header): boolean {
    return header.id !== this.#speaker.identity.key.id &&
      this.saidOurselves(header);
  }

  /** Whether we said this in this run. */
  saidOurselves({ id, boot, seq }: Header): boolean {
    return [this.#said, ...this.#past]
      .some((said) => said.id === id && said.boot === boot && seq <= said.seq);
  }

  /**
   * Processes an announcement signed with our key: our own, a replay, or that of
   * a daemon with a copy of it. `isHere` tells whether it came from one of our
   * addresses.
   */
  hear(
    header: Header,
    { now, isHere }: { readonly now: number; readonly isHere: boolean },
  ): Effect[] {
    const { counters } = this.#options;
    const isSaid = this.saidOurselves(header);
    if (isSaid && isHere) {
      counters.own++;
      return [];
    }
    counters.reject("our-id");
    if (header.boot <= this.#pastBoot) return [];
    if (!isSaid) this.#othersBoot = Math.max(this.#othersBoot, header.boot);
    return this.#ask(now);
  }

  /** Another daemon has our key, and `isFirst` if it started before us. */
  meet({ isFirst }: { readonly isFirst: boolean }, now: number): Effect[] {
    if (isFirst) return [this.#move(now)];
    return this.surpass(this.#othersBoot, now);
  }

  /** Whether this daemon started before us. Copies of a running machine started together: the one that said more stays. */
  isEarlier({ start, seq }: { start: number; seq: number }): boolean {
    const { start: ownStart, seq: ownSeq } = this.#speaker;
    return start < ownStart || (start === ownStart && seq >= ownSeq);
  }

  /** Raises our `boot` above that of a daemon in whose place we go on. */
  surpass(boot: number, now: number): Effect[] {
    const { identity } = this.#speaker;
    if (boot < identity.boot || boot >= Number.MAX_SAFE_INTEGER) return [];
    return [this.#goOn({ ...identity, boot: boot + 1 }, "raised", now)];
  }

  /**
   * Begins another life, at this time in ms since 1970: in memory we may have
   * gone back behind what other hosts heard of us.
   */
  beginLife(wallMs: number, now: number): Effect[] {
    const { identity } = this.#speaker;
    this.#pastBoot = Math.max(this.#pastBoot, identity.boot);
    const boot = Math.max(Math.trunc(wallMs), identity.boot + 1);
    this.#speaker.beginLife(boot, now);
    return [this.#goOn({ ...identity, boot }, "woke", now)];
  }

  /** Asks whether somebody else has our key. */
  #ask(now: number): Effect[] {
    if (this.#speaker.isProbing) return [];
    if (now - this.#probedAt < PROBE_AGAIN_MS) return [];
    this.#probedAt = now;
    return [{ kind: "send", datagrams: this.#speaker.probeNow() }];
  }

  #move(now: number): Effect {
    const key = this.#options.freshKey();
    this.#pastBoot = 0;
    this.#othersBoot = 0;
    return this.#goOn({ ...this.#speaker.identity, key }, "moved", now);
  }

  #goOn(
    identity: Identity,
    reason: (Effect & { kind: "identity" })["reason"],
    now: number,
  ): Effect {
    this.#past.push(this.#said);
    if (this.#past.length > MAX_PAST) this.#past.shift();
    this.become(identity, now);
    return { kind: "identity", identity, reason };
  }

  /** Our latest announcement. */
  get #said(): Accepted {
    const { identity: { key, boot }, seq } = this.#speaker;
    return { id: key.id, boot, seq };
  }
}
