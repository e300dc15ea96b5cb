/** Answers about disks that are expected, and about those who are told. */
import type { SaidOfDisk } from "./remarked.ts";

/** A row of `overdue`, and in `status`: a disk that is to be seen. */
export interface OverdueRow extends SaidOfDisk {
  /** What people call it; of a disk that nobody has seen, as `expect` names it. */
  readonly name: string;
  readonly label: string | null;
  readonly uuid: string | null;
  readonly serial: string | null;
  readonly wwn: string | null;
  /** How `expect` names it: `backup-*`, `tag: offsite`. */
  readonly expected: string;
  readonly seenEverySeconds: number;
  readonly overdue: boolean;
  /** Where it is, or was last; `null`, as all of this, if nobody has seen it. */
  readonly state: "attached" | "stale" | "detached" | null;
  readonly unplugged: boolean;
  readonly host: string | null;
  readonly hostId: string | null;
  readonly uniqueHost: string | null;
  readonly device: string | null;
  readonly seenAt: string | null;
  /** Since when this host expects it. */
  readonly expectedSince: string;
  /** When it is to be seen again at the latest, or was. */
  readonly dueAt: string;
  /** All that as a sentence. */
  readonly text: string;
}

/** Selects rows of `overdue`. */
export interface OverdueParams {
  /** All disks that are expected. Default: those that are overdue. */
  readonly all?: boolean;
}

/** In `status`: an entry of the setting `notify`. */
export interface NotifyRow {
  /** Where messages go, without its secrets: `https://ntfy.sh`. */
  readonly to: string;
  readonly on: readonly string[];
  /** Messages that were taken, since the start. */
  readonly sent: number;
  /** Events that wait to be sent. */
  readonly waiting: number;
  /** Events that were not told, since the start. */
  readonly dropped: number;
  /** Why the last message was not taken; `null`: it was. */
  readonly problem: string | null;
}

/** A row of `notify`: what an address answered to a test. */
export interface NotifyAnswer {
  readonly to: string;
  readonly ok: boolean;
  /** Of HTTP; `null`: it did not answer. */
  readonly status: number | null;
  /** Why it is not good; `null`: it is. */
  readonly problem: string | null;
  readonly afterMs: number;
}
