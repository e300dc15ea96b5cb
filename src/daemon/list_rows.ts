import { Encoded, Streamed } from "../control/handlers.ts";
import type {
  DiskRow,
  DuplicateRow,
  EventRow,
  HostRow,
  ListParams,
  SiteRelay,
  StatusView,
} from "../control/views.ts";
import { type Change, changedFields } from "../inventory/change.ts";
import type { Verdict } from "../control/verdict.ts";
import type { Disk } from "../inventory/disk.ts";
import { jsonBytes } from "../text/json_bytes.ts";
import { findDuplicates } from "../inventory/duplicates.ts";
import { fingerprintOf, type Host } from "../inventory/host.ts";
import { type Inventory, MAX_FOREMOST } from "../inventory/inventory.ts";
import { inUse, type Place, shownDisks, stateOn } from "../inventory/place.ts";
import { splitAddress } from "../inventory/far_address.ts";
import { layersOf } from "../inventory/layers.ts";
import { identifierIn, type Remark, subjectOf } from "../inventory/remark.ts";
import { typedNames } from "../inventory/typed_names.ts";
import { type Resolved, resolveHosts } from "../inventory/resolve.ts";
import type { Clock } from "./clocks.ts";
import { layerViews } from "./layer_views.ts";
import {
  eachAsJson,
  elementsOf,
  HostJson,
  inBlocks,
  JsonArray,
  type ShownRow,
} from "./rows_json.ts";
import { saidOf } from "./said_of.ts";

/** In an answer to `names`. */
export const MAX_NAMES = 50_000;
/** Of their JSON. */
export const MAX_NAMES_BYTES = 8 * 1024 * 1024;
/** JSON of lists that is kept for the next answer. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024;
/** Time without another search for duplicates, in multiples of what one took. */
const DUPLICATES_PAUSE = 20;
/** In a verdict. */
const MAX_CUT_HOSTS = 100;

/** What an event says besides its kind, time and host, if it is about none of these. */
export const NOTHING_MORE: Omit<
  EventRow,
  "event" | "at" | "host" | "hostId" | "uniqueHost" | "site"
> = {
  device: null,
  uuid: null,
  label: null,
  serial: null,
  mount: null,
  from: null,
  fromId: null,
  uniqueFrom: null,
  fromSite: null,
  fromDevice: null,
  changes: [],
  leftOut: 0,
  remark: null,
};

/** Makes rows of the inventory for the control socket. */
export class ListRows {
  readonly #inventory: Inventory;
  readonly #clock: Clock;
  /** By list of disks. Lists are replaced, never changed, so an entry lives as long as its list. */
  #hostJson = new WeakMap<readonly Disk[], HostJson>();
  /** Since it was empty. */
  #keptBytes = 0;
  /** The duplicates among these lists. */
  #duplicates: {
    readonly of: readonly (readonly Disk[])[];
    readonly found: ReturnType<typeof findDuplicates>;
    /** Good until then, though lists have changed. */
    readonly until: number;
  } = { of: [], found: [], until: -Infinity };
  /** Of the clock when times were stored as bytes. */
  #offsetMs = NaN;
  #remarksRevision = 0;

  constructor(inventory: Inventory, clock: Clock) {
    this.#inventory = inventory;
    this.#clock = clock;
  }

  /**
   * Disks by host name, as the JSON of `DiskRow[]`; for each host present
   * disks, then past ones. The most frequent answer, all disks of hosts that
   * are not gone, is kept as bytes.
   */
  list(params: ListParams = {}): Encoded<readonly DiskRow[]> {
    const json = new JsonArray();
    for (const rows of this.#rowsByHost(params)) json.add(rows);
    return new Encoded(json.end());
  }

  /** The same, made host by host as the client reads it, and whatever else is due gets its turn in between. */
  listInTurns(params: ListParams): Streamed<readonly DiskRow[]> {
    return this.#streamed(this.#rowsByHost(params));
  }

  /** Copies the parts into blocks. */
  #streamed<T>(parts: Iterable<Uint8Array>): Streamed<T> {
    return new Streamed(inBlocks(parts, () => this.#clock.now()));
  }

  /** Places of the disks with this name, or their last places. */
  find(name: string): Resolved<DiskRow> {
    const { found, ...how } = this.#inventory.where(name);
    return { found: found.map((place) => this.#placeRow(place)), ...how };
  }

  /** Places of the shown disks whose note fits, or their last places. */
  noted(fits: (note: string) => boolean): DiskRow[] {
    const { remarks } = this.#inventory;
    if (remarks.size === 0) return [];
    const isMeant = ({ disk }: Place) => {
      const { note } = remarks.onDisk(disk);
      return disk.hidden === null && note !== null && fits(note.value!);
    };
    const present = [...this.#inventory.present()].filter(isMeant);
    const there = new Set(present.map(({ disk }) => subjectOf(disk)));
    const gone = [...this.#inventory.detached()].filter((place) =>
      !there.has(subjectOf(place.disk)) && isMeant(place)
    );
    return this.#inventory.foremost([...present, ...gone])
      .map((place) => this.#placeRow(place));
  }

  /** What lies on the disk of a row, through any number of layers. */
  contentsOf({ hostId, device }: DiskRow): DiskRow[] {
    const host = this.#inventory.host(hostId);
    const disk = host?.disks.find((one) => one.device === device);
    if (host === undefined || disk === undefined) return [];
    const above = new Set(layersOf(host.disks).above(disk));
    return [...this.#inventory.placesOn(host)]
      .filter(({ disk }) => above.has(disk) && disk.hidden === null)
      .map((place) => this.#placeRow(place));
  }

  hosts(): HostRow[] {
    return [...this.eachHost()];
  }

  *eachHost(): Generator<HostRow> {
    const hosts = [...this.#inventory.hosts()].sort(byName);
    for (const host of hosts) yield this.host(host);
  }

  /** Rows as JSON, made as the client reads them. */
  inTurns<Row extends object>(rows: Iterable<Row>): Streamed<readonly Row[]> {
    return this.#streamed(eachAsJson(rows));
  }

  /** The hosts whose lists are cut, by name. */
  cutHosts(): NonNullable<Verdict["cut"]> {
    return [...this.#inventory.hosts()].filter(({ cut }) => cut > 0)
      .sort(byName).slice(0, MAX_CUT_HOSTS).map((host) => this.#naming(host));
  }

  host(host: Host): HostRow {
    const heardAt = host === this.#inventory.self
      ? this.#clock.now() // It hears itself all the time.
      : host.heardAt;
    return {
      ...this.#naming(host),
      addresses: addressesAtItsSite(host),
      site: this.#inventory.whereIs(host).site,
      relay: host.relayOf !== null,
      relayOf: host.relayOf || null,
      version: host.version,
      disks: shownDisks(host).length,
      cut: host.cut,
      state: host.liveness,
      heardAt: this.#clock.timeOfDay(heardAt),
      key: host.key,
      proven: host.isProven,
      fingerprint: host.isProven ? fingerprintOf(host.id) : null,
      nameHolder: this.#nameHolder(host),
    };
  }

  #nameHolder(host: Host): HostRow["nameHolder"] {
    const holder = this.#inventory.otherHolder(host);
    if (holder === null) return null;
    const { host: name, hostId, uniqueHost } = this.#naming(holder);
    const since = this.#clock.timeOfDay(holder.since);
    return { host: name, hostId, uniqueHost, since };
  }

  /** What an administrator may want to look after. */
  troubles(): Pick<StatusView, "silent" | "unreadable" | "duplicates"> {
    const silent = this.#inventory.foremost(this.#silent());
    const shown = this.#inventory.foremost(this.#unreadable());
    return {
      silent: silent.map(({ host }) => ({
        ...this.#naming(host),
        heardAt: this.#clock.timeOfDay(host.heardAt),
      })),
      unreadable: shown.map(({ host, disk: { device, label } }) => ({
        ...this.#naming(host),
        device,
        label,
      })),
      duplicates: this.#findDuplicates()
        .filter(({ reason }) => reason !== "namesakes").length,
    };
  }

  /** How many `troubles` leaves out. */
  moreTroubles(): NonNullable<StatusView["more"]> {
    return {
      silent: Math.max(0, this.#silent().length - MAX_FOREMOST),
      unreadable: Math.max(0, this.#unreadable().length - MAX_FOREMOST),
    };
  }

  #silent(): { readonly host: Host }[] {
    return [...this.#inventory.hosts()]
      .filter(({ liveness }) => liveness === "stale").sort(byName)
      .map((host) => ({ host }));
  }

  #unreadable(): Place[] {
    return [...this.#inventory.present()].filter((place) =>
      place.state === "attached" && place.disk.health !== null
    );
  }

  /** Identifiers shared by several devices. */
  duplicates(): DuplicateRow[] {
    return [...this.eachDuplicate()];
  }

  *eachDuplicate(): Generator<DuplicateRow> {
    for (const one of this.#findDuplicates()) yield this.#duplicate(one);
  }

  #duplicate(
    { kind, value, reason, places }: ReturnType<typeof findDuplicates>[number],
  ): DuplicateRow {
    const shown = this.#inventory.foremost(places);
    return {
      kind,
      value,
      reason,
      disks: shown.map((place) => this.#placeRow(place)),
      more: places.length - shown.length,
    };
  }

  /**
   * Looks again only if a host has another list, since a health check asks
   * often, and not at once after it took long: among 100,000 disks of hosts that
   * change all the time it takes a second.
   */
  #findDuplicates(): ReturnType<typeof findDuplicates> {
    const lists = [...this.#inventory.hosts()]
      .filter((host) => stateOn(host) === "attached")
      .map(({ disks }) => disks);
    const { of } = this.#duplicates;
    const isSame = of.length === lists.length &&
      lists.every((disks, index) => disks === of[index]);
    const startedAt = this.#clock.now();
    if (!isSame && startedAt >= this.#duplicates.until) {
      const found = findDuplicates(this.#inventory.present());
      const now = this.#clock.now();
      const until = now + DUPLICATES_PAUSE * (now - startedAt);
      this.#duplicates = { of: lists, found, until };
    }
    return this.#duplicates.found;
  }

  /** Names that people type, each once, for completion; including detached disks. */
  names(): string[] {
    const names = new Set<string>();
    let bytes = 0;
    for (const name of this.eachName()) {
      if (names.has(name)) continue;
      bytes += jsonBytes(name);
      if (names.size === MAX_NAMES || bytes > MAX_NAMES_BYTES) break;
      names.add(name);
    }
    return [...names].sort();
  }

  /** The same in no order, some of them several times. */
  *eachName(): IterableIterator<string> {
    for (const disk of this.#allDisks()) {
      if (disk.hidden === null) yield* typedNames(disk);
    }
    // Last, because anybody can make up thousands of them.
    const { remarks } = this.#inventory;
    for (const subject of remarks.spoken()) {
      const { name, label } = remarks.on(subject);
      for (const remark of [name, label]) {
        if (remark !== null) yield remark.value!;
      }
    }
  }

  event(change: Change): EventRow {
    const { event, at, host, disk } = change;
    const from = change.event === "moved"
      ? change.from
      : change.event === "newcomer"
      ? change.holder
      : null;
    const hasMount = change.event === "mounted" || change.event === "unmounted";
    return {
      event,
      at: this.#clock.timeOfDay(at),
      ...this.#naming(host),
      site: this.#siteOf(host.id),
      device: disk?.device ?? null,
      uuid: disk?.uuid ?? null,
      label: disk?.label ?? null,
      serial: disk?.serial ?? null,
      mount: hasMount ? change.mount : null,
      from: from?.name ?? null,
      fromId: from?.id ?? null,
      uniqueFrom: from === null ? null : this.#inventory.uniqueName(from),
      fromSite: from === null ? null : this.#siteOf(from.id),
      fromDevice: change.event === "renamed" ? change.fromDevice : null,
      changes: change.event === "changed"
        ? changedFields(change.before, change.disk).map((field) => ({
          field,
          from: change.before[field],
          to: change.disk[field],
        }))
        : [],
      leftOut: 0,
      remark: null,
    };
  }

  /** The event for something that was said of a disk. */
  remarked(remark: Remark): EventRow {
    const at = new Date(remark.at).toISOString();
    const { subject, field, value, by: id, host: name } = remark;
    const disk = this.#inventory.where(identifierIn(subject)).found[0]?.disk;
    return {
      event: "remarked",
      at: this.#clock.timeOfDay(this.#clock.now()),
      ...this.#naming(this.#inventory.host(id) ?? { id, name }),
      site: this.#siteOf(id),
      ...NOTHING_MORE,
      uuid: disk?.uuid ?? null,
      label: disk?.label ?? null,
      serial: disk?.serial ?? null,
      remark: { field, value, at },
    };
  }

  /** The event for changes of a host that were not told one by one. */
  leftOut(
    host: Host,
    { events, at }: { events: number; at: number },
  ): EventRow {
    return {
      event: "left-out",
      at: this.#clock.timeOfDay(at),
      ...this.#naming(host),
      site: this.#siteOf(host.id),
      ...NOTHING_MORE,
      leftOut: events,
    };
  }

  /** JSON with commas between the rows, host by host. Copy it before the next, which may write over it. */
  *#rowsByHost(
    { all = false, devices = false, mounted, host: wanted }: ListParams,
  ): Generator<Uint8Array> {
    this.#dropStaleJson();
    const detached = all
      ? Map.groupBy(this.#inventory.detached(), ({ host }) => host.id)
      : new Map<string, Place[]>();
    const known = [...this.#inventory.hosts(), ...this.#unknown(detached)];
    const hosts = (wanted === undefined ? known : resolveHosts(wanted, known))
      .filter(({ liveness }) => all || liveness !== "gone")
      .sort(byName);
    for (const host of hosts) {
      if (!all && !devices && mounted === undefined) {
        const json = this.#jsonOf(host);
        if (json.length > 0) yield json;
        continue;
      }
      const rows = [
        ...this.#inventory.placesOn(host),
        ...detached.get(host.id) ?? [],
      ]
        .filter(({ disk }) => devices || disk.hidden === null)
        .filter(({ disk }) => mounted === undefined || inUse(disk) === mounted)
        .map((one) => this.#placeRow(one));
      if (rows.length > 0) {
        yield elementsOf(rows);
      }
    }
  }

  /** Hosts known only from where a disk was, one for each group. */
  *#unknown(detached: ReadonlyMap<string, readonly Place[]>): Generator<Host> {
    for (const [id, places] of detached) {
      if (this.#inventory.host(id) === undefined) yield places[0]!.host;
    }
  }

  *#allDisks(): IterableIterator<Disk> {
    for (const { disks } of this.#inventory.hosts()) yield* disks;
    for (const { disk } of this.#inventory.detached()) yield disk;
  }

  #placeRow(place: Place): DiskRow {
    const { disk, host, state, unplugged, since, seenAt } = place;
    return {
      ...this.#naming(host),
      ...this.#inventory.whereIs(host),
      state,
      unplugged,
      seenAt: state === "detached"
        ? this.#clock.timeOfDay(seenAt)
        : this.#seenAtOn(host),
      since: this.#clock.timeOfDay(since),
      ...disk,
      ...saidOf(disk, this.#inventory.remarks),
      ...layerViews(disk, layersOf(host.disks)),
    };
  }

  #naming(
    host: Pick<Host, "id" | "name">,
  ): Pick<HostRow, "host" | "hostId" | "uniqueHost"> {
    const uniqueHost = this.#inventory.uniqueName(host);
    return { host: host.name, hostId: host.id, uniqueHost };
  }

  /** The name of this site; `null`: it has none. */
  get site(): string | null {
    return this.#inventory.site;
  }

  /** The relays that are up at the other sites of these rows. */
  relaysOf(rows: readonly DiskRow[]): SiteRelay[] {
    const sites = new Set(rows.map(({ site }) => site));
    return [...this.#inventory.relays()].sort(byName).flatMap((host) => {
      const site = host.farSite;
      const isMeant = site !== null && sites.has(site) &&
        host.liveness === "up";
      return isMeant ? [{ ...this.#naming(host), site }] : [];
    });
  }

  /** The site of the host with this id; `null`: none is named, or the host is unknown. */
  #siteOf(id: string): string | null {
    return this.#inventory.whereIs({ id }).site;
  }

  /** When the disks of a host were last seen; this host sees its own all the time. */
  #seenAtOn(host: Host): string {
    const isHere = host === this.#inventory.self && !host.isRemembered;
    return this.#clock.timeOfDay(isHere ? this.#clock.now() : host.heardAt);
  }

  #jsonOf(host: Host): Uint8Array {
    const part = {
      ...this.#naming(host),
      ...this.#inventory.whereIs(host),
      state: stateOn(host),
      unplugged: false,
    };
    const seenAt = this.#seenAtOn(host);
    let json = this.#hostJson.get(host.disks);
    if (!json?.isOf(part)) {
      json = new HostJson(part, seenAt, this.#shownRows(host));
      this.#keep(host.disks, json);
    }
    return json.bytes(seenAt);
  }

  /** Lists that are gone count too: beyond the limit all are made anew. */
  #keep(disks: readonly Disk[], json: HostJson): void {
    this.#keptBytes += json.length;
    if (this.#keptBytes > MAX_KEPT_BYTES) {
      this.#hostJson = new WeakMap();
      this.#keptBytes = json.length;
    }
    this.#hostJson.set(disks, json);
  }

  /** The shown disks of a host. Most have the same time. */
  #shownRows(host: Host): ShownRow[] {
    const layers = layersOf(host.disks);
    let [last, since] = [NaN, ""];
    return host.disks.flatMap((disk, index) => {
      if (disk.hidden !== null) return [];
      const ms = host.since[index]!;
      if (ms !== last) since = this.#clock.timeOfDay(ms);
      last = ms;
      return {
        since,
        ...disk,
        ...saidOf(disk, this.#inventory.remarks),
        ...layerViews(disk, layers),
      };
    });
  }

  /** When the clock is set, past times change; and somebody may have said something of any disk. */
  #dropStaleJson(): void {
    const { offsetMs } = this.#clock;
    const { revision } = this.#inventory.remarks;
    const isStale = offsetMs !== this.#offsetMs ||
      revision !== this.#remarksRevision;
    if (isStale) this.#hostJson = new WeakMap();
    this.#offsetMs = offsetMs;
    this.#remarksRevision = revision;
  }
}

/** Those at the site where it was heard last: the same address elsewhere is another machine. */
function addressesAtItsSite(host: Host): string[] {
  return host.addresses.map(splitAddress)
    .filter(({ site }) => site === host.farSite)
    .map(({ plain }) => plain);
}

function byName(a: Host, b: Host): number {
  return compare(a.name, b.name) || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
