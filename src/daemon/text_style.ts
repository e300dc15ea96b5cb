import type { TextStyle } from "../control/handlers.ts";
import type { Methods } from "../control/views.ts";
import { renderDisks } from "../render/disks.ts";
import { renderAnnounce, renderPing, renderRefresh } from "../render/done.ts";
import { renderEvent } from "../render/event.ts";
import { renderHosts } from "../render/hosts.ts";
import { renderLocalhost } from "../render/localhost.ts";
import { renderStatus } from "../render/status.ts";
import type { ViewOptions } from "../render/view_options.ts";

/** What each method's answer looks like as text. */
type Renderers = {
  readonly [M in keyof Methods]: (
    result: Methods[M]["result"],
    view: ViewOptions,
    params: Methods[M]["params"],
  ) => string;
};

const RENDERERS: Renderers = {
  list: (rows, view) =>
    rows.length === 0
      ? "No disk is known on any host; type hosts to see who is there\n"
      : renderDisks(rows, view),
  where: (rows, view, { name }) =>
    rows.length === 0
      ? `No disk goes by the name ${JSON.stringify(name)}; type list\n`
      : renderDisks(rows, view),
  hosts: renderHosts,
  localhost: renderLocalhost,
  status: renderStatus,
  refresh: renderRefresh,
  announce: renderAnnounce,
  ping: (result, view) =>
    result.answers.length === 0
      ? "No other host answered\n"
      : renderPing(result, view),
  names: (names) => names.map((name) => `${JSON.stringify(name)}\n`).join(""),
};

/** Answers for those who type at the socket: plain tables, of any width. */
export function textStyle(wallClock: () => number): TextStyle {
  return {
    answer: (method, result, params) =>
      RENDERERS[method](
        result,
        { columns: Infinity, color: false, now: wallClock() },
        params,
      ),
    event: (event) => renderEvent(event).trimEnd(),
  };
}
