/** Sentences about the network, for `status`, `scan` and `doctor`. */
import type { InterfaceChoice } from "../config/interfaces.ts";
import type { Destination } from "../transport/destination.ts";
import type { JoinedInterface } from "../transport/transport.ts";

export function sayPortTaken(port: number): string {
  return `Another program uses UDP port ${port} exclusively; stop it, or give ` +
    "all hosts another --port";
}

export function sayNoInterface({ interfaces, ipv6 }: InterfaceChoice): string {
  const address = ipv6
    ? "an IPv4 or link-local IPv6 address"
    : "an IPv4 address";
  const why = interfaces.length > 0
    ? `none is named ${interfaces.join(" or ")} and has ${address}`
    : `only loopback, containers and tunnels have ${address}; ` +
      "--interface can name one of these";
  return `No usable network interface: ${why}`;
}

/** The interfaces that could not be joined or sent on, a sentence each. */
export function sayUnusable(interfaces: readonly JoinedInterface[]): string[] {
  return interfaces
    .filter(({ problem }) => problem !== null)
    .map(({ name, address, problem }) =>
      `Cannot use ${name} (${address}): ${problem}`
    );
}

/** Commands that let datagrams in, one for each kind of firewall. */
export function firewallCommands(
  { port }: Pick<Destination, "port">,
): string[] {
  return [
    `ufw allow ${port}/udp`,
    `firewall-cmd --permanent --add-port=${port}/udp && firewall-cmd --reload`,
    `nft insert rule inet filter input udp dport ${port} accept`,
    `iptables -I INPUT -p udp --dport ${port} -j ACCEPT`,
    `ip6tables -I INPUT -p udp --dport ${port} -j ACCEPT`,
  ];
}
