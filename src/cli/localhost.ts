import { renderLocalhost } from "../render/hosts.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import type { Options } from "./options.ts";
import { show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/** `diskd localhost`: this host, and where it speaks. */
export function localhost(options: Options, context: Context): Promise<number> {
  return withDaemon({ options, context }, async (client) => {
    const view = await client.call("localhost", {});
    show(view, { options, context, render: renderLocalhost });
    return EXIT.ok;
  });
}
