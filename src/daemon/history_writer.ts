/**
 * Converts changes of disks and hosts to changes of the history.
 *
 * If a host loses a disk while it is silent, nobody knows when. The disk counts
 * as there until its host was last heard, whether another host has it now, or
 * the returned host no longer lists it.
 */
import { LIST_AFTER_SILENCE_MS } from "../inventory/awaited.ts";
import type { Change } from "../inventory/change.ts";
import { type Disk, diskName, nameAt } from "../inventory/disk.ts";
import type { Host } from "../inventory/host.ts";
import { layersOf } from "../inventory/layers.ts";
import { shownDisks } from "../inventory/place.ts";
import type { Clock } from "./clocks.ts";
import {
  diskRecord,
  type HistoryStore,
  hostRecord,
  keptMounts,
  placeRecord,
  type SightingStart,
} from "./history_records.ts";

/** A present or past silence of a host. Monotonic ms. */
interface Silence {
  /** When it was heard before. */
  readonly heardAt: number;
  /** When it was heard again. */
  readonly endedAt: number | null;
  /** Disks that moved to another host meanwhile. */
  readonly movedAway: Set<string>;
  /** Whether it lasts since the daemon started: a different mount since then is no change. */
  readonly isFromStart: boolean;
}

/** The methods of the store used for writing. */
export type HistoryInk = Pick<
  HistoryStore,
  "began" | "renamed" | "mounted" | "ended" | "host" | "listed"
>;

export class HistoryWriter {
  readonly #clock: Clock;
  #store: HistoryInk;
  /** An entry disappears with its host. */
  readonly #silences = new WeakMap<Host, Silence>();
  /** Returned hosts whose state needs more than their changes. */
  readonly #returned = new Set<Host>();

  constructor(store: HistoryInk, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Records further changes elsewhere. */
  writeTo(store: HistoryInk): void {
    this.#store = store;
  }

  /** Records a change. */
  take(change: Change): void {
    switch (change.event) {
      case "host-stale":
      case "host-gone":
        return this.#silent(change.host);
      case "newcomer":
        return;
      case "host-up":
        return this.#back(change.host, change.at);
      case "moved":
        this.#leftBehind(change.from, change.disk);
        return this.#began(change.host, change.disk, change.at);
      case "renamed":
        this.#store.renamed(change.host.id, {
          disk: nameAt(change.disk, change.host.id),
          from: change.fromDevice,
          to: change.disk.device,
        });
        return this.#began(change.host, change.disk, change.at);
      case "changed":
        // Hidden from now on: what it held is elsewhere, if anywhere.
        if (change.disk.hidden !== null) {
          return this.#ended(change.host, change.disk, change.at);
        }
        return this.#began(change.host, change.disk, change.at);
      case "attached":
        return this.#began(change.host, change.disk, change.at);
      case "detached":
        return this.#ended(change.host, change.disk, change.at);
      case "failing":
      case "recovered":
      case "mounted":
      case "unmounted":
        return this.#mounted(change.host, change.disk);
    }
  }

  /**
   * Records a host known at the start, but not heard yet. If it `wasUp`, that
   * is no longer true.
   */
  restored(host: Host, { wasUp }: { readonly wasUp: boolean }): void {
    const { heardAt } = host;
    this.#begin(host, { heardAt, endedAt: null, isFromStart: true });
    if (wasUp) this.#store.host(hostRecord(host, this.#clock));
  }

  /** The same for this host, before its first scan. */
  restoredSelf(
    host: Host,
    { heardAt, now }: { readonly heardAt: number; readonly now: number },
  ): void {
    this.#begin(host, { heardAt, endedAt: now, isFromStart: true });
    this.#returned.add(host);
  }

  /**
   * Must be called every few seconds: records the parts of returned hosts that
   * no change reports.
   */
  settle(now: number): void {
    for (const host of this.#returned) {
      const { endedAt, movedAway, isFromStart } = this.#silences.get(host)!;
      const isSettled = endedAt === null ||
        (now - endedAt > LIST_AFTER_SILENCE_MS && !host.isRemembered);
      if (!isSettled) continue;
      this.#returned.delete(host);
      if (endedAt === null) continue;
      for (const disk of shownDisks(host)) {
        if (movedAway.has(placeName(disk))) this.#began(host, disk, now);
        else if (isFromStart) this.#mounted(host, disk);
      }
      movedAway.clear();
    }
  }

  /** This host's id changes from `id`. */
  renamed(id: string, host: Host, now: number): void {
    const at = this.#clock.storedTime(now);
    for (const { device } of shownDisks(host)) {
      this.#store.ended(id, device, at);
    }
    const before = hostRecord(host, this.#clock);
    this.#store.host({ ...before, hostId: id, state: "gone", heardAt: at });
    this.tellAgain(host);
  }

  /** Records everything known of a host; what else the history knows to be there has left. */
  tellAgain(host: Host): void {
    this.#store.host(hostRecord(host, this.#clock));
    const devices = shownDisks(host).map(({ device }) => device);
    this.#store.listed(
      host.id,
      devices,
      this.#clock.storedTime(host.heardAt),
    );
    host.disks.forEach((disk, index) => {
      if (disk.hidden !== null) return;
      this.#began(host, disk, host.since[index]!);
    });
  }

  #begin(host: Host, silence: Omit<Silence, "movedAway">): void {
    this.#silences.set(host, { ...silence, movedAway: new Set() });
  }

  #silent(host: Host): void {
    const { heardAt } = host;
    this.#begin(host, { heardAt, endedAt: null, isFromStart: false });
    this.#store.host(hostRecord(host, this.#clock));
  }

  #back(host: Host, at: number): void {
    const silence = this.#silences.get(host);
    if (silence !== undefined) {
      this.#silences.set(host, { ...silence, endedAt: at });
      this.#returned.add(host);
    }
    this.#store.host(hostRecord(host, this.#clock));
  }

  #began(host: Host, disk: Disk, at: number): void {
    const record = hostRecord(host, this.#clock);
    const { label } = disk;
    const from = this.#clock.storedTime(at);
    const start = { ...this.#use(host, disk), label, from };
    this.#store.began(record, diskRecord(disk, host), start);
  }

  #mounted(host: Host, disk: Disk): void {
    this.#store.mounted(host.id, this.#use(host, disk));
  }

  #ended(host: Host, { device }: Disk, at: number): void {
    const until = this.#clock.storedTime(this.#lastThere(host, at));
    this.#store.ended(host.id, device, until);
  }

  /** A silent host had this disk, which has moved. */
  #leftBehind(host: Host, moved: Disk): void {
    if (host.liveness === "up") return;
    const until = this.#clock.storedTime(host.heardAt);
    for (const disk of host.disks) {
      if (diskName(disk) !== diskName(moved)) continue;
      this.#store.ended(host.id, disk.device, until);
      this.#silences.get(host)?.movedAway.add(placeName(disk));
    }
  }

  /** When a disk missing from this host's present list was last known to be there. */
  #lastThere(host: Host, at: number): number {
    const silence = this.#silences.get(host);
    if (silence === undefined || silence.endedAt === null) return at;
    return at - silence.endedAt > LIST_AFTER_SILENCE_MS ? at : silence.heardAt;
  }

  #use(
    { disks }: Host,
    disk: Disk,
  ): Pick<SightingStart, "device" | "mounts" | "place"> {
    const { device } = disk;
    const place = placeRecord(disk, layersOf(disks));
    return { device, mounts: keptMounts(disk.mounts), place };
  }
}

/** Identifies the same disk at the same place. */
function placeName(disk: Disk): string {
  return `${disk.device} ${diskName(disk)}`;
}
