import type { StatusView } from "../control/views.ts";
import { renderDisks } from "../render/disks.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import type { Options } from "./options.ts";
import { note, show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/** `diskd list`: every disk on every host. */
export function list(options: Options, context: Context): Promise<number> {
  return withDaemon({ options, context }, async (client) => {
    const rows = await client.call("list", {});
    show(rows, { options, context, render: renderDisks });
    if (rows.length === 0) {
      note(whyNothing(await client.call("status", {})), context);
    }
    return EXIT.ok;
  });
}

function whyNothing({ scan, hosts }: StatusView): string {
  if (scan.at === null) {
    return "No disk is known yet: the first scan is not done.";
  }
  const others = hosts <= 1
    ? "no other host was heard"
    : "none on the other hosts";
  const incomplete = scan.ok ? "" : " The last scan could not read everything.";
  return "No disk is known: none with a label or UUID on this host, and " +
    `${others}.${incomplete} See: diskd status`;
}
