import type { AnnounceView, PingView, RefreshView } from "../control/views.ts";
import { count } from "./count.ts";
import { printable } from "../text/printable.ts";
import { renderTable } from "./table.ts";
import type { ViewOptions } from "./view_options.ts";

/** `refresh`: how the scan went. */
export function renderRefresh(view: RefreshView): string {
  const how = view.ok
    ? "Scanned"
    : "Scanned, but not everything could be read,";
  return `${how} in ${view.durationMs} ms: ${count(view.disks, "disk")}\n`;
}

/** `announce`: on how many interfaces. */
export function renderAnnounce(view: AnnounceView): string {
  return `Announced on ${count(view.interfaces, "interface")}\n`;
}

/** `ping`: who answered, in the order of their answers. */
export function renderPing(view: PingView, options: ViewOptions): string {
  type Answer = PingView["answers"][number];
  const columns = [
    { title: "HOST", text: (answer: Answer) => printable(answer.host) },
    {
      title: "ADDRESS",
      text: ({ address }: Answer) =>
        address === null ? "-" : printable(address),
    },
    {
      title: "AFTER",
      text: (answer: Answer) => `${Math.round(answer.afterMs)} ms`,
      align: "right" as const,
    },
  ];
  return renderTable(view.answers, { columns, view: options });
}
