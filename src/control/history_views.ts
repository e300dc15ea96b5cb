/** What the daemon answers of the history; see `views.ts` for what holds of all answers. */
import type { DiskFacts, DiskState } from "./views.ts";

/** A row of `history`, `export` and `import`: a disk was at a host as a device, from then until then. */
export interface SightingRow extends DiskFacts {
  readonly host: string;
  readonly hostId: string;
  readonly device: string;
  /** The one that it had then. */
  readonly label: string | null;
  /** Where it was mounted last; empty where it never was. */
  readonly mounts: readonly string[];
  /** `detached` as soon as it is known to have left. */
  readonly state: DiskState;
  readonly from: string;
  /** `null` while it is there. Of a host that is silent: when that was last heard. */
  readonly until: string | null;
  /** When it was last known to be there. */
  readonly seenAt: string;
}

/** Which rows `history` is to show. */
export interface HistoryParams {
  /** A label, a UUID or the beginning of one, a serial. Default: all disks. */
  readonly name?: string;
  /** Name or id of a host. Default: all hosts. */
  readonly host?: string;
  /** RFC 3339: only what was there after that. Default: all. */
  readonly since?: string;
  /** Rows at most, the newest. Default and largest: 500. */
  readonly limit?: number;
}

/** Some rows of the whole history, in no order. */
export interface ExportView {
  readonly rows: readonly SightingRow[];
  /** To be given as `after` for those that follow; `null` at the end. */
  readonly next: number | null;
}

/** Which rows `export` is to give. */
export interface ExportParams {
  /** `next` of the rows before. Default: from the beginning. */
  readonly after?: number;
}

/** `import`: what became of the rows. */
export interface ImportView {
  /** Not known before. */
  readonly added: number;
  /** Known, but not for so long. */
  readonly extended: number;
  /** Known as they are. */
  readonly known: number;
}

/** What `import` takes in; as many rows as fit into a line. */
export interface ImportParams {
  readonly rows: readonly SightingRow[];
}
