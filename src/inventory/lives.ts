/**
 * Which machine speaks under an id. The id comes from the machine id, which a
 * cloned image brings along; so when a daemon starts under a known id, it may
 * run on another machine than before. Then the machine known until now goes on
 * under an id of its own, with its name, addresses and disks.
 */
import { type Disk, diskName } from "./disk.ts";
import { realSerial, realWwn } from "./evidence.ts";
import { type Host, isV1HostId } from "./host.ts";

/** A daemon that starts, as far as its first datagram tells. */
export interface NewLife {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  /** Its list, or the beginning. */
  readonly disks: readonly Disk[];
}

/**
 * Whether a daemon runs on the machine of a known host. A drive in common
 * proves it. Otherwise a machine with another name is the same only with the
 * same address and disks: a clone may have the name or the UUIDs of the image,
 * and by its machine id also the lease. One with the same name is another only
 * with another address and drives.
 */
export function isSameMachine(
  known: Pick<Host, "name" | "addresses" | "disks">,
  { name, address, disks }: NewLife,
): boolean {
  const before = drivesOf(known.disks);
  const now = drivesOf(disks);
  if (!before.isDisjointFrom(now)) return true;
  const hasAddress = known.addresses.includes(address);
  if (known.name === name) {
    return hasAddress || before.size === 0 || now.size === 0;
  }
  const had = namesOf(known.disks);
  const has = namesOf(disks);
  const mayBeSame = had.size === 0 || has.size === 0 ||
    !had.isDisjointFrom(has);
  return hasAddress && mayBeSame;
}

/** What identifies the drives of a list. */
function drivesOf(disks: readonly Disk[]): Set<string> {
  return new Set(disks.flatMap(({ serial, wwn }) => {
    const own = realSerial(serial) ?? realWwn(wwn);
    return own ?? [];
  }));
}

function namesOf(disks: readonly Disk[]): Set<string> {
  return new Set(disks.flatMap((disk) => diskName(disk) ?? []));
}

/** Whether this is one of `formerIds`. */
export function isFormerId(id: string): boolean {
  return id.includes(".") && !isV1HostId(id);
}

/** Longest id; see `isHostId`. */
const MAX_ID_LENGTH = 64;

/** Ids for machines of this name that had the id before: `ID.NAME`, `ID.NAME.2`, ... */
export function* formerIds(id: string, name: string): Generator<string> {
  const plain = name.replaceAll(/[^A-Za-z0-9_-]/g, "_");
  for (let number = 1;; number++) {
    const end = number === 1 ? "" : `.${number}`;
    const room = MAX_ID_LENGTH - end.length;
    yield `${`${id}.${plain}`.slice(0, room)}${end}`;
  }
}
