import { MAX_DATAGRAM_BYTES } from "../codec/announcement.ts";
import type { Trust } from "../codec/trust.ts";
import { writeAnnouncement } from "../codec/write_datagram.ts";
import type { Disk } from "../inventory/disk.ts";
import type { Identity } from "./effect.ts";

/** What an announcement says, besides who says it. */
export interface Said {
  readonly disks: readonly Disk[];
  readonly intervalMs: number;
  readonly ask?: boolean;
  readonly bye?: boolean;
}

/** Puts what is said into datagrams: with our name, numbered, and signed where there are keys. */
export class AnnouncementWriter {
  identity: Identity;
  trust: Trust;
  #seq = 0;
  #rev = 0;

  constructor(identity: Identity, trust: Trust) {
    this.identity = identity;
    this.trust = trust;
  }

  /** Number of what was said last. */
  get seq(): number {
    return this.#seq;
  }

  /** Number of the list that is announced; 0 before the first. */
  get rev(): number {
    return this.#rev;
  }

  /** The list is another one from now on. */
  nextList(): void {
    this.#rev++;
  }

  announce(
    { disks, intervalMs, ask = false, bye = false }: Said,
  ): Uint8Array[] {
    const { id, name, version, boot } = this.identity;
    const datagrams = writeAnnouncement({
      id,
      host: name,
      version,
      boot,
      seq: ++this.#seq,
      rev: this.#rev,
      every: Math.ceil(intervalMs / 1000),
      ask,
      bye,
      disks,
    }, { maxBytes: MAX_DATAGRAM_BYTES - this.trust.overheadBytes });
    return this.#close(datagrams);
  }

  /** Asks without saying who asks. */
  ask(): Uint8Array[] {
    return this.#close(anonymousAsk());
  }

  #close(datagrams: readonly Uint8Array[]): Uint8Array[] {
    return datagrams.map((datagram) => this.trust.protect(datagram));
  }
}

/** The question of somebody who has no identity, or does not want to be listed yet. */
export function anonymousAsk(): Uint8Array[] {
  return writeAnnouncement({
    id: null,
    host: null,
    version: null,
    boot: 0,
    seq: 0,
    rev: 0,
    every: 1,
    ask: true,
    bye: false,
    disks: [],
  });
}
