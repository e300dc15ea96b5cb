/** What a scan is to read. It lists the devices in any case, which reads no medium. */
export type ScanRequest =
  /** Every medium. */
  | { readonly media: "all" }
  /**
   * Those of the devices named, by kernel name as events have it, of devices
   * that were not read before, and of those on which there seems to be
   * something else than was read.
   */
  | { readonly media: "changed"; readonly knames: ReadonlySet<string> };

/** Reads every medium. */
export const EVERYTHING: ScanRequest = Object.freeze({ media: "all" });

/** One request that asks for what both ask for. */
export function mergeRequests(a: ScanRequest, b: ScanRequest): ScanRequest {
  if (a.media === "all" || b.media === "all") return EVERYTHING;
  return { media: "changed", knames: new Set([...a.knames, ...b.knames]) };
}
