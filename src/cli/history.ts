import { MAX_HISTORY_ROWS } from "../control/limits.ts";
import type { HistoryParams, SightingRow } from "../control/views.ts";
import { renderSightings, renderTimelines } from "../render/history.ts";
import { printable } from "../text/printable.ts";
import type { Context, Options } from "./context.ts";
import { EXIT } from "../system/exit_code.ts";
import { note, show, viewOptions } from "./show.ts";
import { parseSince } from "./since.ts";
import { withDaemon } from "./with_daemon.ts";

/** What `history` takes besides the common flags. */
export interface HistoryFlags {
  readonly host?: string;
  /** As `parseSince` understands it. */
  readonly since?: string;
}

/** `diskd history [NAME]`: where a disk has been, newest first; without NAME all disks. */
export function history(
  options: Options<HistoryFlags>,
  context: Context,
): Promise<number> {
  const params = historyParams(options, context);
  return withDaemon({ options, context }, async (client) => {
    const rows = await client.call("history", params);
    show(rows, { options, context, render: renderSightings });
    if (context.isTerminal && !options.json) {
      const timelines = renderTimelines(rows, viewOptions(options, context));
      if (timelines !== "") context.stdout.write(`\n${timelines}`);
    }
    if (rows.length === 0) note(sayNothing(options), context);
    if (rows.length === MAX_HISTORY_ROWS) note(saySome(rows), context);
    return rows.length === 0 ? EXIT.notKnown : EXIT.ok;
  });
}

function historyParams(
  { words, host, since }: Options<HistoryFlags>,
  context: Context,
): HistoryParams {
  const name = words.join(" ");
  const after = since === undefined ? null : parseSince(since, context.now());
  return {
    ...(name !== "" && { name }),
    ...(host !== undefined && { host }),
    ...(after !== null && { since: new Date(after).toISOString() }),
  };
}

function sayNothing({ words, host, since }: Options<HistoryFlags>): string {
  const name = words.join(" ");
  const which = name === "" ? "any disk" : printable(name);
  const where = host === undefined ? "" : ` on ${printable(host)}`;
  const when = since === undefined ? "" : ` since ${printable(since)}`;
  return `Nothing is known of ${which}${where}${when}. See: diskd list --all`;
}

function saySome({ length }: readonly SightingRow[]): string {
  return `These are the newest ${length}. Fewer: --since 2d; all: diskd export`;
}
