import { renderPing } from "../render/done.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import type { Options } from "./options.ts";
import { show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/** `diskd ping`: ask all hosts to announce, and show who did. */
export function ping(options: Options, context: Context): Promise<number> {
  return withDaemon({ options, context }, async (client) => {
    const view = await client.call("ping", {});
    show(view, { options, context, render: renderPing });
    return EXIT.ok;
  });
}
