import type { ExportFormat } from "../render/export.ts";

export const EXPORT_FORMATS = ["json", "csv", "yaml"] as const;

export type ExportFormatName = typeof EXPORT_FORMATS[number];

/** @throws {RangeError} for any other word */
export function parseExportFormat(word: string): ExportFormatName {
  const format = EXPORT_FORMATS.find((format) => format === word);
  if (format === undefined) {
    throw new RangeError(`expected one of ${EXPORT_FORMATS.join(", ")}`);
  }
  return format;
}

/** Loads what it takes, and no more. */
export async function loadExportFormat(
  name: ExportFormatName,
): Promise<ExportFormat> {
  switch (name) {
    case "json":
      return new (await import("../render/export.ts")).JsonExport();
    case "csv":
      return new (await import("../render/export.ts")).CsvExport();
    case "yaml":
      return new (await import("../render/export_yaml.ts")).YamlExport();
  }
}
