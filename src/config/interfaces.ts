import { matchesGlob } from "../text/glob.ts";

/** Interfaces that lead to no LAN: loopback, containers, virtual machines, tunnels. */
export const NOT_ON_A_LAN: readonly string[] = [
  "lo",
  "docker*",
  "br-*",
  "veth*",
  "virbr*",
  "lxd*",
  "cni*",
  "tun*",
  "tap*",
  "wg*",
  "tailscale*",
];

/** The settings that say which addresses of this host diskd uses. */
export interface InterfaceChoice {
  /** Globs of names; empty: see `NOT_ON_A_LAN`. */
  readonly interfaces: readonly string[];
  readonly ipv6: boolean;
}

/** The addresses of the interfaces that diskd uses. */
export function chooseAddresses<Address extends AddressOfInterface>(
  addresses: readonly Address[],
  { interfaces, ipv6 }: InterfaceChoice,
): Address[] {
  return addresses.filter(({ name, scopeId }) =>
    speaksOn(name, interfaces) && (ipv6 || scopeId === undefined)
  );
}

interface AddressOfInterface {
  readonly name: string;
  /** Only with an IPv6 address. */
  readonly scopeId?: number;
}

/**
 * Whether diskd uses the interface with this name: it matches one of `globs`
 * or, if there are none, none of `NOT_ON_A_LAN`.
 */
export function speaksOn(name: string, globs: readonly string[]): boolean {
  if (globs.length > 0) return globs.some((glob) => matchesGlob(name, glob));
  return !NOT_ON_A_LAN.some((glob) => matchesGlob(name, glob));
}
