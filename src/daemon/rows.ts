import { Encoded } from "../control/encoded.ts";
import type {
  DiskRow,
  EventRow,
  HostRow,
  ListParams,
} from "../control/views.ts";
import type { Change } from "../inventory/change.ts";
import type { Disk } from "../inventory/disk.ts";
import type { Host } from "../inventory/host.ts";
import type { Inventory, Place } from "../inventory/inventory.ts";
import { mountedDisks } from "../inventory/mounted_disks.ts";
import type { Clock } from "./clock.ts";
import { HostJson, joinBytes } from "./host_json.ts";

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
    const chunks = this.#presentHosts().sort(byName)
      .map((host) => this.#jsonOf(host));
    return new Encoded(joinBytes(chunks, { before: "[", after: "]" }));
  }

  /** Where the disks of this name are, or were seen last. */
  where(name: string): DiskRow[] {
    return this.#inventory.where(name).map((place) => this.#placeRow(place));
  }

  hosts(): HostRow[] {
    return [...this.#inventory.hosts()].sort(byName).map((host) => ({
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
    const present = this.#presentHosts().flatMap((host) =>
      host.disks.map((disk) => this.#placeOn(host, disk))
    );
    const places = all ? [...present, ...this.#inventory.past()] : present;
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

  #placeOn(host: Host, disk: Disk): Place {
    return { host, disk, state: stateOn(host), seenAt: host.heardAt };
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

  #jsonOf(host: Host): Uint8Array {
    const part = {
      host: host.name,
      hostId: host.id,
      address: host.addresses[0] ?? null,
      state: stateOn(host),
    };
    const seenAt = this.#clock.timeOfDay(this.#heardAt(host));
    let json = this.#hostJson.get(host.disks);
    if (!json?.isOf(part)) {
      json = new HostJson(host.disks, part, seenAt);
      this.#hostJson.set(host.disks, json);
    }
    return json.bytes(seenAt);
  }
}

/** Of a disk on a host that is not gone. */
function stateOn({ liveness }: Host): "attached" | "stale" {
  return liveness === "up" ? "attached" : "stale";
}

function byName(a: Host, b: Host): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
