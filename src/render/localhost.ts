import type { InterfaceRow, LocalhostView } from "../control/views.ts";
import { type Detail, renderDetails } from "./details.ts";
import { printable } from "../text/printable.ts";

/** `localhost`: who this host is, and where it speaks. */
export function renderLocalhost(view: LocalhostView): string {
  const details: Detail[] = [
    ["host", printable(view.host)],
    ["id", printable(view.hostId)],
    ["version", printable(view.version)],
    ["addresses", view.addresses.map(printable).join(", ") || "none"],
    ["interfaces", view.interfaces.length === 0 ? "none" : null],
    ...view.interfaces.map(showInterface),
  ];
  return renderDetails(details);
}

function showInterface(row: InterfaceRow): Detail {
  const where = `${printable(row.name)} ${printable(row.address)}`;
  if (row.joined) return ["interface", where];
  const why = row.problem === null ? "" : `: ${printable(row.problem)}`;
  return ["interface", `${where}, not joined${why}`];
}
