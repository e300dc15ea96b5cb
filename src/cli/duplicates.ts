import { NO_DUPLICATES, renderDuplicates } from "../render/duplicates.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import type { Options } from "./options.ts";
import { note, show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/** `diskd duplicates`: what is on two devices at once. */
export function duplicates(
  options: Options,
  context: Context,
): Promise<number> {
  return withDaemon({ options, context }, async (client) => {
    const rows = await client.call("duplicates", {});
    show(rows, { options, context, render: renderDuplicates });
    if (rows.length === 0) note(NO_DUPLICATES, context);
    return EXIT.ok;
  });
}
