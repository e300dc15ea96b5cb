import { Host, type HostOptions } from "./host.ts";
import { freeLeftovers } from "./leftovers.ts";
import { type DiskOptions, LoopDisk } from "./loop_disk.ts";
import { type Needs, needs } from "./needs.ts";
import { Switch } from "./switch.ts";

export type { Host, HostOptions } from "./host.ts";
export type { DiskOptions, DiskType, LoopDisk } from "./loop_disk.ts";
export type { Outcome, Process } from "./process.ts";

export interface LanOptions {
  /** Their names, or more than that. */
  readonly hosts: readonly (string | HostOptions)[];
  /** Whether the bridges learn who listens to which group, as many a switch does. Default false. */
  readonly multicastSnooping?: boolean;
}

/**
 * The LAN in a box: hosts that are network namespaces joined by a bridge, with
 * real filesystems on real loop devices. Needs root.
 *
 *     await using lan = await Lan.create({ hosts: ["alpha", "beta"] });
 *     const alpha = lan.host("alpha");
 *     const disk = await alpha.disk({ type: "ext4", label: "backup" });
 *     await alpha.attach(disk);
 *     await using daemon = alpha.spawn(["diskd", "--daemon"]);
 *
 * Nothing of it has a name that another run could meet, and nothing outlives
 * the process that made it: namespaces end with their holders, holders with
 * the pipe from this process, and loop devices with the handles it has open.
 */
export class Lan implements AsyncDisposable {
  readonly #hosts: ReadonlyMap<string, Host>;
  readonly #resources: AsyncDisposableStack;
  /** What joins the hosts. */
  readonly network: Switch;

  private constructor(
    hosts: ReadonlyMap<string, Host>,
    network: Switch,
    resources: AsyncDisposableStack,
  ) {
    this.#hosts = hosts;
    this.network = network;
    this.#resources = resources;
  }

  static async create(options: LanOptions): Promise<Lan> {
    await freeLeftovers();
    await using resources = new AsyncDisposableStack();
    const network = resources.use(
      await Switch.start(options.multicastSnooping ?? false),
    );
    // Of the LAN and not of a host: a disk outlives the host it was made on.
    const disks = resources.use(new DisposableStack());
    const makeDisk = async (options: DiskOptions) =>
      disks.use(await LoopDisk.create(network.imageFolder, options));
    const hosts = new Map<string, Host>();
    for (const wanted of options.hosts) {
      const about = typeof wanted === "string" ? { name: wanted } : wanted;
      if (hosts.has(about.name)) {
        throw new Error(`Two hosts are named "${about.name}".`);
      }
      hosts.set(
        about.name,
        resources.use(await Host.start({ network, makeDisk }, about)),
      );
    }
    return new Lan(hosts, network, resources.move());
  }

  /** All hosts, in the order in which they were asked for. */
  get hosts(): readonly Host[] {
    return [...this.#hosts.values()];
  }

  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (host) return host;
    const names = [...this.#hosts.keys()].join(", ");
    throw new Error(`There is no host "${name}" on this LAN, only ${names}.`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}

export interface LanTestOptions<Name extends string>
  extends LanOptions, Pick<Needs, "programs" | "python"> {
  readonly name: string;
  readonly hosts: readonly (Name | HostOptions & { readonly name: Name })[];
}

/** The hosts of a LAN by their names, and the LAN. */
export type NamedHosts<Name extends string> =
  & Readonly<Record<Name, Host>>
  & { readonly lan: Lan };

/** A test with a LAN in a box of its own. */
export function lanTest<Name extends string>(
  options: LanTestOptions<Name>,
  run: (hosts: NamedHosts<Name>, t: Deno.TestContext) => Promise<void>,
): void {
  const { name, programs, python } = options;
  Deno.test({
    ...needs(name, { lan: true, programs, python }),
    async fn(t) {
      await using lan = await Lan.create(options);
      const hosts = lan.hosts.map((host) => [host.name, host]);
      await run({ ...Object.fromEntries(hosts), lan }, t);
    },
  });
}

/** Takes the same thing through steps of a test, one after the other, by their names. */
export async function inSteps<Given>(
  t: Deno.TestContext,
  given: Given,
  steps: Readonly<Record<string, (given: Given) => void | Promise<void>>>,
): Promise<void> {
  for (const [name, step] of Object.entries(steps)) {
    await t.step(name, () => step(given));
  }
}
