import type { SightingRow } from "../control/views.ts";
import type { ExportFormat } from "./export_format.ts";

/** In the order of the columns. */
const COLUMNS = [
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
  "partuuid",
  "partlabel",
  "uuid_sub",
  "model",
  "serial",
  "wwn",
  "tran",
  "rm",
  "ro",
] as const satisfies readonly (keyof SightingRow)[];

const END_OF_RECORD = "\r\n";

/**
 * The sightings as CSV, RFC 4180, with a heading; mount points are separated
 * by commas. What a spreadsheet would take for a formula begins with an
 * apostrophe: labels come off disks that anybody may have written.
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
