/** What `--json` prints of a disk that was mounted, here or on the host that it hangs on. Keys may be added, none renamed or taken away. */
export interface MountView {
  /** Host that the disk hangs on, by its announced name. */
  readonly host: string;
  readonly hostId: string;
  readonly device: string;
  readonly uuid: string;
  readonly label: string | null;
  readonly type: string | null;
  /** Where it is mounted on that host. */
  readonly path: string;
  /** Where it can be read on the host where this was typed; `null` where that was not asked for. */
  readonly at: string | null;
  readonly readOnly: boolean;
  /** Whether it was mounted already, so that nothing had to be done. */
  readonly wasMounted: boolean;
}

/** What `--json` prints of a disk that was unmounted. */
export interface UnmountView {
  readonly host: string | null;
  readonly hostId: string | null;
  readonly uuid: string;
  readonly label: string | null;
  /** Mount points that are gone now, in the order in which they went; empty where nothing was mounted. */
  readonly unmounted: readonly UnmountedPlace[];
}

export interface UnmountedPlace {
  readonly host: string;
  readonly path: string;
}
