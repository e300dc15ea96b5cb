import type { DriveView } from "../control/views.ts";

/**
 * Output of `--json` for a mounted disk, here or on its host. Keys may be
 * added, none renamed or removed.
 */
export interface MountView {
  /** Announced name of the disk's host. */
  readonly host: string;
  readonly hostId: string;
  readonly device: string;
  readonly uuid: string;
  readonly label: string | null;
  readonly type: string | null;
  /** Mount point on that host. */
  readonly path: string;
  /** Directory with its files on the host of the command; `null` if not requested. */
  readonly at: string | null;
  readonly readOnly: boolean;
  /** Whether it was mounted already, with nothing to do. */
  readonly wasMounted: boolean;
}

/** Output of `--json` for an unmounted disk. */
export interface UnmountView {
  readonly host: string | null;
  readonly hostId: string | null;
  readonly uuid: string;
  readonly label: string | null;
  /** Removed mount points in order; empty if nothing was mounted. */
  readonly unmounted: readonly UnmountedPlace[];
}

export interface UnmountedPlace {
  readonly host: string;
  readonly path: string;
}

/** Output of `--json` for a disk whose light is to blink, printed before it does. */
export interface LocateView {
  readonly host: string;
  readonly hostId: string;
  /** Of the disk that was named. */
  readonly device: string;
  readonly uuid: string | null;
  readonly label: string | null;
  /** Those that it lies on: each blinks. */
  readonly drives: readonly LocatedDrive[];
}

/** A drive that blinks; keys are those of a disk. */
export interface LocatedDrive extends DriveView {
  /** lsblk's TYPE: `disk`, `loop`, `mpath`. */
  readonly kind: string | null;
  /** Whether the kernel has put it to sleep: reading it wakes it up. */
  readonly asleep: boolean;
}
