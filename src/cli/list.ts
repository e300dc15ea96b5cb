import type { DiskRow, ListParams, StatusView } from "../control/views.ts";
import { Refusal } from "../mount/refusal.ts";
import { ALL_COLUMNS } from "../render/disk_columns.ts";
import { inOrder } from "../render/disks.ts";
import { JsonRows, type ViewOptions } from "../render/format.ts";
import { EXIT } from "../system/exit_code.ts";
import { printable } from "../text/printable.ts";
import { command, type Options, text, texts, toggle } from "./command.ts";
import type { Context, DaemonClient } from "./context.ts";
import {
  knownHosts,
  knownNames,
  knownSites,
  knownTags,
} from "./known_names.ts";
import { asTable, type DiskList, type Listed } from "./disk_list.ts";
import { note, show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

const FLAGS = {
  all: toggle(
    "Include unplugged disks, and disks of hosts that were shut down",
  ),
  mounted: toggle("List only disks in use"),
  unmounted: toggle("List only disks that are not in use"),
  host: texts(
    "List only what this host has, by name, id or glob",
    "HOST",
    knownHosts,
  ),
  site: texts("List only what is at this site, or glob", "SITE", knownSites),
  type: texts(
    "List only this type of filesystem or container, or glob",
    "TYPE",
  ),
  tag: texts("List only disks with this tag, or glob", "TAG", knownTags),
  output: text(
    "Show these columns; +COLUMN adds one; help lists them",
    "COLUMNS",
    proposeColumns,
  ),
  sort: text("Sort by this column", "COLUMN", proposeColumns),
  drives: toggle("List drives, and what is on them"),
  tree: toggle("Draw hosts, drives and volumes as a tree"),
  devices: toggle("Include every device, also those of no interest"),
  noHeadings: toggle("Print no headings"),
  bytes: toggle("Print sizes in bytes"),
  watch: toggle("Keep the table on the terminal and update it until q"),
};

function proposeColumns(): string[] {
  return ALL_COLUMNS.map(({ title }) => title);
}

type ListOptions = Options<typeof FLAGS>;

const HELP =
  `Without options it lists the disks of hosts that are up, and those of silent hosts.
NAME is any name of a disk, or a glob such as 'backup-*'. Active swap counts as in
use, and so does a member of an active array, volume group or pool, or of an opened
LUKS; MOUNTED then shows -> and the device that it belongs to.

Left out without --devices: drives with partitions, which --drives and --tree show;
paths of multipath drives; devices with the same contents as one that is listed;
snapshots and inner volumes of LVM; images of snaps; zram; drives without a medium;
small partitions without contents; volumes of guests.

  diskd list 'backup-*' --host nas1
  diskd list -o +SERIAL,MODEL --sort SIZE
  diskd list --drives`;

/** `diskd list`: lists every disk on every host, or those selected by flags. */
export const list = command("list", {
  flags: FLAGS,
  letters: { o: "output", n: "noHeadings", b: "bytes" },
  help: HELP,
  propose: knownNames,
  run,
});

async function run(
  options: ListOptions,
  context: Context,
): Promise<number> {
  if (options.output === "help") {
    const { helpOnColumns } = await import("./select_disks.ts");
    context.stdout.write(helpOnColumns());
    return EXIT.ok;
  }
  const message = refuse(options, context);
  if (message !== null) throw new Refusal("usage", { message });
  const params = listParams(options);
  const look = await lookFor(options);
  if (options.watch) {
    const { watchList } = await import("./watch_list.ts");
    return await watchList({ params, look }, { options, context, whyNothing });
  }
  return await withDaemon({ options, context }, async (client) => {
    if (options.json && isPlain(options)) {
      return await printAll(client, { params, context });
    }
    const all = await client.call("list", params);
    const listed = look(all);
    const { rows, unmatched } = listed;
    const render = (_: unknown, view: ViewOptions) => renderWhole(listed, view);
    show(rows, { options, context, render });
    for (const name of unmatched) note(sayUnmatched(name), context);
    if (unmatched.length > 0) return EXIT.notKnown;
    if (rows.length === 0) {
      const why = whyNothing(client, all.length > 0 ? null : params);
      note(await why, context);
    } else if (mayBeDeaf(all, options, context)) {
      const { problems } = await client.call("status", {});
      for (const problem of problems) note(printable(problem), context);
    }
    return EXIT.ok;
  });
}

/** Prints the rows of a host when all of them have arrived: their order is that of the table. */
async function printAll(
  client: DaemonClient,
  { params, context }: { params: ListParams; context: Context },
): Promise<number> {
  const { stdout } = context;
  const json = new JsonRows();
  let waiting: DiskRow[] = [];
  let count = 0;
  const onRows = (rows: readonly unknown[]) => {
    for (const row of rows as readonly DiskRow[]) {
      if (waiting.length > 0 && waiting[0]!.hostId !== row.hostId) {
        stdout.write(json.add(inOrder(waiting)));
        waiting = [];
      }
      waiting.push(row);
      count++;
    }
  };
  onRows(await client.call("list", params, { onRows }));
  stdout.write(json.add(inOrder(waiting)) + json.end());
  if (count === 0) note(await whyNothing(client, params), context);
  return EXIT.ok;
}

/** Whether somebody sees the disks of one host only, without having asked for that. */
function mayBeDeaf(
  all: readonly DiskRow[],
  { json }: ListOptions,
  { isTerminal }: Context,
): boolean {
  return isTerminal && !json &&
    new Set(all.map(({ hostId }) => hostId)).size === 1;
}

/** Without a flag that selects, sorts or shapes, as is usual, little code is loaded. */
async function lookFor(options: ListOptions): Promise<DiskList["look"]> {
  if (!isPlain(options)) {
    const { selectListed } = await import("./select_disks.ts");
    return (all) => selectListed(all, options);
  }
  const { noHeadings, bytes } = options;
  const shape = { hasHeading: !noHeadings, inBytes: bytes, isGrouped: true };
  return (all) => asTable(inOrder(all), shape);
}

/** Whether all rows are wanted, in their order. */
function isPlain(
  { words, host, site, type, tag, output, sort, drives, tree }: ListOptions,
): boolean {
  return words.length === 0 && !drives && !tree &&
    [host, site, type, tag, output, sort].every((value) => value === undefined);
}

/** On a terminal, the summary is the last line. */
function renderWhole(
  { rows, render, summary }: Listed,
  view: ViewOptions,
): string {
  const table = render(view);
  const isPlain = view.columns === Infinity || rows.length === 0;
  return isPlain || summary === null ? table : `${table}${summary}\n`;
}

/** Why these flags cannot be combined here; `null` if they can. */
function refuse(
  { mounted, unmounted, watch, json, drives, tree, output }: ListOptions,
  { isTerminal, env }: Context,
): string | null {
  if (mounted && unmounted) {
    return "--mounted and --unmounted exclude each other";
  }
  if (drives && tree) return "--drives and --tree exclude each other";
  if ((drives || tree) && output !== undefined) {
    return "--output is for the table of disks, not for --drives and --tree";
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
  { all, mounted, unmounted, devices, drives, tree }: ListOptions,
): ListParams {
  return {
    ...(all && { all }),
    ...((devices || drives || tree) && { devices: true }),
    ...(mounted !== unmounted && { mounted }),
  };
}

function sayUnmatched(name: string): string {
  return /[*?]/.test(name)
    ? `No listed disk is like ${printable(name)}. See: diskd list`
    : `No listed disk is named ${printable(name)}. See: diskd where ${
      printable(name)
    }`;
}

/** Why `list` is empty, a sentence or two. `null`: the words select nothing. */
async function whyNothing(
  client: DaemonClient,
  params: ListParams | null,
): Promise<string> {
  if (params === null) return "No disk is like that. See: diskd list";
  const status = await client.call("status", {});
  const { mounted } = params;
  if (mounted === undefined || status.disks === 0) return explain(status);
  return mounted
    ? "No known disk is in use. See: diskd list"
    : "Every known disk is in use. See: diskd list";
}

function explain({ scan, hosts }: StatusView): string {
  if (scan.at === null) {
    return "No disk is known yet: the first scan has not finished.";
  }
  const others = hosts <= 1
    ? "no other host was heard"
    : "none on the other hosts";
  const incomplete = scan.ok ? "" : " The last scan could not read everything.";
  return `No disk is known: none on this host, and ${others}.${incomplete} See: diskd status`;
}
