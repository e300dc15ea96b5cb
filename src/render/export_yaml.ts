import { dump } from "js-yaml";
import type { SightingRow } from "../control/views.ts";
import {
  EXPORT_FORMAT,
  EXPORT_VERSION,
  type ExportFormat,
  type ExportHeading,
} from "./export.ts";

/** Does not wrap texts. */
const STYLE = { lineWidth: -1, noRefs: true };

/** A YAML document with the keys of the JSON export. */
export class YamlExport implements ExportFormat {
  #isEmpty = true;

  begin(heading: ExportHeading): string {
    const first = { format: EXPORT_FORMAT, version: EXPORT_VERSION };
    return `${dump({ ...first, ...heading }, STYLE)}sightings:`;
  }

  rows(rows: readonly SightingRow[]): string {
    if (rows.length === 0) return "";
    const newline = this.#isEmpty ? "\n" : "";
    this.#isEmpty = false;
    return newline + dump(rows, STYLE);
  }

  end(): string {
    return this.#isEmpty ? " []\n" : "";
  }
}
