import type { SightingRow } from "../control/views.ts";
import { printableJson } from "../text/printable.ts";
import {
  EXPORT_FORMAT,
  EXPORT_VERSION,
  type ExportFormat,
  type ExportHeading,
} from "./export_format.ts";

/** One JSON document, with a host or a sighting a line. This is what `import` reads. */
export class JsonExport implements ExportFormat {
  #isFirst = true;

  begin({ hosts, ...about }: ExportHeading): string {
    const first = { format: EXPORT_FORMAT, version: EXPORT_VERSION, ...about };
    const lines = hosts.map((host) => `\n${line(host)}`).join(",");
    return `${line(first).slice(0, -"}".length)},\n` +
      `"hosts":[${lines}\n],\n"sightings":[`;
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

function line(value: object): string {
  return printableJson(JSON.stringify(value));
}
