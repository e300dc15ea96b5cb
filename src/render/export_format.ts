import type { HostRow, SightingRow } from "../control/views.ts";

/** What stands at the beginning of each export. */
export const EXPORT_FORMAT = "diskd-export";
export const EXPORT_VERSION = 1;

/** Who exports, when, and which hosts are known there. */
export interface ExportHeading {
  readonly exportedAt: string;
  readonly host: string;
  readonly hostId: string;
  readonly hosts: readonly HostRow[];
}

/** Writes an export piece by piece, so that nobody has to hold all of it. */
export interface ExportFormat {
  begin(heading: ExportHeading): string;
  /** Any number of times. */
  rows(rows: readonly SightingRow[]): string;
  end(): string;
}
