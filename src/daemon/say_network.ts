/** Sentences about the network, for `status`, `scan` and `doctor`. */
import type { JoinedInterface } from "../transport/transport.ts";

/** Where announcements go. */
export interface Destination {
  readonly group: string;
  readonly port: number;
}

export function sayPortTaken(port: number): string {
  return `Another program uses UDP port ${port} exclusively; stop it, or give ` +
    "all hosts another --port";
}

/** `globs`: the configured interfaces. */
export function sayNoInterface(globs: readonly string[]): string {
  const why = globs.length > 0
    ? `none is named ${globs.join(" or ")} and has an IPv4 address`
    : "only loopback, containers and tunnels have an IPv4 address; " +
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
export function firewallCommands({ group, port }: Destination): string[] {
  return [
    `ufw allow ${port}/udp`,
    `firewall-cmd --permanent --add-port=${port}/udp && firewall-cmd --reload`,
    `nft insert rule inet filter input ip daddr ${group} udp dport ${port} accept`,
    `iptables -I INPUT -p udp --dport ${port} -j ACCEPT`,
  ];
}
