import { Encoded } from "../control/encoded.ts";
import type { DiskRow, EventRow, HostRow } from "../control/views.ts";
import type { Change } from "../inventory/change.ts";
import type { Disk } from "../inventory/disk.ts";
import type { Host } from "../inventory/host.ts";
import type { Inventory, Place } from "../inventory/inventory.ts";
import type { Clock } from "./clock.ts";

/** What makes rows of the inventory, for the control socket. */
export class Rows {
  readonly #inventory: Inventory;
  readonly #clock: Clock;
  /** Of each list of disks; lists are replaced, never changed, so an entry lives as long as its list. */
  readonly #hostJson = new WeakMap<readonly Disk[], HostJson>();

  constructor(inventory: Inventory, clock: Clock) {
    this.#inventory = inventory;
    this.#clock = clock;
  }

  /** Every disk of every host that is not gone, as the JSON of `DiskRow[]`. */
  list(): Encoded<readonly DiskRow[]> {
    const chunks: Uint8Array[] = [];
    for (const host of this.#sortedHosts()) {
      if (host.liveness === "gone" || host.disks.length === 0) continue;
      chunks.push(this.#jsonOf(host));
    }
    return new Encoded(joinAsArray(chunks));
  }

  /** Where the disks of this name are, or were seen last. */
  where(name: string): DiskRow[] {
    return this.#inventory.where(name).map((place) => this.#placeRow(place));
  }

  hosts(): HostRow[] {
    return this.#sortedHosts().map((host) => ({
      host: host.name,
      hostId: host.id,
      addresses: host.addresses,
      version: host.version,
      disks: host.disks.length,
      state: host.liveness,
      heardAt: this.#clock.timeOfDay(this.#heardAt(host)),
    }));
  }

  /** Labels and UUIDs, each once, for completion. */
  names(): string[] {
    const names = new Set<string>();
    for (const host of this.#inventory.hosts()) {
      for (const { label, uuid } of host.disks) {
        if (label !== null) names.add(label);
        if (uuid !== null) names.add(uuid);
      }
    }
    return [...names].sort();
  }

  event({ event, at, host, disk }: Change): EventRow {
    return {
      event,
      at: this.#clock.timeOfDay(at),
      host: host.name,
      hostId: host.id,
      device: disk?.device ?? null,
      uuid: disk?.uuid ?? null,
      label: disk?.label ?? null,
    };
  }

  #placeRow({ disk, host, state, seenAt }: Place): DiskRow {
    const isHere = host === this.#inventory.self && state === "attached";
    return {
      host: host.name,
      hostId: host.id,
      address: host.addresses[0] ?? null,
      state,
      seenAt: this.#clock.timeOfDay(isHere ? this.#clock.now() : seenAt),
      ...disk,
    };
  }

  /** This host hears itself all the time. */
  #heardAt(host: Host): number {
    return host === this.#inventory.self ? this.#clock.now() : host.heardAt;
  }

  /** The rows of one host, made anew when it was heard since they were. */
  #jsonOf(host: Host): Uint8Array {
    const place = {
      host: host.name,
      hostId: host.id,
      address: host.addresses[0] ?? null,
      state: host.liveness === "up" ? "attached" : "stale",
      seenAt: this.#clock.timeOfDay(this.#heardAt(host)),
    };
    const known = this.#hostJson.get(host.disks);
    if (known !== undefined && samePlace(known.place, place)) {
      return known.bytes;
    }
    const rows = host.disks.map((disk) =>
      JSON.stringify({ ...place, ...disk })
    );
    const bytes = new TextEncoder().encode(rows.join(","));
    this.#hostJson.set(host.disks, { place, bytes });
    return bytes;
  }

  #sortedHosts(): Host[] {
    return [...this.#inventory.hosts()].sort((a, b) =>
      a.name < b.name ? -1 : a.name > b.name ? 1 : 0
    );
  }
}

/** What all rows of one host have in common. */
type Common = Pick<DiskRow, "host" | "hostId" | "address" | "seenAt"> & {
  readonly state: string;
};

interface HostJson {
  readonly place: Common;
  readonly bytes: Uint8Array;
}

function samePlace(a: Common, b: Common): boolean {
  return a.seenAt === b.seenAt && a.state === b.state && a.host === b.host &&
    a.hostId === b.hostId && a.address === b.address;
}

/** `[`, the chunks with commas between them, `]`. */
function joinAsArray(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = chunks.reduce((sum, { length }) => sum + length + 1, 1);
  const bytes = new Uint8Array(Math.max(length, 2));
  bytes[0] = OPEN;
  let at = 1;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
    bytes[at++] = COMMA;
  }
  bytes[bytes.length - 1] = CLOSE;
  return bytes;
}

const OPEN = "[".charCodeAt(0);
const COMMA = ",".charCodeAt(0);
const CLOSE = "]".charCodeAt(0);
