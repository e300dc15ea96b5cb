import type { TextStyle } from "../control/handlers.ts";
import type { Methods } from "../control/views.ts";
import { renderDisks } from "../render/disks.ts";
import {
  renderAnnounce,
  renderForgotten,
  renderImport,
  renderPing,
  renderRefresh,
} from "../render/done.ts";
import { NO_DUPLICATES, renderDuplicates } from "../render/duplicates.ts";
import { renderEvent } from "../render/event.ts";
import { renderRemarked } from "../render/remarks.ts";
import { renderJsonLine, UTC, type ViewOptions } from "../render/format.ts";
import { renderHistoryOf, renderSightings } from "../render/history.ts";
import { renderHosts, renderLocalhost } from "../render/hosts.ts";
import { renderAnswers, renderOverdue } from "../render/overdue.ts";
import { renderReload } from "../render/config_view.ts";
import { isFar } from "../render/sites.ts";
import { renderStatus } from "../render/status.ts";
import { sayVerdict } from "../render/verdict.ts";
import { printable } from "../text/printable.ts";

/** Text renderers of all methods. */
type Renderers = {
  readonly [M in keyof Methods]: (
    result: Methods[M]["result"],
    view: ViewOptions,
    params: Methods[M]["params"],
  ) => string;
};

const RENDERERS: Renderers = {
  list: (rows, view, { mounted }) => {
    if (rows.length > 0) return renderDisks(rows, view);
    if (mounted === undefined) {
      return "No disk is known on any host; type hosts to list the hosts\n";
    }
    const none = mounted ? "No disk is mounted" : "Every disk is mounted";
    return `${none}; type list to see all\n`;
  },
  where: (rows, view) => renderDisks(rows, view),
  find: ({ rows, verdict, ...around }, view, { name, host }) => {
    const hasSite = isFar(rows, around);
    const table = rows.length > 0 ? renderDisks(rows, view, { hasSite }) : "";
    const lines = sayVerdict(verdict, { name, host, now: view.now });
    return `${table}${lines.join("\n")}`;
  },
  hosts: renderHosts,
  localhost: renderLocalhost,
  status: renderStatus,
  reload: (result) =>
    `${renderReload(result)}${printable(result.problem ?? "")}`,
  refresh: (result) =>
    [renderRefresh(result), ...result.problems.map(printable)].join("\n"),
  announce: renderAnnounce,
  ping: renderPing,
  history: (rows, view, { name, host }) =>
    rows.length === 0
      ? `Nothing is known of ${JSON.stringify(name ?? host ?? "any disk")}\n`
      : name === undefined
      ? renderSightings(rows, view)
      : renderHistoryOf(rows, view),
  export: ({ rows }, view) => renderSightings(rows, view),
  import: renderImport,
  duplicates: (rows, view) =>
    rows.length === 0 ? `${NO_DUPLICATES}\n` : renderDuplicates(rows, view),
  forget: renderForgotten,
  remark: ({ disks, warnings }, view) =>
    [renderRemarked(disks, view), ...warnings.map(printable)].join("\n"),
  remarks: (remarks) => remarks.map(renderJsonLine).join(""),
  overdue: renderOverdue,
  notify: renderAnswers,
  names: (names) => names.map((name) => `${JSON.stringify(name)}\n`).join(""),
};

/** Answers for people who type at the socket: plain tables of any width. */
export function textStyle(wallClock: () => number): TextStyle {
  return {
    answer: (method, result, params) =>
      RENDERERS[method](
        result,
        {
          columns: Infinity,
          color: false,
          now: wallClock(),
          zone: UTC,
          utf8: false,
        },
        params,
      ),
    event: (event) => renderEvent(event, { zone: UTC }).trimEnd(),
  };
}
