import type { HostRow, SightingRow } from "../control/views.ts";
import { FACT_NAMES } from "../inventory/disk.ts";
import type { Remark } from "../inventory/remark.ts";
import { printableJson } from "../text/printable.ts";

/** Identifies an export. */
export const EXPORT_FORMAT = "diskd-export";
export const EXPORT_VERSION = 1;

/** Exporting host, time, the hosts it knows, and what was said of disks. */
export interface ExportHeading {
  readonly exportedAt: string;
  readonly host: string;
  readonly hostId: string;
  readonly hosts: readonly HostRow[];
  readonly remarks: readonly Remark[];
}

/** Writes an export in pieces, so that it never has to be in memory as a whole. */
export interface ExportFormat {
  begin(heading: ExportHeading): string;
  /** May be called any number of times. */
  rows(rows: readonly SightingRow[]): string;
  end(): string;
}

/** These come first; the other fields of a disk follow. */
const FIRST_COLUMNS = [
  "host",
  "hostId",
  "device",
  "uuid",
  "label",
  "type",
  "size",
  "mounts",
  "state",
  "from",
  "until",
  "seenAt",
] as const satisfies readonly (keyof SightingRow)[];

const COLUMNS = [
  ...new Set([...FIRST_COLUMNS, ...FACT_NAMES]),
  "inUse",
  "unplugged",
] as const;

const END_OF_RECORD = "\r\n";

/**
 * The sightings as CSV, RFC 4180, with a heading; commas separate mount points.
 * An apostrophe precedes any cell that a spreadsheet would read as a formula:
 * anyone may have written the labels.
 */
export class CsvExport implements ExportFormat {
  begin(): string {
    return COLUMNS.join(",") + END_OF_RECORD;
  }

  rows(rows: readonly SightingRow[]): string {
    return rows.map((row) =>
      COLUMNS.map((column) => cell(row[column])).join(",") + END_OF_RECORD
    ).join("");
  }

  end(): string {
    return "";
  }
}

function cell(value: SightingRow[keyof SightingRow]): string {
  if (value === null) return "";
  const text = harmless(String(value));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function harmless(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
}

/** A JSON document with a host, a remark or a sighting per line. `import` reads it. */
export class JsonExport implements ExportFormat {
  #isFirst = true;

  begin({ hosts, remarks, ...about }: ExportHeading): string {
    const first = { format: EXPORT_FORMAT, version: EXPORT_VERSION, ...about };
    return `${line(first).slice(0, -"}".length)},\n` +
      `"hosts":[${lines(hosts)}\n],\n` +
      `"remarks":[${lines(remarks)}\n],\n"sightings":[`;
  }

  rows(rows: readonly SightingRow[]): string {
    return rows.map((row) => {
      const comma = this.#isFirst ? "" : ",";
      this.#isFirst = false;
      return `${comma}\n${line(row)}`;
    }).join("");
  }

  end(): string {
    return "\n]}\n";
  }
}

function lines(values: readonly object[]): string {
  return values.map((value) => `\n${line(value)}`).join(",");
}

function line(value: object): string {
  return printableJson(JSON.stringify(value));
}
