import type { ForgetView } from "../control/views.ts";
import {
  nameForgotten,
  renderForgotten,
  renderToForget,
} from "../render/done.ts";
import { count } from "../render/format.ts";
import { printable } from "../text/printable.ts";
import { command, type Options, toggle } from "./command.ts";
import type { Context, DaemonClient } from "./context.ts";
import { forgettableNames } from "./known_names.ts";
import { EXIT } from "../system/exit_code.ts";
import { note, show, viewOptions } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

const FLAGS = {
  yes: toggle("Skip the prompt"),
  dryRun: toggle("Say what would be forgotten, and forget nothing"),
};

const HELP =
  `NAME is any name of a disk that is not attached to any host, or the name or id
of another host. One that is up comes back when it speaks again. Its sightings are deleted from the history too, those
on a host with all that it had. Only this host forgets; others still know. A disk
or host that comes back is known again. Notes, names and tags stay: diskd note
NAME --clear. diskd asks first, unless --yes is given.`;

/**
 * `diskd forget NAME`: forgets a disk or a host after a prompt. Several words
 * form a single name with spaces.
 */
export const forget = command("forget", {
  flags: FLAGS,
  help: HELP,
  propose: forgettableNames,
  run,
});

function run(
  options: Options<typeof FLAGS>,
  context: Context,
): Promise<number> {
  const name = options.words.join(" ");
  if (name.trim() === "") {
    note("forget needs a name; see: diskd list --all", context);
    return Promise.resolve(EXIT.usage);
  }
  if (!options.yes && !options.dryRun && !context.isInteractive) {
    note(
      "diskd: forget asks before it forgets, but there is no terminal; " +
        "to skip the prompt: --yes",
      context,
    );
    return Promise.resolve(EXIT.usage);
  }
  return withDaemon({ options, context }, async (client) => {
    if (options.dryRun) {
      const view = await client.call("forget", { name, dryRun: true });
      if (isEmpty(view)) return await notKnown(name, { client, context });
      show(view, { options, context, render: renderToForget });
      return EXIT.ok;
    }
    if (
      !options.yes && !await isConfirmed(name, { client, options, context })
    ) {
      note("Nothing was forgotten.", context);
      return EXIT.notKnown;
    }
    const view = await client.call("forget", { name });
    if (isEmpty(view)) return await notKnown(name, { client, context });
    show(view, { options, context, render: renderForgotten });
    return EXIT.ok;
  });
}

/** Asks whether to continue; for an unknown name there is nothing to ask. */
async function isConfirmed(
  name: string,
  { client, options, context }: {
    readonly client: DaemonClient;
    readonly options: Options;
    readonly context: Context;
  },
): Promise<boolean> {
  const view = await client.call("forget", { name, dryRun: true });
  if (isEmpty(view)) return true;
  const things = nameForgotten(view, viewOptions(options, context));
  const sightings = count(view.sightings, "sighting");
  const answer = await context.ask(
    `Forget ${things.join("; ")}, with ${sightings}? [y/N] `,
  );
  return /^\s*y(es)?\s*$/i.test(answer ?? "");
}

function isEmpty({ hosts, disks }: ForgetView): boolean {
  return hosts.length + disks.length === 0;
}

async function notKnown(
  name: string,
  { client, context }: {
    readonly client: DaemonClient;
    readonly context: Context;
  },
): Promise<number> {
  const { verdict: { noted = [] } } = await client.call("find", { name });
  const shown = printable(name);
  note(
    noted.length > 0
      ? `No host has or had ${shown}, so there is nothing to forget. What was ` +
        "said of it stays; see: diskd note"
      : `No disk and no host is named ${shown}. ` +
        "See: diskd list --all, diskd hosts",
    context,
  );
  return EXIT.notKnown;
}
