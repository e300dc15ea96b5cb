import { MAX_HISTORY_ROWS } from "../control/limits.ts";
import type {
  DiskRow,
  DiskState,
  ExportParams,
  ExportView,
  HistoryParams,
  HistoryRow,
  ImportParams,
  ImportView,
  SightingRow,
} from "../control/views.ts";
import { factsOf, makeDisk, nameAt } from "../inventory/disk.ts";
import type { Host } from "../inventory/host.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { stateOn } from "../inventory/place.ts";
import { identifierIn } from "../inventory/remark.ts";
import {
  betterOf,
  type HostIdentifiers,
  NOTHING_FOUND,
  type Resolved,
  resolveHosts,
} from "../inventory/resolve.ts";
import type {
  DiskRecord,
  SightingQuery,
  SightingRecord,
} from "../store/history/records.ts";
import type { Clock } from "./clocks.ts";
import type { HistoryKeeper } from "./history_keeper.ts";
import { importedSighting } from "./history_records.ts";
import { layerViews } from "./layer_views.ts";
import { rememberedSighting } from "./restore_inventory.ts";
import { saidOf } from "./said_of.ts";
import { letOthersRun } from "./tasks.ts";

/** Rows in an answer to `export`: few, so that they do not hold the loop. */
export const EXPORT_PAGE_ROWS = 250;

/** Rows known only to the history in an answer to `where`. */
const MAX_REMEMBERED_ROWS = 50;

/** After this much reading, other work runs. */
const STEP_MS = 5;

/** No filter: any disk, any host. */
const ANY: readonly undefined[] = [undefined];

/** The disks of the history with this name, also one that somebody gave them. */
export function pastDisks(
  name: string,
  { disks, remarks }: {
    /** Those with this name, without given ones. */
    readonly disks: (name: string) => Resolved<DiskRecord>;
    readonly remarks: Inventory["remarks"];
  },
): Resolved<DiskRecord> {
  return betterOf(disks(name), () => {
    const { found, ...how } = remarks.called(name);
    const past = found.flatMap((one) => disks(identifierIn(one)).found);
    return past.length === 0 ? NOTHING_FOUND : { found: past, ...how };
  });
}

interface HistoryAnswersOptions {
  readonly keeper: HistoryKeeper;
  readonly inventory: Inventory;
  readonly clock: Clock;
}

/** Answers from the history. Each throws an `RpcError` if there is none. */
export class HistoryAnswers {
  readonly #keeper: HistoryKeeper;
  readonly #inventory: Inventory;
  readonly #clock: Clock;

  constructor({ keeper, inventory, clock }: HistoryAnswersOptions) {
    this.#keeper = keeper;
    this.#inventory = inventory;
    this.#clock = clock;
  }

  /** Newest first; empty for an unknown name. */
  async history(
    { name, host, since, limit = MAX_HISTORY_ROWS }: HistoryParams,
  ): Promise<HistoryRow[]> {
    await this.#keeper.written();
    const after = since === undefined ? null : Date.parse(since);
    const disks = name === undefined ? ANY : [...this.#names(name)];
    const hostIds = host === undefined ? ANY : this.#hostIds(host);
    const queries = hostIds.flatMap((hostId) =>
      disks.map((disk) => ({
        limit,
        ...(disk !== undefined && { disks: [disk] }),
        ...(hostId !== undefined && { hostId }),
        ...(after !== null && { since: this.#clock.storedSince(after) }),
      }))
    );
    const records = await this.#newest(queries, limit);
    const rows = this.#rows(records)
      .map((row) => ({ ...row, ...saidOf(row, this.#inventory.remarks) }));
    return after === null
      ? rows
      : rows.filter(({ until }) => until === null || Date.parse(until) > after);
  }

  /**
   * Last places of disks with this name, newest first: disks without room in
   * memory, or imported ones. Empty without a history.
   */
  find(name: string): Resolved<DiskRow> {
    if (!this.#keeper.isOpen) return NOTHING_FOUND;
    const { found, ...how } = this.#disks(name);
    const records = found.slice(0, MAX_REMEMBERED_ROWS).flatMap((disk) =>
      this.#keeper.use((store) =>
        store.sightings({ disks: [disk.name], limit: 1 })
      )
    );
    records.sort(newestFirst);
    const rows = this.#rows(records)
      .map((row, index) => this.#diskRow(row, records[index]!));
    return { found: rows, ...how };
  }

  async page({ after = 0 }: ExportParams): Promise<ExportView> {
    if (after === 0) await this.#keeper.written();
    const { records, next } = this.#keeper.use((store) =>
      store.page(after, EXPORT_PAGE_ROWS)
    );
    return { rows: this.#rows(records), next };
  }

  /** Merges all valid rows, and counts the others. */
  async merge({ rows }: ImportParams): Promise<ImportView> {
    // Loaded by the few daemons that import something.
    const { checkSightingRow } = await import("../control/sighting_row.ts");
    const now = this.#clock.storedTime(this.#clock.now());
    const records = rows.flatMap((row) => {
      const checked = checkSightingRow(row, now);
      return checked.row === null ? [] : importedSighting(checked.row, now);
    });
    const skipped = rows.length - records.length;
    const merged = this.#keeper.use((store) => store.merge(records));
    this.#learn(new Set(records.map(({ disk }) => disk.name)));
    return { ...merged, skipped };
  }

  /** Tells the inventory of imported disks that no host has. */
  #learn(names: Iterable<string>): void {
    const last = [...names].flatMap((name) =>
      this.#keeper.use((store) => store.sightings({ disks: [name], limit: 1 }))
    );
    this.#inventory.learn(
      last.filter(({ until }) => until !== null)
        .map((record) => rememberedSighting(record, this.#clock)),
    );
  }

  /** The newest of all, with a step for each query: a UUID prefix may match a thousand disks. */
  async #newest(
    queries: readonly SightingQuery[],
    limit: number,
  ): Promise<SightingRecord[]> {
    let newest: SightingRecord[] = [];
    let startedAt = this.#clock.now();
    for (const query of queries) {
      const found = this.#keeper.use((store) => store.sightings(query));
      newest = newestOf(newest, found).slice(0, limit);
      if (this.#clock.now() - startedAt < STEP_MS) continue;
      await letOthersRun();
      startedAt = this.#clock.now();
    }
    return newest;
  }

  #disks(name: string): Resolved<DiskRecord> {
    const disks = (one: string) =>
      this.#keeper.use((store) => store.disks(one));
    return pastDisks(name, { disks, remarks: this.#inventory.remarks });
  }

  /** The disks matched by `name`, in memory or in the history; those of both if both fit alike. */
  #names(name: string): Iterable<string> {
    const past = this.#disks(name);
    const now = this.#inventory.where(name);
    const names = new Set<string>();
    if (past.rank <= now.rank) {
      for (const disk of past.found) names.add(disk.name);
    }
    if (now.rank <= past.rank) {
      for (const { disk, host } of now.found) names.add(nameAt(disk, host.id));
    }
    return names;
  }

  /** Ids of the hosts with this name or id, now or during a sighting. */
  #hostIds(host: string): string[] {
    const present = [...this.#inventory.hosts()];
    const past = this.#keeper.use((store) => store.hosts(host));
    const found = resolveHosts<HostIdentifiers>(host, [...present, ...past]);
    return [...new Set(found.map(({ id }) => id))];
  }

  #rows(records: readonly SightingRecord[]): SightingRow[] {
    const namesakes = new Map<string, readonly HostIdentifiers[]>();
    return records.map((record) => {
      const { hostId: id, name } = record.host;
      const others = namesakes.get(name) ??
        this.#keeper.use((store) => store.hosts(name));
      namesakes.set(name, others);
      const uniqueHost = this.#inventory.uniqueName({ id, name }, others);
      return this.#row(record, uniqueHost);
    });
  }

  #row(record: SightingRecord, uniqueHost: string): SightingRow {
    const { disk, host, device, label, mounts, place, from } = record;
    const { until, seenAt, ...end } = this.#end(record);
    return {
      host: host.name,
      hostId: host.hostId,
      uniqueHost,
      site: this.#inventory.whereIs({ id: host.hostId }).site,
      device,
      ...factsOf(disk),
      label,
      mounts,
      inUse: place.circumstances.inUse ?? null,
      drives: place.drives,
      ...end,
      from: timeText(this.#clock.shownTime(from)),
      until: until === null ? null : timeText(until),
      seenAt: timeText(seenAt),
    };
  }

  #diskRow(sighting: SightingRow, record: SightingRecord): DiskRow {
    const { from, until: _, drives, ...row } = sighting;
    const { address } = this.#inventory.whereIs({ id: row.hostId });
    const disk = makeDisk({ ...record.place.circumstances, ...row });
    const said = saidOf(disk, this.#inventory.remarks);
    const views = layerViews(disk);
    const [own] = views.drives;
    return {
      ...row,
      ...disk,
      ...said,
      address,
      since: from,
      ...views,
      drives: drives.map((drive) => ({ ...own!, ...drive })),
    };
  }

  /** An open sighting lasts as long as its host; if the host is silent, until it was last heard. */
  #end({ disk, host, from, until, place }: SightingRecord): End {
    const begin = this.#clock.shownTime(from);
    const left = until === null
      ? this.#leftUntold(disk.name, host.hostId)
      : this.#clock.shownTime(until);
    if (left !== null) {
      const end = Math.max(begin, left);
      const unplugged = !place.stayed;
      return { state: "detached", unplugged, until: end, seenAt: end };
    }
    const known = this.#inventory.host(host.hostId);
    const heardAt = known
      ? this.#heardAt(known)
      : this.#clock.shownTime(host.heardAt);
    const seenAt = Math.max(begin, heardAt);
    const state = known ? stateOn(known) : STATE[host.state];
    const end = state === "attached" ? null : seenAt;
    return { state, unplugged: false, until: end, seenAt };
  }

  /** When a disk left that its host may find again. */
  #leftUntold(diskName: string, hostId: string): number | null {
    const last = this.#inventory.lastPlace(diskName);
    return last?.host.id === hostId ? this.#clock.wallTime(last.until) : null;
  }

  /** This host hears itself all the time. */
  #heardAt(host: Host): number {
    return host === this.#inventory.self
      ? this.#wallNow()
      : this.#clock.wallTime(host.heardAt);
  }

  #wallNow(): number {
    return this.#clock.wallTime(this.#clock.now());
  }
}

interface End {
  readonly state: DiskState;
  readonly unplugged: boolean;
  readonly until: number | null;
  readonly seenAt: number;
}

/** For a host without room in the inventory, not heard since the start. */
const STATE = { up: "stale", stale: "stale", gone: "detached" } as const;

/** Usually one of the two is empty. */
function newestOf(
  a: SightingRecord[],
  b: SightingRecord[],
): SightingRecord[] {
  if (a.length === 0) return b;
  return b.length === 0 ? a : [...a, ...b].sort(newestFirst);
}

/** Open sightings first, then the latest end. */
function newestFirst(a: SightingRecord, b: SightingRecord): number {
  const [endA, endB] = [a.until ?? Infinity, b.until ?? Infinity];
  return endA === endB ? b.from - a.from : endB - endA;
}

function timeText(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
