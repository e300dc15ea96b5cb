import type { MetricsFacts } from "../control/metrics_facts.ts";
import type { DiskRow } from "../control/views.ts";
import { DUPLICATE_KINDS } from "../inventory/duplicates.ts";
import { printable } from "../text/printable.ts";

/** What a scraper is told that it gets: text format 0.0.4 of Prometheus. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

interface Metric {
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly labels?: readonly string[];
}

/** Labels that no two disks of an answer have in common. */
const DISK_LABELS = ["host", "host_id", "device", "uuid"] as const;
const HOST_LABELS = ["host", "host_id"] as const;

/** Every metric, in the order in which they are printed. Dashboards and alerts rely on the names. */
export const METRICS = {
  diskd_up: {
    type: "gauge",
    help: "Whether the daemon answered. If not, there is no other metric.",
  },
  diskd_build_info: {
    type: "gauge",
    help: "Always 1. The version of the daemon.",
    labels: ["version"],
  },
  diskd_disk_info: {
    type: "gauge",
    help: "Always 1. What a disk is.",
    labels: [
      ...DISK_LABELS,
      "label",
      "fstype",
      "model",
      "serial",
      "wwn",
      "tran",
      "alias",
      "tags",
    ],
  },
  diskd_disk_attached: {
    type: "gauge",
    help: "Whether a disk is attached to a host that is up.",
    labels: DISK_LABELS,
  },
  diskd_disk_failing: {
    type: "gauge",
    help: "Whether reads of an attached disk, or of its drive, fail.",
    labels: DISK_LABELS,
  },
  diskd_disk_size_bytes: {
    type: "gauge",
    help: "Size of a disk.",
    labels: DISK_LABELS,
  },
  diskd_disk_last_seen_timestamp_seconds: {
    type: "gauge",
    help: "When a disk was last known to be attached.",
    labels: DISK_LABELS,
  },
  diskd_disks: {
    type: "gauge",
    help: "Number of disks: attached, stale (their host is silent), detached.",
    labels: ["state"],
  },
  diskd_duplicate_identifiers: {
    type: "gauge",
    help: "Number of identifiers that several devices share.",
    labels: ["kind"],
  },
  diskd_expected_disk_overdue: {
    type: "gauge",
    help: "Whether a disk of the setting expect was not seen for too long.",
    labels: ["name", "uuid", "serial"],
  },
  diskd_hosts: {
    type: "gauge",
    help: "Number of known hosts, this one included: up, stale (silent), gone.",
    labels: ["state"],
  },
  diskd_host_state: {
    type: "gauge",
    help: "Whether a host is in a state: up, stale (silent), gone (shut down).",
    labels: [...HOST_LABELS, "state"],
  },
  diskd_host_info: {
    type: "gauge",
    help: "Always 1. Where a host is, and what diskd it runs.",
    labels: [...HOST_LABELS, "site", "version"],
  },
  diskd_host_last_heard_timestamp_seconds: {
    type: "gauge",
    help: "When a host was last heard.",
    labels: HOST_LABELS,
  },
  diskd_peer_reached: {
    type: "gauge",
    help: "Whether the relay of another site, of the setting peers, is heard.",
    labels: ["peer"],
  },
  diskd_problems: {
    type: "gauge",
    help: "Number of problems that status shows.",
  },
  diskd_scan_success: {
    type: "gauge",
    help: "Whether the last scan of this host read everything.",
  },
  diskd_scan_duration_seconds: {
    type: "gauge",
    help: "Duration of the last scan.",
  },
  diskd_scan_timestamp_seconds: {
    type: "gauge",
    help: "When the last scan ended.",
  },
  diskd_datagrams_sent_total: {
    type: "counter",
    help: "Datagrams sent.",
  },
  diskd_datagrams_received_total: {
    type: "counter",
    help: "Datagrams received, rejected ones included.",
  },
  diskd_datagrams_rejected_total: {
    type: "counter",
    help: "Datagrams rejected.",
    labels: ["reason"],
  },
  diskd_notify_sent_total: {
    type: "counter",
    help: "Messages that an address of the setting notify took.",
    labels: ["to"],
  },
  diskd_notify_dropped_total: {
    type: "counter",
    help: "Events of which an address of the setting notify was not told.",
    labels: ["to"],
  },
  diskd_history_bytes: {
    type: "gauge",
    help: "Size of the files of the history.",
  },
} as const satisfies Readonly<Record<string, Metric>>;

type MetricName = keyof typeof METRICS;

type LabelOf<Name extends MetricName> = typeof METRICS[Name] extends
  { readonly labels: readonly (infer Label extends string)[] } ? Label
  : never;

const DISK_STATES = ["attached", "stale", "detached"] as const;
const HOST_STATES = ["up", "stale", "gone"] as const;

/** The metrics as text; `null`: there is no daemon. */
export function renderMetrics(facts: MetricsFacts | null): string {
  const samples = new Samples();
  samples.add("diskd_up", Number(facts !== null), {});
  if (facts === null) return samples.text();
  addDisks(samples, facts);
  addHosts(samples, facts);
  addCounts(samples, facts);
  addDaemon(samples, facts);
  return samples.text();
}

function addDisks(samples: Samples, { disks }: MetricsFacts): void {
  for (const row of oncePerPlace(disks)) {
    const { label, type, model, serial, wwn, tran, alias, tags } = row;
    const isAttached = row.state === "attached";
    const disk = diskLabels(row);
    samples.add("diskd_disk_info", 1, {
      ...disk,
      label,
      fstype: type,
      model,
      serial,
      wwn,
      tran,
      alias,
      tags: tags.length === 0 ? null : `,${tags.join(",")},`,
    });
    samples.add("diskd_disk_attached", Number(isAttached), disk);
    if (isAttached) {
      samples.add("diskd_disk_failing", Number(isFailing(row)), disk);
    }
    samples.add("diskd_disk_size_bytes", row.size, disk);
    samples.add(
      "diskd_disk_last_seen_timestamp_seconds",
      seconds(row.seenAt),
      disk,
    );
  }
}

/**
 * A disk that left and another one that came may have had the same device, and
 * copies the same UUID: such a place counts once, as what it is now or was last.
 */
function oncePerPlace(disks: readonly DiskRow[]): DiskRow[] {
  const rank = ({ state }: DiskRow) => DISK_STATES.indexOf(state);
  const ordered = disks.toSorted((a, b) =>
    rank(a) - rank(b) || Date.parse(b.seenAt) - Date.parse(a.seenAt)
  );
  const places = new Map<string, DiskRow>();
  for (const row of ordered) {
    const place = JSON.stringify([row.hostId, row.device, row.uuid ?? ""]);
    if (!places.has(place)) places.set(place, row);
  }
  return [...places.values()];
}

function diskLabels({ host, hostId, device, uuid }: DiskRow) {
  return { host, host_id: hostId, device, uuid };
}

function isFailing({ health, drives }: DiskRow): boolean {
  return health !== null || drives.some(({ health }) => health !== null);
}

function addHosts(samples: Samples, { all, hosts }: MetricsFacts): void {
  for (const state of HOST_STATES) {
    const known = hosts.filter((host) => host.state === state);
    samples.add("diskd_hosts", known.length, { state });
  }
  if (!all) return;
  for (const row of hosts) {
    const { host, hostId, state, heardAt, version, site = null } = row;
    const labels = { host, host_id: hostId };
    samples.add("diskd_host_info", 1, { ...labels, site, version });
    for (const one of HOST_STATES) {
      const value = Number(one === state);
      samples.add("diskd_host_state", value, { ...labels, state: one });
    }
    samples.add(
      "diskd_host_last_heard_timestamp_seconds",
      seconds(heardAt),
      labels,
    );
  }
}

function addCounts(
  samples: Samples,
  { disks, duplicates, expected }: MetricsFacts,
): void {
  for (const state of DISK_STATES) {
    const there = disks.filter((disk) => disk.state === state);
    samples.add("diskd_disks", there.length, { state });
  }
  for (const kind of DUPLICATE_KINDS) {
    const shared = duplicates.filter((one) => one.kind === kind);
    samples.add("diskd_duplicate_identifiers", shared.length, { kind });
  }
  const overdueFirst = expected.toSorted((a, b) =>
    Number(b.overdue) - Number(a.overdue)
  );
  for (const { name, uuid, serial, overdue } of overdueFirst) {
    const labels = { name, uuid, serial };
    samples.add("diskd_expected_disk_overdue", Number(overdue), labels);
  }
}

function addDaemon(samples: Samples, { status }: MetricsFacts): void {
  const { scan, datagrams, notify = [], peers = [], history } = status;
  samples.add("diskd_build_info", 1, { version: status.version });
  samples.add(
    "diskd_problems",
    status.problems.length + scan.problems.length,
    {},
  );
  if (scan.at !== null) {
    samples.add("diskd_scan_success", Number(scan.ok), {});
    samples.add("diskd_scan_timestamp_seconds", seconds(scan.at), {});
  }
  const durationMs = scan.durationMs;
  samples.add(
    "diskd_scan_duration_seconds",
    durationMs === null ? null : durationMs / 1000,
    {},
  );
  for (const { peer, reached } of peers) {
    samples.add("diskd_peer_reached", Number(reached), { peer });
  }
  samples.add("diskd_datagrams_sent_total", datagrams.sent, {});
  samples.add("diskd_datagrams_received_total", datagrams.received, {});
  for (const [reason, count] of Object.entries(datagrams.rejected)) {
    samples.add("diskd_datagrams_rejected_total", count, { reason });
  }
  for (const [to, entries] of Map.groupBy(notify, ({ to }) => to)) {
    const sum = (field: "sent" | "dropped") =>
      entries.reduce((total, entry) => total + entry[field], 0);
    samples.add("diskd_notify_sent_total", sum("sent"), { to });
    samples.add("diskd_notify_dropped_total", sum("dropped"), { to });
  }
  samples.add("diskd_history_bytes", history.bytes, {});
}

function seconds(time: string): number {
  return Date.parse(time) / 1000;
}

/** The same labels twice would make Prometheus refuse everything: the first counts. */
class Samples {
  readonly #values = new Map<MetricName, Map<string, number>>();

  /** An unknown value is left out. */
  add<Name extends MetricName>(
    name: Name,
    value: number | null,
    labels: Readonly<Record<LabelOf<Name>, string | null>>,
  ): void {
    if (value === null) return;
    const values = this.#values.get(name) ?? new Map<string, number>();
    this.#values.set(name, values);
    const text = labelsText(METRICS[name], labels);
    if (!values.has(text)) values.set(text, value);
  }

  text(): string {
    const names = Object.keys(METRICS) as MetricName[];
    return names.flatMap((name) => {
      const values = this.#values.get(name);
      if (values === undefined) return [];
      const { help, type } = METRICS[name];
      const samples = [...values].sort(([a], [b]) => a < b ? -1 : 1)
        .map(([labels, value]) => `${name}${labels} ${value}\n`);
      return [`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`, ...samples];
    }).join("");
  }
}

function labelsText(
  { labels = [] }: Metric,
  values: Readonly<Record<string, string | null>>,
): string {
  if (labels.length === 0) return "";
  const pairs = labels.map((name) =>
    `${name}="${escapeLabel(values[name] ?? "")}"`
  );
  return `{${pairs.join(",")}}`;
}

/** `printable` leaves no line end and nothing that is not UTF-8, only these two. */
function escapeLabel(value: string): string {
  return printable(value).replace(/[\\"]/g, "\\$&");
}
