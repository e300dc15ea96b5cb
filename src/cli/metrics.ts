import { type AskDaemon, askForMetrics } from "../control/metrics_facts.ts";
import { renderMetrics } from "../render/metrics.ts";
import { EXIT } from "../system/exit_code.ts";
import { command, toggle } from "./command.ts";
import { note } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

const FLAGS = {
  all: toggle("Include the disks of all hosts, and the state of each host"),
};

/** `diskd metrics`. */
export const metrics = command("metrics", {
  flags: FLAGS,
  help:
    `Only of the disks of this host, so that each host can be scraped. diskd web
serves the same at /metrics, with all=1 for --all.

node_exporter's textfile collector must never see half a file:

  cd /var/lib/prometheus/node-exporter
  diskd metrics >diskd.prom.new && mv diskd.prom.new diskd.prom`,
  run(options, context) {
    if (options.json) {
      note("diskd: metrics has no --json; see: diskd status --json", context);
      return EXIT.usage;
    }
    return withDaemon({ options, context }, async (client) => {
      const ask: AskDaemon = (method, params) => client.call(method, params);
      context.stdout.write(renderMetrics(await askForMetrics(ask, options)));
      return EXIT.ok;
    });
  },
});
