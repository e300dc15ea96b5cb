/**
 * Hosts of before hosts had keys. Such an id can never speak again; the host
 * speaks under the id of its key, and goes on with what is known of it.
 */
import { type Disk, diskName } from "./disk.ts";
import { realSerial, realWwn } from "./evidence.ts";
import type { Host } from "./host.ts";
import { isSameName } from "./host_names.ts";

/** A host as it was last known. */
export type LastKnown = Pick<
  Host,
  "name" | "addresses" | "disks" | "heardAt"
>;

/** What a host with a key says for the first time. */
type FirstWords = Pick<Host, "name" | "addresses" | "disks">;

/**
 * The host of before that this one is: of the same name, and with a drive, an
 * address or a disk in common. Of several, a drive in common decides before an
 * address, and an address before a disk, as the disks of clones look alike; then
 * it is the one that was heard last.
 */
export function findPredecessor<Known extends LastKnown>(
  known: Iterable<Known>,
  host: FirstWords,
): Known | undefined {
  const namesakes = [...known]
    .filter((old) => isSameName(old.name, host.name))
    .toSorted((a, b) => b.heardAt - a.heardAt);
  if (namesakes.length === 0) return undefined;
  for (const marksOf of [drivesOf, addressesOf, disksOf]) {
    const marks = marksOf(host);
    const found = namesakes
      .find((old) => !marksOf(old).isDisjointFrom(marks));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What identifies the drives of a host. */
function drivesOf({ disks }: FirstWords): Set<string> {
  return new Set(
    disks.flatMap(({ serial, wwn }) =>
      realSerial(serial) ?? realWwn(wwn) ?? []
    ),
  );
}

function addressesOf({ addresses }: FirstWords): Set<string> {
  return new Set(addresses);
}

function disksOf({ disks }: FirstWords): Set<string> {
  return new Set(disks.flatMap((disk: Disk) => diskName(disk) ?? []));
}
