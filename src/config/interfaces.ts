import { matchesGlob } from "../text/glob.ts";

/**
 * Interfaces that lead to no LAN, as globs of their names. What is not here is
 * on a LAN: `eth0`, `enp3s0`, `wlan0`, `usb0`, `bond0`, `team0`, `br0`,
 * `br-lan`, `vmbr0`, VLANs, and whatever a person has named.
 */
export const NOT_ON_A_LAN: readonly string[] = [
  // This host itself.
  "lo",
  "dummy*",
  "ifb*",
  "nlmon*",
  // Containers.
  "veth*",
  "docker*",
  "podman*",
  "nerdctl*",
  "lxc*",
  "lxd*",
  "incus*",
  "cni*",
  "waydroid*",
  // Virtual machines.
  "virbr*",
  "vnet*",
  "macvtap*",
  "vboxnet*",
  "vmnet*",
  "mpqemubr*",
  "vif*",
  "fwbr*",
  "fwln*",
  "fwpr*",
  // Kubernetes, OpenStack and their overlays.
  "cali*",
  "cilium*",
  "flannel*",
  "weave*",
  "kube*",
  "nodelocaldns*",
  "antrea*",
  "ovn*",
  "ovs-*",
  "genev*",
  "vxlan*",
  // VPNs.
  "wg*",
  "tun*",
  "tap*",
  "utun*",
  "ppp*",
  "ipsec*",
  "xfrm*",
  "vti*",
  "l2tp*",
  "vpn*",
  "tailscale*",
  "zt*",
  "wt*",
  "nebula*",
  "nordlynx*",
  "proton*",
  "pvpn*",
  "ipv6leak*",
  "ham0",
  "ygg*",
  "CloudflareWARP",
  "cscotun*",
  "gpd*",
  // Tunnels of the kernel.
  "sit*",
  "gre*",
  "erspan*",
  "ip6*",
  "ip_vti*",
  "tunl*",
  "teql*",
  // Mobile networks.
  "wwan*",
  "wwp*",
  "rmnet*",
];

/** Bridges of Docker's networks: `br-` and the beginning of an id. `br-lan` is a LAN. */
const DOCKER_BRIDGE = /^br-[0-9a-f]{12}$/;

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
 * or, if there are none, is on a LAN.
 */
export function speaksOn(name: string, globs: readonly string[]): boolean {
  if (globs.length > 0) return globs.some((glob) => matchesGlob(name, glob));
  return !DOCKER_BRIDGE.test(name) &&
    !NOT_ON_A_LAN.some((glob) => matchesGlob(name, glob));
}
