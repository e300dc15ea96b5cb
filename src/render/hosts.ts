import type { HostRow, InterfaceRow, LocalhostView } from "../control/views.ts";
import { printable } from "../text/printable.ts";
import {
  count,
  type Detail,
  formatAge,
  formatMoment,
  grey,
  renderDetails,
  type ViewOptions,
} from "./format.ts";
import { sitesIn } from "./sites.ts";
import { cellText, type Column, NO_VALUE, renderTable } from "./table.ts";

const COLUMNS: readonly Column<HostRow>[] = [
  {
    title: "HOST",
    text: (row) => printable(row.uniqueHost),
    yieldsAs: 4,
    minWidth: 8,
    keep: true,
  },
  { title: "STATE", text: showState },
  { title: "DISKS", text: (row) => `${row.disks}`, align: "right" },
  {
    title: "HEARD",
    text: (row, { now }) => formatAge(row.heardAt, now),
    align: "right",
  },
  {
    title: "VERSION",
    text: (row) => cellText(row.version),
    yieldsAs: 1,
    minWidth: 7,
  },
  {
    title: "FINGERPRINT",
    text: (row) => row.fingerprint ?? "unproven",
    yieldsAs: 2,
    minWidth: 19,
  },
  {
    title: "ADDRESSES",
    text: (row) => row.addresses.map(printable).join(", ") || NO_VALUE,
    yieldsAs: 3,
    minWidth: 15,
  },
];

function showState(row: HostRow, view: ViewOptions): string {
  const { state, heardAt, disks, cut = 0, nameHolder } = row;
  const at = formatMoment(heardAt, view);
  const isCut = state === "up" && cut > 0;
  return [
    STATES[state](at),
    ...row.relay ? ["relay"] : [],
    ...nameHolder === null ? [] : ["newcomer"],
    ...isCut ? [`list cut at ${count(disks, "disk")}`] : [],
  ].join(", ");
}

const STATES: Readonly<Record<HostRow["state"], (at: string) => string>> = {
  up: () => "up",
  stale: (at) => `silent since ${at}`,
  gone: (at) => `shut down ${at}`,
};

/** Shown only if a host uses one. */
const KEY: Column<HostRow> = {
  title: "KEY",
  text: (row) => cellText(row.key),
};

/** Shown only if they are of several sites. */
const SITE: Column<HostRow> = {
  title: "SITE",
  text: (row) => cellText(row.site ?? null),
};

/** Rows of `hosts`, in the given order; grey if not up. */
export function renderHosts(
  rows: readonly HostRow[],
  view: ViewOptions,
): string {
  const paint = (line: string, row: HostRow) =>
    row.state === "up" ? line : grey(line, view);
  const withKey = rows.some(({ key }) => key !== null)
    ? COLUMNS.toSpliced(-1, 0, KEY)
    : COLUMNS;
  const columns = sitesIn(rows).size > 1
    ? withKey.toSpliced(1, 0, SITE)
    : withKey;
  return renderTable(rows, { columns, paint, view });
}

/** `localhost`: this host's identity and interfaces. */
export function renderLocalhost(view: LocalhostView): string {
  const details: Detail[] = [
    ["host", printable(view.uniqueHost)],
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
