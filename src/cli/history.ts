import { MAX_HISTORY_ROWS } from "../control/limits.ts";
import type { HistoryParams, SightingRow } from "../control/views.ts";
import { UTC, type Zone } from "../render/format.ts";
import { renderHistoryOf, renderSightings } from "../render/history.ts";
import { renderNoted } from "../render/remarks.ts";
import { renderTimelines } from "../render/timeline.ts";
import { EXIT } from "../system/exit_code.ts";
import { parseDuration } from "../text/duration.ts";
import { printable } from "../text/printable.ts";
import { command, type Options, text } from "./command.ts";
import type { Context, DaemonClient } from "./context.ts";
import { knownHosts, knownNames } from "./known_names.ts";
import { note, show, viewOptions } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

const FLAGS = {
  host: text("Show only sightings on this host", "HOST", knownHosts),
  since: {
    ...text("Show only sightings since: 90m, 12h, 2d, 3w, 2026-01-31", "TIME"),
    parse: since,
  },
};

type HistoryCommandOptions = Options<typeof FLAGS>;

const HELP =
  `Without NAME it shows all disks. Times are local. On a terminal, with NAME, a
timeline follows: a bar per host for when it had the disk, ? for when nobody
knows.

Examples:
  diskd history backup-2019
  diskd history --host beta --since 2d`;

/** `diskd history [NAME]`: shows where a disk has been, newest first; without NAME all disks. */
export const history = command("history", {
  flags: FLAGS,
  help: HELP,
  propose: knownNames,
  run,
});

function run(
  options: HistoryCommandOptions,
  context: Context,
): Promise<number> {
  const params = historyParams(options, context);
  return withDaemon({ options, context }, async (client) => {
    const rows = await client.call("history", params);
    const render = params.name === undefined
      ? renderSightings
      : renderHistoryOf;
    show(rows, { options, context, render });
    if (params.name !== undefined && context.isTerminal && !options.json) {
      const timelines = renderTimelines(rows, viewOptions(options, context));
      if (timelines !== "") context.stdout.write(`\n${timelines}`);
    }
    if (rows.length === 0) return await sayOther(client, { options, context });
    if (rows.length === MAX_HISTORY_ROWS) note(saySome(rows), context);
    return EXIT.ok;
  });
}

/** Somebody may have said something of a disk that no host had. */
async function sayOther(
  client: DaemonClient,
  { options, context }: {
    readonly options: HistoryCommandOptions;
    readonly context: Context;
  },
): Promise<number> {
  const name = options.words.join(" ");
  if (name !== "" && !options.json) {
    const { verdict: { noted = [] } } = await client.call("find", { name });
    const text = renderNoted(noted, viewOptions(options, context));
    context.stdout.write(text);
    if (text !== "") return EXIT.notKnown;
  }
  note(sayNothing(options), context);
  return EXIT.notKnown;
}

/** @throws {RangeError} for an invalid time */
function since(value: string): string {
  if (parseSince(value, { now: 0, zone: UTC }) !== null) return value;
  throw new RangeError(
    "expected how long ago, as 90m, 12h, 2d or 3w, or a date, as 2026-01-31",
  );
}

function historyParams(
  { words, host, since }: HistoryCommandOptions,
  context: Context,
): HistoryParams {
  const name = words.join(" ");
  const after = since === undefined
    ? null
    : parseSince(since, { now: context.now(), zone: context.zone });
  return {
    ...(name !== "" && { name }),
    ...(host !== undefined && { host }),
    ...(after !== null && { since: new Date(after).toISOString() }),
  };
}

function sayNothing({ words, host, since }: HistoryCommandOptions): string {
  const name = words.join(" ");
  const which = name === "" ? "any disk" : printable(name);
  const where = host === undefined ? "" : ` on ${printable(host)}`;
  const when = since === undefined ? "" : ` since ${printable(since)}`;
  return `Nothing is known of ${which}${where}${when}. See: diskd list --all`;
}

function saySome({ length }: readonly SightingRow[]): string {
  return `These are the newest ${length}. Fewer: --since 2d; all: diskd export`;
}

/**
 * Ms since 1970 of a time: a duration before `now`, the beginning of a
 * local day, or RFC 3339. `null` for any other text.
 */
export function parseSince(
  text: string,
  { now, zone }: { readonly now: number; readonly zone: Zone },
): number | null {
  const agoMs = parseDuration(text, { unitless: null });
  if (agoMs !== null) return Math.max(0, Math.round(now - agoMs));
  if (!/^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:\d\d))?$/.test(text)) return null;
  const time = Date.parse(text);
  if (Number.isNaN(time)) return null;
  const isDay = text.length === "2026-01-31".length;
  return Math.max(0, isDay ? time - zone.offsetAt(time) * 60_000 : time);
}
