import type { DeviceEvents, StatusView } from "../control/views.ts";
import { printable } from "../text/printable.ts";
import {
  count,
  type Detail,
  formatAge,
  formatSize,
  formatSpan,
  renderDetails,
  type ViewOptions,
} from "./format.ts";

/** `status`: the daemon, its last scan, and its datagrams. */
export function renderStatus(view: StatusView, options: ViewOptions): string {
  const details: Detail[] = [
    ["diskd", printable(view.version)],
    ["host", `${printable(view.host)} (${printable(view.hostId)})`],
    ["up", formatSpan(view.uptimeSeconds * 1000)],
    ["known", `${count(view.disks, "disk")} on ${count(view.hosts, "host")}`],
    ["scan", showScan(view.scan, options)],
    ["changes", showNotice(view.scan)],
    ["datagrams", showDatagrams(view.datagrams)],
    ["rejected", showCounts(view.datagrams.rejected)],
    ["forgotten", showForgotten(view.forgotten)],
    ["clients", showClients(view.clients)],
    ["history", showHistory(view.history)],
    ...[...view.scan.problems, ...view.problems].map(
      (problem): Detail => ["problem", printable(problem)],
    ),
  ];
  return renderDetails(details);
}

function showScan(scan: StatusView["scan"], { now }: ViewOptions): string {
  if (scan.at === null) return "the first is not done yet";
  const took = scan.durationMs === null ? "" : `, took ${scan.durationMs} ms`;
  const whole = scan.ok ? "" : ", incomplete";
  return `${formatAge(scan.at, now)} ago${took}, ` +
    `${count(scan.disks, "disk")} here${whole}`;
}

const AT_INTERVALS = "at the scan interval";

const NOTICED: Readonly<Record<DeviceEvents, string>> = {
  udev: "devices at once (udev)",
  kernel: `devices at once (kernel), labels and formats ${AT_INTERVALS}`,
  none: `devices ${AT_INTERVALS}`,
};

/** How soon diskd notices changes on this host. */
function showNotice({ deviceEvents, mountEvents }: StatusView["scan"]): string {
  const mounts = mountEvents === "events" ? "at once" : AT_INTERVALS;
  return `${NOTICED[deviceEvents]}, mounts ${mounts}`;
}

/** `null` if there was always room. */
function showForgotten(forgotten: StatusView["forgotten"]): string | null {
  const counts = showCounts({ ...forgotten });
  return counts === "none" ? null : `${counts}, at a limit`;
}

function showDatagrams(datagrams: StatusView["datagrams"]): string {
  const { sent, sendErrors, received, own, copies } = datagrams;
  const heard = `${received} received (${own} own, ${copies} copies)`;
  const failed = sendErrors === 0 ? "" : `, ${sendErrors} could not be sent`;
  return `${sent} sent, ${heard}${failed}`;
}

function showClients(clients: StatusView["clients"]): string {
  const { now, served, turnedAway, dropped } = clients;
  const refused = showCounts({ "turned away": turnedAway, dropped });
  const rest = refused === "none" ? "" : `, ${refused}`;
  return `${now} now, ${served} served${rest}`;
}

/** Its faults are shown among the problems. */
function showHistory(
  { on, bytes, problem, longestMs }: StatusView["history"],
): string {
  if (!on) return problem === null ? "switched off" : "none, see problem";
  const size = bytes === null ? "" : `, ${formatSize(bytes)}`;
  return `kept${size}, in steps of at most ${longestMs} ms`;
}

function showCounts(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  if (some.length === 0) return "none";
  return some.map(([what, count]) => `${count} ${printable(what)}`).join(", ");
}
