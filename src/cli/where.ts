import { VERDICTS } from "../control/verdict.ts";
import type { DiskRow } from "../control/views.ts";
import { renderDisk } from "../render/disk.ts";
import { renderDisks, sayCounts } from "../render/disks.ts";
import type { ViewOptions } from "../render/format.ts";
import { renderNoted } from "../render/remarks.ts";
import { isFar, type SitesAround } from "../render/sites.ts";
import { sayVerdict } from "../render/verdict.ts";
import { printable } from "../text/printable.ts";
import { command, type Options } from "./command.ts";
import type { Context } from "./context.ts";
import { knownNames } from "./known_names.ts";
import { EXIT } from "../system/exit_code.ts";
import { note, show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

const HELP =
  `The exit code is 0 if it is attached to one host, 4 if to none now, 5 if to
several.

Examples:
  diskd where backup-2019
  diskd where /dev/sdb
  diskd where VGH0X627          by the serial number, or a part of it`;

/**
 * `diskd where NAME`: shows where it is, or where it was last seen. Several
 * words form a single name with spaces.
 */
export const where = command("where", {
  help: HELP,
  propose: knownNames,
  run,
});

function run(options: Options, context: Context): Promise<number> {
  const name = options.words.join(" ");
  if (name.trim() === "") {
    note("where needs a name; see: diskd list", context);
    return Promise.resolve(EXIT.usage);
  }
  return withDaemon({ options, context }, async (client) => {
    const { contents, rows, verdict, ...around } = await client.call("find", {
      name,
    });
    const { noted = [] } = verdict;
    const isNotedAlone = noted.length > 0 && rows.length === 0;
    if (!isNotedAlone || options.json) {
      show(rows, {
        options,
        context,
        render: (rows, view) =>
          renderAnswer(rows, view, { name, contents, around }),
      });
    }
    if (!options.json && noted.length > 0) {
      show(noted, { options, context, render: renderNoted });
    }
    if (verdict.kind !== "noted") {
      const asked = { name, now: context.now() };
      for (const line of sayVerdict(verdict, asked)) note(line, context);
    }
    return EXIT[VERDICTS[verdict.kind]];
  });
}

function renderAnswer(
  rows: readonly DiskRow[],
  view: ViewOptions,
  { name, contents, around }: {
    readonly name: string;
    readonly contents: readonly DiskRow[];
    readonly around: SitesAround;
  },
): string {
  const [row, ...others] = rows;
  if (row === undefined) return "";
  if (others.length === 0) {
    return renderDisk(row, { view, contents, around });
  }
  const isForPeople = view.columns !== Infinity;
  const heading = isForPeople ? `${printable(name)}: ${sayCounts(rows)}\n` : "";
  return heading + renderDisks(rows, view, { hasSite: isFar(rows, around) });
}
