import { Encoded } from "../control/handlers.ts";
import type {
  DiskRow,
  DuplicateRow,
  EventRow,
  HostRow,
  ListParams,
} from "../control/views.ts";
import type { Change } from "../inventory/change.ts";
import type { Disk } from "../inventory/disk.ts";
import { findDuplicates } from "../inventory/duplicates.ts";
import type { Host } from "../inventory/host.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { mountedDisks, type Place, stateOn } from "../inventory/place.ts";
import type { Clock } from "./clocks.ts";

/** What makes rows of the inventory, for the control socket. */
export class ListRows {
  readonly #inventory: Inventory;
  readonly #clock: Clock;
  /** Of each list of disks; lists are replaced, never changed, so an entry lives as long as its list. */
  #hostJson = new WeakMap<readonly Disk[], HostJson>();
  /** When the monotonic clock began, by the wall clock: times that are kept as bytes are told from there. */
  #epoch = NaN;

  constructor(inventory: Inventory, clock: Clock) {
    this.#inventory = inventory;
    this.#clock = clock;
  }

  /**
   * Disks by the names of their hosts, as the JSON of `DiskRow[]`. What is
   * asked for most, all of the hosts that are not gone, is kept as bytes.
   */
  list({ all = false, mounted }: ListParams = {}): Encoded<readonly DiskRow[]> {
    if (all || mounted !== undefined) {
      const places = this.#select({ all, mounted });
      const rows = places.map((place) => this.#placeRow(place));
      return new Encoded(JSON.stringify(rows));
    }
    this.#dropStaleJson();
    const chunks = this.#presentHosts().sort(byName)
      .map((host) => this.#jsonOf(host));
    return new Encoded(joinBytes(chunks, { before: "[", after: "]" }));
  }

  /** Where the disks of this name are, or were seen last. */
  where(name: string): DiskRow[] {
    return this.#inventory.where(name).map((place) => this.#placeRow(place));
  }

  hosts(): HostRow[] {
    return [...this.#inventory.hosts()].sort(byName)
      .map((host) => this.host(host));
  }

  host(host: Host): HostRow {
    const heardAt = host === this.#inventory.self
      ? this.#clock.now() // It hears itself all the time.
      : host.heardAt;
    return {
      host: host.name,
      hostId: host.id,
      addresses: host.addresses,
      version: host.version,
      disks: host.disks.length,
      state: host.liveness,
      heardAt: this.#clock.timeOfDay(heardAt),
      key: host.key,
    };
  }

  /** What is on two devices at once. */
  duplicates(): DuplicateRow[] {
    return findDuplicates(this.#inventory.present()).map(
      ({ kind, value, places }) => ({
        kind,
        value,
        disks: places.map((place) => this.#placeRow(place)),
      }),
    );
  }

  /** Labels and UUIDs, each once, for completion; those of disks that are gone, too. */
  names(): string[] {
    const names = new Set<string>();
    for (const disk of this.#allDisks()) {
      if (disk.label !== null) names.add(disk.label);
      if (disk.uuid !== null) names.add(disk.uuid);
    }
    return [...names].sort();
  }

  event(change: Change): EventRow {
    const { event, at, host, disk } = change;
    const from = change.event === "moved" ? change.from : null;
    const hasMount = change.event === "mounted" || change.event === "unmounted";
    return {
      event,
      at: this.#clock.timeOfDay(at),
      host: host.name,
      hostId: host.id,
      device: disk?.device ?? null,
      uuid: disk?.uuid ?? null,
      label: disk?.label ?? null,
      mount: hasMount ? change.mount : null,
      from: from?.name ?? null,
      fromId: from?.id ?? null,
    };
  }

  /** Places by the names of their hosts; of each host first what is there, then what was. */
  #select(
    { all, mounted }: { all: boolean; mounted: boolean | undefined },
  ): Place[] {
    const present = this.#inventory.present();
    const places = all ? [...present, ...this.#inventory.past()] : [...present];
    const byHost = Map.groupBy(places, ({ host }) => host);
    return [...byHost.keys()].sort(byName).flatMap((host) => {
      const ofHost = byHost.get(host)!;
      if (mounted === undefined) return ofHost;
      const those = mountedDisks(ofHost.map(({ disk }) => disk));
      return ofHost.filter(({ disk }) => those.has(disk) === mounted);
    });
  }

  /** Hosts that are not gone and have disks. */
  #presentHosts(): Host[] {
    return [...this.#inventory.hosts()].filter(({ liveness, disks }) =>
      liveness !== "gone" && disks.length > 0
    );
  }

  *#allDisks(): IterableIterator<Disk> {
    for (const { disk } of this.#inventory.past()) yield disk;
    for (const { disks } of this.#inventory.hosts()) yield* disks;
  }

  #placeRow({ disk, host, state, since, seenAt }: Place): DiskRow {
    return {
      host: host.name,
      hostId: host.id,
      address: host.addresses[0] ?? null,
      state,
      seenAt: state === "detached"
        ? this.#clock.timeOfDay(seenAt)
        : this.#seenAtOn(host),
      since: this.#clock.timeOfDay(since),
      ...disk,
    };
  }

  /** When the disks of a host that is not gone were there last; what this one has it sees all the time. */
  #seenAtOn(host: Host): string {
    const isHere = host === this.#inventory.self && !host.isRemembered;
    return this.#clock.timeOfDay(isHere ? this.#clock.now() : host.heardAt);
  }

  #jsonOf(host: Host): Uint8Array {
    const part = {
      host: host.name,
      hostId: host.id,
      address: host.addresses[0] ?? null,
      state: stateOn(host),
    };
    const seenAt = this.#seenAtOn(host);
    let json = this.#hostJson.get(host.disks);
    if (!json?.isOf(part)) {
      json = new HostJson(host.disks, part, {
        seenAt,
        since: this.#sinceOf(host),
      });
      this.#hostJson.set(host.disks, json);
    }
    return json.bytes(seenAt);
  }

  /** Of each disk of a host. Most came together. */
  #sinceOf({ since }: Host): string[] {
    let [last, text] = [NaN, ""];
    return since.map((ms) => {
      if (ms !== last) text = this.#clock.timeOfDay(ms);
      last = ms;
      return text;
    });
  }

  /** When the clock was set, times of the past are others than before. */
  #dropStaleJson(): void {
    const epoch = this.#clock.wallTime(0);
    if (epoch !== this.#epoch) this.#hostJson = new WeakMap();
    this.#epoch = epoch;
  }
}

function byName(a: Host, b: Host): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** What all rows of one host have in common, besides the time. */
type HostPart = Pick<DiskRow, "host" | "hostId" | "address" | "state">;

/**
 * The rows of one host's disks as JSON, with commas between. Of most hosts
 * nothing changes but when they were heard: then only the time is written
 * anew, in its place in each row.
 */
class HostJson {
  readonly #host: HostPart;
  readonly #bytes: Uint8Array;
  /** Where in `#bytes` the time of each row begins: RFC 3339 with milliseconds always takes as many. */
  readonly #seenAtOffsets: readonly number[];
  #seenAt: string;

  /** `since` has a time for each of `disks`. */
  constructor(
    disks: readonly Disk[],
    host: HostPart,
    { seenAt, since }: {
      readonly seenAt: string;
      readonly since: readonly string[];
    },
  ) {
    const encoder = new TextEncoder();
    const before = encoder.encode(JSON.stringify({ ...host, seenAt })).length -
      `${seenAt}"}`.length;
    const rows = disks.map((disk, index) => {
      const row = { ...host, seenAt, since: since[index], ...disk };
      return encoder.encode(JSON.stringify(row));
    });
    let start = 0;
    this.#seenAtOffsets = rows.map(({ length }) => {
      const offset = start + before;
      start += length + COMMA.length;
      return offset;
    });
    this.#host = host;
    this.#bytes = joinBytes(rows, { before: "", after: "" });
    this.#seenAt = seenAt;
  }

  /** Whether these are the rows of that host still. */
  isOf(host: HostPart): boolean {
    const known = this.#host;
    return known.state === host.state && known.host === host.host &&
      known.hostId === host.hostId && known.address === host.address;
  }

  /** As of now. Copy them before the next call, which may write over them. */
  bytes(seenAt: string): Uint8Array {
    if (this.#seenAt !== seenAt) {
      const time = new TextEncoder().encode(seenAt);
      for (const offset of this.#seenAtOffsets) this.#bytes.set(time, offset);
      this.#seenAt = seenAt;
    }
    return this.#bytes;
  }
}

/** The chunks with commas between them, and what stands around all: ASCII. */
function joinBytes(
  chunks: readonly Uint8Array[],
  { before, after }: { readonly before: string; readonly after: string },
): Uint8Array<ArrayBuffer> {
  const commas = Math.max(0, chunks.length - 1) * COMMA.length;
  const inner = chunks.reduce((sum, { length }) => sum + length, commas);
  const bytes = new Uint8Array(before.length + inner + after.length);
  const encoder = new TextEncoder();
  encoder.encodeInto(before, bytes);
  let at = before.length;
  chunks.forEach((chunk, index) => {
    if (index > 0) bytes[at++] = COMMA.charCodeAt(0);
    bytes.set(chunk, at);
    at += chunk.length;
  });
  encoder.encodeInto(after, bytes.subarray(at));
  return bytes;
}

const COMMA = ",";
