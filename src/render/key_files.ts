import { printable } from "../text/printable.ts";
import type { ViewOptions } from "./format.ts";
import { type Column, NO_VALUE, renderTable } from "./table.ts";

/** A key file of the configuration. */
export interface KeyFileRow {
  readonly file: string;
  /** Id of its key; `null` if it has no valid key. */
  readonly key: string | null;
  /** Whether it signs or encrypts. */
  readonly signs: boolean;
  /** Its problem, which continues a sentence begun with its path. */
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
  { title: "KEY", text: (row) => row.key ?? NO_VALUE },
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
