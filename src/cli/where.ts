import { nearest } from "../text/nearest.ts";
import type { DiskRow } from "../control/views.ts";
import { renderDisk } from "../render/disk.ts";
import { renderDisks } from "../render/disks.ts";
import { printable } from "../text/printable.ts";
import type { ViewOptions } from "../render/view_options.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { judgePlaces } from "./judge_places.ts";
import type { Options } from "./options.ts";
import { note, show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

const MAX_SUGGESTIONS = 3;

/** `diskd where NAME`: where it is, or was last seen. Several words are one name with spaces. */
export function where(options: Options, context: Context): Promise<number> {
  const name = options.words.join(" ");
  if (name.trim() === "") {
    note("where needs a name; see: diskd list", context);
    return Promise.resolve(EXIT.usage);
  }
  return withDaemon({ options, context }, async (client) => {
    const rows = await client.call("where", { name });
    show(rows, { options, context, render: renderAnswer });
    if (rows.length === 0) {
      const names = await client.call("names", {});
      note(whatElse(name, names), context);
    }
    const { code, notes } = judgePlaces(rows, { name, now: context.now() });
    for (const line of notes) note(line, context);
    return code;
  });
}

function renderAnswer(rows: readonly DiskRow[], view: ViewOptions): string {
  const [row] = rows;
  return row !== undefined && rows.length === 1
    ? renderDisk(row, view)
    : renderDisks(rows, view);
}

function whatElse(name: string, names: readonly string[]): string {
  const wanted = name.toLowerCase();
  const containing = names.filter((known) =>
    wanted !== "" && known.toLowerCase().includes(wanted)
  );
  const similar = new Set([...containing, ...nearest(name, names)]);
  const suggestions = [...similar].slice(0, MAX_SUGGESTIONS).map(printable);
  const next = suggestions.length > 0
    ? `Did you mean ${suggestions.join(", or ")}?`
    : "See: diskd list";
  return `No disk goes by the name ${printable(name)}. ${next}`;
}
