import type { DiskRow, ListParams } from "../control/views.ts";
import { renderDisks, sayCounts } from "../render/disks.ts";
import type { ViewOptions } from "../render/format.ts";

/** A list of disks as the flags of `list` ask for it. */
export interface DiskList {
  /** What the daemon is asked for. */
  readonly params: ListParams;
  /** What is shown of its answer. */
  readonly look: (all: readonly DiskRow[]) => Listed;
}

/** Rows, and how they are shown. */
export interface Listed {
  readonly rows: readonly DiskRow[];
  readonly render: (view: ViewOptions) => string;
  /** A line that counts them; `null`: none. */
  readonly summary: string | null;
  /** Names that were asked for, but are no listed disk. */
  readonly unmatched: readonly string[];
}

/** Rows as a table of disks. */
export function asTable(
  rows: readonly DiskRow[],
  options: Parameters<typeof renderDisks>[2] & {
    readonly hasHeading: boolean;
    readonly unmatched?: readonly string[];
  },
): Listed {
  const { unmatched = [], ...shape } = options;
  return {
    rows,
    render: (view) => renderDisks(rows, view, shape),
    summary: shape.hasHeading ? sayCounts(rows) : null,
    unmatched,
  };
}
