import type { ListParams, StatusView } from "../control/views.ts";
import type { DaemonClient } from "./context.ts";

/** Why `list` is empty, a sentence or two. */
export async function whyNothing(
  client: Pick<DaemonClient, "call">,
  { mounted }: ListParams,
): Promise<string> {
  const status = await client.call("status", {});
  if (mounted === undefined || status.disks === 0) return explain(status);
  return mounted
    ? "No known disk is mounted. See: diskd list"
    : "Every known disk is mounted. See: diskd list";
}

function explain({ scan, hosts }: StatusView): string {
  if (scan.at === null) {
    return "No disk is known yet: the first scan has not finished.";
  }
  const others = hosts <= 1
    ? "no other host was heard"
    : "none on the other hosts";
  const incomplete = scan.ok ? "" : " The last scan could not read everything.";
  return "No disk is known: none with a label or UUID on this host, and " +
    `${others}.${incomplete} See: diskd status`;
}
