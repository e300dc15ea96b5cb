import assert from "node:assert/strict";
import { eventually } from "./eventually.ts";
import { asRoot, type Host } from "./host.ts";
import type { Process } from "./process.ts";

/** What a test with a DHCP server needs. */
export const DHCP_PROGRAMS = ["dnsmasq", "udhcpc"];

/** Run by udhcpc with what it was given. */
const SCRIPT = `#!/bin/sh
case $1 in
  deconfig) ip -4 addr flush dev $interface ;;
  bound|renew) ip addr replace $ip/24 dev $interface ;;
esac
`;

/** A DHCP server on a host of the LAN in a box; it gives each host the address that the test says. */
export class DhcpServer implements AsyncDisposable {
  readonly #on: Host;
  #process: Process | null = null;

  constructor(on: Host) {
    this.#on = on;
  }

  /** From now on these hosts get these addresses, whatever they had, and have them. */
  async give(leases: readonly (readonly [Host, string])[]): Promise<void> {
    const hosts = await Promise.all(leases.map(async ([host, address]) => {
      return `--dhcp-host=${await macOf(host)},${address}`;
    }));
    await this.#serve(hosts, leases[0]![1]);
    for (const [host, address] of leases) await obtain(host, address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
  }

  async #serve(hosts: readonly string[], address: string): Promise<void> {
    await this[Symbol.asyncDispose]();
    const prefix = address.slice(0, address.lastIndexOf("."));
    await asRoot(this.#on, "rm -f /run/lan/leases");
    this.#process = this.#on.spawn([
      "dnsmasq",
      "--keep-in-foreground",
      "--conf-file=/dev/null",
      "--log-facility=-",
      "--pid-file=",
      "--user=root",
      "--port=0",
      "--interface=eth0",
      "--no-ping",
      "--dhcp-authoritative",
      "--dhcp-leasefile=/run/lan/leases",
      `--dhcp-range=${prefix}.100,${prefix}.199,2m`,
      ...hosts,
    ]);
    await this.#process.waitForLog(/DHCP, sockets bound|DHCP, IP range/);
  }
}

async function macOf(host: Host): Promise<string> {
  const links = JSON.parse(await asRoot(host, "ip -j link show eth0"));
  return links[0].address;
}

/** As after a link that went down and up again, or a lease that ran out. */
async function obtain(host: Host, address: string): Promise<void> {
  await Deno.writeTextFile(host.path("/run/lan/udhcpc"), SCRIPT, {
    mode: 0o755,
  });
  await asRoot(host, "udhcpc -i eth0 -f -q -n -t 10 -T 1 -s /run/lan/udhcpc");
  await eventually(async () => {
    assert.match(await asRoot(host, "ip -4 addr show eth0"), RegExp(address));
  });
}
