import { VERDICTS } from "../control/verdict.ts";
import type { DiskRow } from "../control/views.ts";
import { renderDisk } from "../render/disk.ts";
import { renderDisks } from "../render/disks.ts";
import type { ViewOptions } from "../render/format.ts";
import { sayVerdict } from "../render/verdict.ts";
import { command, type Options } from "./command.ts";
import type { Context } from "./context.ts";
import { knownNames } from "./known_names.ts";
import { EXIT } from "../system/exit_code.ts";
import { note, show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/**
 * `diskd where NAME`: shows where it is, or where it was last seen. Several
 * words form a single name with spaces.
 */
export const where = command("where", { propose: knownNames, run });

function run(options: Options, context: Context): Promise<number> {
  const name = options.words.join(" ");
  if (name.trim() === "") {
    note("where needs a name; see: diskd list", context);
    return Promise.resolve(EXIT.usage);
  }
  return withDaemon({ options, context }, async (client) => {
    const { rows, verdict } = await client.call("find", { name });
    show(rows, { options, context, render: renderAnswer });
    const asked = { name, now: context.now() };
    for (const line of sayVerdict(verdict, asked)) note(line, context);
    return EXIT[VERDICTS[verdict.kind]];
  });
}

function renderAnswer(rows: readonly DiskRow[], view: ViewOptions): string {
  const [row] = rows;
  return row !== undefined && rows.length === 1
    ? renderDisk(row, view)
    : renderDisks(rows, view);
}
