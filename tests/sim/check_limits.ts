import { makeDisk } from "../../src/inventory/disk.ts";
import { weighDisk } from "../../src/inventory/limits.ts";
import type { History, ShownDisk, ShownHost, View } from "./history.ts";

/** No view ever holds more than it may. */
export function checkLimits(history: History): string[] {
  return history.moments.flatMap(({ at, views }) =>
    views.flatMap((view) =>
      Object.entries(sizesOf(view)).flatMap(([name, size]) => {
        const limit = history.limits[name as keyof History["limits"]];
        return size <= limit
          ? []
          : [`At ${at} ${view.viewer} holds ${size} ${name}, above ${limit}`];
      })
    )
  );
}

/** This host's own list has room in any case, so it is left out of the sums. */
function sizesOf({ hosts, hostId }: View) {
  const others = hosts.filter(({ id }) => id !== hostId);
  return {
    hosts: hosts.length,
    hostsPerAddress: largest(hostsByAddress(hosts)),
    disksPerHost: largest(hosts.map(({ disks }) => disks.length)),
    bytesPerHost: largest(hosts.map(({ disks }) => weightOf(disks))),
    addressesPerHost: largest(hosts.map(({ addresses }) => addresses.length)),
    disks: sum(others.map(({ disks }) => disks.length)),
    bytes: sum(others.map(({ disks }) => weightOf(disks))),
  };
}

/** How many hosts each address has. */
function hostsByAddress(hosts: readonly ShownHost[]): number[] {
  const addresses = hosts.flatMap(({ addresses }) => addresses);
  const byAddress = Map.groupBy(addresses, (address) => address);
  return [...byAddress.values()].map((same) => same.length);
}

function weightOf(disks: readonly ShownDisk[]): number {
  return sum(disks.map((disk) => weighDisk(makeDisk(disk))));
}

function largest(numbers: readonly number[]): number {
  return Math.max(0, ...numbers);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
