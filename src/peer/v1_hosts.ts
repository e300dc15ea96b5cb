/**
 * Hosts with App::Diskd 0.01. Their datagrams do not name them, so their
 * address identifies them. They announce every ten minutes and never say
 * goodbye. An upgraded host speaks version 2 from the same address; its old
 * entry is then dropped.
 */
import type { Datagram, RejectReason } from "../codec/announcement.ts";
import { readDisks } from "../codec/read_datagram.ts";
import { type Applied, isNoRoom } from "../inventory/applied.ts";
import type { Change } from "../inventory/change.ts";
import { v1HostId } from "../inventory/host.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { RefuseReason } from "./effect.ts";
import type { RateLimiter } from "./rate_limiter.ts";

/** Announcement interval of 0.01. */
export const V1_INTERVAL_MS = 600_000;

/**
 * Addresses remembered of hosts that speak version 2; beyond that the oldest is
 * dropped, because an attacker can forge many.
 */
export const MAX_V2_ADDRESSES = 10_000;

/** Longest list kept for comparison; a longer one is parsed each time, every ten minutes. */
export const MAX_KEPT_BODY_BYTES = 4_096;

/** Version of such a host in `hosts`. */
export const V1_VERSION = "0.01";

export class V1Hosts {
  readonly #inventory: Inventory;
  readonly #rateLimiter: Pick<RateLimiter, "spend">;
  /** The last datagram of each host, by address: most are repeats and need no parsing. */
  readonly #lastBody = new Map<string, Uint8Array>();
  /** When version 2 was last heard from an address. */
  readonly #version2At = new Map<string, number>();

  constructor(inventory: Inventory, rateLimiter: Pick<RateLimiter, "spend">) {
    this.#inventory = inventory;
    this.#rateLimiter = rateLimiter;
  }

  /** A version 2 host has this address. Returns the resulting changes. */
  speaksVersion2(address: string, now: number): Change[] {
    this.#version2At.set(address, now);
    if (this.#version2At.size > MAX_V2_ADDRESSES) {
      const [oldest] = this.#version2At.keys();
      this.#version2At.delete(oldest!);
    }
    this.#lastBody.delete(address);
    if (this.#inventory.host(v1HostId(address)) === undefined) return NONE;
    const changes = this.#inventory.applyGoodbye(v1HostId(address), now);
    this.#inventory.forget(v1HostId(address));
    return changes;
  }

  /** Accepts a version 1 datagram, or returns why not. */
  hear(
    datagram: Datagram & { format: 1 },
    address: string,
    now: number,
  ): Applied | RejectReason | RefuseReason {
    if (this.#isShadowed(address, now)) return "shadowed";
    const known = this.#inventory.host(v1HostId(address)) !== undefined;
    const last = known ? this.#lastBody.get(address) : undefined;
    const repeated = last !== undefined && sameBytes(last, datagram.body);
    const excess = repeated ? null : this.#spend(datagram, address, now);
    if (excess !== null) return excess;
    const read = repeated ? null : readDisks(datagram);
    if (read?.format === "rejected") return read.reason;
    const applied = this.#inventory.applyAnnouncement(
      {
        id: v1HostId(address),
        name: address,
        version: V1_VERSION,
        everyMs: V1_INTERVAL_MS,
      },
      read?.disks ?? null,
      { address, now },
    );
    if (!isNoRoom(applied.shortage) && !repeated) {
      this.#keepBody(address, datagram.body);
    }
    return applied;
  }

  /** Whether a host of 0.01 at this address is known and not silent. */
  isUp(address: string): boolean {
    return this.#inventory.host(v1HostId(address))?.liveness === "up";
  }

  /** Parsing YAML takes long. Returns why it must not be parsed, or `null`. */
  #spend(
    { body }: Datagram & { format: 1 },
    address: string,
    now: number,
  ): ReturnType<RateLimiter["spend"]> {
    const origin = { address, id: v1HostId(address) };
    return this.#rateLimiter
      .spend(origin, "yamlBytes", { amount: body.length, now });
  }

  #keepBody(address: string, body: Uint8Array): void {
    if (body.length <= MAX_KEPT_BODY_BYTES) {
      this.#lastBody.set(address, body.slice());
    } else {
      this.#lastBody.delete(address);
    }
  }

  /** Drops expired memory of addresses. */
  forgetSilent(now: number): void {
    for (const [address, at] of this.#version2At) {
      if (now - at >= V1_INTERVAL_MS) this.#version2At.delete(address);
    }
    for (const address of this.#lastBody.keys()) {
      const known = this.#inventory.host(v1HostId(address));
      if (known === undefined) this.#lastBody.delete(address);
    }
  }

  #isShadowed(address: string, now: number): boolean {
    const at = this.#version2At.get(address);
    return at !== undefined && now - at < V1_INTERVAL_MS;
  }
}

const NONE: Change[] = [];

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}
