import assert from "node:assert/strict";
import type { DiskRow, HostRow, StatusView } from "../../src/control/views.ts";
import { Daemon } from "./daemon.ts";
import { eventually, type EventuallyOptions } from "./eventually.ts";
import { Firewall } from "./firewall.ts";
import type { Host } from "./host.ts";
import { Lan, type LanOptions } from "./lan.ts";

/** For tests that wait for what happens at intervals. */
const SOON = ["--announce-interval", "1"];

/** Less than it takes a daemon to speak by itself, where it is not told to do so every second. */
const HEAR_TIMEOUT_MS = 15_000;

export interface SiteOptions extends LanOptions {
  /** Options of each daemon. Default: announce every second. */
  readonly args?: readonly string[];
  /** Called before the daemons start. */
  readonly prepare?: (site: Site) => Promise<void>;
}

/** A LAN with a daemon and a disk on each host; the disk has the host's name as its label. */
export class Site implements AsyncDisposable {
  readonly lan: Lan;
  readonly #args: readonly string[];
  readonly #daemons = new Map<string, Daemon>();

  private constructor(lan: Lan, args: readonly string[]) {
    this.lan = lan;
    this.#args = args;
  }

  static async start(options: SiteOptions): Promise<Site> {
    const { args = SOON, prepare } = options;
    const site = new Site(await Lan.create(options), args);
    try {
      for (const host of site.lan.hosts) {
        await host.attach(await host.disk({ type: "swap", label: host.name }));
      }
      await prepare?.(site);
      await Promise.all(site.names.map((name) => site.startDaemon(name)));
      return site;
    } catch (error) {
      await site[Symbol.asyncDispose]();
      throw error;
    }
  }

  get names(): string[] {
    return this.lan.hosts.map(({ name }) => name);
  }

  host(name: string): Host {
    return this.lan.host(name);
  }

  daemon(name: string): Daemon {
    return this.#daemons.get(name)!;
  }

  firewall(name: string): Firewall {
    return new Firewall(this.host(name));
  }

  addresses(name: string): string[] {
    return this.host(name).ports.map(({ address }) => address);
  }

  /** Pulls the host's cable out of the switch. */
  async pull(name: string): Promise<void> {
    await this.#setCable(name, "down");
  }

  async plug(name: string): Promise<void> {
    await this.#setCable(name, "up");
  }

  /** Runs ip(8) on a host. */
  async ip(name: string, command: string): Promise<void> {
    const argv = ["ip", ...command.split(" ")];
    const { code, stderr } = await this.host(name).run(argv);
    assert.equal(code, 0, `${argv.join(" ")} on ${name}: ${stderr}`);
  }

  async startDaemon(name: string): Promise<void> {
    const options = { args: this.#args };
    this.#daemons.set(name, await Daemon.start(this.host(name), options));
  }

  async restart(name: string): Promise<void> {
    await this.daemon(name).stop();
    await this.startDaemon(name);
  }

  /** Exactly these hosts are up, as far as `name` knows. */
  async seesUp(name: string, others: readonly string[]): Promise<void> {
    await seesUp(this.daemon(name), others);
  }

  /** Waits until `name` sees another host in this state. */
  async sees(
    name: string,
    [other, state]: readonly [string, HostRow["state"]],
    options: EventuallyOptions = {},
  ): Promise<void> {
    await eventually(async () => {
      const rows = await this.daemon(name).call("hosts", {});
      const found = rows.filter(({ host }) => host === other);
      const states = found.map(({ state }) => state);
      assert.deepEqual(states, [state], `${name} sees ${other}`);
    }, options);
  }

  /** Waits until each sees all hosts up, with the disks that they have. */
  async agree(options: EventuallyOptions = {}): Promise<void> {
    const names = this.names.toSorted();
    for (const name of names) {
      await seesUp(this.daemon(name), names, options);
      await eventually(async () => {
        assert.deepEqual(await this.#disksSeenBy(name), await this.#disks());
      }, options);
    }
  }

  /** Waits until `name` takes in what `other` announces now. */
  async hears(name: string, other: string): Promise<void> {
    const since = new Date().toISOString();
    await eventually(async () => {
      await this.daemon(other).call("announce", {});
      const rows = await this.daemon(name).call("hosts", {});
      const heardAt = rows.find(({ host }) => host === other)?.heardAt ?? "";
      assert.ok(heardAt > since, `${name} did not hear ${other}`);
    }, { timeoutMs: HEAR_TIMEOUT_MS });
  }

  async knowsAt(
    name: string,
    other: string,
    addresses: readonly string[],
  ): Promise<void> {
    await eventually(async () => {
      const rows = await this.daemon(name).call("hosts", {});
      const found = rows.filter(({ host }) => host === other);
      assert.equal(found.length, 1, JSON.stringify(rows));
      assert.deepEqual(found[0]!.addresses.toSorted(), addresses);
    });
  }

  /** The disk of each of `others` is listed once. */
  async hasOneRowEach(name: string, others: readonly string[]): Promise<void> {
    const rows = await this.daemon(name).json("list");
    assert.deepEqual(
      rows.map(({ host, label }) => ({ host, label })),
      others.toSorted().map((host) => ({ host, label: host })),
    );
  }

  /** Speaks on exactly these interfaces. */
  async speaksOn(name: string, interfaces: readonly string[]): Promise<void> {
    const view = await this.daemon(name).json("localhost");
    assert.deepEqual(view.addresses.toSorted(), this.addresses(name));
    assert.deepEqual(
      view.interfaces.filter(({ joined }) => joined)
        .map((one) => one.name).toSorted(),
      interfaces,
    );
  }

  /** Puts a network card with this address into a host that has lost the one of its first network. */
  async addCard(name: string, card: string, address: string): Promise<void> {
    const { pid, ports } = this.host(name);
    await this.lan.network.layAgain(ports[0]!, { card, pid });
    await this.ip(name, `addr add ${address}/24 dev ${card}`);
    await this.ip(name, `link set ${card} up`);
  }

  async problems(name: string): Promise<readonly string[]> {
    return (await this.daemon(name).call("status", {})).problems;
  }

  /** Waits until a daemon has a problem that `pattern` matches. */
  async hasProblem(name: string, pattern: RegExp): Promise<void> {
    await eventually(async () => {
      assert.match((await this.problems(name)).join("\n"), pattern);
    });
  }

  async hasNoProblem(name: string): Promise<void> {
    await eventually(async () => {
      assert.deepEqual(await this.problems(name), []);
    });
  }

  async datagrams(name: string): Promise<StatusView["datagrams"]> {
    return (await this.daemon(name).call("status", {})).datagrams;
  }

  idsSeenBy(name: string): Promise<Record<string, string>> {
    return idsSeenBy(this.daemon(name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const daemon of this.#daemons.values()) {
      await daemon[Symbol.asyncDispose]();
    }
    await this.lan[Symbol.asyncDispose]();
  }

  async #setCable(name: string, state: "down" | "up"): Promise<void> {
    const [port] = this.host(name).ports;
    await this.lan.network.ip([`link set ${port!.cable} ${state}`]);
  }

  async #disksSeenBy(name: string): Promise<string[]> {
    const rows = await this.daemon(name).call("list", {});
    return rows.filter(({ state }) => state === "attached").map(keyOf).sort();
  }

  /** What each host says of itself. */
  async #disks(): Promise<string[]> {
    const lists = await Promise.all(this.names.map(async (name) => {
      const rows = await this.daemon(name).call("list", {});
      return rows.filter(({ host }) => host === name).map(keyOf);
    }));
    return lists.flat().sort();
  }
}

/** Waits until exactly these hosts are up, as far as a daemon knows. */
export async function seesUp(
  daemon: Daemon,
  names: readonly string[],
  options: EventuallyOptions = {},
): Promise<void> {
  await eventually(async () => {
    const rows = await daemon.call("hosts", {});
    assert.deepEqual(up(rows).map(({ host }) => host), names);
  }, options);
}

/** Ids of the hosts that are up, by name. */
export async function idsSeenBy(
  daemon: Daemon,
): Promise<Record<string, string>> {
  const rows = await daemon.json("hosts");
  return Object.fromEntries(up(rows).map(({ host, hostId }) => [host, hostId]));
}

function up(rows: readonly HostRow[]): HostRow[] {
  return rows.filter(({ state }) => state === "up");
}

function keyOf({ host, device, uuid, label }: DiskRow): string {
  return JSON.stringify([host, device, uuid, label]);
}
