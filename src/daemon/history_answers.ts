import { INVALID_PARAMS, RpcError } from "../control/jsonrpc.ts";
import { MAX_HISTORY_ROWS } from "../control/limits.ts";
import { checkSightingRow } from "../control/sighting_row.ts";
import type {
  DiskRow,
  DiskState,
  ExportParams,
  ExportView,
  HistoryParams,
  ImportParams,
  ImportView,
  SightingRow,
} from "../control/views.ts";
import { factsOf } from "../inventory/disk.ts";
import type { Host } from "../inventory/host.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { stateOn } from "../inventory/place.ts";
import type {
  SightingQuery,
  SightingRecord,
} from "../store/history/records.ts";
import type { Clock } from "./clocks.ts";
import type { HistoryKeeper } from "./history_keeper.ts";
import { importedSighting } from "./history_records.ts";
import { letOthersRun } from "./tasks.ts";

/** Rows of one answer to `export`: so few that the loop is not held by them. */
export const EXPORT_PAGE_ROWS = 250;

/** Rows of one answer to `where` that only the history has. */
const MAX_REMEMBERED_ROWS = 50;

/** After so many ms of reading others have their turn. */
const STEP_MS = 5;

/** No choice: whatever disk, whatever host. */
const ALL: readonly undefined[] = [undefined];

interface HistoryAnswersOptions {
  readonly keeper: HistoryKeeper;
  readonly inventory: Inventory;
  readonly clock: Clock;
}

/** What the control socket answers of the history. Each throws an `RpcError` where there is none. */
export class HistoryAnswers {
  readonly #keeper: HistoryKeeper;
  readonly #inventory: Inventory;
  readonly #clock: Clock;

  constructor({ keeper, inventory, clock }: HistoryAnswersOptions) {
    this.#keeper = keeper;
    this.#inventory = inventory;
    this.#clock = clock;
  }

  /** Newest first; empty where nothing of that name is known. */
  async history(
    { name, host, since, limit = MAX_HISTORY_ROWS }: HistoryParams,
  ): Promise<SightingRow[]> {
    await this.#keeper.written();
    const disks = name === undefined ? ALL : this.#names(name);
    const hostIds = host === undefined ? ALL : this.#hostIds(host);
    const queries = hostIds.flatMap((hostId) =>
      disks.map((disk) => ({
        limit,
        ...(disk !== undefined && { disks: [disk] }),
        ...(hostId !== undefined && { hostId }),
        ...(since !== undefined && { since: Date.parse(since) }),
      }))
    );
    const records = await this.#newest(queries, limit);
    return records.map((record) => this.#row(record));
  }

  /**
   * Where the disks of this name were last, newest first: for those that
   * memory has no room for, or that were imported. None where there is no
   * history.
   */
  where(name: string): DiskRow[] {
    if (!this.#keeper.isOpen) return [];
    const records = this.#names(name).slice(0, MAX_REMEMBERED_ROWS)
      .flatMap((disk) =>
        this.#keeper.use((store) =>
          store.sightings({ disks: [disk], limit: 1 })
        )
      );
    return records.sort(newestFirst).map((record) => this.#diskRow(record));
  }

  async page({ after = 0 }: ExportParams): Promise<ExportView> {
    if (after === 0) await this.#keeper.written();
    const { records, next } = this.#keeper.use((store) =>
      store.page(after, EXPORT_PAGE_ROWS)
    );
    return { rows: records.map((record) => this.#row(record)), next };
  }

  /** All of the rows, or, where one is wrong, none. */
  merge({ rows }: ImportParams): ImportView {
    const now = this.#wallNow();
    const records = rows.map((row, index) => {
      const checked = checkSightingRow(row, now);
      if (checked.row !== null) return importedSighting(checked.row);
      throw new RpcError(INVALID_PARAMS, `rows.${index}: ${checked.problem}`);
    });
    return this.#keeper.use((store) => store.merge(records));
  }

  /** The newest of all, each query a step of its own: the beginning of a UUID may stand for a thousand disks. */
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

  /** Of the disks that `name` stands for. */
  #names(name: string): string[] {
    const disks = this.#keeper.use((store) => store.disks(name));
    return disks.map((disk) => disk.name);
  }

  /** Ids of the hosts of this name or id; one that nobody has heard of lately may be in the history still. */
  #hostIds(host: string): string[] {
    const hosts = [...this.#inventory.hosts()];
    const wanted = host.toLowerCase();
    const named = hosts.filter(({ name }) => name === host);
    const alike = hosts.filter(({ name }) => name.toLowerCase() === wanted);
    const found = named.length > 0 ? named : alike;
    return found.length > 0 ? found.map(({ id }) => id) : [host];
  }

  #row(record: SightingRecord): SightingRow {
    const { disk, host, device, label, mounts, from } = record;
    const { state, until, seenAt } = this.#end(record);
    return {
      host: host.name,
      hostId: host.hostId,
      device,
      ...factsOf(disk),
      label,
      mounts,
      state,
      from: timeText(from),
      until: until === null ? null : timeText(until),
      seenAt: timeText(seenAt),
    };
  }

  #diskRow(record: SightingRecord): DiskRow {
    const { from, until: _, ...row } = this.#row(record);
    const known = this.#inventory.host(row.hostId);
    const address = known?.addresses[0] ?? null;
    return { ...row, address, mounts_ro: [], holders: [], since: from };
  }

  /** A disk that has not left is there as long as its host is; of one that is silent, until that was heard. */
  #end({ host, from, until }: SightingRecord): End {
    if (until !== null) return { state: "detached", until, seenAt: until };
    const known = this.#inventory.host(host.hostId);
    const heardAt = known ? this.#heardAt(known) : host.heardAt;
    const seenAt = Math.max(from, heardAt);
    const state = known ? stateOn(known) : STATE[host.state];
    return { state, until: state === "attached" ? null : seenAt, seenAt };
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
  readonly until: number | null;
  readonly seenAt: number;
}

/** Of a host for which the inventory has no room: it was not heard since the start. */
const STATE = { up: "stale", stale: "stale", gone: "detached" } as const;

/** One of the two is mostly empty. */
function newestOf(
  a: SightingRecord[],
  b: SightingRecord[],
): SightingRecord[] {
  if (a.length === 0) return b;
  return b.length === 0 ? a : [...a, ...b].sort(newestFirst);
}

/** First those that have not ended, then the one that ended last. */
function newestFirst(a: SightingRecord, b: SightingRecord): number {
  const [endA, endB] = [a.until ?? Infinity, b.until ?? Infinity];
  return endA === endB ? b.from - a.from : endB - endA;
}

function timeText(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
