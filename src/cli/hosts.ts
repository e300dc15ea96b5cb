import { renderHosts } from "../render/hosts.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import type { Options } from "./options.ts";
import { show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/** `diskd hosts`: every host known. */
export function hosts(options: Options, context: Context): Promise<number> {
  return withDaemon({ options, context }, async (client) => {
    const view = await client.call("hosts", {});
    show(view, { options, context, render: renderHosts });
    return EXIT.ok;
  });
}
