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

/**
 * Whether diskd uses the interface with this name: it matches one of `globs`
 * or, if there are none, none of `NOT_ON_A_LAN`.
 */
export function speaksOn(name: string, globs: readonly string[]): boolean {
  if (globs.length > 0) return globs.some((glob) => matchesGlob(name, glob));
  return !NOT_ON_A_LAN.some((glob) => matchesGlob(name, glob));
}
