import { shellQuoted } from "../../src/text/shell_quoted.ts";
import type { Lan } from "./lan.ts";
import type { Switch } from "./switch.ts";

/** The switch of a LAN in a box as the router between its networks: of IPv4, and of no multicast. Needs nft(8). */
export class Router {
  readonly #network: Switch;
  #addresses = 0;

  private constructor(network: Switch) {
    this.#network = network;
  }

  static async start({ network }: Lan): Promise<Router> {
    await network.inside("echo 1 > /proc/sys/net/ipv4/ip_forward");
    // Else its packet filter also judges what hosts of one network say to each other.
    const file = "/proc/sys/net/bridge/bridge-nf-call-iptables";
    await network.inside(`[ ! -e ${file} ] || echo 0 > ${file}`);
    return new Router(network);
  }

  /** Lets nothing pass between its networks, and says so to nobody. */
  async cut(): Promise<void> {
    await this.#nft(table("cut", "filter hook forward priority 0", ["drop"]));
  }

  /** Ends `cut`. */
  async mend(): Promise<void> {
    await this.#nft(["delete table ip cut"]);
  }

  /**
   * Into the networks only packets of so many bytes pass from now on. Who sent
   * a longer one is not told: many a firewall drops such ICMP.
   */
  async narrow(networks: readonly string[], mtu: number): Promise<void> {
    await this.#network.ip(
      networks.map((name) =>
        `link set ${this.#network.bridge(name)} mtu ${mtu}`
      ),
    );
    await this.#nft(table("narrow", "filter hook output priority 0", [
      "icmp type destination-unreachable drop",
    ]));
  }

  /**
   * Puts a network behind a NAT, and returns its address for others. UDP from
   * within leaves from another port, and what comes back to that passes.
   */
  async hide(network: string): Promise<string> {
    const subnet = this.#network.subnet(network);
    const address = `203.0.113.${++this.#addresses}`;
    await this.#network.ip([`addr add ${address}/32 dev lo`, "link set lo up"]);
    await this.#nft([
      ...table(`hide_${network}`, "filter hook forward priority 0", [
        `ct state new ip daddr ${subnet} drop`,
      ]),
      ...table(`nat_${network}`, "nat hook postrouting priority srcnat", [
        `ip saddr ${subnet} ip daddr != ${subnet} meta l4proto udp snat to ${address}:40000-49999`,
      ]),
    ]);
    return address;
  }

  async #nft(lines: readonly string[]): Promise<void> {
    await this.#network.inside(
      `printf '%s\\n' ${shellQuoted(lines)} | nft -f -`,
    );
  }
}

function table(name: string, hook: string, rules: readonly string[]): string[] {
  return [
    `table ip ${name} {`,
    `chain ${name} {`,
    `type ${hook}`,
    ...rules,
    "}",
    "}",
  ];
}
