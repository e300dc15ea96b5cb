import { renderHosts } from "../render/hosts.ts";
import { EXIT } from "../system/exit_code.ts";
import { printable } from "../text/printable.ts";
import { command, texts } from "./command.ts";
import { knownSites } from "./known_names.ts";
import { note, show } from "./show.ts";
import { atSites } from "./sites.ts";
import { withDaemon } from "./with_daemon.ts";

const FLAGS = {
  site: texts("List only hosts at this site, or glob", "SITE", knownSites),
};

/** `diskd hosts`: all known hosts, or those of some sites. */
export const hosts = command("hosts", {
  flags: FLAGS,
  run: (options, context) =>
    withDaemon({ options, context }, async (client) => {
      const rows = atSites(await client.call("hosts", {}), options.site);
      show(rows, { options, context, render: renderHosts });
      const { unread } = await client.call("status", {});
      for (const line of unread) note(printable(line), context);
      return EXIT.ok;
    }),
});
