import { printable } from "../text/printable.ts";
import type { ViewOptions } from "./format.ts";
import { type Column, renderTable } from "./table.ts";

/** A key file of the configuration. */
export interface KeyFileRow {
  readonly file: string;
  /** Id of the key in it, `null` where there is no good one. */
  readonly key: string | null;
  /** Whether it is the one that signs, or seals. */
  readonly signs: boolean;
  /** What is wrong with it, the rest of the sentence that begins with the path. */
  readonly problem: string | null;
}

const COLUMNS: readonly Column<KeyFileRow>[] = [
  {
    title: "FILE",
    text: (row) => printable(row.file),
    yieldsAs: 1,
    minWidth: 8,
    keep: true,
  },
  { title: "KEY", text: (row) => row.key ?? "-" },
  { title: "USE", text: useOf },
];

/** Rows of `key check`, in the order of the configuration. */
export function renderKeyFiles(
  rows: readonly KeyFileRow[],
  view: ViewOptions,
): string {
  return renderTable(rows, { columns: COLUMNS, view });
}

function useOf({ key, signs }: KeyFileRow): string {
  if (key === null) return "none";
  return signs ? "signs and checks" : "checks";
}
