import assert from "node:assert/strict";
import { chooseAddresses, speaksOn } from "../../../src/config/interfaces.ts";

/** As distributions, routers, hypervisors and people name them. */
const LANS =
  `eth0 eth0.10 eth0:1 eno1 enp3s0 enp0s31f6 ens18 enx001122334455 end0 em1
  p1p1 lan0 lan1 wan wlan0 wlp2s0 wlo1 wl0 ath0 ra0 usb0 bond0 bond0.20 team0
  br0 br1 bridge0 br-lan br-ex br-mgmt br-guest br-int br-12ab br-0123456789abc
  br-production1 vmbr0 vmbr1v20 xenbr0 vlan10 macvlan0 ib0 dsa0 internal home
  net0 venet`;

const NO_LANS = `lo dummy0 ifb0 nlmon0 veth1a2b3c4 docker0 docker_gwbridge
  br-0123456789ab br-a1b2c3d4e5f6 podman0 podman1 nerdctl0 lxcbr0 lxc1234 lxdbr0
  incusbr0 cni0 cni-podman0 virbr0 virbr0-nic vnet3 macvtap0 vboxnet0 vmnet8
  mpqemubr0 vif1.0 fwbr100i0 cali12345 cilium_host cilium_vxlan lxc_health
  flannel.1 weave kube-ipvs0 kube-bridge nodelocaldns antrea-gw0 ovn-k8s-mp0
  ovs-system vxlan.calico genev_sys_6081 wg0 wg-mullvad wg0-mullvad tun0 tap0
  utun3 ppp0 ipsec0 xfrm0 vti0 l2tpeth0 vpn0 tailscale0 ztabcdef12 wt0 nebula1
  nordlynx proton0 pvpnksintrf0 ipv6leakintrf0 ham0 CloudflareWARP cscotun0 gpd0
  sit0 gre0 gretap0 erspan0 ip6tnl0 ip6gre0 ip_vti0 tunl0 teql0 wwan0 wwp0s20u4
  rmnet_data0`;

Deno.test("speaksOn() knows LANs from loopback, containers, virtual machines and tunnels", () => {
  const wrong = (names: string, isLan: boolean) =>
    names.split(/\s+/).filter((name) => speaksOn(name, []) !== isLan);
  assert.deepEqual(wrong(LANS, true), []);
  assert.deepEqual(wrong(NO_LANS, false), []);
});

Deno.test("speaksOn() takes globs instead of its own choice", () => {
  const names = ["lo", "eth0", "docker0", "br-0123456789ab"];
  const spoken = names.filter((name) => speaksOn(name, ["docker*", "lo"]));
  assert.deepEqual(spoken, ["lo", "docker0"]);
  assert.ok(speaksOn("br-0123456789ab", ["br-*"]));
});

Deno.test("chooseAddresses() leaves IPv6 out if told to", () => {
  const eth0 = { name: "eth0" };
  const eth0Ipv6 = { name: "eth0", scopeId: 2 };
  const all = [eth0, eth0Ipv6, { name: "lo" }, { name: "wg0", scopeId: 3 }];
  const choose = (ipv6: boolean) =>
    chooseAddresses(all, { interfaces: [], ipv6 });
  assert.deepEqual(choose(true), [eth0, eth0Ipv6]);
  assert.deepEqual(choose(false), [eth0]);
});
