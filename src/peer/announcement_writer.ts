import {
  type Announcement,
  MAX_DATAGRAM_BYTES,
} from "../codec/announcement.ts";
import type { HostKey } from "../codec/host_key.ts";
import {
  joinSignature,
  SIGNATURE_LINE_BYTES,
} from "../codec/signature_line.ts";
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
  /** Digest of our remarks. */
  readonly remarks?: string | null;
  /** The site of which we are a relay, empty if that has no name; `null`: we are none. */
  readonly site?: string | null;
  /** Longest datagram, in bytes. Default: `MAX_DATAGRAM_BYTES`. */
  readonly longest?: number;
}

/**
 * Writes datagrams with our name, key and number. They are to be closed when
 * they leave: a signature takes time, and what is replaced needs none.
 */
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
    { disks, intervalMs, ask = false, bye = false, ...said }: Said,
  ): Uint8Array[] {
    const { remarks, site = null, longest = MAX_DATAGRAM_BYTES } = said;
    const { key, name, version, boot } = this.identity;
    return writeAnnouncement({
      id: key.id,
      key: key.publicKey,
      host: name,
      version,
      boot,
      seq: ++this.#seq,
      rev: this.#rev,
      every: Math.ceil(intervalMs / 1000),
      ask,
      bye,
      disks,
      ...(remarks && { remarks }),
      ...(site !== null && { site }),
    }, { maxBytes: this.#roomIn(longest) });
  }

  /** Room in a datagram before it is closed. */
  get maxBytes(): number {
    return this.#roomIn(MAX_DATAGRAM_BYTES);
  }

  #roomIn(longest: number): number {
    return longest - SIGNATURE_LINE_BYTES - this.trust.overheadBytes;
  }

  /** A question, asked at this time in ms since 1970. */
  ask(askedAt: number): Uint8Array[] {
    return question(this.identity.key, askedAt);
  }

  /** Asks whether another daemon has our id, or runs on our host; at the start also all hosts for an announcement. */
  probe(
    nonce: number,
    { boot, ask }: { readonly boot: number; readonly ask: boolean },
  ): Uint8Array[] {
    const { id, publicKey: key } = this.identity.key;
    const probe = { id, nonce };
    return writeAnnouncement({ ...QUESTION, key, boot, ask, probe });
  }

  /** Answers a probe with this number. `boot` is the start of this run. */
  answer(nonce: number, { boot }: { readonly boot: number }): Uint8Array[] {
    const { id, publicKey: key } = this.identity.key;
    const said = { boot, seq: this.#seq, ask: false, answer: { id, nonce } };
    return writeAnnouncement({ ...QUESTION, key, ...said });
  }

  /** Signs datagrams as the last step before sending; with a shared key proves that too, unless told otherwise. */
  close(
    datagrams: readonly Uint8Array[],
    { isShared = true }: { readonly isShared?: boolean } = {},
  ): Uint8Array[] {
    const signed = datagrams.map((datagram) =>
      sign(datagram, this.identity.key)
    );
    return isShared
      ? signed.map((datagram) => this.trust.protect(datagram))
      : signed;
  }
}

/** The question of a sender without an identity. */
export function anonymousQuestion(): Uint8Array[] {
  return writeAnnouncement(QUESTION);
}

/** The question of a host that is not announced with it, asked at this time in ms since 1970. */
export function signedQuestion(key: HostKey, askedAt: number): Uint8Array[] {
  return question(key, askedAt).map((datagram) => sign(datagram, key));
}

function question(
  { publicKey: key }: HostKey,
  askedAt: number,
): Uint8Array[] {
  return writeAnnouncement({ ...QUESTION, key, boot: askedAt });
}

function sign(datagram: Uint8Array, key: HostKey): Uint8Array {
  return joinSignature(datagram, key.sign(datagram));
}

const QUESTION: Announcement = {
  id: null,
  key: null,
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
