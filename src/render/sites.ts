import type { FindView } from "../control/views.ts";
import { printable } from "../text/printable.ts";

/** How tables and sentences name the site of a host. */

interface Sited {
  /** `null`: none is named; missing: its daemon is older. */
  readonly site?: string | null;
  readonly state: string;
}

/** The sites of rows; `null` stands for one without a name. */
export function sitesIn(rows: readonly Sited[]): ReadonlySet<string | null> {
  const sites = new Set<string | null>();
  for (const { site = null, state } of rows) {
    // Where the host is unknown that had a disk, so is the site.
    if (site !== null || state !== "detached") sites.add(site);
  }
  return sites;
}

/** `b1 at away`; the host alone without a name of the site. */
export function hostAt(
  uniqueHost: string,
  site: string | null | undefined,
): string {
  const host = printable(uniqueHost);
  return site == null ? host : `${host} at ${printable(site)}`;
}

/** What `find` says of this site, and of the relays at others. */
export type SitesAround = Pick<FindView, "site" | "relays">;

/** The site of a host, if it is another one than this. */
export function otherSite(
  { site }: Pick<Sited, "site">,
  { site: here }: SitesAround,
): string | null {
  return site === undefined || here === undefined || site === here
    ? null
    : site;
}

/** Whether any row is of another site than this. */
export function isFar(
  rows: readonly Pick<Sited, "site">[],
  around: SitesAround,
): boolean {
  return rows.some((row) => otherSite(row, around) !== null);
}
