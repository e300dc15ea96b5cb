/** `overdue` and `notify`: which disks are missing, and who is told. */
import { count } from "../render/format.ts";
import {
  renderAnswers,
  renderNotify,
  renderOverdue,
} from "../render/overdue.ts";
import { EXIT } from "../system/exit_code.ts";
import { printable } from "../text/printable.ts";
import { command, type Options, toggle } from "./command.ts";
import type { Context } from "./context.ts";
import { note, show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

const OVERDUE_FLAGS = { all: toggle("Include disks that are not overdue") };

/** `diskd overdue`. */
export const overdue = command("overdue", {
  flags: OVERDUE_FLAGS,
  help:
    `The setting expect says which disks are to be attached to any host how often:

  expect: [{disks: ["backup-*", tag: offsite], seenEvery: 8d}]

While one is overdue the exit code is 8, as that of status. With --all it lists
all that are expected, so that you see which disks a glob means.`,
  run: (options, context) =>
    withDaemon({ options, context }, async (client) => {
      const { all } = options;
      const rows = await client.call("overdue", { all });
      show(rows, { options, context, render: renderOverdue });
      if (rows.length === 0) {
        const expected = all
          ? rows
          : await client.call("overdue", { all: true });
        note(
          expected.length > 0
            ? `No disk is overdue; ${
              count(expected.length, "disk")
            } expected. ` +
              "See: diskd overdue --all"
            : "No disk is expected: see expect in the configuration",
          context,
        );
      }
      return rows.some(({ overdue }) => overdue) ? EXIT.problems : EXIT.ok;
    }),
});

const NOTIFY_FLAGS = { test: toggle("Send a test to each address") };

/** `diskd notify`. */
export const notify = command("notify", {
  flags: NOTIFY_FLAGS,
  help: `The setting notify says where messages go:

  notify: [{urlFile: /etc/diskd/ntfy, on: [overdue, failing, gone]}]

With --test it sends a message to each address, and prints what they answer. The
exit code is 8 if one of them did not take it.`,
  run: (options, context) =>
    options.test ? sendTest(options, context) : showNotify(options, context),
});

const NOBODY = "Nobody is told: see notify in the configuration";

function showNotify(options: Options, context: Context): Promise<number> {
  return withDaemon({ options, context }, async (client) => {
    const { notify = [] } = await client.call("status", {});
    show(notify, { options, context, render: renderNotify });
    if (notify.length === 0) note(NOBODY, context);
    const problems = notify.flatMap(({ problem }) => problem ?? []);
    for (const problem of problems) note(printable(problem), context);
    return problems.length === 0 ? EXIT.ok : EXIT.problems;
  });
}

function sendTest(options: Options, context: Context): Promise<number> {
  return withDaemon({ options, context }, async (client) => {
    const rows = await client.call("notify", {});
    show(rows, { options, context, render: renderAnswers });
    if (rows.length === 0) note(NOBODY, context);
    return rows.every(({ ok }) => ok) ? EXIT.ok : EXIT.problems;
  });
}
