import type { DiskRow, FindView } from "../../../src/control/views.ts";
import { judgeFound } from "../../../src/daemon/find.ts";
import { bareVerdict } from "../../../src/daemon/verdict.ts";
import { RANK, resolveDisks } from "../../../src/inventory/resolve.ts";
import { Suggestions } from "../../../src/text/nearest.ts";

interface AskedAmong {
  readonly name: string;
  readonly host?: string | undefined;
  /** Names that the daemon knows. Default: none. */
  readonly names?: readonly string[];
}

/** What the daemon answers to `find` where it has these rows for the name. */
export function findAmong(
  rows: readonly DiskRow[],
  { name, host, names = [] }: AskedAmong,
): FindView {
  if (rows.length > 0) {
    const resolved = resolveDisks(name, rows, { diskOf: (row) => row });
    const isWhole = resolved.found.length === rows.length;
    const exact = { found: rows, rank: RANK.exact, isSeveral: false };
    const found = judgeFound(isWhole ? resolved : exact, { host, hosts: [] });
    return { ...found, contents: [] };
  }
  const near = new Suggestions(name);
  names.forEach(near.offer);
  const suggestions = near.best(3);
  const verdict = { ...bareVerdict("not-known"), suggestions };
  return { rows, verdict, contents: [] };
}
