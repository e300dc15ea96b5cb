import { renderAnnounce, renderPing, renderRefresh } from "../render/done.ts";
import { NO_DUPLICATES, renderDuplicates } from "../render/duplicates.ts";
import { renderHosts, renderLocalhost } from "../render/hosts.ts";
import { renderStatus } from "../render/status.ts";
import { printable } from "../text/printable.ts";
import type { Context, Options } from "./context.ts";
import { EXIT } from "../system/exit_code.ts";
import { note, show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/** `diskd status`: how the daemon is. */
export function status(options: Options, context: Context): Promise<number> {
  return withDaemon({ options, context }, async (client) => {
    const view = await client.call("status", {});
    show(view, { options, context, render: renderStatus });
    return EXIT.ok;
  });
}

/** `diskd hosts`: every host known. */
export function hosts(options: Options, context: Context): Promise<number> {
  return withDaemon({ options, context }, async (client) => {
    const view = await client.call("hosts", {});
    show(view, { options, context, render: renderHosts });
    return EXIT.ok;
  });
}

/** `diskd localhost`: this host, and where it speaks. */
export function localhost(options: Options, context: Context): Promise<number> {
  return withDaemon({ options, context }, async (client) => {
    const view = await client.call("localhost", {});
    show(view, { options, context, render: renderLocalhost });
    return EXIT.ok;
  });
}

/** `diskd ping`: ask all hosts to announce, and show who did. */
export function ping(options: Options, context: Context): Promise<number> {
  return withDaemon({ options, context }, async (client) => {
    const view = await client.call("ping", {});
    show(view, { options, context, render: renderPing });
    return EXIT.ok;
  });
}

/** `diskd refresh`: scan now, and say how it went. */
export function refresh(options: Options, context: Context): Promise<number> {
  return withDaemon({ options, context }, async (client) => {
    const view = await client.call("refresh", {});
    show(view, { options, context, render: renderRefresh });
    for (const problem of view.problems) note(printable(problem), context);
    return EXIT.ok;
  });
}

/** `diskd announce`: announce now. */
export function announce(options: Options, context: Context): Promise<number> {
  return withDaemon({ options, context }, async (client) => {
    const view = await client.call("announce", {});
    show(view, { options, context, render: renderAnnounce });
    if (view.interfaces === 0) {
      note("There is no interface to speak on. See: diskd status", context);
    }
    return EXIT.ok;
  });
}

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

/** `quit` and `exit`: the prompt ends itself on them, so here there is none. */
export function quit(_options: Options, context: Context): number {
  note(
    "There is nothing to quit: quit and exit end the prompt, " +
      "which diskd alone starts.",
    context,
  );
  return EXIT.usage;
}
