import type { ExitName } from "../system/exit_code.ts";
import type { RemarkedDisk } from "./remarked.ts";

/**
 * Every kind of verdict on the places of a name, with the exit code of `where`
 * for it. Scripts rely on the names.
 *
 * `severalHosts` stands for several hosts that are up, for any reason: whoever
 * needs one host must not take the first of several.
 */
export const VERDICTS = {
  /** To one host, perhaps as several devices. */
  attached: "ok",
  /** To a host that is silent, as far as is known. */
  stale: "ok",
  /** Attached to one host; a silent host had it before. */
  moved: "ok",
  /** The rows are its last places. */
  detached: "notAttached",
  /** No known host has or had it, but somebody said something of it. */
  noted: "notAttached",
  /** Not on the requested host, but on others. */
  elsewhere: "notAttached",
  /** One of the hosts has not been heard since the other has the disk. */
  "may-have-moved": "severalHosts",
  /** Copies on different drives. */
  clone: "severalHosts",
  /** One drive that several hosts see. */
  shared: "severalHosts",
  /** One of the two; the drives have no WWN or serial number. */
  "clone-or-shared": "severalHosts",
  /** Members of one filesystem, RAID or pool. */
  members: "severalHosts",
  /** Different disks that share the name. */
  namesakes: "severalHosts",
  /** The name is a part of the names of several disks. */
  ambiguous: "notKnown",
  "not-known": "notKnown",
  /** No disk has this name; the rows have it in their notes. */
  "by-note": "notKnown",
} as const satisfies Readonly<Record<string, ExitName>>;

type VerdictKind = keyof typeof VERDICTS;

interface HostOfVerdict {
  readonly host: string;
  readonly hostId: string;
  /** As in `DiskRow`. */
  readonly uniqueHost: string;
}

/** What the places of a name mean together. Lists of hosts are sorted by name. */
export interface Verdict {
  readonly kind: VerdictKind;
  /** The hosts that have it now, as far as is known; for `elsewhere`, or had it. */
  readonly hosts: readonly HostOfVerdict[];
  /** For `moved` and `may-have-moved`, the hosts that had it before. */
  readonly from: readonly HostOfVerdict[];
  /**
   * Silent hosts that had a disk of that name, or a copy of it, which has not
   * moved from them as far as is known.
   */
  readonly silent: readonly HostOfVerdict[];
  /** For `may-have-moved`, the host that has it now. */
  readonly to: HostOfVerdict | null;
  /** For `may-have-moved`, since when. */
  readonly since: string | null;
  /** Its paths, if one host has the same disk several times. */
  readonly devices: readonly string[];
  /** For `ambiguous`, the UUIDs. */
  readonly uuids: readonly string[];
  /**
   * For `ambiguous`, and for a pattern that several disks fit, each disk, by its
   * most telling name.
   */
  readonly matches: readonly string[];
  /** For a label that it had before, what it is called now; otherwise empty. */
  readonly calledNow: readonly string[];
  /** For `not-known`, names that may have been meant. */
  readonly suggestions: readonly string[];
  /** For `noted`, and those of `by-note` that no known host has or had, what was said of which disks. Missing: its daemon is older. */
  readonly noted?: readonly RemarkedDisk[];
  /** Other disks that somebody gave this name, by UUID or the like: a label wins. Missing likewise. */
  readonly namedSo?: readonly string[];
  /** Number of further places, left out. Missing: its daemon is older. */
  readonly more?: number;
  /** If it is attached nowhere, hosts whose lists are cut: it may be there. Missing likewise. */
  readonly cut?: readonly HostOfVerdict[];
}
