import { Holder, SYSTEM_PATH } from "./holder.ts";
import { ipBatch } from "./ip.ts";
import { runOrThrow } from "./process.ts";

/** Hosts on one network: 192.168.N.11 to 192.168.N.250. */
const FIRST_HOST = 11;
const MAX_HOSTS = 240;

/** A host's end of a cable. */
export interface Port {
  readonly network: string;
  /** Name of the interface in the host: `eth0`. */
  readonly interface: string;
  /** IPv4 address, without the length of its prefix. */
  readonly address: string;
  /** Link-local IPv6 address, without scope. */
  readonly ipv6: string;
  /** Address of the bridge on the same network. */
  readonly gateway: string;
  /** Name of the switch's end of the cable. */
  readonly cable: string;
}

interface Network {
  readonly bridge: string;
  /** First three bytes of its addresses: `192.168.1`. */
  readonly prefix: string;
  readonly number: number;
  hosts: number;
}

/**
 * The bridges that join the hosts, one a network, in a network namespace of
 * their own: no frame gets out to the machine's networks.
 */
export class Switch implements AsyncDisposable {
  readonly #holder: Holder;
  readonly #snooping: 0 | 1;
  readonly #networks = new Map<string, Network>();
  #cables = 0;

  private constructor(holder: Holder, snooping: 0 | 1) {
    this.#holder = holder;
    this.#snooping = snooping;
  }

  static async start(multicastSnooping: boolean): Promise<Switch> {
    return new Switch(
      await Holder.start("switch_init.sh"),
      multicastSnooping ? 1 : 0,
    );
  }

  /** Folder in memory, for the disks' images; gone with the switch. */
  get imageFolder(): string {
    return this.#holder.path("/run");
  }

  /** Lays cables from the host whose namespace process `pid` holds to each of `networks`: eth0, eth1, ... */
  async connect(pid: number, networks: readonly string[]): Promise<Port[]> {
    const commands: string[] = [];
    const ports = networks.map((name, index) => {
      const network = this.#networks.get(name) ??
        this.#addNetwork(name, commands);
      if (network.hosts === MAX_HOSTS) {
        throw new Error(
          `The network "${name}" has ${MAX_HOSTS} hosts, no more fit.`,
        );
      }
      const cable = `cable${this.#cables++}`;
      const inside = `eth${index}`;
      const number = FIRST_HOST + network.hosts++;
      commands.push(
        `link add ${cable} type veth peer name ${inside} netns ${pid}`,
        `link set ${cable} master ${network.bridge} up`,
      );
      return {
        network: name,
        interface: inside,
        address: `${network.prefix}.${number}`,
        ipv6: `fe80::${network.number}:${number}`,
        gateway: `${network.prefix}.1`,
        cable,
      };
    });
    await this.ip(commands);
    return ports;
  }

  /** Lays a cable again that went with the card at its end, to another card in the host whose namespace process `pid` holds. */
  async layAgain(
    { network, cable }: Port,
    { card, pid }: { readonly card: string; readonly pid: number },
  ): Promise<void> {
    await this.ip([
      `link add ${cable} type veth peer name ${card} netns ${pid}`,
      `link set ${cable} master ${this.bridge(network)} up`,
    ]);
  }

  /** Runs ip(8) commands, one a line, on the switch: its links are bridges and cables. */
  async ip(commands: readonly string[]): Promise<void> {
    await ipBatch(this.#holder.pid, commands);
  }

  /**
   * From now on a network's bridge forwards a group only to ports that somebody
   * listens on, forgets who has said nothing of it for `forgetAfterMs`, and
   * never asks: a switch with IGMP snooping and no querier.
   */
  async prune(
    { network, family = "IPv4", igmp = 3, forgetAfterMs }: {
      readonly network?: string;
      /** Default: IPv4. */
      readonly family?: "IPv4" | "IPv6";
      /** Version of IGMP that its hosts use. */
      readonly igmp?: 2 | 3;
      readonly forgetAfterMs: number;
    },
  ): Promise<void> {
    const bridge = this.bridge(network);
    if (family === "IPv6") await this.#addIpv6(bridge);
    const set = `link set dev ${bridge} type bridge`;
    await this.ip([
      // It asks once when it becomes querier, which is when it begins to prune.
      `${set} mcast_igmp_version ${igmp} mcast_query_response_interval 10`,
      `${set} mcast_membership_interval ${inCentiseconds(forgetAfterMs)}`,
      `${set} mcast_startup_query_count 0 mcast_startup_query_interval 100000`,
      `${set} mcast_query_interval 100000 mcast_snooping 1 mcast_querier 1`,
    ]);
  }

  /** Without an IPv6 address of its own it would prune nothing of IPv6. */
  async #addIpv6(bridge: string): Promise<void> {
    const file = `/proc/sys/net/ipv6/conf/${bridge}/disable_ipv6`;
    await this.inside(`echo 0 > ${file}`);
    await this.ip([`addr add fe80::1/64 dev ${bridge} nodad`]);
  }

  /** Runs a line of shell in its network namespace. */
  async inside(line: string): Promise<void> {
    await runOrThrow([
      ...["nsenter", `--net=/proc/${this.#holder.pid}/ns/net`],
      ...["sh", "-c", line],
    ], { env: { PATH: SYSTEM_PATH } });
  }

  /** The IPv4 addresses of a network, in CIDR notation. */
  subnet(network: string): string {
    return `192.168.${this.bridge(network).replace("bridge", "")}.0/24`;
  }

  /** Name of the bridge that joins the hosts of a network. */
  bridge(network = "lan"): string {
    const known = this.#networks.get(network);
    if (known) return known.bridge;
    throw new Error(`There is no network "${network}" on this LAN.`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#holder[Symbol.asyncDispose]();
  }

  #addNetwork(name: string, commands: string[]): Network {
    const number = this.#networks.size + 1;
    const network = {
      bridge: `bridge${number}`,
      prefix: `192.168.${number}`,
      number,
      hosts: 0,
    };
    commands.push(
      // Without a querier on the network, snooping would drop the group after a while.
      `link add ${network.bridge} type bridge mcast_snooping ${this.#snooping}`,
      `addr add ${network.prefix}.1/24 dev ${network.bridge}`,
      `link set ${network.bridge} up`,
    );
    this.#networks.set(name, network);
    return network;
  }
}

/** The unit of the bridge's settings. */
function inCentiseconds(ms: number): number {
  return Math.round(ms / 10);
}
