/** What the tables of disks and of sightings have in common. */
import type { DiskFacts, DiskState } from "../control/views.ts";
import { printable } from "../text/printable.ts";
import { grey } from "./style.ts";
import type { Column } from "./table.ts";
import type { ViewOptions } from "./view_options.ts";

/** Stands for what is not known. */
export const NONE = "-";

export const HOST: Column<{ readonly host: string }> = {
  title: "HOST",
  text: (row) => printable(row.host),
  minWidth: 8,
  keep: true,
};

export const DEVICE: Column<{ readonly device: string }> = {
  title: "DEVICE",
  text: (row) => printable(row.device),
  minWidth: 9,
};

export const LABEL: Column<Pick<DiskFacts, "label">> = {
  title: "LABEL",
  text: (row) => orNone(row.label),
  minWidth: 8,
  keep: true,
};

export const UUID: Column<Pick<DiskFacts, "uuid">> = {
  title: "UUID",
  text: (row) => orNone(row.uuid),
  minWidth: 9,
};

export function orNone(text: string | null): string {
  return text === null ? NONE : printable(text);
}

/** Paints the line of a disk that is not attached now. */
export function greyUnlessAttached(view: ViewOptions) {
  return (line: string, { state }: { readonly state: DiskState }): string =>
    state === "attached" ? line : grey(line, view);
}
