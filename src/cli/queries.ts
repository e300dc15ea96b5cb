/** Commands that call a single method of the daemon and print its result. */
import type { CommandName } from "../control/commands.ts";
import type { MethodName, Methods } from "../control/views.ts";
import { renderAnnounce, renderPing, renderRefresh } from "../render/done.ts";
import { NO_DUPLICATES, renderDuplicates } from "../render/duplicates.ts";
import type { ViewOptions } from "../render/format.ts";
import { renderLocalhost } from "../render/hosts.ts";
import { problemsOf, renderStatus } from "../render/status.ts";
import { EXIT } from "../system/exit_code.ts";
import { printable } from "../text/printable.ts";
import { type Command, command } from "./command.ts";
import { note, show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/** A method with the name of the command, without parameters. */
type Query =
  & CommandName
  & {
    [M in MethodName]: Record<never, never> extends Methods[M]["params"] ? M
      : never;
  }[MethodName];

interface Shown<View> {
  readonly render: (view: View, options: ViewOptions) => string;
  /** Text of `--help` below the brief. */
  readonly explanation?: string;
  /** Lines for standard error. Default: none. */
  readonly notes?: (view: View) => readonly string[];
  /** The exit code. Default: `EXIT.ok`. */
  readonly code?: (view: View) => number;
}

function query<M extends Query>(
  method: M,
  { render, explanation, notes = () => [], code = () => EXIT.ok }: Shown<
    Methods[M]["result"]
  >,
): Command {
  return command(method, {
    ...(explanation !== undefined && { help: explanation }),
    run: (options, context) =>
      withDaemon({ options, context }, async (client) => {
        const view = await client.call(method, {});
        show(view, { options, context, render });
        for (const line of notes(view)) note(line, context);
        return code(view);
      }),
  });
}

export const status = query("status", {
  explanation:
    `A line that begins with ! is a problem, a silent host, or a duplicate. While
there is a problem the exit code is 8, as for a health check.

Example:
  diskd status >/dev/null || echo "look at diskd"`,
  render: renderStatus,
  code: (view) => problemsOf(view).length === 0 ? EXIT.ok : EXIT.problems,
});

export const localhost = query("localhost", { render: renderLocalhost });
export const ping = query("ping", { render: renderPing });

export const refresh = query("refresh", {
  render: renderRefresh,
  notes: ({ problems }) => problems.map((problem) => printable(problem)),
  code: ({ listed }) => listed ? EXIT.ok : EXIT.failed,
});

export const announce = query("announce", {
  render: renderAnnounce,
  notes: ({ interfaces }) =>
    interfaces === 0 ? ["There is no usable interface. See: diskd status"] : [],
});

export const duplicates = query("duplicates", {
  render: renderDuplicates,
  notes: ({ length }) => length === 0 ? [NO_DUPLICATES] : [],
});
