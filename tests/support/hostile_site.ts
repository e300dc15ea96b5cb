import assert from "node:assert/strict";
import { readDatagram } from "../../src/codec/read_datagram.ts";
import type { DiskRow, HostRow } from "../../src/control/views.ts";
import { COPY_MS } from "../../src/peer/remotes.ts";
import { Daemon, type DaemonOptions, Watcher } from "./daemon.ts";
import { eventually } from "./eventually.ts";
import { sendAll } from "./hostile_peer.ts";
import { addAddresses } from "./ip.ts";
import { type Host, Lan } from "./lan.ts";
import { type RawDatagram, RawPeer } from "./raw_peer.ts";
import { Wiretap } from "./wiretap.ts";

/** The hosts that tell the truth; each has one disk, labelled as the host is named. */
const HONEST = ["alpha", "beta"] as const;
/** By then a machine that is busy has taken in what it heard. */
const LATER_MS = 200;
/** What arrived is counted by then, also where a list has to be given up for it. */
const COUNT_MS = 15_000;
const TRIES = 8;
export type HonestName = (typeof HONEST)[number];

export interface HostileSiteOptions {
  /** Of each daemon. */
  readonly daemon?: DaemonOptions;
  /** Called with each honest host before its daemon starts. */
  readonly prepare?: (host: Host) => Promise<void>;
}

/** What a host says of itself in each datagram, for who wants to speak in its name. */
export interface Victim {
  readonly name: string;
  readonly id: string;
  readonly boot: number;
  readonly seq: number;
  readonly rev: number;
  readonly address: string;
}

/** Two honest hosts, and mallory, who hears all that they say, and can send anything as anybody. */
export class HostileSite implements AsyncDisposable {
  readonly #lan: Lan;
  readonly #options: HostileSiteOptions;
  readonly #daemons = new Map<HonestName, Daemon>();
  readonly #resources: AsyncDisposableStack;
  readonly #malloryAddress: string;
  readonly wiretap: Wiretap;
  readonly mallory: RawPeer;

  private constructor(
    lan: Lan,
    options: HostileSiteOptions,
    { wiretap, mallory, malloryAddress, resources }: {
      wiretap: Wiretap;
      mallory: RawPeer;
      malloryAddress: string;
      resources: AsyncDisposableStack;
    },
  ) {
    this.#lan = lan;
    this.#options = options;
    this.#resources = resources;
    this.#malloryAddress = malloryAddress;
    this.wiretap = wiretap;
    this.mallory = mallory;
  }

  static async start(options: HostileSiteOptions = {}): Promise<HostileSite> {
    await using resources = new AsyncDisposableStack();
    const lan = resources.use(
      await Lan.create({ hosts: [...HONEST, "mallory"] }),
    );
    const wiretap = resources.use(await Wiretap.start(lan.host("mallory")));
    const mallory = resources.use(new RawPeer(lan.host("mallory")));
    const [malloryAddress = ""] = await addAddresses(lan.host("mallory"), {
      network: "10.66",
      count: 1,
    });
    for (const name of HONEST) {
      const host = lan.host(name);
      await host.attach(await host.disk({ type: "swap", label: name }));
      await options.prepare?.(host);
    }
    const site = new HostileSite(lan, options, {
      wiretap,
      mallory,
      malloryAddress,
      resources: resources.move(),
    });
    for (const name of HONEST) await site.startDaemon(name);
    await site.agree();
    return site;
  }

  get daemons(): readonly Daemon[] {
    return [...this.#daemons.values()];
  }

  host(name: HonestName | "mallory"): Host {
    return this.#lan.host(name);
  }

  daemon(name: HonestName): Daemon {
    return this.#daemons.get(name)!;
  }

  /** Starts a daemon, and waits until it has seen the disk of its host. */
  async startDaemon(name: HonestName): Promise<void> {
    const options = { quiet: true, ...this.#options.daemon };
    const daemon = await Daemon.start(this.host(name), options);
    this.#daemons.set(name, daemon);
    await eventually(async () => {
      const rows = await daemon.call("list", {});
      const own = rows.find(({ label }) => label === name);
      // Until it has looked, it may be remembered as it was.
      assert.equal(own?.state, "attached");
    });
  }

  /** Ends a daemon: with a goodbye, or as if the power failed. */
  async stopDaemon(
    name: HonestName,
    how: "SIGTERM" | "SIGKILL",
  ): Promise<void> {
    const daemon = this.daemon(name);
    this.#daemons.delete(name);
    await daemon.process.kill(how);
    await daemon.process.outcome;
  }

  /** Waits until each honest host sees both. */
  async agree(): Promise<void> {
    for (const daemon of this.daemons) {
      await eventually(async () => {
        const { hosts, where } = await honestView(daemon, HONEST);
        assert.deepEqual(hosts.map(({ state }) => state), ["up", "up"]);
        assert.deepEqual(
          where.map((rows) => rows.map(({ state }) => state)),
          [["attached"], ["attached"]],
        );
      });
    }
  }

  /** Who is about to be lied about, as heard last. */
  victim(name: HonestName): Victim {
    const { address } = this.host(name);
    for (const { bytes } of this.wiretap.heard(address).reverse()) {
      const read = readDatagram(bytes);
      if (read.format !== 2 || read.header.id === null) continue;
      const { id, boot, seq, rev } = read.header;
      return { name, id, boot, seq, rev, address };
    }
    throw new Error(`${name} was not heard yet.`);
  }

  /** All that was ever said but just now: what is repeated at once looks like a copy from another interface. */
  past(): RawDatagram[] {
    const latest = Date.now() - COPY_MS - LATER_MS;
    return this.wiretap.heard().filter(({ at }) => at < latest);
  }

  /** Says these as they are, from mallory's own address. */
  async say(lies: Iterable<Uint8Array>): Promise<void> {
    const source = this.host("mallory").address;
    await this.mallory.send([...lies].map((bytes) => ({ source, bytes })));
  }

  /** The same with datagrams that are longer than a frame, from another address of his: they go through mallory's kernel, which takes them apart. */
  async sayInFragments(lies: readonly Uint8Array[]): Promise<void> {
    const address = this.#malloryAddress;
    await sendAll(this.host("mallory"), lies, { address });
  }

  /**
   * Does something hostile that must change nothing on the honest hosts. On
   * those named in `counts` something must be dropped for each of the reasons;
   * it is done again where it was not, as the kernel may have lost it.
   */
  async bears(
    act: () => Promise<void>,
    counts: Readonly<Partial<Record<HonestName, readonly string[]>>>,
  ): Promise<void> {
    const before = new Map<HonestName, Readonly<Record<string, number>>>();
    for (const [name, daemon] of this.#daemons) {
      before.set(name, await rejectedBy(daemon));
    }
    for (let left = TRIES;; left--) {
      await staysUnchanged(this.daemons, HONEST, act);
      try {
        for (const name of this.#daemons.keys()) {
          await this.#counts(name, counts[name] ?? [], before.get(name)!);
        }
        return;
      } catch (error) {
        if (left === 1) throw error;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const daemon of this.daemons) await daemon[Symbol.asyncDispose]();
    await this.#resources.disposeAsync();
  }

  async #counts(
    name: HonestName,
    reasons: readonly string[],
    before: Readonly<Record<string, number>>,
  ): Promise<void> {
    await eventually(async () => {
      const now = await rejectedBy(this.daemon(name));
      for (const reason of reasons) {
        const more = (now[reason] ?? 0) - (before[reason] ?? 0);
        assert.ok(more > 0, `${name}: no ${reason}: ${JSON.stringify(now)}`);
      }
    }, { timeoutMs: COUNT_MS });
  }
}

/** These as if `source` had sent them. */
export function spoofed(
  source: string,
  datagrams: Iterable<Uint8Array>,
): RawDatagram[] {
  return [...datagrams].map((bytes) => ({ source, bytes }));
}

/** What a daemon shows of some hosts, but for times. */
export interface HonestView {
  readonly list: readonly Partial<DiskRow>[];
  readonly hosts: readonly Partial<HostRow>[];
  /** Where the disk is that is labelled as each of them is named. */
  readonly where: readonly (readonly Partial<DiskRow>[])[];
  readonly self: unknown;
}

/**
 * What a daemon shows of the hosts of these names: who they are, where, in what
 * state, and every disk of theirs. Others that say that they have such a name
 * or such a disk are shown too, so that they are found out.
 */
export async function honestView(
  daemon: Daemon,
  names: readonly string[],
): Promise<HonestView> {
  const isHonest = ({ host }: { readonly host: string }) =>
    names.includes(host);
  const list = await daemon.call("list", {});
  const hosts = await daemon.call("hosts", {});
  const where = [];
  for (const name of names) where.push(await daemon.call("where", { name }));
  const { host, hostId, addresses } = await daemon.call("localhost", {});
  return {
    list: list.filter(isHonest).map(withoutTimes),
    hosts: hosts.filter(isHonest).map(withoutTimes),
    where: where.map((rows) => rows.map(withoutTimes)),
    self: { host, hostId, addresses },
  };
}

/**
 * Does something hostile, and sees to it that each of these daemons lives,
 * shows what it did before, and showed nothing else of the honest hosts in
 * between.
 */
export async function staysUnchanged(
  daemons: readonly Daemon[],
  names: readonly string[],
  act: () => Promise<void>,
): Promise<void> {
  const look = () =>
    Promise.all(daemons.map((daemon) => honestView(daemon, names)));
  const before = await look();
  await using watchers = new AsyncDisposableStack();
  const watching = [];
  for (const daemon of daemons) {
    watching.push(watchers.use(await Watcher.start(daemon)));
  }
  await act();
  assert.deepEqual(await look(), before);
  for (const { events } of watching) {
    assert.deepEqual(events.filter(({ host }) => names.includes(host)), []);
  }
  for (const { process } of daemons) assert.ok(process.running, process.log);
}

/** Datagrams that a daemon has dropped, by reason. */
export async function rejectedBy(
  daemon: Daemon,
): Promise<Readonly<Record<string, number>>> {
  return (await daemon.call("status", {})).datagrams.rejected;
}

function withoutTimes<Row extends object>(row: Row): Partial<Row> {
  return Object.fromEntries(
    Object.entries(row).filter(([key]) =>
      !["seenAt", "heardAt", "since"].includes(key)
    ),
  ) as Partial<Row>;
}
