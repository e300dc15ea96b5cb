import {
  type Announcement,
  MAX_DATAGRAM_BYTES,
} from "../codec/announcement.ts";
import type { Trust } from "../codec/trust.ts";
import { writeAnnouncement } from "../codec/write_datagram.ts";
import type { Disk } from "../inventory/disk.ts";
import type { Identity } from "./effect.ts";

/** Contents of an announcement, except its sender. */
interface Said {
  readonly disks: readonly Disk[];
  readonly intervalMs: number;
  readonly ask?: boolean;
  readonly bye?: boolean;
}

/** Writes datagrams with our name and number, signed if there are keys. */
export class AnnouncementWriter {
  identity: Identity;
  trust: Trust;
  #seq = 0;
  #rev = 0;

  constructor(identity: Identity, trust: Trust) {
    this.identity = identity;
    this.trust = trust;
  }

  /** Number of the last announcement. */
  get seq(): number {
    return this.#seq;
  }

  /** Number of the announced list; 0 before the first. */
  get rev(): number {
    return this.#rev;
  }

  /** Begins a new list. */
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

  /** An anonymous question. */
  ask(): Uint8Array[] {
    return this.#close(anonymousAsk());
  }

  /** Asks all hosts, and whether our id is free. */
  probe(nonce: number): Uint8Array[] {
    const { id, boot } = this.identity;
    const probe = { id, nonce };
    return this.#close(writeAnnouncement({ ...QUESTION, boot, probe }));
  }

  /** Answers a probe with this number, without proof if it had none: its sender may have no key. */
  answer(
    nonce: number,
    { isProven }: { readonly isProven: boolean },
  ): Uint8Array[] {
    const { id, boot } = this.identity;
    const seq = this.#seq;
    const said = { boot, seq, ask: false, answer: { id, nonce } };
    const datagrams = writeAnnouncement({ ...QUESTION, ...said });
    return isProven ? this.#close(datagrams) : datagrams;
  }

  #close(datagrams: readonly Uint8Array[]): Uint8Array[] {
    return datagrams.map((datagram) => this.trust.protect(datagram));
  }
}

/** The question of a sender without an identity, or not yet to be listed. */
export function anonymousAsk(): Uint8Array[] {
  return writeAnnouncement(QUESTION);
}

const QUESTION: Announcement = {
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
};
