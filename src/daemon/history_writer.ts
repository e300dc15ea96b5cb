/**
 * What happens to disks and hosts, as the history is told it.
 *
 * When a host was silent, what it lost meanwhile left nobody knows when. Such
 * a disk counts as there until its host was last heard: be it that another
 * host has it now, or that the host is back and does not list it any more.
 */
import type { Change } from "../inventory/change.ts";
import { type Disk, diskName } from "../inventory/disk.ts";
import type { Host } from "../inventory/host.ts";
import type { Clock } from "./clocks.ts";
import {
  diskRecord,
  type HistoryStore,
  hostRecord,
  keptMounts,
  type SightingStart,
} from "./history_records.ts";

/** A host that is back says its whole list within this. */
const LIST_AFTER_SILENCE_MS = 2_000;

/** A host that was silent for a while, or still is. Monotonic ms. */
interface Silence {
  /** When it was heard before. */
  readonly heardAt: number;
  /** When it was heard again. */
  readonly endedAt: number | null;
  /** Disks that meanwhile moved to another host. */
  readonly movedAway: Set<string>;
  /** Whether it lasted since the daemon started: what is mounted elsewhere since then is no change. */
  readonly isFromStart: boolean;
}

/** What of the store is written to. */
type HistoryInk = Pick<
  HistoryStore,
  "began" | "mounted" | "ended" | "host"
>;

export class HistoryWriter {
  readonly #store: HistoryInk;
  readonly #clock: Clock;
  /** An entry is forgotten with its host. */
  readonly #silences = new WeakMap<Host, Silence>();
  /** Hosts that are back, and of which more is to be told than changes. */
  readonly #returned = new Set<Host>();

  constructor(store: HistoryInk, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Notes what happened. */
  take(change: Change): void {
    switch (change.event) {
      case "host-stale":
      case "host-gone":
        return this.#silent(change.host);
      case "host-up":
        return this.#back(change.host, change.at);
      case "moved":
        this.#leftBehind(change.from, change.disk);
        return this.#began(change.host, change.disk, change.at);
      case "attached":
      case "changed":
        return this.#began(change.host, change.disk, change.at);
      case "detached":
        return this.#ended(change.host, change.disk, change.at);
      case "mounted":
      case "unmounted":
        return this.#mounted(change.host, change.disk);
    }
  }

  /** This host was known when the daemon started, and was not heard yet. That it `wasUp` is not true any more. */
  restored(host: Host, { wasUp }: { readonly wasUp: boolean }): void {
    const { heardAt } = host;
    this.#begin(host, { heardAt, endedAt: null, isFromStart: true });
    if (wasUp) this.#store.host(hostRecord(host, this.#clock));
  }

  /** So it was, and it is this one: its first scan is to come. */
  restoredSelf(
    host: Host,
    { heardAt, now }: { readonly heardAt: number; readonly now: number },
  ): void {
    this.#begin(host, { heardAt, endedAt: now, isFromStart: true });
    this.#returned.add(host);
  }

  /** To be called every few seconds: tells what hosts that are back have and what no change tells. */
  settle(now: number): void {
    for (const host of this.#returned) {
      const { endedAt, movedAway, isFromStart } = this.#silences.get(host)!;
      const isSettled = endedAt === null ||
        (now - endedAt > LIST_AFTER_SILENCE_MS && !host.isRemembered);
      if (!isSettled) continue;
      this.#returned.delete(host);
      if (endedAt === null) continue;
      for (const disk of host.disks) {
        if (movedAway.has(placeName(disk))) this.#began(host, disk, now);
        else if (isFromStart) this.#mounted(host, disk);
      }
      movedAway.clear();
    }
  }

  /** This host goes by another id than `id` from now on. */
  renamed(id: string, host: Host, now: number): void {
    const at = this.#clock.wallTime(now);
    for (const { device } of host.disks) this.#store.ended(id, device, at);
    const before = hostRecord(host, this.#clock);
    this.#store.host({ ...before, hostId: id, state: "gone", heardAt: at });
    this.tellAgain(host);
  }

  /** Notes all of a host, as it is known now. */
  tellAgain(host: Host): void {
    this.#store.host(hostRecord(host, this.#clock));
    host.disks.forEach((disk, index) =>
      this.#began(host, disk, host.since[index]!)
    );
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
    this.#store.began(record, diskRecord(disk, host), this.#start(disk, at));
  }

  #mounted(host: Host, { device, mounts }: Disk): void {
    if (mounts.length === 0) return;
    this.#store.mounted(host.id, device, keptMounts(mounts));
  }

  #ended(host: Host, { device }: Disk, at: number): void {
    const until = this.#clock.wallTime(this.#lastThere(host, at));
    this.#store.ended(host.id, device, until);
  }

  /** A host that is silent had this disk, which is elsewhere now. */
  #leftBehind(host: Host, moved: Disk): void {
    if (host.liveness === "up") return;
    const until = this.#clock.wallTime(host.heardAt);
    for (const disk of host.disks) {
      if (diskName(disk) !== diskName(moved)) continue;
      this.#store.ended(host.id, disk.device, until);
      this.#silences.get(host)?.movedAway.add(placeName(disk));
    }
  }

  /** When a disk that is not in the list of this host now was last known to be there. */
  #lastThere(host: Host, at: number): number {
    const silence = this.#silences.get(host);
    if (silence === undefined || silence.endedAt === null) return at;
    return at - silence.endedAt > LIST_AFTER_SILENCE_MS ? at : silence.heardAt;
  }

  #start(disk: Disk, at: number): SightingStart {
    const { device, label } = disk;
    const mounts = keptMounts(disk.mounts);
    return { device, label, mounts, from: this.#clock.wallTime(at) };
  }
}

/** The same disk at the same place. */
function placeName(disk: Disk): string {
  return `${disk.device} ${diskName(disk)}`;
}
