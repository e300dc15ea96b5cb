import type {
  DiskRow,
  HostRow,
  SightingRow,
} from "../../../src/control/views.ts";
import type { ViewOptions } from "../../../src/render/format.ts";

/** The moment at which all views of these tests are drawn. */
export const NOW = Date.parse("2026-03-01T12:00:00Z");

export const PLAIN: ViewOptions = {
  columns: Infinity,
  color: false,
  now: NOW,
};

/** An RFC 3339 time so many seconds before `NOW`. */
export function ago(seconds: number): string {
  return new Date(NOW - seconds * 1000).toISOString();
}

export function diskRow(known: Partial<DiskRow> = {}): DiskRow {
  return {
    host: "alpha",
    hostId: "9f0c",
    address: "192.168.1.10",
    device: "/dev/sdb1",
    uuid: "8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60",
    label: "backup-2019",
    type: "ext4",
    size: 4000787030016,
    mounts: ["/mnt/b"],
    mounts_ro: [],
    holders: [],
    state: "attached",
    seenAt: ago(3),
    since: null,
    partuuid: null,
    partlabel: null,
    uuid_sub: null,
    model: null,
    serial: null,
    wwn: null,
    tran: null,
    rm: null,
    ro: null,
    ...known,
  };
}

export function hostRow(known: Partial<HostRow> = {}): HostRow {
  return {
    host: "alpha",
    hostId: "9f0c",
    addresses: ["192.168.1.10"],
    version: "0.1.0",
    disks: 3,
    state: "up",
    heardAt: ago(12),
    key: null,
    ...known,
  };
}

export function sightingRow(known: Partial<SightingRow> = {}): SightingRow {
  return {
    host: "alpha",
    hostId: "9f0c2b7d4e6a1c3f5b8d0e2a4c6f8b1d",
    device: "/dev/sdb1",
    uuid: "8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60",
    label: "backup-2019",
    type: "ext4",
    size: 4000787030016,
    mounts: ["/mnt/b"],
    state: "detached",
    from: "2026-01-01T12:00:00.000Z",
    until: "2026-02-01T12:00:00.000Z",
    seenAt: "2026-02-01T12:00:00.000Z",
    partuuid: null,
    partlabel: null,
    uuid_sub: null,
    model: null,
    serial: null,
    wwn: null,
    tran: null,
    rm: null,
    ro: null,
    ...known,
  };
}
