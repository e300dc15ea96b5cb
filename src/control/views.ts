/**
 * Answers of the daemon, which are also the output of `--json`. Keys may be
 * added, none renamed or removed; unknown values are `null`. Times are RFC 3339
 * in UTC, sizes bytes. Scripts rely on this file. Fields of a disk are those of
 * `DISK_FIELDS`.
 */

import type { Disk, DiskFacts, FieldName } from "../inventory/disk.ts";
import type { DuplicateReason } from "../inventory/duplicates.ts";
import type { ExportedRemark } from "../inventory/remarks.ts";
import type {
  NotifyAnswer,
  NotifyRow,
  OverdueParams,
  OverdueRow,
} from "./notify_views.ts";
import type { RemarkedDisk, RemarkView, SaidOfDisk } from "./remarked.ts";
import type { Verdict } from "./verdict.ts";

export type DiskState = "attached" | "stale" | "detached";
type HostState = "up" | "stale" | "gone";

/** A row of `list` and `where`: a device on a host. A detached disk has its last mount points. */
export interface DiskRow extends Disk, SaidOfDisk {
  readonly host: string;
  readonly hostId: string;
  /**
   * The name that only this host has: `host`, or with the beginning of `hostId`
   * if another known host has it too.
   */
  readonly uniqueHost: string;
  readonly address: string | null;
  /** The site of its host; `null`: none is named. Missing: its daemon is older. */
  readonly site?: string | null;
  readonly state: DiskState;
  /** For a detached disk: it left its host; otherwise that was shut down. */
  readonly unplugged: boolean;
  /** Last confirmation by its host; for a detached disk, when it left. */
  readonly seenAt: string;
  /** Since when it is known to be there; `null` without a memory. */
  readonly since: string | null;
  /** The drives that it lies on; for a drive, itself. */
  readonly drives: readonly DriveView[];
  /** The devices that it lies on, from the drive up, without itself. */
  readonly layers: readonly LayerView[];
}

/** A drive below a volume. */
export type DriveView = Pick<
  Disk,
  | "device"
  | "model"
  | "serial"
  | "wwn"
  | "tran"
  | "size"
  | "port"
  | "slot"
  | "health"
>;

/** A device below a volume. */
export type LayerView = Pick<Disk, "device" | "kind" | "type">;

/** A row of `hosts`. */
export interface HostRow {
  readonly host: string;
  readonly hostId: string;
  readonly uniqueHost: string;
  readonly addresses: readonly string[];
  /** The site where it is, and where its addresses are good; `null`: none is named. Missing: its daemon is older. */
  readonly site?: string | null;
  /** Whether it passes on what is said elsewhere. Missing: its daemon is older. */
  readonly relay?: boolean;
  /** The site of which it is the relay; `null`: it is none, or joins nothing but its own networks. Missing likewise. */
  readonly relayOf?: string | null;
  /** `0.01` for a host with the first wire format. */
  readonly version: string | null;
  /** Those that lists show. */
  readonly disks: number;
  /** Number of disks left out of its list, because it is longer than this host keeps. Missing: its daemon is older. */
  readonly cut?: number;
  readonly state: HostState;
  readonly heardAt: string;
  /** Id of the shared key of its last announcement; `null` without one. */
  readonly key: string | null;
  /** Whether it signs what it says with a key of its own. */
  readonly proven: boolean;
  /** Short form of its id; `null` if it is not proven. */
  readonly fingerprint: string | null;
  /** The host that its name is known of, if that is another one. */
  readonly nameHolder: NameHolderView | null;
}

/** A relay of another site, as configured. */
export interface PeerRow {
  /** Its name or address in the configuration. */
  readonly peer: string;
  /** `null`: its name has none. */
  readonly address: string | null;
  /** The site that it speaks for; `null` until it was heard. */
  readonly site: string | null;
  readonly reached: boolean;
  /** Since when it is reached, or not. */
  readonly since: string | null;
  /** Why it is not reached, or is heard but not accepted, and what to do. */
  readonly problem: string | null;
}

/** A relay at another site. */
export interface SiteRelay {
  readonly host: string;
  readonly hostId: string;
  readonly uniqueHost: string;
  readonly site: string;
}

/** A server that passes on what hosts everywhere say. */
export interface HubRow {
  /** As configured. */
  readonly servers: readonly string[];
  /** The one that is used; `null`: none. */
  readonly server: string | null;
  readonly site: string;
  readonly bucket: string;
  /** Whether this host knows those there. */
  readonly watch: boolean;
  readonly reached: boolean;
  /** Since when it is reached, or not. */
  readonly since: string;
  /** Hosts that it told of. */
  readonly hosts: number;
  /** Values that could not be read. */
  readonly rejected: number;
  /** What does not work, and what to do. */
  readonly problem: string | null;
}

/** The host that a name is known of. */
interface NameHolderView {
  readonly host: string;
  readonly hostId: string;
  readonly uniqueHost: string;
  /** When it was first heard under this name. */
  readonly since: string;
}

/** An interface of this host that diskd uses, or tries to. */
export interface InterfaceRow {
  readonly name: string;
  readonly address: string;
  readonly joined: boolean;
  /** Why joining failed. */
  readonly problem: string | null;
}

/** `localhost`. */
export interface LocalhostView {
  readonly host: string;
  readonly hostId: string;
  readonly uniqueHost: string;
  readonly version: string;
  readonly addresses: readonly string[];
  readonly interfaces: readonly InterfaceRow[];
}

/**
 * Source of device events: udev, the kernel alone, or none, with a scan every
 * few seconds instead.
 */
export type DeviceEvents = "udev" | "kernel" | "none";
/** Source of mount events, or none, with a scan every few seconds instead. */
type MountEvents = "events" | "none";

/** `status`. */
export interface StatusView {
  readonly version: string;
  readonly hostId: string;
  readonly host: string;
  readonly uniqueHost: string;
  readonly uptimeSeconds: number;
  /** Of the process. */
  readonly pid: number;
  /** As in `localhost`. */
  readonly interfaces: readonly InterfaceRow[];
  /** The name of this site; `null`: it has none. Missing: its daemon is older. */
  readonly site?: string | null;
  /** The relays of other sites that this host talks with. Missing: its daemon is older. */
  readonly peers?: readonly PeerRow[];
  /** `null`: none is configured. Missing: its daemon is older. */
  readonly hub?: HubRow | null;
  /** IPv4 group and UDP port of announcements. */
  readonly group: string;
  readonly port: number;
  readonly config: ConfigView;
  readonly keys: {
    /** `open`, `accept` or `require`. */
    readonly mode: string;
    readonly encrypt: boolean;
    /** Id of the key that signs; `null`: this host does not sign. */
    readonly key: string | null;
  };
  /** Number of hosts left out of `silent`, and of disks left out of `unreadable`. Missing: its daemon is older. */
  readonly more?: { readonly silent: number; readonly unreadable: number };
  /** Hosts that are stale. */
  readonly silent: readonly Pick<
    HostRow,
    "host" | "hostId" | "uniqueHost" | "heardAt"
  >[];
  /** Attached disks whose reads fail, on any host. */
  readonly unreadable: readonly Pick<
    DiskRow,
    "host" | "hostId" | "uniqueHost" | "device" | "label"
  >[];
  /** Hosts whose datagrams cannot be read because a key is missing: sentences that are in `problems` too. */
  readonly unread: readonly string[];
  /** Hosts under a name that is known of another one: a sentence each name. */
  readonly newcomers: readonly string[];
  /** Identifiers other than labels in `duplicates`. */
  readonly duplicates: number;
  readonly scan: {
    /** End of the last scan; `null` before the first. */
    readonly at: string | null;
    /** Whether the last scan read everything. */
    readonly ok: boolean;
    readonly durationMs: number | null;
    /** Disks of this host in the last good scan that lists show. */
    readonly disks: number;
    /** What made the scan incomplete, a sentence each. */
    readonly problems: readonly string[];
    readonly deviceEvents: DeviceEvents;
    readonly mountEvents: MountEvents;
  };
  readonly datagrams: {
    readonly sent: number;
    /** Refused by the kernel. */
    readonly sendErrors: number;
    readonly received: number;
    /** Of `received`: our own, returned by multicast. */
    readonly own: number;
    /** Of `received`: heard again through another interface. */
    readonly copies: number;
    /** Rejected datagrams, by reason. */
    readonly rejected: Readonly<Record<string, number>>;
  };
  readonly hosts: number;
  readonly disks: number;
  /** Notes, names and tags of disks. Missing: its daemon is older. */
  readonly remarks?: {
    /** Disks with any, cleared ones included. */
    readonly disks: number;
    /** Those that are kept and spread. */
    readonly known: number;
    /** Dropped since the start for want of room. */
    readonly dropped: number;
    /** Set aside, because their hosts never proved a shared key. */
    readonly setAside: number;
    /** Names of the hosts that made most of these, three at most. */
    readonly setAsideHosts: readonly string[];
  };
  /** Dropped at a memory limit since the start. */
  readonly forgotten: {
    readonly hosts: number;
    readonly disks: number;
    readonly addresses: number;
  };
  /** Changes of hosts that change too much: they are told in summary. */
  readonly leftOut: {
    /** Changes left out since the start. */
    readonly events: number;
    /** The hosts of the last minute that changed most. */
    readonly hosts: readonly LeftOutRow[];
  };
  /** Clients of the control socket. */
  readonly clients: {
    readonly now: number;
    readonly served: number;
    readonly turnedAway: number;
    /** Requests that waited because users of the read-only socket took their share of the processor. */
    readonly delayed: number;
    /** Clients that follow events. */
    readonly watching: number;
    /** Dropped because they did not read, or sent a line without end. */
    readonly dropped: number;
  };
  /** The history on disk. */
  readonly history: {
    /** Whether it is kept now. */
    readonly on: boolean;
    /** Why it is missing or incomplete. */
    readonly problem: string | null;
    /** Size of its files. */
    readonly bytes: number | null;
    /** Longest time other work waited for it, not counting the start. */
    readonly longestMs: number;
  };
  /** Disks that were not seen for longer than the setting `expect` allows. Missing: its daemon is older. */
  readonly overdue?: readonly OverdueRow[];
  /** Where messages go, by the setting `notify`. Missing: its daemon is older. */
  readonly notify?: readonly NotifyRow[];
  /** Faults for an administrator to fix, a sentence each. */
  readonly problems: readonly string[];
}

/** A host whose changes are left out. */
export interface LeftOutRow {
  readonly host: string;
  readonly hostId: string;
  readonly uniqueHost: string;
  /** Where they came from; `null` if unknown. */
  readonly address: string | null;
  /** Changes left out while it goes on. */
  readonly events: number;
  readonly perSecond: number;
}

/** A line of `watch` and `debug`. */
export interface EventRow {
  /** `attached`, `detached`, `renamed`, `moved`, `changed`, `failing`, `recovered`, `mounted`, `unmounted`, `host-up`, `host-stale`, `host-gone`, `newcomer`, `remarked`, `left-out`. */
  readonly event: string;
  readonly at: string;
  readonly host: string;
  readonly hostId: string;
  readonly uniqueHost: string;
  /** The site of the host; `null`: none is named. Missing: its daemon is older. */
  readonly site?: string | null;
  readonly device: string | null;
  readonly uuid: string | null;
  readonly label: string | null;
  readonly serial: string | null;
  /** For `mounted` and `unmounted`, otherwise `null`. */
  readonly mount: string | null;
  /** For `moved`, the name of the previous host; for `newcomer`, that of the host of which its name is known; otherwise `null`. */
  readonly from: string | null;
  /** Its id. */
  readonly fromId: string | null;
  /** Its name, as `uniqueHost`. */
  readonly uniqueFrom: string | null;
  /** The site of the host that is `from`. */
  readonly fromSite?: string | null;
  /** For `renamed`, its device before, otherwise `null`. */
  readonly fromDevice: string | null;
  /** For `changed`, what is different, otherwise empty. */
  readonly changes: readonly FieldChange[];
  /** For `left-out`, the number of events of the host that were not told, otherwise 0. */
  readonly leftOut: number;
  /** For `remarked`, what was said, otherwise `null`. */
  readonly remark: RemarkEvent | null;
}

/** What was said; `value` is `null` if it was cleared. */
interface RemarkEvent extends Pick<RemarkView, "field" | "at"> {
  readonly value: string | null;
}

/** A field of a disk before and after. */
export interface FieldChange {
  /** A key of `DiskRow`. */
  readonly field: string;
  readonly from: Disk[FieldName];
  readonly to: Disk[FieldName];
}

/** `reload`, and in `status`: the configuration in use and its file. */
export interface ConfigView {
  /** `null` if there is none. */
  readonly file: string | null;
  /** Settings that are different there and can be changed at run time: `reload` has applied them. */
  readonly changed: readonly string[];
  /** Others that are different: they need a restart. */
  readonly restart: readonly string[];
  /** Why the file or a key file cannot be used; the previous settings stay. */
  readonly problem: string | null;
}

/** `refresh`: the result of the scan, and the number of differences. */
export interface RefreshView {
  /** Everything could be read. */
  readonly ok: boolean;
  /** The devices could be listed. If not, the scan failed and the last good list stays. */
  readonly listed: boolean;
  readonly durationMs: number;
  readonly disks: number;
  readonly attached: number;
  readonly detached: number;
  /** Other disks with any difference, including mounts. */
  readonly changed: number;
  readonly problems: readonly string[];
}

/** `announce`: the number of datagrams and interfaces. */
export interface AnnounceView {
  readonly interfaces: number;
  /** Number on each interface; 0 before the first scan, when there is nothing to announce. */
  readonly datagrams: number;
  /** Of this host. */
  readonly disks: number;
}

/** `ping`: the hosts that answered, in order, and the silent ones. */
export interface PingView {
  readonly answers: readonly {
    readonly host: string;
    readonly hostId: string;
    readonly uniqueHost: string;
    readonly address: string | null;
    readonly afterMs: number;
  }[];
  /** Hosts that did not answer, and said no goodbye; without those of 0.01, which know no questions. */
  readonly silent: readonly {
    readonly host: string;
    readonly hostId: string;
    readonly uniqueHost: string;
    readonly address: string | null;
  }[];
  /** Time spent waiting for answers. */
  readonly durationMs: number;
}

/** A row of `duplicates`: an identifier shared by several devices. */
export interface DuplicateRow {
  /** The field: a key of `DiskRow`. */
  readonly kind:
    | "uuid"
    | "uuid_sub"
    | "partuuid"
    | "wwn"
    | "serial"
    | "label";
  readonly value: string;
  /** Why they share it. */
  readonly reason: DuplicateReason;
  /** Its devices, two or more. */
  readonly disks: readonly DiskRow[];
  /** Number of further devices, left out. Missing: its daemon is older. */
  readonly more?: number;
}

/** `forget`: the entries forgotten, or to be forgotten. All empty for an unknown name. */
export interface ForgetView {
  readonly hosts: readonly HostRow[];
  readonly disks: readonly ForgottenDisk[];
  /** Number of sightings removed from the history, or to be removed. */
  readonly sightings: number;
}

/** A disk attached to no host, and its last place; `null` if only the history knew it. */
export interface ForgottenDisk {
  readonly uuid: string | null;
  readonly label: string | null;
  readonly host: string | null;
  readonly hostId: string | null;
  readonly uniqueHost: string | null;
  readonly device: string | null;
  readonly seenAt: string | null;
}

/** `remark`: the disks of which something was said, as they are called now. Empty for an unknown name. */
export interface RemarkedView {
  readonly disks: readonly RemarkedDisk[];
  /** What does not do what it seems to, a sentence each. */
  readonly warnings: readonly string[];
}

/** Says something of a disk. A member that is missing changes nothing, `null` clears. */
export interface RemarkParams {
  /** Any name of a disk. A glob means all that fit, but for `alias`. */
  readonly name: string;
  readonly note?: string | null;
  readonly alias?: string | null;
  /** Tags to add. */
  readonly tags?: readonly string[];
  /** Tags to remove. */
  readonly untag?: readonly string[];
}

/** `find`: the places of a name, and what they mean together. */
export interface FindView {
  readonly rows: readonly DiskRow[];
  readonly verdict: Verdict;
  /** The disks that lie on the one that is found; empty for several. */
  readonly contents: readonly DiskRow[];
  /** The name of this site; `null`: it has none. Missing: its daemon is older. */
  readonly site?: string | null;
  /** The relays that are up at the other sites of the rows. Missing likewise. */
  readonly relays?: readonly SiteRelay[];
}

/** Selects rows of `find`. */
export interface FindParams {
  /** Any name of a disk. */
  readonly name: string;
  /** Name or id of a host: only what it has. Default: all hosts. */
  readonly host?: string;
}

/** Selects entries to forget. */
export interface ForgetParams {
  /** A name of a disk, or the name or id of a host. */
  readonly name: string;
  /** Only report the entries. Default false. */
  readonly dryRun?: boolean;
}

/** Selects rows of `list`. */
export interface ListParams {
  /** Include disks of hosts that are gone, and detached ones. Default false. */
  readonly all?: boolean;
  /** Include hidden devices; see `Hidden`. Default false. */
  readonly devices?: boolean;
  /** Only disks in use, or only others; see `Disk.inUse`. Default: both. */
  readonly mounted?: boolean;
  /** Name or id of a host: only its disks. Default: those of all. */
  readonly host?: string;
}

/** All methods of the control socket, with parameters and result. */
export interface Methods {
  list: { params: ListParams; result: readonly DiskRow[] };
  where: { params: { name: string }; result: readonly DiskRow[] };
  find: { params: FindParams; result: FindView };
  hosts: { params: Record<never, never>; result: readonly HostRow[] };
  localhost: { params: Record<never, never>; result: LocalhostView };
  status: { params: Record<never, never>; result: StatusView };
  reload: { params: Record<never, never>; result: ConfigView };
  refresh: { params: Record<never, never>; result: RefreshView };
  announce: { params: Record<never, never>; result: AnnounceView };
  ping: { params: Record<never, never>; result: PingView };
  history: { params: HistoryParams; result: readonly HistoryRow[] };
  export: { params: ExportParams; result: ExportView };
  import: { params: ImportParams; result: ImportView };
  duplicates: {
    params: Record<never, never>;
    result: readonly DuplicateRow[];
  };
  forget: { params: ForgetParams; result: ForgetView };
  remark: { params: RemarkParams; result: RemarkedView };
  /** Notes, names and tags, and their clearings, as their hosts signed them. */
  remarks: { params: Record<never, never>; result: readonly ExportedRemark[] };
  overdue: { params: OverdueParams; result: readonly OverdueRow[] };
  /** Sends a test to each address of the setting `notify`. */
  notify: { params: Record<never, never>; result: readonly NotifyAnswer[] };
  /** Known labels and UUIDs, for completion. */
  names: { params: Record<never, never>; result: readonly string[] };
}

/**
 * `watch` is the only method with continued answers: its result is `null`, then
 * each event arrives as a notification
 * `{"jsonrpc":"2.0","method":"event","params":EventRow}`.
 */
export const EVENT_METHOD = "event";

export type MethodName = keyof Methods;

/** Answers about the history. */

/**
 * A row of `export` and `import`, and of `history` with more: the time during which a host had a
 * disk as a device.
 */
export interface SightingRow extends DiskFacts {
  readonly host: string;
  readonly hostId: string;
  readonly uniqueHost: string;
  /** The site of that host now; `null`: unknown, or none is named. Missing: its daemon is older. */
  readonly site?: string | null;
  readonly device: string;
  /** Its label during that time. */
  readonly label: string | null;
  /** The last mount points; empty if it was never mounted. */
  readonly mounts: readonly string[];
  /** Whether it is in use, or was when it left; `null`: unknown. */
  readonly inUse: boolean | null;
  /** The drives that it lies on, or lay on. */
  readonly drives: readonly SightedDrive[];
  /** `detached` once it has left, or its host was shut down. */
  readonly state: DiskState;
  /**
   * Whether it left its host then. False also if it was only given another
   * label, and of an import if it was still there.
   */
  readonly unplugged: boolean;
  readonly from: string;
  /** `null` while it is there. For a silent host: when that was last heard. */
  readonly until: string | null;
  /** When it was last known to be there. */
  readonly seenAt: string;
}

/** A row of `history`, with what is said of the disk now. */
export interface HistoryRow extends SightingRow, SaidOfDisk {}

type SightedDrive = Pick<
  DiskFacts,
  "model" | "serial" | "wwn" | "tran" | "size"
>;

/** Selects rows of `history`. */
export interface HistoryParams {
  /** Any name of a disk. Default: all disks. */
  readonly name?: string;
  /** Name or id of a host. Default: all hosts. */
  readonly host?: string;
  /** RFC 3339: only sightings that lasted beyond this time. Default: all. */
  readonly since?: string;
  /** Largest number of rows, the newest. Default and maximum: 500. */
  readonly limit?: number;
}

/** A page of the whole history, in no order. */
export interface ExportView {
  readonly rows: readonly SightingRow[];
  /** `after` of the next page; `null` at the end. */
  readonly next: number | null;
}

/** Selects a page of `export`. */
export interface ExportParams {
  /** `next` of the previous page. Default: from the beginning. */
  readonly after?: number;
}

/** `import`: counts of the sightings. */
export interface ImportView {
  /** New. */
  readonly added: number;
  /** Known, but for a shorter time. */
  readonly extended: number;
  /** Already known. */
  readonly known: number;
  /** Left out, because something in them is wrong. */
  readonly skipped: number;
  /** Of the notes, names and tags. Missing: its daemon is older. */
  readonly remarks?: ImportedRemarks;
}

/** Counts of notes, names and tags. */
export interface ImportedRemarks {
  /** New; a later one may count in its place. */
  readonly added: number;
  /** Already known. */
  readonly known: number;
  /** Left out, because something in them is wrong, such as the signature. */
  readonly skipped: number;
}

/** What an import takes of a sighting. Earlier versions exported no `unplugged`. */
export type ImportedRow =
  & Omit<SightingRow, "uniqueHost" | "unplugged">
  & Partial<Pick<SightingRow, "unplugged">>;

/** What to import, as much as fits into a line. */
export interface ImportParams {
  readonly rows: readonly ImportedRow[];
  /** Elements of `remarks`; each is checked. Default: none. */
  readonly remarks?: readonly unknown[];
}

/** `label`: what to put on the sticker of a disk. */
export interface LabelView {
  /** The name that somebody gave it, else its label; `null` without either. */
  readonly name: string | null;
  readonly label: string | null;
  readonly uuid: string | null;
  readonly serial: string | null;
  readonly wwn: string | null;
  readonly model: string | null;
  /** Of its drive, if known. */
  readonly size: number | null;
  /** Text of the QR code: the UUID; of a blank drive the WWN or serial number. */
  readonly code: string;
}

/** `doctor`: what it found on this host. */
export interface DoctorView {
  /** Whether there is no fault. */
  readonly ok: boolean;
  readonly findings: readonly DoctorRow[];
}

/** A finding of `doctor`. */
export interface DoctorRow {
  readonly check:
    | "programs"
    | "udev"
    | "permissions"
    | "clock"
    | "configuration"
    | "keys"
    | "daemon"
    | "history"
    | "interface"
    | "route"
    | "port"
    | "echo"
    | "firewall"
    | "switch"
    | "hosts"
    | "peers"
    | "hub";
  readonly result: "ok" | "warning" | "fault";
  readonly text: string;
  /** Commands to choose from, or what to do. */
  readonly remedies: readonly string[];
}
