/** What is held at once. At a limit whoever has been silent the longest makes room; else what came last is not taken in. */
export interface InventoryLimits {
  /** Hosts, this one among them. */
  readonly hosts: number;
  /** Hosts that have one address, so that whoever makes up hosts does not fill the list. */
  readonly hostsPerAddress: number;
  /** Disks of one host. */
  readonly disksPerHost: number;
  /** Bytes of the texts of one host's disks, as `weighDisk` counts them. */
  readonly bytesPerHost: number;
  /** Disks of all hosts. */
  readonly disks: number;
  /** Bytes of the texts of all disks. */
  readonly bytes: number;
  /** Addresses remembered of one host. */
  readonly addressesPerHost: number;
  /** Detached disks remembered. */
  readonly sightings: number;
}

export const DEFAULT_INVENTORY_LIMITS: InventoryLimits = {
  hosts: 10_000,
  hostsPerAddress: 16,
  disksPerHost: 4_096,
  bytesPerHost: 2_097_152,
  disks: 100_000,
  bytes: 67_108_864,
  addressesPerHost: 8,
  sightings: 10_000,
};

/** What was let go of for want of room, since the start. */
export interface Forgotten {
  hosts: number;
  /** Attached ones, of hosts that were forgotten or of lists that were cut, and detached ones. */
  disks: number;
  /** Each time that one was heard for which there was no room. */
  addresses: number;
}
