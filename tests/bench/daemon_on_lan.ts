import {
  connectControl,
  type ControlClient,
} from "../../src/control/client.ts";
import { addAddresses } from "../support/ip.ts";
import { type Host, Lan, type Process } from "../support/lan.ts";
import { scriptArgv } from "../support/program.ts";
import { RawControl, SOCKET } from "./raw_control.ts";

const START_TIMEOUT_MS = 10_000;
const CONNECT_RETRY_MS = 1;
/** The last datagrams are on their way this long at most. */
const SETTLE_MS = 300;
/** The longest benchmark sends for half a minute. */
const SEND_TIMEOUT_MS = 300_000;
/** Of each sender; a daemon takes in so many datagrams a second of one, and so many hosts. */
const ADDRESSES = 100;
/** The networks of these addresses. */
const SENDERS = { beta: "10.1", gamma: "10.2" };
const LOG = "/run/daemon.log";

/** What a full daemon has heard, so many times; no faster than it verifies what strangers sign. */
const FULL = { hosts: 1_000, disks: 10, rate: 100 };
const FULL_ROUNDS = 2;

export interface Load {
  /** Made-up hosts that take turns. */
  readonly hosts: number;
  readonly disks: number;
  /** Announcements a second. */
  readonly rate: number;
  readonly announcements: number;
}

/** What a sender says that it did. */
export interface Sent {
  readonly sent: number;
  /** Announcements a second. */
  readonly rate: number;
}

/** The real daemon on the host alpha, and senders on beta and gamma. */
export class DaemonOnLan implements AsyncDisposable {
  readonly #lan: Lan;
  /** Where each sender speaks from, by its host's name. */
  readonly #addresses: ReadonlyMap<string, readonly string[]>;
  #daemon: Process | null = null;

  private constructor(
    lan: Lan,
    addresses: ReadonlyMap<string, readonly string[]>,
  ) {
    this.#lan = lan;
    this.#addresses = addresses;
  }

  /** Makes the LAN; no daemon runs yet. */
  static async create(): Promise<DaemonOnLan> {
    const lan = await Lan.create({ hosts: ["alpha", "beta", "gamma"] });
    const addresses = new Map<string, readonly string[]>();
    for (const [name, network] of Object.entries(SENDERS)) {
      const options = { network, count: ADDRESSES };
      addresses.set(name, await addAddresses(lan.host(name), options));
    }
    return new DaemonOnLan(lan, addresses);
  }

  /** Makes the LAN and starts the daemon. */
  static async start(): Promise<DaemonOnLan> {
    const bench = await DaemonOnLan.create();
    try {
      await bench.startDaemon();
      return bench;
    } catch (error) {
      await bench[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where the daemon runs. */
  get alpha(): Host {
    return this.#lan.host("alpha");
  }

  /** The daemon's socket, seen from outside of the LAN. */
  get socketPath(): string {
    return this.alpha.path(SOCKET);
  }

  /** Returns how long it took until a request was answered, in milliseconds. */
  async startDaemon(): Promise<number> {
    const startMs = performance.now();
    // Into a file, so that reading the log costs nothing meanwhile.
    const script = `exec diskd --daemon 2>>${LOG}`;
    const daemon = this.alpha.spawn(["sh", "-c", script]);
    this.#daemon = daemon;
    while (performance.now() - startMs < START_TIMEOUT_MS && daemon.running) {
      try {
        using control = await RawControl.connect(this.socketPath);
        await control.call("status");
        return performance.now() - startMs;
      } catch {
        await pause(CONNECT_RETRY_MS);
      }
    }
    const log = Deno.readTextFileSync(this.alpha.path(LOG));
    throw new Error(`The daemon did not start. Its log:\n${log}`);
  }

  async stopDaemon(): Promise<void> {
    await this.#daemon?.stop();
    this.#daemon = null;
  }

  /** The daemon's process id, seen from outside of the LAN. */
  async pid(): Promise<number> {
    if (this.#daemon === null) throw new Error("No daemon runs.");
    return await this.#daemon.pid();
  }

  connect(): Promise<ControlClient> {
    return connectControl([this.socketPath]);
  }

  /** Announcements that the daemon heard from others, taken in or not. */
  async heard(): Promise<number> {
    await using client = await this.connect();
    const { received, own } = (await client.call("status", {})).datagrams;
    return received - own;
  }

  /** Sends from beta; settles when all was sent and had time to arrive. */
  async send(load: Load): Promise<Sent> {
    const { hosts, disks, rate, announcements } = load;
    const numbers = [hosts, disks, rate, announcements].map(String);
    const output = await this.#runOn("beta", "sender.ts", numbers);
    return JSON.parse(output);
  }

  /** Announces hosts with many disks from gamma, each once. */
  async sendLargeHosts(hosts: number, disks: number): Promise<void> {
    const numbers = [hosts, disks].map(String);
    await this.#runOn("gamma", "large_host_sender.ts", numbers);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lan[Symbol.asyncDispose]();
  }

  async #runOn(
    name: string,
    script: string,
    args: readonly string[],
  ): Promise<string> {
    const host = this.#lan.host(name);
    const addresses = this.#addresses.get(name)!;
    const url = import.meta.resolve(`./${script}`);
    const { code, stdout, stderr } = await host.run(
      scriptArgv(url, [addresses.join(","), ...args]),
      { timeoutMs: SEND_TIMEOUT_MS },
    );
    if (code !== 0) throw new Error(`${script} failed:\n${stderr}`);
    await pause(SETTLE_MS);
    return stdout;
  }
}

/** A daemon that knows 1,000 hosts with 10 disks each, and has heard them several times. */
export async function startFullDaemon(): Promise<DaemonOnLan> {
  const bench = await DaemonOnLan.start();
  try {
    for (let i = 0; i < FULL_ROUNDS; i++) await hearAllAgain(bench);
    await using client = await bench.connect();
    const { disks } = await client.call("status", {});
    if (disks === FULL.hosts * FULL.disks) return bench;
    throw new Error(
      `It knows ${disks} disks, expected ${FULL.hosts * FULL.disks}.`,
    );
  } catch (error) {
    await bench[Symbol.asyncDispose]();
    throw error;
  }
}

/** Every host announces once more what it announced before. */
export async function hearAllAgain(bench: DaemonOnLan): Promise<void> {
  await bench.send({ ...FULL, announcements: FULL.hosts });
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
