import { isEnvelope } from "../codec/envelope.ts";
import type { Config } from "../config/settings.ts";
import type { PeerRow } from "../control/views.ts";
import type { PeerState } from "../peer/peer_states.ts";
import type { RelaySettings } from "../peer/relay.ts";
import { reasonOf } from "../system/reason.ts";
import type { System } from "../system/system.ts";
import { MAX_SITE_LENGTH } from "../text/site_name.ts";
import { FarSocket } from "../transport/far_socket.ts";
import type { Clock } from "./clocks.ts";
import { type Log, ProblemLog } from "./log.ts";

/** Time between two looks for the addresses of peers, and between two looks whether they are heard. */
export const PEER_LOOK_UP_MS = 60_000;
const PEER_LOOK_MS = 5_000;

/** A DNS server that does not answer takes longer. */
const LOOK_UP_MS = 5_000;

type PeerChoice = Pick<Config, "site" | "peers" | "relay" | "keysMode">;

interface FarPeersOptions {
  readonly choice: PeerChoice;
  readonly port: number;
  readonly system: Pick<System, "now" | "lookUp">;
  readonly clock: Clock;
  /** Name of this host. */
  readonly hostName: () => string;
  /** Whether an address is in a network of ours, where hosts hear each other anyway. */
  readonly isNear: (address: string) => boolean;
  readonly receive: (bytes: Uint8Array, address: string) => boolean;
  readonly use: (settings: RelaySettings) => void;
  readonly states: () => readonly PeerState[];
  readonly log: Log;
}

/** What is known of a configured peer. */
interface NamedPeer {
  readonly name: string;
  /** The address in use; `null`: it has none. */
  address: string | null;
  problem: string | null;
}

/** The relays of other sites: where they are by name, the socket to them, and whether they are heard. */
export class FarPeers {
  readonly #options: FarPeersOptions;
  readonly #problemLog: ProblemLog;
  #choice: PeerChoice;
  #named: NamedPeer[] = [];
  #socket: FarSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> = Promise.resolve();
  #lookedUpAt = -Infinity;
  #isOver = false;
  #hasWarned = false;

  constructor(options: FarPeersOptions) {
    this.#options = options;
    this.#choice = options.choice;
    this.#problemLog = new ProblemLog(
      options.log,
      "all peers are reached again",
    );
  }

  get sent(): number {
    return this.#socket?.sent ?? 0;
  }

  get sendErrors(): number {
    return this.#socket?.errors ?? 0;
  }

  /** Each peer of the configuration. */
  get view(): PeerRow[] {
    const states = new Map(
      this.#options.states().map((state) => [state.address, state]),
    );
    return this.#named.map(({ name, address, problem }) => {
      const state = address === null ? undefined : states.get(address);
      return {
        peer: name,
        address,
        site: state?.site ?? null,
        reached: state?.isReached ?? false,
        since: state === undefined
          ? null
          : this.#options.clock.timeOfDay(state.since),
        problem: problem ?? this.#problemOf(address, state),
      };
    });
  }

  /** Peers that are not reached, and what to do, a sentence each. */
  get problems(): string[] {
    return this.view.flatMap(({ problem }) => problem ?? []);
  }

  async start(): Promise<void> {
    await this.use(this.#choice);
  }

  /** Uses other settings. */
  async use(choice: PeerChoice): Promise<void> {
    this.#choice = choice;
    this.#lookedUpAt = -Infinity;
    await this.#look();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    await this.#looking;
    await this.#socket?.close();
  }

  send(datagrams: readonly Uint8Array[], to: readonly string[]): void {
    this.#socket?.send(datagrams, to);
  }

  #look(): Promise<void> {
    clearTimeout(this.#timer);
    this.#looking = this.#looking.then(() => this.#lookOnce());
    return this.#looking;
  }

  async #lookOnce(): Promise<void> {
    if (this.#isOver) return;
    const { system } = this.#options;
    const { peers, relay } = this.#choice;
    if (system.now() - this.#lookedUpAt >= PEER_LOOK_UP_MS) {
      this.#lookedUpAt = system.now();
      this.#named = await Promise.all(peers.map((name) => this.#find(name)));
      await this.#openOrClose(peers.length > 0);
      this.#options.use({
        isOn: relay || peers.length > 0,
        site: this.#site,
        peers: this.#named.flatMap(({ address }) => address ?? []),
      });
    }
    this.#problemLog.tell(this.problems);
    this.#warnOfStrangers();
    if (this.#isOver || peers.length === 0) return;
    this.#timer = setTimeout(() => this.#look(), PEER_LOOK_MS);
  }

  #warnOfStrangers(): void {
    const { peers, keysMode } = this.#choice;
    if (this.#hasWarned || peers.length === 0 || keysMode === "require") return;
    this.#hasWarned = true;
    this.#options.log.warn(
      "No shared key is required: whoever can send with the address of a peer " +
        "can make up hosts and disks; see docs/sites.md",
    );
  }

  /** That of the configuration, or made of the name of this host. */
  get #site(): string | null {
    const { site, peers } = this.#choice;
    if (site !== null || peers.length === 0) return site;
    const made = this.#options.hostName().split(".")[0]!
      .replace(/[^A-Za-z0-9._-]/g, "-").slice(0, MAX_SITE_LENGTH);
    return made === "" ? "site" : made;
  }

  async #find(name: string): Promise<NamedPeer> {
    const { system, isNear } = this.#options;
    const found = isAddress(name)
      ? [name]
      : await system.lookUp(name, LOOK_UP_MS);
    const before = this.#named.find((one) => one.name === name)?.address;
    const isReached = this.#options.states()
      .some((one) => one.address === before && one.isReached);
    const others = found.filter((one) => one !== before);
    const address = isReached && found.includes(before ?? "")
      ? before!
      : others[0] ?? found[0] ?? null;
    if (address === null) {
      return { name, address, problem: sayUnknown(name) };
    }
    if (isNear(address)) {
      return { name, address: null, problem: sayNear(name, address) };
    }
    return { name, address, problem: null };
  }

  async #openOrClose(isWanted: boolean): Promise<void> {
    const { port, system, receive, isNear, log } = this.#options;
    if (!isWanted) {
      const socket = this.#socket;
      this.#socket = null;
      await socket?.close();
      return;
    }
    if (this.#socket !== null) return;
    try {
      this.#socket = new FarSocket({
        port,
        now: system.now,
        // It also receives the multicast that another socket is for.
        receive: (bytes, address) =>
          isEnvelope(bytes) && !isNear(address) && receive(bytes, address),
      });
    } catch (error) {
      log.error("cannot open a socket for peers", { reason: reasonOf(error) });
    }
  }

  #problemOf(
    address: string | null,
    state: PeerState | undefined,
  ): string | null {
    if (address === null || state === undefined || state.isReached) return null;
    const refusal = this.#socket?.problems.get(address);
    if (refusal !== undefined) {
      return `The peer ${address} cannot be sent to: ${refusal}; see: ip route get ${address}`;
    }
    const { clock, port } = this.#options;
    const now = clock.now();
    if (now - state.since < PEER_PATIENCE_MS) return null;
    const since = clock.timeOfDay(state.since);
    return `The peer ${address} is not heard since ${since}; is diskd running ` +
      "there with this host among its peers, and does a firewall between let " +
      `UDP port ${port} through both ways?`;
  }
}

/** Until silence of a peer is a problem. */
const PEER_PATIENCE_MS = 15_000;

function isAddress(text: string): boolean {
  return text.includes(":") || /^\d+(?:\.\d+){3}$/.test(text);
}

function sayUnknown(name: string): string {
  return `The peer ${name} has no address by name; see: getent ahosts ${name}`;
}

function sayNear(name: string, address: string): string {
  return `The peer ${name} is ${address}, in a network of this host, where ` +
    "hosts hear each other without peers; take it out of peers";
}
