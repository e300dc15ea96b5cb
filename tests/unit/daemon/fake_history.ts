import type {
  HistoryStore,
  SightingStart,
} from "../../../src/daemon/history_records.ts";
import type { TimeMove } from "../../../src/daemon/stored_times.ts";
import {
  type HostIdentifiers,
  type Resolved,
  resolveDisks,
} from "../../../src/inventory/resolve.ts";
import type {
  DiskRecord,
  HostRecord,
  Restored,
  SightingRecord,
} from "../../../src/store/history/records.ts";

/** A store that writes down what it is told, a line each. */
export class FakeHistory implements HistoryStore {
  readonly told: string[] = [];
  problem: string | null = null;
  gaps = 0;
  isTooLarge = false;
  written = 0;
  restored: Restored = { hosts: [], past: [] };
  records: SightingRecord[] = [];
  /** Changes that wait; `flush` takes one at a time. */
  waiting = 0;
  /** Steps that `trim` takes. */
  toTrim = 0;
  /** Thrown by whatever is called next. */
  failure: Error | null = null;

  restore(): Restored {
    this.#fail();
    return this.restored;
  }

  began(host: HostRecord, disk: DiskRecord, at: SightingStart): void {
    this.#tell(`began ${host.hostId} ${disk.name} ${at.device} ${at.from}`);
  }

  mounted(
    hostId: string,
    { device, mounts }: Pick<SightingStart, "device" | "mounts">,
  ): void {
    this.#tell(`mounted ${hostId} ${device} ${mounts.join(",")}`);
  }

  renamed(
    hostId: string,
    { from, to }: { disk: string; from: string; to: string },
  ): void {
    this.#tell(`renamed ${hostId} ${from} ${to}`);
  }

  ended(hostId: string, device: string, until: number): void {
    this.#tell(`ended ${hostId} ${device} ${until}`);
  }

  listed(hostId: string, devices: readonly string[], until: number): void {
    this.#tell(`listed ${hostId} ${devices.join(",")} ${until}`);
  }

  rekeyed(from: string, to: string): void {
    this.#tell(`rekeyed ${from} ${to}`);
  }

  host({ hostId, state, heardAt }: HostRecord): void {
    this.#tell(`host ${hostId} ${state} ${heardAt}`);
  }

  alive(at: number): void {
    this.#tell(`alive ${at}`);
  }

  flush(): boolean {
    this.#fail();
    this.told.push("flush");
    this.waiting = Math.max(0, this.waiting - 1);
    return this.waiting > 0;
  }

  redate({ from, byMs }: TimeMove): void {
    this.#tell(`redate ${from} ${byMs}`);
  }

  newestBefore(): number {
    return 0;
  }

  trim(now: number | null): boolean {
    this.#fail();
    this.told.push(`trim ${now}`);
    this.toTrim = Math.max(0, this.toTrim - 1);
    return this.toTrim > 0;
  }

  disks(name: string): Resolved<DiskRecord> {
    this.#fail();
    return resolveDisks(
      name,
      this.records.map(({ disk }) => disk),
      { diskOf: (disk) => disk },
    );
  }

  hosts(): HostIdentifiers[] {
    this.#fail();
    return this.records.map(({ host }) => ({
      id: host.hostId,
      name: host.name,
    }));
  }

  sightings(): SightingRecord[] {
    this.#fail();
    return this.records;
  }

  page(afterId: number, limit: number) {
    this.#fail();
    const records = this.records.slice(afterId, afterId + limit);
    const next = afterId + limit;
    return { records, next: next < this.records.length ? next : null };
  }

  merge(records: readonly SightingRecord[]) {
    this.#fail();
    this.records.push(...records);
    return { added: records.length, extended: 0, known: 0 };
  }

  count(of: { readonly disk: string } | { readonly hostId: string }): number {
    this.#fail();
    return "disk" in of ? 2 : 3;
  }

  forgetDisk(name: string): number {
    this.#tell(`forgot disk ${name}`);
    return 2;
  }

  forgetHost(hostId: string): number {
    this.#tell(`forgot host ${hostId}`);
    return 3;
  }

  close(): void {
    this.told.push("close");
  }

  #tell(line: string): void {
    this.#fail();
    this.told.push(line);
    this.waiting++;
  }

  #fail(): void {
    if (this.failure !== null) throw this.failure;
  }
}
