import type { InterfaceAddress } from "../system/system.ts";

/** Where datagrams go. */
export interface Destination {
  /** Multicast group. */
  readonly group: string;
  readonly port: number;
}

/**
 * The IPv6 group that goes with an IPv4 group: `ff12::e601:203` with 230.1.2.3.
 * `ff12`: link-local, not assigned by IANA (RFC 4291, 2.7). A wider scope would
 * gain nothing, because Deno cannot raise the hop limit, which is 1.
 */
export function ipv6GroupOf(group: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
  return `ff12::${hex(a * 256 + b)}:${hex(c * 256 + d)}`;
}

/** Where an interface sends, given the IPv4 group. */
export function destinationFrom(
  { scopeId }: Pick<InterfaceAddress, "scopeId">,
  { group, port }: Destination,
): Destination {
  return { group: scopeId === undefined ? group : ipv6GroupOf(group), port };
}

/** `230.1.2.3:32003` or `[ff12::e601:203]:32003`. */
export function showDestination({ group, port }: Destination): string {
  return group.includes(":") ? `[${group}]:${port}` : `${group}:${port}`;
}

function hex(number: number): string {
  return number.toString(16);
}
