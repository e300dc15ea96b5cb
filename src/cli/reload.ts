import { renderReload } from "../render/config_view.ts";
import { EXIT } from "../system/exit_code.ts";
import { printable } from "../text/printable.ts";
import { command } from "./command.ts";
import { note, show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/** `diskd reload`: the daemon reads its configuration again, as at SIGHUP. */
export const reload = command("reload", {
  help:
    `As SIGHUP does, or systemctl reload diskd. A wrong file changes nothing; the
exit code is then 2.`,
  run: (options, context) =>
    withDaemon({ options, context }, async (client) => {
      const view = await client.call("reload", {});
      show(view, { options, context, render: renderReload });
      if (view.problem === null) return EXIT.ok;
      note(printable(view.problem), context);
      return EXIT.usage;
    }),
});
