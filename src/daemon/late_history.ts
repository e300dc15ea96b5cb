import type { Inventory } from "../inventory/inventory.ts";
import type { HostRecord, Restored } from "../store/history/records.ts";
import type { Clock } from "./clocks.ts";
import type { HistoryStore } from "./history_records.ts";
import type { HistoryInk, HistoryWriter } from "./history_writer.ts";
import { memoryOf } from "./restore_inventory.ts";

/** Changes kept in memory; beyond that the oldest are lost. */
const MAX_EARLY = 5_000;

/** Keeps changes in memory while the file of the history cannot be opened. */
export class EarlyChanges implements HistoryInk {
  /** Each with the stored time of the start when it was made. */
  readonly #changes: [Later, begin: number][] = [];
  /** The first device of each disk at each host. */
  readonly #firstDevices = new Map<string, string>();
  #isCut = false;
  readonly #clock: Pick<Clock, "storedStart">;

  constructor(clock: Pick<Clock, "storedStart">) {
    this.#clock = clock;
  }

  /** Whether changes were lost. */
  get isCut(): boolean {
    return this.#isCut;
  }

  began(...change: Parameters<HistoryInk["began"]>): void {
    const [host, disk, at] = change;
    const key = placeKey(host.hostId, disk.name);
    if (!this.#firstDevices.has(key) && this.#firstDevices.size < MAX_EARLY) {
      this.#firstDevices.set(key, at.device);
    }
    this.#keep((store, byMs) =>
      store.began(heardLater(host, byMs), disk, {
        ...at,
        from: at.from + byMs,
      })
    );
  }

  renamed(...change: Parameters<HistoryInk["renamed"]>): void {
    this.#keep((store) => store.renamed(...change));
  }

  mounted(...change: Parameters<HistoryInk["mounted"]>): void {
    this.#keep((store) => store.mounted(...change));
  }

  ended(hostId: string, device: string, until: number): void {
    this.#keep((store, byMs) => store.ended(hostId, device, until + byMs));
  }

  listed(hostId: string, devices: readonly string[], until: number): void {
    this.#keep((store, byMs) => store.listed(hostId, devices, until + byMs));
  }

  host(record: HostRecord): void {
    this.#keep((store, byMs) => store.host(heardLater(record, byMs)));
  }

  /** Where this host was first seen to have this disk; `null`: nowhere. */
  firstDevice(hostId: string, diskName: string): string | null {
    return this.#firstDevices.get(placeKey(hostId, diskName)) ?? null;
  }

  /** Passes all changes on, in order. */
  writeTo(store: HistoryInk): void {
    const { storedStart } = this.#clock;
    for (const [write, begin] of this.#changes) {
      write(store, storedStart - begin);
    }
  }

  #keep(write: Later): void {
    this.#changes.push([write, this.#clock.storedStart]);
    if (this.#changes.length <= MAX_EARLY) return;
    this.#changes.shift();
    this.#isCut = true;
  }
}

/** Writes a change whose times are `byMs` later, since the clock was set. */
type Later = (store: HistoryInk, byMs: number) => void;

function heardLater(host: HostRecord, byMs: number): HostRecord {
  return { ...host, heardAt: host.heardAt + byMs };
}

function placeKey(hostId: string, diskName: string): string {
  return `${hostId} ${diskName}`;
}

/**
 * Joins the state of the last stop, read late, and what was seen since the
 * start: sightings that went on do so in the history, and the others end when
 * their host was last heard before the start. Nothing is told as a change.
 */
export function joinLate(
  restored: Restored,
  { store, early, inventory, clock, writer }: {
    readonly store: HistoryStore;
    readonly early: EarlyChanges;
    readonly inventory: Inventory;
    readonly clock: Clock;
    readonly writer: HistoryWriter;
  },
): void {
  const isHeard = new Set([...inventory.hosts()].map(({ id }) => id));
  inventory.restoreLate(memoryOf(restored, clock));
  const renamed: Parameters<HistoryInk["renamed"]>[] = [];
  for (
    const { host: { hostId, state, heardAt }, sightings } of restored.hosts
  ) {
    const host = inventory.host(hostId);
    if (host === undefined) continue;
    for (const { disk: { name }, device } of sightings) {
      const there = isHeard.has(hostId)
        ? early.firstDevice(hostId, name)
        : host.disks.find((disk) => disk.device === device)?.device ?? null;
      if (there === null) store.ended(hostId, device, heardAt);
      else if (there !== device) {
        renamed.push([hostId, { disk: name, from: device, to: there }]);
      }
    }
    if (!isHeard.has(hostId)) {
      writer.restored(host, { wasUp: state === "up" });
    }
  }
  for (const change of renamed) store.renamed(...change);
  early.writeTo(store);
}
