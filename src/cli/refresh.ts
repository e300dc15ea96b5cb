import { renderRefresh } from "../render/done.ts";
import { printable } from "../text/printable.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import type { Options } from "./options.ts";
import { note, show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/** `diskd refresh`: scan now, and say how it went. */
export function refresh(options: Options, context: Context): Promise<number> {
  return withDaemon({ options, context }, async (client) => {
    const view = await client.call("refresh", {});
    show(view, { options, context, render: renderRefresh });
    for (const problem of view.problems) note(printable(problem), context);
    return EXIT.ok;
  });
}
