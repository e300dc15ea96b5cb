import { compareDisks, isUnchanged } from "../inventory/change.ts";
import type { Disk } from "../inventory/disk.ts";
import type { System } from "../system/system.ts";
import type { FoundDisks } from "./assemble.ts";
import type { Device } from "./device.ts";
import { DeviceTable } from "./device_table.ts";
import { inheritHardware } from "./inherit_hardware.ts";
import { listDevices, listNamed } from "./list_devices.ts";
import { listMounts, type MountTable, UNKNOWN_MOUNTS } from "./mounts.ts";
import { describeSlowness, ProbeRunner } from "./probe_runner.ts";
import { type Read, Reads } from "./reads.ts";
import { disksToAsk, mergeListing } from "./named_listing.ts";
import { withPorts } from "./udev_port.ts";
import {
  CoalescingQueue,
  EVERYTHING,
  mergeRequests,
  type ScanRequest,
} from "./scan_requests.ts";

/** A program silent for this long hangs on a dead device. */
export const PROBE_TIMEOUT_MS = 15_000;

/** Longest wait of a scan for a device. A later result is reported when it arrives. */
export const SLOW_READ_MS = 1_000;

/**
 * Wait for a silent device before the next is read beside it. blkid needs 2 to
 * 50 ms if the drive is awake.
 */
export const PATIENCE_MS = 100;

/** Time between lists reported while devices are being read. */
export const PARTIAL_PAUSE_MS = 100;

/** Largest number of block devices examined on a host. */
export const MAX_DEVICES = 4096;

/** Result of a scan. */
export interface ScanResult {
  /** The disks of this host; `null` if listing failed and the last good list stays valid. */
  readonly disks: readonly Disk[] | null;
  /** Whether everything was read. */
  readonly ok: boolean;
  /** Why not, a sentence each. The same problem has the same words in each scan. */
  readonly problems: readonly string[];
  readonly durationMs: number;
  /** Number of devices whose medium was read, with any result. */
  readonly read: number;
}

/** How a scanner works, and whom it tells. */
export interface ScannerOptions {
  /**
   * Called with a changed list of disks, even during a scan, and after it when
   * a slow device answers. The first call is after the first scan.
   */
  readonly onDisks?: (disks: readonly Disk[]) => void;
  /**
   * Called with the problems at the end of each scan, and when a slow device
   * answers or is given up.
   */
  readonly onProblems?: (problems: readonly string[]) => void;
  /** Time limit of each program. Default `PROBE_TIMEOUT_MS`. */
  readonly timeoutMs?: number;
  /** Longest wait of a scan for a device. Default `SLOW_READ_MS`. */
  readonly slowMs?: number;
  /** Default `PATIENCE_MS`. */
  readonly patienceMs?: number;
  /** Default `PARTIAL_PAUSE_MS`. */
  readonly pauseMs?: number;
  /** The name of a port, its ID_PATH; `null`: it has none. Default: none has. */
  readonly slotOf?: (port: string) => string | null;
}

/** Scans the disks of this host. */
export interface Scanner {
  /**
   * Lists the devices now or, if they are being listed, afterwards, so that the
   * result is never older than the call; reads the requested media (default:
   * all) and waits until each is read or slow. All waiting calls share a scan.
   * Never rejects.
   */
  scan(request?: ScanRequest): Promise<ScanResult>;
}

/**
 * A scanner that runs lsblk, findmnt and blkid through `system`, and remembers
 * the last reading of each device.
 */
export function createScanner(
  system: System,
  options: ScannerOptions = {},
): Scanner {
  return new DiskScanner(system, options);
}

/** The devices are listed; reading may continue. */
interface Look {
  readonly result: Promise<ScanResult>;
}

class DiskScanner implements Scanner {
  readonly #options: Required<ScannerOptions>;
  readonly #now: System["now"];
  readonly #readText: System["readText"];
  readonly #runner: ProbeRunner;
  readonly #reads: Reads;
  readonly #table = new DeviceTable();
  readonly #publisher: Publisher;
  readonly #looks: CoalescingQueue<ScanRequest, Look>;
  /** Results that arrived during listing: the device may not be in the table yet. */
  #held: Read[] | null = null;
  /** Settles when those are applied. */
  #released = Promise.withResolvers<void>();
  /** The last list, as lsblk printed it. */
  #listed: readonly Device[] = [];
  #mounts: MountTable = UNKNOWN_MOUNTS;
  #listingProblems: readonly string[] = [];
  #scansUnderWay = 0;

  constructor(system: System, options: ScannerOptions) {
    this.#options = withDefaults(options);
    this.#now = system.now;
    this.#readText = system.readText;
    this.#runner = new ProbeRunner(system);
    this.#reads = new Reads({
      ...this.#options,
      runner: this.#runner,
      now: this.#now,
      expect: (path) => this.#table.expect(path, this.#mounts),
      onRead: (read) =>
        this.#held === null ? this.#take(read) : this.#held.push(read),
    });
    this.#publisher = new Publisher({
      ...this.#options,
      now: this.#now,
      find: () => this.#find().disks,
    });
    this.#looks = new CoalescingQueue({
      act: (request) => this.#look(request),
      merge: mergeRequests,
    });
  }

  async scan(request: ScanRequest = EVERYTHING): Promise<ScanResult> {
    const { result } = await this.#looks.take(request);
    return await result;
  }

  async #look(request: ScanRequest): Promise<Look> {
    const startedAt = this.#now();
    this.#scansUnderWay++;
    this.#held = [];
    this.#released = Promise.withResolvers();
    const reads = new Map<string, Promise<void>>();
    for (const path of this.#table.ask(request)) {
      reads.set(path, this.#reads.read(path, { fresh: true }));
    }
    const isListed = await this.#list(request, startedAt);
    this.#takeHeld();
    if (isListed) this.#readDue(reads);
    return { result: this.#finish(reads, { startedAt, isListed }) };
  }

  /** Runs lsblk and findmnt. False if the previous list stays. */
  async #list(request: ScanRequest, startedAt: number): Promise<boolean> {
    const [{ devices, problems }, mounts] = await Promise.all([
      this.#listDevices(request),
      listMounts(this.#runner, this.#options.slowMs),
    ]);
    this.#mounts = mounts.table ?? this.#mounts;
    this.#listingProblems = [
      ...problems,
      ...tooMany(devices),
      ...mounts.problems,
    ];
    if (devices === null) return false;
    this.#listed = inheritHardware(withPorts(devices, this.#readText));
    this.#table.list(mostImportant(this.#listed), startedAt);
    return true;
  }

  /** All devices; asks lsblk only for the named ones if that is enough. */
  async #listDevices(request: ScanRequest) {
    const { timeoutMs } = this.#options;
    if (request.media === "changed" && request.listsNamed) {
      const paths = disksToAsk(request.knames, this.#listed);
      const listed = paths &&
        await listNamed(this.#runner, { paths, timeoutMs });
      const devices = listed && mergeListing(this.#listed, { paths, listed });
      if (devices) return { devices, problems: [] };
    }
    return await listDevices(this.#runner, timeoutMs);
  }

  #readDue(reads: Map<string, Promise<void>>): void {
    for (const { path, ...options } of this.#table.takeDue(this.#now())) {
      if (reads.has(path)) continue;
      reads.set(path, this.#reads.read(path, options));
    }
    // Changes visible in the list alone, such as a removed disk, need not wait.
    if (reads.size > 0) this.#publisher.changed();
  }

  async #finish(
    reads: ReadonlyMap<string, Promise<void>>,
    { startedAt, isListed }: { startedAt: number; isListed: boolean },
  ): Promise<ScanResult> {
    if (isListed) await Promise.all(reads.values());
    // The next scan may be listing already, and hold results of this one.
    if (this.#held !== null) await this.#released.promise;
    this.#scansUnderWay--;
    const found = this.#find();
    const problems = isListed ? found.problems : this.#listingProblems;
    if (isListed) this.#publisher.tell(found.disks);
    this.#options.onProblems(problems);
    return {
      disks: isListed ? found.disks : null,
      ok: problems.length === 0,
      problems,
      durationMs: this.#now() - startedAt,
      read: reads.size,
    };
  }

  #takeHeld(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const read of held) this.#take(read);
    this.#released.resolve();
  }

  #take(read: Read): void {
    if (this.#table.take(read)) this.#publisher.changed();
    if (this.#scansUnderWay === 0) {
      this.#options.onProblems(this.#find().problems);
    }
  }

  #find(): FoundDisks {
    const { disks, problems } = this.#table.find(
      {
        mounts: this.#mounts,
        listed: this.#listed,
        slotOf: this.#options.slotOf,
      },
      (path) =>
        this.#reads.isSlow(path)
          ? describeSlowness(path, this.#options.slowMs)
          : null,
    );
    return { disks, problems: [...this.#listingProblems, ...problems] };
  }
}

function withDefaults(options: ScannerOptions): Required<ScannerOptions> {
  return {
    onDisks: () => {},
    onProblems: () => {},
    timeoutMs: PROBE_TIMEOUT_MS,
    slowMs: SLOW_READ_MS,
    patienceMs: PATIENCE_MS,
    pauseMs: PARTIAL_PAUSE_MS,
    slotOf: () => null,
    ...options,
  };
}

/** At the limit the volumes that are not mounted go, since drives and partitions are few. */
function mostImportant(devices: readonly Device[]): readonly Device[] {
  if (devices.length <= MAX_DEVICES) return devices;
  const isFirst = ({ parents, kind, mounts }: Device) =>
    parents.length === 0 || kind === "part" || mounts.length > 0;
  return devices
    .toSorted((a, b) => Number(isFirst(b)) - Number(isFirst(a)))
    .slice(0, MAX_DEVICES);
}

function tooMany(devices: readonly Device[] | null): string[] {
  if (devices === null || devices.length <= MAX_DEVICES) return [];
  return [
    `lsblk lists ${devices.length} block devices: ${
      devices.length - MAX_DEVICES
    } were not looked at, volumes that are not mounted first; ${MAX_DEVICES} is the most.`,
  ];
}

interface PublisherOptions {
  /** The present list; `null` if it is not worth reporting. */
  readonly find: () => readonly Disk[] | null;
  readonly onDisks: (disks: readonly Disk[]) => void;
  readonly now: System["now"];
  /** Between two lists, except those at the end of a scan. */
  readonly pauseMs: number;
}

/**
 * Reports changed lists of disks: the first change at once, further ones
 * together after a pause. Nothing is reported before a first complete list,
 * because half of it would look like removed disks.
 */
class Publisher {
  readonly #options: PublisherOptions;
  #told: readonly Disk[] | null = null;
  #toldAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** The list may have changed. */
  changed(): void {
    if (this.#told === null || this.#timer !== null) return;
    const { now, pauseMs, find } = this.#options;
    const waitMs = this.#toldAt + pauseMs - now();
    if (waitMs <= 0) return this.tell(find());
    this.#timer = setTimeout(() => this.tell(find()), waitMs);
  }

  /** Reports this complete list now, if it changed. */
  tell(disks: readonly Disk[] | null): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (disks === null) return;
    const told = this.#told;
    if (told !== null && isUnchanged(compareDisks(told, disks))) return;
    this.#told = disks;
    this.#toldAt = this.#options.now();
    this.#options.onDisks(disks);
  }
}
