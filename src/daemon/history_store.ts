import type {
  DiskRecord,
  HostRecord,
  Restored,
  SightingQuery,
  SightingRecord,
} from "../store/history/records.ts";

/** Where a disk is, as the history keeps it. Ms since 1970. */
export interface SightingStart {
  readonly device: string;
  readonly label: string | null;
  readonly mounts: readonly string[];
  readonly from: number;
}

/** What of the history on disk the daemon uses; see `src/store/history/history.ts`. Times are ms since 1970. */
export interface HistoryStore {
  /** Why nothing can be written now, a sentence. */
  readonly problem: string | null;
  /** Grows when something was lost, so that all that is known is to be told again. */
  readonly gaps: number;
  restore(): Restored;
  began(host: HostRecord, disk: DiskRecord, at: SightingStart): void;
  changed(host: HostRecord, disk: DiskRecord, at: SightingStart): void;
  mounted(hostId: string, device: string, mounts: readonly string[]): void;
  ended(hostId: string, device: string, until: number): void;
  host(record: HostRecord): void;
  alive(at: number): void;
  flush(): boolean;
  trim(now: number): boolean;
  disks(name: string): DiskRecord[];
  sightings(query: SightingQuery): SightingRecord[];
  forgetDisk(name: string): number;
  forgetHost(hostId: string): number;
  page(
    afterId: number,
    limit: number,
  ): { records: SightingRecord[]; next: number | null };
  merge(
    records: readonly SightingRecord[],
  ): { added: number; extended: number; known: number };
  close(): void;
}
