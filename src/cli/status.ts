import { renderStatus } from "../render/status.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import type { Options } from "./options.ts";
import { show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/** `diskd status`: how the daemon is. */
export function status(options: Options, context: Context): Promise<number> {
  return withDaemon({ options, context }, async (client) => {
    const view = await client.call("status", {});
    show(view, { options, context, render: renderStatus });
    return EXIT.ok;
  });
}
