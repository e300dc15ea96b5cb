import type { Disk } from "../inventory/disk.ts";

/**
 * Longest datagram sent, in bytes: the smallest MTU of IPv6 (1,280, RFC 8200,
 * and that of some VPNs), less the headers of IPv6 and UDP, and 80 bytes for an
 * envelope. Also below the 1,500 that 0.01 reads.
 */
export const MAX_DATAGRAM_BYTES = 1152;

/** A host id that a starting daemon asks about, and the number of its question. */
export interface IdQuestion {
  readonly id: string;
  /** Random, so that no recorded answer fits. */
  readonly nonce: number;
}

/** The contents of a version 2 datagram, except the disks. */
export interface Header {
  /** Identity of the host; `null` for what is no announcement: a question, a probe or its answer. */
  readonly id: string | null;
  /** Public key of the sender, in base64url; `null` without proof. Its signature is the last line. */
  readonly key: string | null;
  readonly host: string | null;
  /** Version of the sending program, for people. */
  readonly version: string | null;
  /**
   * Start of the daemon in ms since 1970; grows from run to run. In a question:
   * when it was asked, which grows too.
   */
  readonly boot: number;
  /** Grows with each announcement within a `boot`. */
  readonly seq: number;
  /**
   * Number of this list; grows each time the list changes. Parts with the same
   * `boot` and `rev` belong to the same list, whatever their `seq`. Defaults to
   * `seq`.
   */
  readonly rev: number;
  /** This is part number `part`, from 1, of `parts`. */
  readonly part: number;
  readonly parts: number;
  /** Seconds until the next announcement of the sender. */
  readonly every: number;
  /** Asks all receivers to announce themselves now. */
  readonly ask: boolean;
  /** The sender stops; its list is empty. */
  readonly bye: boolean;
  /** Digest of the remarks that the sender has; missing without any. */
  readonly remarks?: string;
  /** The sender is a relay of this site, empty if that has no name; missing if it is none. */
  readonly site?: string;
  /** Asks whether another daemon has this id, or runs on the sender's host. */
  readonly probe?: IdQuestion;
  /** Answers such a probe, with the id of the daemon that answers. */
  readonly answer?: IdQuestion;
}

/** Why bytes from the network were rejected; `status` counts each reason. */
export type RejectReason =
  /** Does not begin with `diskd:`. */
  | "not-diskd"
  /** Longer than any datagram of diskd. */
  | "too-long"
  /** Not UTF-8. */
  | "not-utf8"
  /** The header line is not JSON, or a key is missing, of the wrong type or out of range. */
  | "bad-header"
  /** An unknown version of the wire format. */
  | "bad-version"
  /** The list of disks is neither JSON nor, from 0.01, YAML. */
  | "bad-body"
  /** Valid JSON or YAML, but not a list of lists of texts. */
  | "bad-list"
  /** From a relay, and without the place of a host. */
  | "bad-envelope"
  /** No signature of a host that has an id, or no shared key where one is required. */
  | "unsigned"
  /** Its id is not that of its public key. */
  | "wrong-key"
  /** Authenticated or encrypted with an unknown shared key. */
  | "unknown-key"
  /** Names a key, but was changed afterwards or not made with this key. */
  | "bad-signature";

export interface Rejected {
  readonly format: "rejected";
  readonly reason: RejectReason;
}

/** A datagram with its header parsed; `readDisks` parses the disks on demand. */
export type Datagram =
  | { readonly format: 2; readonly header: Header; readonly body: Uint8Array }
  | { readonly format: 1; readonly body: Uint8Array }
  | Rejected;

/** The disks of a datagram. */
export type Disks =
  | { readonly format: "disks"; readonly disks: readonly Disk[] }
  | Rejected;

/** An announcement to be written, in any number of parts. */
export interface Announcement extends Omit<Header, "part" | "parts"> {
  readonly disks: readonly Disk[];
}

/** A rejection of each kind, created once, so that a flood of bad datagrams allocates none. */
export const REJECTED: Readonly<Record<RejectReason, Rejected>> = {
  "not-diskd": { format: "rejected", reason: "not-diskd" },
  "too-long": { format: "rejected", reason: "too-long" },
  "not-utf8": { format: "rejected", reason: "not-utf8" },
  "bad-header": { format: "rejected", reason: "bad-header" },
  "bad-version": { format: "rejected", reason: "bad-version" },
  "bad-body": { format: "rejected", reason: "bad-body" },
  "bad-list": { format: "rejected", reason: "bad-list" },
  "bad-envelope": { format: "rejected", reason: "bad-envelope" },
  "unsigned": { format: "rejected", reason: "unsigned" },
  "wrong-key": { format: "rejected", reason: "wrong-key" },
  "unknown-key": { format: "rejected", reason: "unknown-key" },
  "bad-signature": { format: "rejected", reason: "bad-signature" },
};

/**
 * Longest version 2 datagram accepted, in bytes: an Ethernet jumbo frame (9,000
 * bytes less the IPv4 and UDP headers). Leaves room for later versions.
 */
export const MAX_V2_DATAGRAM_BYTES = 8972;

/**
 * Longest header line accepted, in bytes. All of a datagram is shorter; a long
 * one that is nested deeply takes 0.2 ms to read, before any limit applies.
 */
export const MAX_HEADER_BYTES = 2048;

/**
 * Longest version 1 datagram accepted, in bytes: the maximum of UDP over IPv4.
 * 0.01 sends its whole list in a single datagram.
 */
export const MAX_V1_DATAGRAM_BYTES = 65_507;

/** Largest number of parts of an announcement: some 30,000 disks on a host. */
export const MAX_PARTS = 4096;

/** Largest number of rows in a datagram. */
export const MAX_ROWS = 4096;

/**
 * Longest text of a disk, in UTF-16 units. A longer text would not fit into a
 * datagram of diskd, nor into the part of a datagram read by 0.01.
 */
export const MAX_TEXT_LENGTH = 1400;

/**
 * Largest number of texts in a list of a disk, such as its mount points; the
 * others are left out. A row of diskd has room for some 90 mount points.
 */
export const MAX_TEXTS = 128;

/**
 * Longest host name, in UTF-16 units when read and in UTF-8 bytes when written.
 * A DNS name has at most 253.
 */
export const MAX_HOST_LENGTH = 255;

/** Length of a public key in a header, in characters. */
export const PUBLIC_KEY_LENGTH = 43;

/** Longest version of a program, counted like `MAX_HOST_LENGTH`. */
export const MAX_VERSION_LENGTH = 64;

/** Longest digest of remarks accepted, in characters. */
export const MAX_REMARKS_DIGEST_LENGTH = 64;

/** Range of the announcement interval, in seconds. */
export const MIN_EVERY_SECONDS = 1;
export const MAX_EVERY_SECONDS = 86_400;
