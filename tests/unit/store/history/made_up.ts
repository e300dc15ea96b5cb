import type {
  DiskRecord,
  HostRecord,
  PlaceRecord,
  SightingRecord,
} from "../../../../src/store/history/records.ts";
import { NOW } from "./temporary_history.ts";

export const ALPHA = madeUpHost("alpha");
export const BETA = madeUpHost("beta");

export function madeUpHost(
  name: string,
  known: Partial<HostRecord> = {},
): HostRecord {
  return {
    hostId: `id of ${name}`,
    name,
    version: "1.2.3",
    addresses: ["192.0.2.7", "198.51.100.7"],
    everyMs: 30_000,
    state: "up",
    heardAt: NOW,
    isProven: true,
    ...known,
  };
}

export function madeUpDisk(
  label: string | null,
  known: Partial<DiskRecord> = {},
): DiskRecord {
  return {
    name: `uuid of ${label}`,
    uuid: `uuid-${label}`,
    label,
    type: "ext4",
    size: 4_000_787_030_016,
    kind: "part",
    vg: null,
    partuuid: null,
    partlabel: null,
    uuid_sub: null,
    model: "WDC WD40EFRX",
    serial: null,
    wwn: null,
    tran: "usb",
    rm: true,
    ro: false,
    ...known,
  };
}

const NO_PLACE: PlaceRecord = { circumstances: {}, drives: [] };

/** Where a disk is: `/dev/sdb1` since `NOW`, unless told otherwise. */
export function at(
  label: string | null,
  {
    device = "/dev/sdb1",
    mounts = [] as readonly string[],
    place = NO_PLACE,
    from = NOW,
  } = {},
) {
  return { device, label, mounts, place, from };
}

export function madeUpSighting(
  known: Partial<SightingRecord> = {},
): SightingRecord {
  const { hostId, name, heardAt } = ALPHA;
  return {
    disk: madeUpDisk("backup"),
    host: { hostId, name, state: "stale", heardAt },
    device: "/dev/sdb1",
    label: "backup",
    mounts: [],
    place: NO_PLACE,
    from: NOW,
    until: NOW + 1_000,
    ...known,
  };
}
