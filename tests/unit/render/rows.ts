import type { OverdueRow } from "../../../src/control/notify_views.ts";
import { sayOverdue } from "../../../src/render/notice.ts";
import type {
  DiskRow,
  HistoryRow,
  HostRow,
  SightingRow,
  StatusView,
} from "../../../src/control/views.ts";
import { factsOf, makeDisk } from "../../../src/inventory/disk.ts";
import { UTC, type ViewOptions } from "../../../src/render/format.ts";

/** The moment at which all views of these tests are drawn. */
export const NOW = Date.parse("2026-03-01T12:00:00Z");

export const PLAIN: ViewOptions = {
  columns: Infinity,
  color: false,
  now: NOW,
  zone: UTC,
  utf8: false,
};

/** An RFC 3339 time so many seconds before `NOW`. */
export function ago(seconds: number): string {
  return new Date(NOW - seconds * 1000).toISOString();
}

const DISK = makeDisk({
  device: "/dev/sdb1",
  uuid: "8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60",
  label: "backup-2019",
  type: "ext4",
  size: 4000787030016,
  mounts: ["/mnt/b"],
});

const NOTHING_SAID = { alias: null, note: null, tags: [], remarks: [] };

/** What a sighting says of it. */
const BACKUP = {
  ...factsOf(DISK),
  device: DISK.device,
  mounts: DISK.mounts,
  inUse: null,
  drives: [],
};

export function diskRow(known: Partial<DiskRow> = {}): DiskRow {
  return {
    host: "alpha",
    hostId: "9f0c",
    uniqueHost: known.host ?? "alpha",
    address: "192.168.1.10",
    ...DISK,
    state: "attached",
    seenAt: ago(3),
    unplugged: false,
    since: null,
    ...NOTHING_SAID,
    drives: [],
    layers: [],
    ...known,
  };
}

export function hostRow(known: Partial<HostRow> = {}): HostRow {
  return {
    host: "alpha",
    hostId: "9f0c",
    uniqueHost: known.host ?? "alpha",
    addresses: ["192.168.1.10"],
    version: "0.1.0",
    cut: 0,
    disks: 3,
    state: "up",
    heardAt: ago(12),
    key: null,
    proven: true,
    fingerprint: "1f0c-22ab-90c4-11de",
    nameHolder: null,
    ...known,
  };
}

export function sightingRow(known: Partial<SightingRow> = {}): SightingRow {
  return {
    host: "alpha",
    hostId: "9f0c2b7d4e6a1c3f5b8d0e2a4c6f8b1d",
    uniqueHost: known.host ?? "alpha",
    ...BACKUP,
    state: "detached",
    unplugged: known.state === undefined,
    from: "2026-01-01T12:00:00.000Z",
    until: "2026-02-01T12:00:00.000Z",
    seenAt: "2026-02-01T12:00:00.000Z",
    ...known,
  };
}

/** What an import keeps of it. */
export function importedRow({ uniqueHost: _, ...row }: SightingRow) {
  return row;
}

/** A daemon that has just started. */
export const STATUS: StatusView = {
  version: "0.1.0",
  hostId: "9f0c",
  host: "alpha",
  uniqueHost: "alpha",
  uptimeSeconds: 60,
  pid: 417,
  interfaces: [],
  group: "230.1.2.3",
  port: 32003,
  config: {
    file: "/etc/diskd/config.yaml",
    changed: [],
    restart: [],
    problem: null,
  },
  keys: { mode: "open", encrypt: false, key: null },
  silent: [],
  unreadable: [],
  unread: [],
  newcomers: [],
  duplicates: 0,
  scan: {
    at: null,
    ok: true,
    durationMs: null,
    disks: 0,
    problems: [],
    deviceEvents: "none",
    mountEvents: "none",
  },
  datagrams: {
    sent: 0,
    sendErrors: 0,
    received: 0,
    own: 0,
    copies: 0,
    rejected: {},
  },
  hosts: 1,
  disks: 0,
  leftOut: { events: 0, hosts: [] },
  forgotten: { hosts: 0, disks: 0, addresses: 0 },
  clients: {
    now: 1,
    served: 1,
    turnedAway: 0,
    delayed: 0,
    watching: 0,
    dropped: 0,
  },
  history: { on: true, problem: null, bytes: 4096, longestMs: 0 },
  problems: [],
};

/** A row of `history`. */
export function historyRow(known: Partial<HistoryRow> = {}): HistoryRow {
  return { ...sightingRow(known), ...NOTHING_SAID, ...known };
}

/** A disk that should have been seen half a day before this time, with its sentence. */
export function overdueRow(
  now: number,
  changes: Partial<OverdueRow> = {},
): OverdueRow {
  const before = (days: number) =>
    new Date(now - days * 86_400_000).toISOString();
  const row = {
    name: "backup-2019",
    label: "backup-2019",
    uuid: "8261f666",
    serial: null,
    wwn: null,
    expected: "backup-*",
    seenEverySeconds: 8 * 86_400,
    overdue: true,
    state: "detached" as const,
    unplugged: true,
    host: "alpha",
    hostId: "1f0c",
    uniqueHost: "alpha",
    device: "/dev/sdb1",
    seenAt: before(8.5),
    expectedSince: before(30),
    dueAt: before(0.5),
    alias: null,
    note: null,
    tags: [],
    remarks: [],
    ...changes,
  };
  return { ...row, text: sayOverdue(row, now) };
}
