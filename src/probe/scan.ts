import type { Disk } from "../inventory/disk.ts";
import type { System } from "../system/system.ts";
import { assemble, type Examined, type Memory } from "./assemble.ts";
import type { Device } from "./device.ts";
import { listDevices } from "./list_devices.ts";
import { mapAtMost } from "./map_at_most.ts";
import { ProbeRunner } from "./probe_runner.ts";
import { type Reading, readSignature } from "./read_signature.ts";

/** A program that says nothing for this long hangs on a dead device. */
export const PROBE_TIMEOUT_MS = 15_000;

/** Devices that are read at once: more make disks that share a bus slower, not faster. */
export const MAX_PROBES_AT_ONCE = 4;

/** Block devices of one host that are looked at. */
export const MAX_DEVICES = 4096;

/** How one scan went. */
export interface ScanResult {
  /** The disks of this host; `null` where they could not be listed and the last good list stays valid. */
  readonly disks: readonly Disk[] | null;
  /** Whether everything was read. */
  readonly ok: boolean;
  /** Why not, a sentence each. The same trouble has the same words in each scan. */
  readonly problems: readonly string[];
  readonly durationMs: number;
}

/** How a scanner works. */
export interface ScanOptions {
  /** How long each program may take. Default `PROBE_TIMEOUT_MS`. */
  readonly timeoutMs?: number;
}

/** Looks for the disks of this host. */
export interface Scanner {
  /**
   * Looks now; while a scan is under way, once that has ended, so that what is
   * found is never older than the call. All calls that wait share one scan.
   * Never rejects.
   */
  scan(): Promise<ScanResult>;
}

/** A scanner that runs lsblk and blkid through `system`, and remembers what each device last was. */
export function createScanner(
  system: System,
  options: ScanOptions = {},
): Scanner {
  return new OneScanAtATime(new DiskScan(system, options));
}

class OneScanAtATime implements Scanner {
  readonly #scanner: Scanner;
  #running: Promise<ScanResult> | null = null;
  #waiting: Promise<ScanResult> | null = null;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  scan(): Promise<ScanResult> {
    if (this.#running === null) return this.#begin();
    const beginNext = () => {
      this.#waiting = null;
      return this.#begin();
    };
    this.#waiting ??= this.#running.then(beginNext, beginNext);
    return this.#waiting;
  }

  #begin(): Promise<ScanResult> {
    const running = this.#scanner.scan().finally(() => {
      if (this.#waiting === null) this.#running = null;
    });
    this.#running = running;
    return running;
  }
}

class DiskScan implements Scanner {
  readonly #system: System;
  readonly #runner: ProbeRunner;
  readonly #timeoutMs: number;
  #memory: Memory = new Map();

  constructor(system: System, { timeoutMs = PROBE_TIMEOUT_MS }: ScanOptions) {
    this.#system = system;
    this.#runner = new ProbeRunner(system);
    this.#timeoutMs = timeoutMs;
  }

  async scan(): Promise<ScanResult> {
    const startedAt = this.#system.now();
    const { disks, problems } = await this.#look();
    return {
      disks,
      ok: problems.length === 0,
      problems,
      durationMs: this.#system.now() - startedAt,
    };
  }

  async #look(): Promise<Pick<ScanResult, "disks" | "problems">> {
    const listing = await listDevices(this.#runner, this.#timeoutMs);
    if (listing.devices === null) {
      return { disks: null, problems: listing.problems };
    }
    const examined = await this.#examine(listing.devices.slice(0, MAX_DEVICES));
    const { disks, problems, memory } = assemble(examined, this.#memory);
    this.#memory = memory;
    return {
      disks,
      problems: [
        ...listing.problems,
        ...tooManyProblem(listing.devices.length),
        ...problems,
      ],
    };
  }

  async #examine(devices: readonly Device[]): Promise<Examined[]> {
    let noBlkid: Reading | null = null;
    return await mapAtMost(devices, {
      limit: MAX_PROBES_AT_ONCE,
      work: async (device): Promise<Examined> => {
        const reading = noBlkid ?? await this.#read(device);
        if (reading.kind === "no-blkid") noBlkid = reading;
        return { device, reading };
      },
    });
  }

  async #read(device: Device): Promise<Reading> {
    return await readSignature(this.#runner, {
      device: device.path,
      timeoutMs: this.#timeoutMs,
    });
  }
}

function tooManyProblem(count: number): string[] {
  if (count <= MAX_DEVICES) return [];
  return [
    `lsblk lists ${count} block devices: the last ${
      count - MAX_DEVICES
    } were not looked at, ${MAX_DEVICES} is the most.`,
  ];
}
