/** What a simulation of several sites leaves behind, besides a `History`. */
import type { History, Moment, TrueHost, View } from "./history.ts";

export interface SitesHistory extends History {
  readonly moments: SitesMoment[];
  /** What liars asked. */
  readonly questions: readonly Question[];
  /** What relays showed while things went wrong. */
  readonly glimpses: readonly Glimpse[];
  /** The names of the LANs. */
  readonly networks: readonly string[];
}

export interface Glimpse {
  readonly at: number;
  /** The site that this relay speaks for. */
  readonly site: string | null;
  readonly view: View;
}

/** Somebody asked everybody on a LAN, or a relay. */
export interface Question {
  readonly at: number;
  /** Both as in `Sent`. */
  readonly from: string;
  readonly to: string;
}

export interface SitesMoment extends Moment {
  readonly truth: readonly TrueSiteHost[];
}

export interface TrueSiteHost extends TrueHost {
  /** `null`: it has no name. */
  readonly site: string | null;
  /** By name of the LAN. */
  readonly addressOn: ReadonlyMap<string, string>;
  /** Its address in the tunnels; `null`: it has none. */
  readonly far: string | null;
}
