import { renderAnnounce } from "../render/done.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import type { Options } from "./options.ts";
import { note, show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/** `diskd announce`: announce now. */
export function announce(options: Options, context: Context): Promise<number> {
  return withDaemon({ options, context }, async (client) => {
    const view = await client.call("announce", {});
    show(view, { options, context, render: renderAnnounce });
    if (view.interfaces === 0) {
      note("There is no interface to speak on. See: diskd status", context);
    }
    return EXIT.ok;
  });
}
