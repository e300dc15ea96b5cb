import type { Disk } from "../inventory/disk.ts";

/** Largest datagram that is sent, in bytes: below the 1,500 that 0.01 reads, and never fragmented on Ethernet. */
export const MAX_DATAGRAM_BYTES = 1400;

/** What a version 2 datagram says of its sender, besides disks. */
export interface Header {
  /** Identity of the host; `null` for a question from `diskd scan`, which has none. */
  readonly id: string | null;
  readonly host: string | null;
  /** Version of the program that sent it, for people to read. */
  readonly version: string | null;
  /** Start of the daemon in ms since 1970; grows from run to run. */
  readonly boot: number;
  /** Grows with each announcement of one `boot`. */
  readonly seq: number;
  /**
   * Number of this list, grows each time the list changes. Parts that carry
   * the same `boot` and `rev` belong to one list, whatever their `seq`.
   * A sender that does not say: its `seq`.
   */
  readonly rev: number;
  /** This is part number `part`, from 1, of `parts`. */
  readonly part: number;
  readonly parts: number;
  /** Seconds until the sender repeats itself. */
  readonly every: number;
  /** Everybody is asked to announce now. */
  readonly ask: boolean;
  /** The sender stops; its list is empty. */
  readonly bye: boolean;
}

/** Why bytes from the network were not taken in; shown by `status`, one count each. */
export type RejectReason =
  /** Does not begin with `diskd:`. */
  | "not-diskd"
  /** Longer than anything that diskd sends. */
  | "too-long"
  /** Not UTF-8. */
  | "not-utf8"
  /** The header line is not JSON, or a key is missing, of the wrong type or out of range. */
  | "bad-header"
  /** A version of the wire format that is not known here. */
  | "bad-version"
  /** The list of disks is neither JSON nor, from 0.01, YAML. */
  | "bad-body"
  /** It is, but not a list of lists of texts. */
  | "bad-list"
  /** Nothing proves who wrote it, and here something must. */
  | "unsigned"
  /** Signed or sealed with a key that is none of ours. */
  | "unknown-key"
  /** Signed or sealed with a key of ours, and changed since, or never so. */
  | "bad-signature";

export interface Rejected {
  readonly format: "rejected";
  readonly reason: RejectReason;
}

/** A datagram whose header was read; its disks are read by `readDisks` when somebody needs them. */
export type Datagram =
  | { readonly format: 2; readonly header: Header; readonly body: Uint8Array }
  | { readonly format: 1; readonly body: Uint8Array }
  | Rejected;

/** The disks of one datagram. */
export type Disks =
  | { readonly format: "disks"; readonly disks: readonly Disk[] }
  | Rejected;

/** An announcement to be written, in as many parts as it takes. */
export interface Announcement extends Omit<Header, "part" | "parts"> {
  readonly disks: readonly Disk[];
}

/** A rejection of each kind, made once: a flood of bad datagrams allocates nothing for them. */
export const REJECTED: Readonly<Record<RejectReason, Rejected>> = {
  "not-diskd": { format: "rejected", reason: "not-diskd" },
  "too-long": { format: "rejected", reason: "too-long" },
  "not-utf8": { format: "rejected", reason: "not-utf8" },
  "bad-header": { format: "rejected", reason: "bad-header" },
  "bad-version": { format: "rejected", reason: "bad-version" },
  "bad-body": { format: "rejected", reason: "bad-body" },
  "bad-list": { format: "rejected", reason: "bad-list" },
  "unsigned": { format: "rejected", reason: "unsigned" },
  "unknown-key": { format: "rejected", reason: "unknown-key" },
  "bad-signature": { format: "rejected", reason: "bad-signature" },
};

/** Longest version 2 datagram that is read, in bytes: one Ethernet jumbo frame (9,000 bytes less the IPv4 and UDP headers). Room for a later writer, none for an endless one. */
export const MAX_V2_DATAGRAM_BYTES = 8972;

/** Longest version 1 datagram that is read, in bytes: the most that UDP over IPv4 carries. 0.01 sends its whole list in one, however long. */
export const MAX_V1_DATAGRAM_BYTES = 65_507;

/** Most parts that one announcement is sent in. Some 30,000 disks on one host. */
export const MAX_PARTS = 4096;

/** Most rows in one datagram. */
export const MAX_ROWS = 4096;

/** Longest text of a disk, in UTF-16 units: no longer one fits a datagram that diskd or 0.01 reads whole. */
export const MAX_TEXT_LENGTH = 1400;

/** Longest name of a host, in UTF-16 units when read and in UTF-8 bytes when written. A DNS name has 253. */
export const MAX_HOST_LENGTH = 255;

/** Longest version of a program, counted as `MAX_HOST_LENGTH` is. */
export const MAX_VERSION_LENGTH = 64;

/** Shortest and longest time between two announcements that a sender can claim, in seconds. */
export const MIN_EVERY_SECONDS = 1;
export const MAX_EVERY_SECONDS = 86_400;
