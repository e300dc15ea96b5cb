/** Something happened to a block device. */
export interface DeviceEvent {
  /** `kernel` at once; `udev` a moment later, when its database knows too. */
  readonly source: "kernel" | "udev";
  /** The kernel's name, `sdb1`, `cciss/c0d0`. */
  readonly kname: string;
}

/** `KERNEL[11679.008566] change   /devices/virtual/block/loop0 (block)` */
const EVENT = /^(KERNEL|UDEV) *\[[\d.]+\] +\w+ +(\/\S+) \(block\)$/;

/**
 * Reads a line of `udevadm monitor`: the event where it begins one, `null` for
 * every other line. Slashes in the name of a device are `!` in sysfs.
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
