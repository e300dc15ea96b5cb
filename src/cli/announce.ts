import { renderAnnounce } from "../render/done.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import type { Options } from "./options.ts";
import { show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/** `diskd announce`: announce now. */
export function announce(options: Options, context: Context): Promise<number> {
  return withDaemon({ options, context }, async (client) => {
    const view = await client.call("announce", {});
    show(view, { options, context, render: renderAnnounce });
    return EXIT.ok;
  });
}
