import type { System } from "../system/system.ts";
import { KeptRunning, type KeptRunningTimes } from "./kept_running.ts";
import { followMounts } from "./mounts.ts";
import { type DeviceEvent, parseUdevMonitor } from "./parse_udev_monitor.ts";

/** udevd, or systemd in its place before, listens here while it runs. */
export const UDEV_CONTROL = "/run/udev/control";

/**
 * Prints a heading that ends with an empty line once subscribed, then a line
 * per event, of the kernel and of udevd. @see udevadm(8)
 */
export const MONITOR_ARGS: readonly string[] = [
  "monitor",
  "--kernel",
  "--udev",
  "--subsystem-match=block",
];

interface WatchOptions {
  readonly onDevice: (event: DeviceEvent) => void;
  /** A mount was added, removed or changed. */
  readonly onMounts: () => void;
  /** `devices`, `mounts` or `problems` changed; an event may have been missed meanwhile. */
  readonly onState: () => void;
  /** Default: `KEPT_RUNNING_TIMES`. */
  readonly times?: Partial<KeptRunningTimes>;
}

/** Reports changes of devices and mounts of this host as they happen. */
export class Watch {
  readonly #system: Pick<System, "exists">;
  readonly #options: WatchOptions;
  readonly #monitor: KeptRunning;
  readonly #poll: KeptRunning;
  #told: Watch["devices"] = "none";

  constructor(
    system: Pick<System, "follow" | "exists" | "now">,
    options: WatchOptions,
  ) {
    const shared = {
      onState: () => this.#tellState(),
      now: system.now,
      times: options.times,
    };
    this.#system = system;
    this.#options = options;
    this.#monitor = new KeptRunning({
      ...shared,
      name: "udevadm monitor",
      package: "udev",
      without: "devices are scanned only at intervals",
      follow: (onLine) => system.follow("udevadm", MONITOR_ARGS, onLine),
      onLine: (line) => this.#takeEvent(line),
      isReady: (line) => line === "",
    });
    this.#poll = new KeptRunning({
      ...shared,
      name: "findmnt --poll",
      package: "util-linux (on Debian: mount)",
      without: "mounts are checked only at intervals",
      follow: (onLine) => followMounts(system, onLine),
      onLine: (line) => this.#takeMount(line),
      isReady: () => true,
    });
  }

  start(): void {
    this.#monitor.start();
    this.#poll.start();
  }

  /** Ends its programs; settles when they are gone. */
  async stop(): Promise<void> {
    await Promise.all([this.#monitor.stop(), this.#poll.stop()]);
  }

  /**
   * Source of device events. `udev`: all changes, including new contents of the
   * medium. `kernel`: only appearance and removal.
   */
  get devices(): "udev" | "kernel" | "none" {
    if (!this.#monitor.isListening) return "none";
    return this.#system.exists(UDEV_CONTROL) ? "udev" : "kernel";
  }

  get mounts(): "events" | "none" {
    return this.#poll.isListening ? "events" : "none";
  }

  /** Why changes are not noticed at once, a sentence each. */
  get problems(): string[] {
    return [this.#monitor.problem, this.#poll.problem]
      .filter((problem) => problem !== null);
  }

  #takeEvent(line: string): void {
    const event = parseUdevMonitor(line);
    if (event === null) return;
    // udevd may start or stop after us.
    if (this.devices !== this.#told) this.#tellState();
    this.#options.onDevice(event);
  }

  /**
   * Containers constantly mount and unmount overlays and the like. A device has
   * a path, and a dataset of ZFS its type.
   */
  #takeMount(line: string): void {
    if (line.startsWith("/") || line.endsWith(" zfs")) this.#options.onMounts();
  }

  #tellState(): void {
    this.#told = this.devices;
    this.#options.onState();
  }
}
