/** What somebody said of disks, in answers. */

/** What somebody said of a disk; see `note`, `name` and `tag`. */
export interface SaidOfDisk {
  /** The name that somebody gave it. */
  readonly alias: string | null;
  readonly note: string | null;
  /** In alphabetical order. */
  readonly tags: readonly string[];
  /** Who said it, and when. */
  readonly remarks: readonly RemarkView[];
}

/** A remark on a disk. */
export interface RemarkView {
  /** `name`, `note`, or `tag:` and the tag. */
  readonly field: string;
  /** Empty for a tag. */
  readonly value: string;
  readonly at: string;
  /** Where it was said: the name that this host had then, and its id. */
  readonly host: string;
  readonly hostId: string;
}

/** A disk, by its identifiers and by what was said of it. */
export interface RemarkedDisk extends SaidOfDisk {
  readonly label: string | null;
  readonly uuid: string | null;
  readonly partuuid: string | null;
  readonly serial: string | null;
  readonly wwn: string | null;
}
