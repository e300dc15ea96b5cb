/**
 * What the daemon answers, and what `--json` prints: the two are the same.
 * Keys may be added, none renamed or taken away; unknown values are `null`.
 * Times are RFC 3339 in UTC, sizes bytes. Scripts rely on this file, so it
 * does not follow the wire format or the inventory when those change.
 */

export type DiskState = "attached" | "stale" | "detached";
type HostState = "up" | "stale" | "gone";

/** What is known of a disk, wherever it is. */
export interface DiskFacts {
  readonly uuid: string | null;
  readonly label: string | null;
  readonly type: string | null;
  readonly size: number | null;
  readonly partuuid: string | null;
  readonly partlabel: string | null;
  readonly uuid_sub: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  readonly wwn: string | null;
  readonly tran: string | null;
  readonly rm: boolean | null;
  readonly ro: boolean | null;
}

/** A row of `list` and `where`: one device on one host. */
export interface DiskRow extends DiskFacts {
  readonly host: string;
  readonly hostId: string;
  readonly address: string | null;
  readonly device: string;
  /** Mount points; `[SWAP]` for swap in use. Of a detached one those that it had last. */
  readonly mounts: readonly string[];
  /** Those of `mounts` that are read-only. */
  readonly mounts_ro: readonly string[];
  /** Devices that lie on it, by path: what a member of RAID, LVM or LUKS belongs to. */
  readonly holders: readonly string[];
  readonly state: DiskState;
  /** When its host last said that it is there: of one that is detached, when it left. */
  readonly seenAt: string;
  /** Since when it is known to be there; `null` where nothing is remembered. */
  readonly since: string | null;
}

/** A row of `hosts`. */
export interface HostRow {
  readonly host: string;
  readonly hostId: string;
  readonly addresses: readonly string[];
  /** `0.01` for a host that speaks the first wire format. */
  readonly version: string | null;
  readonly disks: number;
  readonly state: HostState;
  readonly heardAt: string;
  /** Id of the key that it signed with when it was heard last; `null` when it did not sign. */
  readonly key: string | null;
}

/** An interface of this host that diskd speaks on, or tries to. */
export interface InterfaceRow {
  readonly name: string;
  readonly address: string;
  readonly joined: boolean;
  /** Why it could not be joined. */
  readonly problem: string | null;
}

/** `localhost`. */
export interface LocalhostView {
  readonly host: string;
  readonly hostId: string;
  readonly version: string;
  readonly addresses: readonly string[];
  readonly interfaces: readonly InterfaceRow[];
}

/** How changes of devices are noticed: told by udev, told by the kernel alone, or by looking every few seconds. */
export type DeviceEvents = "udev" | "kernel" | "none";
/** How changes of mounts are noticed: told, or by looking every few seconds. */
type MountEvents = "events" | "none";

/** `status`. */
export interface StatusView {
  readonly version: string;
  readonly hostId: string;
  readonly host: string;
  readonly uptimeSeconds: number;
  readonly scan: {
    /** When the last scan ended, `null` before the first has. */
    readonly at: string | null;
    /** Whether the last scan read everything. */
    readonly ok: boolean;
    readonly durationMs: number | null;
    /** Disks of this host, as of the last good scan. */
    readonly disks: number;
    /** What kept a scan from being whole, a sentence each. */
    readonly problems: readonly string[];
    readonly deviceEvents: DeviceEvents;
    readonly mountEvents: MountEvents;
  };
  readonly datagrams: {
    readonly sent: number;
    /** The kernel would not send these. */
    readonly sendErrors: number;
    readonly received: number;
    /** Our own, which multicast brings back; among `received`. */
    readonly own: number;
    /** Heard again by another interface; among `received`. */
    readonly copies: number;
    /** Datagrams not taken in, by reason. */
    readonly rejected: Readonly<Record<string, number>>;
  };
  readonly hosts: number;
  readonly disks: number;
  /** Let go of since the start, for want of room. */
  readonly forgotten: {
    readonly hosts: number;
    readonly disks: number;
    readonly addresses: number;
  };
  /** Clients of the control socket. */
  readonly clients: {
    readonly now: number;
    readonly served: number;
    readonly turnedAway: number;
    /** Clients that follow events. */
    readonly watching: number;
    /** Dropped because they did not read, or sent a line that never ended. */
    readonly dropped: number;
  };
  /** Where disks have been, on disk. */
  readonly history: {
    /** Whether it is kept now. */
    readonly on: boolean;
    /** Why it is not, or not whole. */
    readonly problem: string | null;
    /** That its file takes. */
    readonly bytes: number | null;
    /** The longest that anything else had to wait for it since the start. */
    readonly longestMs: number;
  };
  /** What an admin should know and mend, a sentence each. */
  readonly problems: readonly string[];
}

/** A line of `watch` and `debug`. */
export interface EventRow {
  /** `attached`, `detached`, `moved`, `changed`, `mounted`, `unmounted`, `host-up`, `host-stale`, `host-gone`. */
  readonly event: string;
  readonly at: string;
  readonly host: string;
  readonly hostId: string;
  readonly device: string | null;
  readonly uuid: string | null;
  readonly label: string | null;
  /** Of `mounted` and `unmounted`, else `null`. */
  readonly mount: string | null;
  /** Of `moved`: name of the host that it was on, else `null`. */
  readonly from: string | null;
  /** Its id. */
  readonly fromId: string | null;
}

/** `refresh`: how the scan went, and in how many disks this host differs from before. */
export interface RefreshView {
  readonly ok: boolean;
  readonly durationMs: number;
  readonly disks: number;
  readonly attached: number;
  readonly detached: number;
  /** Others of which anything is different, mounts too. */
  readonly changed: number;
  readonly problems: readonly string[];
}

/** `announce`: what was sent, on how many interfaces. */
export interface AnnounceView {
  readonly interfaces: number;
  /** That it takes to say it once, on one interface; 0 before the first scan, when there is nothing to say yet. */
  readonly datagrams: number;
  /** Of this host. */
  readonly disks: number;
}

/** `ping`: who answered, in the order of their answers, and who did not. */
export interface PingView {
  readonly answers: readonly {
    readonly host: string;
    readonly hostId: string;
    readonly address: string | null;
    readonly afterMs: number;
  }[];
  /** Hosts that are up and did not answer; without those of 0.01, which know no question. */
  readonly silent: readonly {
    readonly host: string;
    readonly hostId: string;
    readonly address: string | null;
  }[];
  /** How long answers were waited for. */
  readonly durationMs: number;
}

/** A row of `duplicates`: an identifier that several devices have at once. */
export interface DuplicateRow {
  /** What it is: a key of `DiskRow`. */
  readonly kind:
    | "uuid"
    | "uuid_sub"
    | "partuuid"
    | "wwn"
    | "serial"
    | "label";
  readonly value: string;
  /** The devices that have it, two or more. */
  readonly disks: readonly DiskRow[];
}

/** `forget`: what was dropped from memory, or would be. All empty: nothing of that name is known. */
export interface ForgetView {
  readonly hosts: readonly HostRow[];
  readonly disks: readonly ForgottenDisk[];
  /** Entries of them that were in the history; 0 for a dry run. */
  readonly sightings: number;
}

/** A disk that is attached nowhere, and where it was last; `null` where only the history knew it. */
export interface ForgottenDisk {
  readonly uuid: string | null;
  readonly label: string | null;
  readonly host: string | null;
  readonly hostId: string | null;
  readonly device: string | null;
  readonly seenAt: string | null;
}

/** What `forget` is to drop. */
export interface ForgetParams {
  /** Any name of a disk, or the name or id of a host. */
  readonly name: string;
  /** Only tell what would be dropped. Default false. */
  readonly dryRun?: boolean;
}

/** What `list` is to show. */
export interface ListParams {
  /** Also the disks of hosts that are gone, and those that are detached. Default false. */
  readonly all?: boolean;
  /**
   * Only disks that are mounted, or only those that are not. Swap in use is
   * mounted, and so is a member of RAID, LVM or LUKS when what lies on it is.
   * Default: both.
   */
  readonly mounted?: boolean;
}

/** Every method of the control socket, its parameters and its result. */
export interface Methods {
  list: { params: ListParams; result: readonly DiskRow[] };
  where: { params: { name: string }; result: readonly DiskRow[] };
  hosts: { params: Record<never, never>; result: readonly HostRow[] };
  localhost: { params: Record<never, never>; result: LocalhostView };
  status: { params: Record<never, never>; result: StatusView };
  refresh: { params: Record<never, never>; result: RefreshView };
  announce: { params: Record<never, never>; result: AnnounceView };
  ping: { params: Record<never, never>; result: PingView };
  history: { params: HistoryParams; result: readonly SightingRow[] };
  export: { params: ExportParams; result: ExportView };
  import: { params: ImportParams; result: ImportView };
  duplicates: {
    params: Record<never, never>;
    result: readonly DuplicateRow[];
  };
  forget: { params: ForgetParams; result: ForgetView };
  /** Labels and UUIDs known, for completion. */
  names: { params: Record<never, never>; result: readonly string[] };
}

/**
 * `watch` is the one method that goes on answering: its result is `null`, then
 * each event comes as a notification `{"jsonrpc":"2.0","method":"event","params":EventRow}`.
 */
export const EVENT_METHOD = "event";

export type MethodName = keyof Methods;

/** What the daemon answers of the history; see `views.ts` for what holds of all answers. */

/** A row of `history`, `export` and `import`: a disk was at a host as a device, from then until then. */
export interface SightingRow extends DiskFacts {
  readonly host: string;
  readonly hostId: string;
  readonly device: string;
  /** The one that it had then. */
  readonly label: string | null;
  /** The last mount points; empty if it was never mounted. */
  readonly mounts: readonly string[];
  /** `detached` as soon as it is known to have left. */
  readonly state: DiskState;
  readonly from: string;
  /** `null` while it is there. Of a host that is silent: when that was last heard. */
  readonly until: string | null;
  /** When it was last known to be there. */
  readonly seenAt: string;
}

/** Which rows `history` is to show. */
export interface HistoryParams {
  /** A label, a UUID or the beginning of one, a serial. Default: all disks. */
  readonly name?: string;
  /** Name or id of a host. Default: all hosts. */
  readonly host?: string;
  /** RFC 3339: only what was there after that. Default: all. */
  readonly since?: string;
  /** Rows at most, the newest. Default and largest: 500. */
  readonly limit?: number;
}

/** Some rows of the whole history, in no order. */
export interface ExportView {
  readonly rows: readonly SightingRow[];
  /** To be given as `after` for those that follow; `null` at the end. */
  readonly next: number | null;
}

/** Which rows `export` is to give. */
export interface ExportParams {
  /** `next` of the rows before. Default: from the beginning. */
  readonly after?: number;
}

/** `import`: what became of the rows. */
export interface ImportView {
  /** Not known before. */
  readonly added: number;
  /** Known, but not for so long. */
  readonly extended: number;
  /** Known as they are. */
  readonly known: number;
}

/** What `import` takes in; as many rows as fit into a line. */
export interface ImportParams {
  readonly rows: readonly SightingRow[];
}
