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
  /** The JSON of each disk of a list; lists are replaced, never changed, so it lives as long as its list. */
  readonly #diskJson = new WeakMap<readonly Disk[], readonly string[]>();

  constructor(inventory: Inventory, clock: Clock) {
    this.#inventory = inventory;
    this.#clock = clock;
  }

  /** Every disk of every host that is not gone, as the JSON of `DiskRow[]`. */
  list(): Encoded<readonly DiskRow[]> {
    const rows: string[] = [];
    for (const host of this.#sortedHosts()) {
      if (host.liveness === "gone" || host.disks.length === 0) continue;
      const start = JSON.stringify(this.#placeFields(host)).slice(0, -1);
      for (const json of this.#jsonOf(host.disks)) {
        rows.push(`${start},${json}`);
      }
    }
    return new Encoded(`[${rows.join(",")}]`);
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

  #placeFields(host: Host) {
    return {
      host: host.name,
      hostId: host.id,
      address: host.addresses[0] ?? null,
      state: host.liveness === "up" ? "attached" : "stale",
      seenAt: this.#clock.timeOfDay(this.#heardAt(host)),
    };
  }

  /** This host hears itself all the time. */
  #heardAt(host: Host): number {
    return host === this.#inventory.self ? this.#clock.now() : host.heardAt;
  }

  #jsonOf(disks: readonly Disk[]): readonly string[] {
    let json = this.#diskJson.get(disks);
    if (json === undefined) {
      json = disks.map((disk) => JSON.stringify(disk).slice(1));
      this.#diskJson.set(disks, json);
    }
    return json;
  }

  #sortedHosts(): Host[] {
    return [...this.#inventory.hosts()].sort((a, b) =>
      a.name < b.name ? -1 : a.name > b.name ? 1 : 0
    );
  }
}
