/** How another host is reached, and whether anything is done at all. */
export interface ReachFlags {
  /** Name or id of the host, where several have the disk. */
  readonly host?: string;
  /** Who to be on that host. */
  readonly user?: string;
  /** Options of ssh, as behind its `-o`. */
  readonly sshOption?: readonly string[];
  /** Print the commands, and run none that changes anything. */
  readonly dryRun: boolean;
}

/** What `open` takes besides the common flags. */
export interface OpenFlags extends ReachFlags {
  readonly readOnly: boolean;
}

/** What `mount` takes besides the common flags. */
export interface MountFlags extends OpenFlags {
  /** Directory of this host to have it in. */
  readonly at?: string;
  /** Whether the word is the UUID of a disk of this host, asked for from elsewhere. */
  readonly here: boolean;
}

/** What `unmount` takes besides the common flags. */
export interface UnmountFlags extends ReachFlags {
  /** As of `mount`. */
  readonly here: boolean;
}
