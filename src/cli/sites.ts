import { matchesGlob } from "../text/glob.ts";
import { meant, wrong } from "./wrong_value.ts";

/**
 * The rows of hosts at these sites, by name or glob in any case; without any,
 * all rows.
 * @throws {Refusal} `usage` for a site where none of the rows is
 */
export function atSites<Row extends { readonly site?: string | null }>(
  rows: readonly Row[],
  wanted: readonly string[] = [],
): readonly Row[] {
  if (wanted.length === 0) return rows;
  const known = [...new Set(rows.map(({ site = null }) => site))]
    .filter((site) => site !== null);
  const sites = new Set(wanted.flatMap((glob) => {
    const found = known.filter((site) =>
      matchesGlob(site.toLowerCase(), glob.toLowerCase())
    );
    if (found.length > 0) return found;
    throw wrong(
      known.length === 0
        ? `--site is ${glob}, but no known host is at a site with a name`
        : `--site is ${glob}, expected one of ${known.sort().join(", ")}${
          meant(glob, known)
        }`,
    );
  }));
  return rows.filter(({ site = null }) => site !== null && sites.has(site));
}
