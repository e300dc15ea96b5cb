import type {
  AnnounceView,
  ForgetView,
  ForgottenDisk,
  HostRow,
  ImportedRemarks,
  ImportView,
  PingView,
  RefreshView,
} from "../control/views.ts";
import type { MountView, UnmountView } from "../mount/views.ts";
import { printable } from "../text/printable.ts";
import { count, durationSince, grey, type ViewOptions } from "./format.ts";
import { cellText, renderTable } from "./table.ts";

/** `refresh`: the result of the scan, and the differences. */
export function renderRefresh(view: RefreshView): string {
  const { attached, detached, changed } = view;
  if (!view.listed) {
    return `The scan failed after ${view.durationMs} ms: what is known of ` +
      `${count(view.disks, "disk")} is as before\n`;
  }
  const differences = Object.entries({ attached, unplugged: detached, changed })
    .filter(([, number]) => number > 0)
    .map(([what, number]) => `${number} ${what}`);
  const but = view.ok ? "" : ", but not everything could be read";
  return `Scanned in ${view.durationMs} ms${but}: ` +
    `${count(view.disks, "disk")}, ${differences.join(", ") || "no change"}\n`;
}

/** `announce`: the datagrams sent, and the number of interfaces. */
export function renderAnnounce(view: AnnounceView): string {
  const { disks, datagrams, interfaces } = view;
  if (interfaces === 0) return "Announced to nobody: no interface\n";
  if (datagrams === 0) {
    return "Announced nothing yet: the first scan is not done\n";
  }
  return `Announced ${count(disks, "disk")} in ` +
    `${count(datagrams, "datagram")} on ${count(interfaces, "interface")}\n`;
}

/** `import`: the counts of sightings, and of what was said of disks if there is any. */
export function renderImport(
  { added, extended, known, skipped, remarks }: ImportView,
): string {
  return `Imported ${count(added + extended + known, "sighting")}: ` +
    `${added} added, ${extended} extended, ${known} known already` +
    `${sayOthers(skipped)}\n` +
    (remarks === undefined ? "" : renderImportedRemarks(remarks));
}

function renderImportedRemarks(
  { added, known, skipped }: ImportedRemarks,
): string {
  return added + known + skipped === 0
    ? ""
    : `Imported ${added + known} of notes, names and tags: ` +
      `${added} added, ${known} known already${sayOthers(skipped)}\n`;
}

function sayOthers(skipped: number): string {
  return skipped === 0 ? "" : `; ${skipped} skipped`;
}

/** `ping`: the hosts that answered, in order, then the others. */
export function renderPing(view: PingView, options: ViewOptions): string {
  type Answer = PingView["silent"][number] & { readonly afterMs?: number };
  const columns = [
    { title: "HOST", text: (answer: Answer) => printable(answer.uniqueHost) },
    {
      title: "ADDRESS",
      text: ({ address }: Answer) => cellText(address),
    },
    {
      title: "AFTER",
      text: ({ afterMs }: Answer) =>
        afterMs === undefined ? "no answer" : `${Math.round(afterMs)} ms`,
      align: "right" as const,
    },
  ];
  const rows: readonly Answer[] = [...view.answers, ...view.silent];
  const paint = (line: string, { afterMs }: Answer) =>
    afterMs === undefined ? grey(line, options) : line;
  return renderTable(rows, { columns, paint, view: options }) + summarize(view);
}

function summarize({ answers, silent, durationMs }: PingView): string {
  const hosts = answers.length + silent.length;
  const waited = `within ${formatSeconds(durationMs)}`;
  return hosts === 0
    ? `No other host answered ${waited}\n`
    : `${answers.length} of ${count(hosts, "host")} answered ${waited}\n`;
}

/** Milliseconds as `1.2 s`. */
function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** `forget`: the entries forgotten, a line each, and the number of sightings. */
export function renderForgotten(
  view: ForgetView,
  options: ViewOptions,
): string {
  const things = nameForgotten(view, options)
    .map((thing) => `Forgot ${thing}\n`);
  return things.join("") +
    `Removed ${count(view.sightings, "sighting")} from the history\n`;
}

/** `forget --dry-run`: the same of what would be forgotten. */
export function renderToForget(view: ForgetView, options: ViewOptions): string {
  const things = nameForgotten(view, options)
    .map((thing) => `Would forget ${thing}\n`);
  return things.join("") +
    `Would remove ${count(view.sightings, "sighting")} from the history\n`;
}

/** Names entries to forget, or forgotten: hosts, then disks. */
export function nameForgotten(
  { hosts, disks }: ForgetView,
  options: ViewOptions,
): string[] {
  return [
    ...hosts.map((host) => nameHost(host, options)),
    ...disks.map((disk) => nameDisk(disk, options)),
  ];
}

function nameHost(
  { uniqueHost, state, disks, heardAt }: HostRow,
  { now }: ViewOptions,
): string {
  const age = durationSince(heardAt, now);
  const since = {
    up: "up, so it comes back when it speaks again",
    gone: `shut down ${age} ago`,
    stale: `silent for ${age}`,
  }[state];
  return `the host ${printable(uniqueHost)} with ${count(disks, "disk")}, ` +
    since;
}

function nameDisk(
  { label, uuid, device, uniqueHost, seenAt }: ForgottenDisk,
  { now }: ViewOptions,
): string {
  const disk = printable(label || uuid || device || "?");
  if (uniqueHost === null || seenAt === null) return disk;
  return `${disk}, last seen on ${printable(uniqueHost)} ${
    durationSince(seenAt, now)
  } ago`;
}

/**
 * `mount`: a line with the directory on this host if requested, otherwise the
 * mount point on the host of the disk.
 */
export function renderMounted(view: MountView, _options: ViewOptions): string {
  return `${view.at === null ? placeThere(view) : printable(view.at)}\n`;
}

/** Mount point on the host of the disk: `beta:/run/media/diskd/backup`. */
export function placeThere({ host, path }: MountView): string {
  return `${printable(host)}:${printable(path)}`;
}

/** `open`: only the path on this host. */
export function renderOpened(view: MountView, _options: ViewOptions): string {
  return `${printable(view.at ?? view.path)}\n`;
}

/** `unmount`: the removed mount points, a line each; empty if there were none. */
export function renderUnmounted(
  { unmounted }: UnmountView,
  _options: ViewOptions,
): string {
  return unmounted
    .map(({ host, path }) => `${printable(host)}:${printable(path)}\n`)
    .join("");
}
