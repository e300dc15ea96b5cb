/**
 * Before its first announcement a daemon asks whether its id is free, as RFC
 * 6762, 8.1 (probing) has it: another daemon may run on this host, or on a clone
 * of this machine. Until then it announces nothing, so no other host takes its
 * list for a new one of the daemon that was there first.
 */
import { START_WAIT_MS } from "./timing.ts";

/** Number of probes, several against loss. */
export const PROBES = 3;

/** Time between two probes, and after the last. */
export const PROBE_GAP_MS = 200;

/** Shortest time between two answers to probes from the same address. */
export const PROBE_ANSWER_GAP_MS = 100;

/** Addresses whose probes are answered in a second: probes may be a flood. */
export const PROBERS_PER_SECOND = 40;

/** Probes are numbered up to this. */
const MAX_NONCE = 2 ** 32;

/** Times of our probes. */
export class Probing {
  readonly #random: () => number;
  #left = 0;
  #dueAt = Infinity;
  #isFree = false;
  #nonce: number | null = null;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Whether it is not known yet if our id is free. */
  get isOn(): boolean {
    return this.#dueAt !== Infinity;
  }

  /** Time of the next probe, or of the end. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** Number of our latest probes; `null` before the first. */
  get nonce(): number | null {
    return this.#nonce;
  }

  /** This host has joined a network; asks once in a run. */
  start(now: number): void {
    if (this.#isFree) return;
    this.#left = PROBES;
    this.#dueAt = now + this.#random() * START_WAIT_MS;
    this.renewNonce();
  }

  /** Only answers to this number count from now on. */
  renewNonce(): number {
    this.#nonce = Math.floor(this.#random() * MAX_NONCE);
    return this.#nonce;
  }

  /** Called at `dueAt`. Returns whether to send a probe; otherwise nobody answered, and the id is free. */
  take(now: number): boolean {
    this.#isFree = this.#left === 0;
    this.#dueAt = this.#isFree ? Infinity : now + PROBE_GAP_MS;
    this.#left--;
    return !this.#isFree;
  }
}

/** Limits the answers to probes: one of many addresses must not take them all. */
export class ProbeAnswers {
  /** Time of the last answer to each address, the earliest first. */
  readonly #answeredAt = new Map<string, number>();

  /** Whether to answer a probe from this address now. */
  take(address: string, now: number): boolean {
    for (const [known, at] of this.#answeredAt) {
      if (now - at < 1_000) break;
      this.#answeredAt.delete(known);
    }
    const before = this.#answeredAt.get(address);
    if (before !== undefined && now - before < PROBE_ANSWER_GAP_MS) {
      return false;
    }
    if (before === undefined && this.#answeredAt.size >= PROBERS_PER_SECOND) {
      return false;
    }
    this.#answeredAt.delete(address);
    this.#answeredAt.set(address, now);
    return true;
  }
}

/** A daemon that probes. */
interface Prober {
  readonly boot: number;
  readonly nonce: number;
}

/**
 * Whether the other of two daemons that probe at the same time keeps the id:
 * the one that started first, by `boot`. RFC 6762, 8.2 decides such ties
 * likewise, by comparing what both said.
 */
export function isFirst(other: Prober, own: Prober): boolean {
  return other.boot !== own.boot
    ? other.boot < own.boot
    : other.nonce < own.nonce;
}
