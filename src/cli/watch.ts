import type { EventRow } from "../control/views.ts";
import { renderEvent } from "../render/event.ts";
import { renderJsonLine } from "../render/format.ts";
import { command, type Options } from "./command.ts";
import type { Context } from "./context.ts";
import { EXIT } from "../system/exit_code.ts";
import { viewOptions } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

const HELP = `Times are local. With --json an event is an object on a line.

Examples:
  diskd watch
  diskd watch --json | jq 'select(.event == "moved")'`;

/** `diskd watch`: prints events as they happen, a line each, until interrupted. */
export const watch = command("watch", { help: HELP, run });

function run(options: Options, context: Context): Promise<number> {
  const view = viewOptions(options, context);
  const render = (event: EventRow) =>
    options.json ? renderJsonLine(event) : renderEvent(event, view);
  return withDaemon({ options, context }, async (client) => {
    const interrupted = context.interrupted();
    const stop = () => void client.close();
    interrupted.addEventListener("abort", stop, { once: true });
    for await (const event of client.watch()) {
      context.stdout.write(render(event));
      await context.stdout.flush();
      if (context.stdout.isClosed) break;
    }
    interrupted.removeEventListener("abort", stop);
    return EXIT.ok;
  });
}
