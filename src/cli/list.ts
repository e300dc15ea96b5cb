import type { ListParams, StatusView } from "../control/views.ts";
import { renderDisks } from "../render/disks.ts";
import { command, type Options, toggle } from "./command.ts";
import type { Context, DaemonClient } from "./context.ts";
import { EXIT } from "../system/exit_code.ts";
import { note, show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

const FLAGS = {
  all: toggle("Include detached disks and disks of hosts that are gone"),
  mounted: toggle("List only mounted disks"),
  unmounted: toggle("List only disks that are not mounted"),
  watch: toggle("Keep the table on the terminal and update it until Ctrl-C"),
};

type ListOptions = Options<typeof FLAGS>;

const HELP =
  `Without options it lists attached disks, and those of silent hosts with the time
since the host was last heard. Active swap counts as mounted. A member of RAID,
LVM or LUKS counts as mounted if a filesystem or swap on it is in use; MOUNTED
then shows -> and the device that it belongs to.`;

/** `diskd list`: lists every disk on every host, or those selected by flags. */
export const list = command("list", { flags: FLAGS, help: HELP, run });

async function run(
  options: ListOptions,
  context: Context,
): Promise<number> {
  const refusal = refuse(options, context);
  if (refusal !== null) {
    note(`diskd: ${refusal}`, context);
    return EXIT.usage;
  }
  const params = listParams(options);
  if (options.watch) {
    const { watchList } = await import("./watch_list.ts");
    return await watchList(params, { options, context, whyNothing });
  }
  return await withDaemon({ options, context }, async (client) => {
    const rows = await client.call("list", params);
    show(rows, { options, context, render: renderDisks });
    if (rows.length === 0) note(await whyNothing(client, params), context);
    return EXIT.ok;
  });
}

/** Why these flags cannot be combined here; `null` if they can. */
function refuse(
  { mounted, unmounted, watch, json }: ListOptions,
  { isTerminal, env }: Context,
): string | null {
  if (mounted && unmounted) {
    return "--mounted and --unmounted exclude each other";
  }
  if (!watch) return null;
  if (json) {
    return "list --watch draws on a terminal and has no JSON; for events as JSON: diskd watch --json";
  }
  if (!isTerminal || env["TERM"] === "dumb") {
    return "list --watch needs a terminal; for events, a line each: diskd watch";
  }
  return null;
}

function listParams(
  { all, mounted, unmounted }: ListOptions,
): ListParams {
  return {
    ...(all && { all }),
    ...(mounted !== unmounted && { mounted }),
  };
}

/** Why `list` is empty, a sentence or two. */
async function whyNothing(
  client: DaemonClient,
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
