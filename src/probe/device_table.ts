import {
  assemble,
  contentsOf,
  type FoundDisks,
  type HostFacts,
  type KnownDevice,
} from "./assemble.ts";
import type { Device } from "./device.ts";
import { isPartition } from "./device_graph.ts";
import type { MountTable } from "./mounts.ts";
import { NO_SIGNATURE, sameSignature, type Signature } from "./parse_blkid.ts";
import {
  type Expected,
  NOTHING_EXPECTED,
  type Reading,
} from "./read_signature.ts";
import type { Read } from "./reads.ts";
import type { ScanRequest } from "./scan_requests.ts";

/** Time until an unreadable device is tried again, unless requested earlier. */
export const DEVICE_RETRY_MS = 30_000;

/** A device to read, see `ReadOptions`. */
interface Due {
  readonly path: string;
  readonly fresh: boolean;
  readonly doubtful: boolean;
}

interface TableEntry {
  device: Device;
  /** Monotonic ms: a reading begun earlier concerns another device. */
  readonly since: number;
  reading: Reading | null;
  /** Start of the last reading, monotonic ms. */
  readAt: number;
  /** Its last signature. */
  signature: Signature | null;
  /** Whether its contents seem to have changed since. */
  seemsChanged: boolean;
  /** Whether it was read as blank, and nothing told of a change since. */
  isBlank: boolean;
}

/** Pairs of equivalent fields: lsblk's from the udev database, and blkid's. */
const UDEV_FIELDS = [
  ["fstype", "type"],
  ["uuid", "uuid"],
  ["label", "label"],
  ["partuuid", "partuuid"],
  ["partlabel", "partlabel"],
] as const satisfies readonly (readonly [keyof Device, keyof Signature])[];

/** The devices of this host with their last readings; decides which to read. */
export class DeviceTable {
  /** By path. */
  #entries: ReadonlyMap<string, TableEntry> = new Map();
  /**
   * Kernel names of devices to read. Kept until they are found in a list,
   * because the next one may fail.
   */
  #named = new Set<string>();
  #readAll = false;

  /** Records devices to read, and returns the paths known before the next list. */
  ask(request: ScanRequest): string[] {
    if (request.media === "all") {
      this.#readAll = true;
      return [];
    }
    const named = new Set([...request.knames].map(asLsblkHasIt));
    this.#named = this.#named.union(named);
    for (const entry of this.#entries.values()) {
      if (named.has(entry.device.kname)) entry.isBlank = false;
    }
    const known = [...this.#entries.values()]
      .filter(({ device }) => named.delete(device.kname))
      .flatMap(({ device }) => device.hasNode === false ? [] : device.path);
    return [...known, ...[...named].flatMap(likelyPath)];
  }

  /** Applies lsblk's list, begun at `startedAt`, monotonic ms. */
  list(devices: readonly Device[], startedAt: number): void {
    const entries = new Map<string, TableEntry>();
    for (const device of devices) {
      const before = this.#entries.get(device.path);
      entries.set(
        device.path,
        before && isSameDevice(before.device, device)
          ? listedAgain(before, device)
          : newEntry(device, startedAt),
      );
    }
    this.#entries = entries;
  }

  /** Devices to read after a list, each once, doubtful ones last. */
  takeDue(now: number): Due[] {
    const due = [...this.#entries.values()]
      .flatMap((entry) => this.#due(entry, now) ?? [])
      .sort((a, b) => Number(a.doubtful) - Number(b.doubtful));
    for (const entry of this.#entries.values()) entry.seemsChanged = false;
    this.#named.clear();
    this.#readAll = false;
    return due;
  }

  #due(entry: TableEntry, now: number): Due | null {
    const { device, reading, readAt, seemsChanged } = entry;
    if (device.hasNode === false) return null;
    const failed = reading?.kind === "failed";
    const fresh = this.#readAll || this.#named.has(device.kname) ||
      seemsChanged;
    const never = reading === null || reading.kind === "absent" ||
      reading.kind === "no-blkid";
    const retry = failed && now - readAt >= DEVICE_RETRY_MS;
    return fresh || never || retry
      ? { path: device.path, fresh, doubtful: failed }
      : null;
  }

  /** Applies a reading. Returns whether it may change the list of disks. */
  take({ path, reading, startedAt }: Read): boolean {
    const entry = this.#entries.get(path);
    if (entry === undefined || startedAt < entry.since) return false;
    // An event may name a device of another container, which is not ours to read.
    if (entry.device.hasNode === false) return false;
    const before = told(entry);
    entry.reading = reading;
    entry.readAt = startedAt;
    if (reading.kind === "read" || reading.kind === "failed") {
      entry.signature = reading.signature ?? entry.signature;
    }
    entry.isBlank = reading.kind === "read" &&
      sameSignature(reading.signature, NO_SIGNATURE);
    return !saysTheSame(before, told(entry));
  }

  /** What is known of a device before it is read. */
  expect(path: string, mounts: MountTable): Expected {
    const entry = this.#entries.get(path);
    if (entry === undefined) return NOTHING_EXPECTED;
    const { device, signature, isBlank } = entry;
    return {
      type: mounts.of(device).fstype ?? signature?.type ?? device.fstype,
      isPartition: isPartition(device),
      wasBlank: isBlank,
    };
  }

  /** The known disks. `slownessOf` explains why the device at a path is still being read. */
  find(
    surroundings: HostFacts,
    slownessOf: (path: string) => string | null,
  ): FoundDisks {
    const known = [...this.#entries.values()].map((entry): KnownDevice => ({
      device: entry.device,
      reading: entry.reading,
      signature: entry.signature,
      slowness: slownessOf(entry.device.path),
    }));
    return assemble(known, surroundings);
  }
}

function newEntry(device: Device, since: number): TableEntry {
  return {
    device,
    since,
    reading: null,
    readAt: -Infinity,
    signature: null,
    isBlank: false,
    // A reading in progress under this name may concern another device.
    seemsChanged: true,
  };
}

function listedAgain(before: TableEntry, device: Device): TableEntry {
  const seemsChanged = before.seemsChanged ||
    before.device.kname !== device.kname ||
    before.device.size !== device.size ||
    before.device.serial !== device.serial ||
    udevKnowsBetter(before, device);
  return {
    ...before,
    device,
    seemsChanged,
    isBlank: before.isBlank && !seemsChanged,
  };
}

/**
 * Another stick in the same place may have the same name. A device whose node
 * disappeared may be another one afterwards.
 */
function isSameDevice(before: Device, now: Device): boolean {
  return agree(before.size, now.size) && agree(before.serial, now.serial) &&
    agree(before.hasNode, now.hasNode);
}

function agree<Value>(before: Value | null, now: Value | null): boolean {
  return before === null || now === null || before === now;
}

/** Whether udev shows a signature that neither it nor blkid showed before. */
function udevKnowsBetter(before: TableEntry, now: Device): boolean {
  return UDEV_FIELDS.some(([told, read]) =>
    now[told] !== before.device[told] &&
    now[told] !== (before.signature?.[read] ?? null)
  );
}

type Told = ReturnType<typeof contentsOf>;

function told(entry: TableEntry): Told {
  return contentsOf({ ...entry, slowness: null }, { udevRuns: true });
}

function saysTheSame(a: Told, b: Told): boolean {
  if (a === null || b === null) return a === b;
  return a.isFailing === b.isFailing && a.isEmpty === b.isEmpty &&
    sameSignature(a.signature, b.signature);
}

/** sysfs has `!` for a `/` in the name of a device. */
function asLsblkHasIt(kname: string): string {
  return kname.replaceAll("!", "/");
}

/** Only lsblk knows the names of device-mapper devices. */
function likelyPath(kname: string): string[] {
  const isPlain = /^[a-z][a-z0-9]*$/.test(kname);
  return isPlain ? [`/dev/${kname}`] : [];
}
