/** An event of a block device. */
export interface DeviceEvent {
  /** `kernel` at once; `udev` a moment later, when its database is up to date. */
  readonly source: "kernel" | "udev";
  /** Kernel name, such as `sdb1` or `cciss/c0d0`. */
  readonly kname: string;
}

/** `KERNEL[11679.008566] change   /devices/virtual/block/loop0 (block)` */
const EVENT = /^(KERNEL|UDEV) *\[[\d.]+\] +\w+ +(\/\S+) \(block\)$/;

/**
 * Parses a line of `udevadm monitor`; `null` for any line that begins no event.
 * sysfs has `!` for slashes in the name of a device.
 *
 * @see udevadm(8)
 */
export function parseUdevMonitor(line: string): DeviceEvent | null {
  const [, source, path] = EVENT.exec(line) ?? [];
  const name = path?.slice(path.lastIndexOf("/") + 1);
  if (!name) return null;
  return {
    source: source === "KERNEL" ? "kernel" : "udev",
    kname: name.replaceAll("!", "/"),
  };
}
