import type { InterfaceAddress } from "../system/system.ts";
import type { Multicast } from "../transport/multicast.ts";
import type { JoinedInterface } from "../transport/transport.ts";
import { speaksOn } from "../config/interfaces.ts";
import type { Log } from "./log.ts";

/** Cables, Wi-Fi, DHCP and sleep change the interfaces: they are looked at this often. */
const LOOK_INTERVAL_MS = 3_000;

export interface NetworkOptions {
  readonly open: () => Multicast;
  readonly interfaces: () => InterfaceAddress[];
  readonly globs: readonly string[];
  /** Called with the addresses that we speak from; `joined` when there is a new one among them. */
  readonly onChange: (addresses: readonly string[], joined: boolean) => void;
  readonly log: Log;
}

/** Keeps the transport on the interfaces that there are. */
export class Network {
  readonly #options: NetworkOptions;
  #globs: readonly string[];
  #multicast: Multicast | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #told = "";
  #addresses: readonly string[] = [];
  #looking: Promise<void> = Promise.resolve();

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#globs = options.globs;
  }

  get interfaces(): readonly JoinedInterface[] {
    return this.#multicast?.interfaces ?? [];
  }

  get sent(): number {
    return this.#multicast?.sent ?? 0;
  }

  get sendErrors(): number {
    return this.#multicast?.sendErrors ?? 0;
  }

  /** What keeps us from being heard, a sentence each. */
  get problems(): string[] {
    const problems = this.interfaces
      .filter(({ problem }) => problem !== null)
      .map(({ name, address, problem }) =>
        `Cannot speak on ${name} (${address}): ${problem}`
      );
    if (this.interfaces.length > 0) return problems;
    const why = this.#globs.length > 0
      ? `none is named ${this.#globs.join(" or ")} and has an IPv4 address`
      : "none but loopback, containers and tunnels has an IPv4 address; " +
        "--interface names one to use all the same";
    return [`No network interface to speak on: ${why}`];
  }

  async start(): Promise<void> {
    this.#multicast = this.#options.open();
    await this.#look();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    const multicast = this.#multicast;
    this.#multicast = null;
    await this.#looking;
    await multicast?.close();
  }

  /** Speaks on the interfaces that these globs name. */
  async use(globs: readonly string[]): Promise<void> {
    this.#globs = globs;
    await this.#look();
  }

  send(datagrams: readonly Uint8Array[]): void {
    this.#multicast?.send(datagrams);
  }

  /** One look after the other, never two at once. */
  #look(): Promise<void> {
    clearTimeout(this.#timer);
    this.#looking = this.#looking.then(() => this.#lookOnce());
    return this.#looking;
  }

  async #lookOnce(): Promise<void> {
    if (this.#multicast === null) return;
    const chosen = this.#options.interfaces()
      .filter(({ name }) => speaksOn(name, this.#globs));
    const joined = await this.#multicast.use(chosen);
    if (this.#multicast === null) return;
    this.#tellProblems();
    const addresses = this.interfaces
      .filter(({ problem }) => problem === null)
      .map(({ address }) => address);
    if (joined || addresses.join() !== this.#addresses.join()) {
      this.#addresses = addresses;
      this.#options.onChange(addresses, joined);
    }
    this.#timer = setTimeout(() => this.#look(), LOOK_INTERVAL_MS);
  }

  /** A problem is logged once. */
  #tellProblems(): void {
    const all = this.problems.join("\n");
    if (all === this.#told) return;
    this.#told = all;
    for (const problem of this.problems) this.#options.log.warn(problem);
  }
}
