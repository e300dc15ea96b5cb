import type {
  DeviceEvents,
  HubRow,
  PeerRow,
  StatusView,
} from "../control/views.ts";
import { showConfig } from "./config_view.ts";
import { printable } from "../text/printable.ts";
import {
  bold,
  count,
  type Detail,
  durationSince,
  formatMoment,
  formatSize,
  renderDetails,
  sayDuration,
  type ViewOptions,
} from "./format.ts";

/** `status`: how it stands; then, after an empty line, counters. */
export function renderStatus(view: StatusView, options: ViewOptions): string {
  const details: Detail[] = [
    ["network", showNetwork(view)],
    ["site", view.site == null ? null : printable(view.site)],
    ["peers", showPeers(view.peers ?? [], options)],
    ["hub", showHub(view.hub ?? null, options)],
    ["disks", showDisks(view, options)],
    ["config", showConfig(view.config)],
    ["keys", showKeys(view.keys)],
    ["history", showHistory(view.history)],
    ["notify", showNotify(view.notify ?? [])],
  ];
  const counters: Detail[] = [
    ["id", printable(view.hostId)],
    ["changes", showNotice(view.scan)],
    ["datagrams", showDatagrams(view.datagrams)],
    ["rejected", showCounts(view.datagrams.rejected)],
    ["remarks", showRemarks(view.remarks)],
    ["forgotten", showForgotten(view.forgotten)],
    ["clients", showClients(view.clients)],
  ];
  const lines = [...problemsOf(view), ...notesOf(view, options)]
    .map((line) => `! ${printable(line)}\n`).join("");
  return `${bold(sayState(view), options)}\n${renderDetails(details)}${lines}` +
    `\n${renderDetails(counters)}`;
}

function sayState(view: StatusView): string {
  const { length } = problemsOf(view);
  const state = length === 0 ? "ok" : count(length, "problem");
  const age = sayDuration(view.uptimeSeconds * 1000);
  return `${printable(view.uniqueHost)}: ${state}, running for ${age}, ` +
    `diskd ${printable(view.version)}, pid ${view.pid}`;
}

/** What an administrator has to mend, a sentence each. */
export function problemsOf(view: StatusView): string[] {
  const told = [...view.scan.problems, ...view.problems];
  const { unreadable: more } = view.more ?? NO_MORE;
  const unreadable = view.unreadable.filter(({ hostId, device }) =>
    hostId !== view.hostId ||
    !told.some((line) => line.split(BETWEEN_WORDS).includes(device))
  );
  return [
    ...told,
    ...unreadable.map(({ uniqueHost, device, label }) =>
      `${uniqueHost}: ${device}${label ? ` (${label})` : ""} cannot be read`
    ),
    ...more > 0 ? [`${more} more disks cannot be read`] : [],
    ...overdueIn(view),
  ];
}

function overdueIn({ overdue = [] }: StatusView): string[] {
  const more = overdue.length - MAX_OVERDUE;
  return [
    ...overdue.slice(0, MAX_OVERDUE).map(({ text }) => text),
    ...more > 0 ? [`${count(more, "more disk")} overdue: diskd overdue`] : [],
  ];
}

/** Overdue disks with a line. */
const MAX_OVERDUE = 10;

/** Of a daemon that does not tell. */
const NO_MORE = { silent: 0, unreadable: 0 };

const BETWEEN_WORDS = /[\s,;:()]+/;

/** What may be just as it should be. */
function notesOf(
  { silent, duplicates, newcomers, remarks, more = NO_MORE }: StatusView,
  { now }: ViewOptions,
): string[] {
  const shared = duplicates === 1
    ? "an identifier"
    : `${duplicates} identifiers`;
  return [
    ...newcomers,
    ...saySetAside(remarks),
    ...silent.map(({ uniqueHost, heardAt }) =>
      `${uniqueHost} has been silent for ${durationSince(heardAt, now)}`
    ),
    ...more.silent > 0 ? [`${more.silent} more hosts are silent`] : [],
    ...duplicates === 0 ? [] : [`Disks share ${shared}: diskd duplicates`],
  ];
}

function saySetAside(remarks: StatusView["remarks"]): string[] {
  if (remarks === undefined || remarks.setAside === 0) return [];
  const hosts = remarks.setAsideHosts.join(", ");
  return [
    `${remarks.setAside} notes, names and tags, most of them made on ` +
    `${hosts}, are set aside: these hosts never proved a shared key`,
  ];
}

/** Its interfaces, and how many of the hosts that did not say goodbye are heard. */
function showNetwork({ interfaces, hosts, silent }: StatusView): string {
  const shown = interfaces.filter(({ joined }) => joined)
    .map(({ name, address }) =>
      // An IPv6 address ends with the interface.
      printable(address.includes("%") ? address : `${name} ${address}`)
    ).join(", ");
  const others = hosts - 1;
  const heard = others === 0
    ? "no other host heard"
    : `${others - silent.length} of ${count(others, "other host")} heard`;
  return `${shown || "no interface"}; ${heard}`;
}

/** The relays of other sites; `null` if there are none. Why one is not reached or accepted is among the problems. */
function showPeers(
  peers: readonly PeerRow[],
  view: ViewOptions,
): string | null {
  if (peers.length === 0) return null;
  return peers.map(({ peer, address, site, reached, since, problem }) => {
    const others = [peer, address].filter((name, i, all) =>
      name !== null && name !== site && all.indexOf(name) === i
    ).join(", ");
    const name = site === null ? others : `${site} (${others})`;
    const time = since === null ? "" : ` since ${formatMoment(since, view)}`;
    const state = !reached
      ? "not reached"
      : problem === null
      ? "reached"
      : "heard, not accepted,";
    return printable(`${name} ${state}${time}`);
  }).join("; ");
}

/** `null` if there is none. Why it is not reached is among the problems. */
function showHub(hub: HubRow | null, view: ViewOptions): string | null {
  if (hub === null) return null;
  const { server, servers, reached, since, hosts, rejected, watch } = hub;
  const name = server ?? servers.join(", ");
  const time = formatMoment(since, view);
  const told = watch ? `; tells of ${count(hosts, "host")}` : "; not watched";
  const refused = rejected === 0 ? "" : `, ${rejected} values unreadable`;
  return printable(
    `${name} ${reached ? "" : "not "}reached since ${time}${told}${refused}`,
  );
}

function showDisks(
  { scan, disks }: StatusView,
  { now }: ViewOptions,
): string {
  if (scan.at === null) return `the first scan is not done; ${disks} known`;
  const took = scan.durationMs === null ? "" : ` (${scan.durationMs} ms)`;
  const whole = scan.ok ? "" : ", incomplete";
  return `${scan.disks} here, ${disks} known; last scan ` +
    `${durationSince(scan.at, now)} ago${took}${whole}`;
}

function showKeys({ mode, encrypt, key }: StatusView["keys"]): string {
  if (key === null) return "none shared: any host may take part";
  const required = mode === "require" ? "required" : "not required";
  return `${required}${encrypt ? ", encrypted" : ""}, ` +
    `signing with ${printable(key)}`;
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

/** `null` if there are none. */
function showRemarks(remarks: StatusView["remarks"]): string | null {
  if (remarks === undefined) return null;
  const { disks, known, setAside, dropped } = remarks;
  const shown = [
    known === 0 ? null : `${known} on ${count(disks, "disk")}`,
    setAside === 0 ? null : `${setAside} set aside`,
    dropped === 0 ? null : `${dropped} dropped`,
  ].filter((text) => text !== null);
  return shown.length === 0 ? null : shown.join(", ");
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
  const { now, served, turnedAway, delayed, dropped } = clients;
  const refused = showCounts({
    "turned away": turnedAway,
    "requests delayed": delayed,
    dropped,
  });
  const rest = refused === "none" ? "" : `, ${refused}`;
  return `${now} now, ${served} served${rest}`;
}

/** Its faults are shown among the problems. */
function showHistory({ on, bytes, problem }: StatusView["history"]): string {
  if (!on) return problem === null ? "switched off" : "none";
  return bytes === null ? "kept" : `kept, ${formatSize(bytes)}`;
}

/** `null` if nobody is told. */
function showNotify(rows: NonNullable<StatusView["notify"]>): string | null {
  if (rows.length === 0) return null;
  return rows.map(({ to, sent, waiting, dropped }) => {
    const rest = showCounts({ waiting, dropped });
    const counts = rest === "none" ? `${sent} sent` : `${sent} sent, ${rest}`;
    return `${printable(to)} (${counts})`;
  }).join(", ");
}

function showCounts(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  if (some.length === 0) return "none";
  return some.map(([what, count]) => `${count} ${printable(what)}`).join(", ");
}
