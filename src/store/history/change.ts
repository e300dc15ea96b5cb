import type { DiskRecord, HostRecord } from "./records.ts";

/** A disk as it is at a host. */
export interface Attachment {
  readonly device: string;
  readonly label: string | null;
  readonly mounts: readonly string[];
  /** Since when, in ms since 1970. */
  readonly from: number;
}

/** What waits to be written. */
export type Change =
  | {
    readonly kind: "attached";
    readonly host: HostRecord;
    readonly disk: DiskRecord;
    readonly at: Attachment;
  }
  | {
    readonly kind: "ended";
    readonly hostId: string;
    readonly device: string;
    readonly until: number;
  }
  | {
    readonly kind: "mounted";
    readonly hostId: string;
    readonly device: string;
    readonly mounts: readonly string[];
  }
  | { readonly kind: "host"; readonly host: HostRecord }
  | { readonly kind: "alive"; readonly at: number };
