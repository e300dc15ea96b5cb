import { isEnvelope, openEnvelope } from "../codec/envelope.ts";
import type { Config } from "../config/settings.ts";
import type { PeerRow } from "../control/views.ts";
import { isLinkLocal } from "../inventory/addresses.ts";
import type { PeerState } from "../peer/peer_states.ts";
import type { RelaySettings } from "../peer/relay.ts";
import type { System } from "../system/system.ts";
import { MAX_SITE_LENGTH } from "../text/site_name.ts";
import type { FarSocket, FarSocketOptions } from "../transport/far_socket.ts";
import type { Clock } from "./clocks.ts";
import { type Log, ProblemLog } from "./log.ts";
import {
  sayNear,
  sayNoKey,
  sayRefused,
  saySameSite,
  sayUnheard,
  sayUnknown,
} from "./say_peers.ts";

/** Between two looks for the addresses of a name that has some, and of one that has none. */
const PEER_LOOK_UP_MS = 60_000;
const UNKNOWN_LOOK_UP_MS = 10_000;

/** Between two looks whether the peers are heard. */
const PEER_LOOK_MS = 5_000;

/** A DNS server that does not answer takes longer. */
const LOOK_UP_MS = 5_000;

/** Until silence of a peer is a problem. */
const PEER_PATIENCE_MS = 15_000;

/** Of a name with more addresses, one is tried for so long. */
const TRY_MS = 20_000;

/** What somebody said is remembered for so long. */
const STRANGE_MS = 600_000;

type PeerChoice = Pick<Config, "site" | "peers" | "relay" | "keysMode">;

interface FarPeersOptions {
  readonly choice: PeerChoice;
  readonly port: number;
  readonly system: Pick<System, "now" | "lookUp">;
  readonly clock: Clock;
  /** Name of this host. */
  readonly hostName: () => string;
  /** Whether an address is in a network of this host. */
  readonly isNear: (address: string) => boolean;
  /** Whether that is its only network: no other site can be behind it. */
  readonly isInOnlyNetwork: (address: string) => boolean;
  readonly receive: (bytes: Uint8Array, address: string) => boolean;
  readonly use: (settings: RelaySettings) => void;
  readonly states: () => readonly PeerState[];
  readonly openSocket: (
    options: FarSocketOptions,
  ) => Pick<FarSocket, "send" | "close" | "sent" | "errors" | "problems">;
  readonly log: Log;
}

/** What is known of a configured peer. Times are monotonic ms. */
interface NamedPeer {
  readonly name: string;
  /** What the name stands for; `null`: not looked up yet. */
  found: readonly string[] | null;
  lookedUpAt: number;
  /** The address in use; `null`: it has none that could be used. */
  address: string | null;
  chosenAt: number;
  /** Since when it is not reached; `null`: it is. */
  missedAt: number | null;
}

/** The relays of other sites: where they are by name, the socket to them, and whether they are heard. */
export class FarPeers {
  readonly #options: FarPeersOptions;
  readonly #problemLog: ProblemLog;
  #choice: PeerChoice;
  #named: readonly NamedPeer[] = [];
  #socket: ReturnType<FarPeersOptions["openSocket"]> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> = Promise.resolve();
  /** What `use` was told last, in JSON. */
  #used = "";
  #reached: ReadonlySet<string> = new Set();
  /** Somebody who speaks as a relay, and is no peer. */
  #stranger: { readonly address: string; at: number } | null = null;
  /** When a peer last spoke for a site with the name of ours, by address. */
  readonly #namesakes = new Map<string, number>();
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
    const { clock } = this.#options;
    const states = this.#states;
    return this.#named.map((peer) => {
      const { name, address, missedAt } = peer;
      const state = states.get(address);
      const since = state?.isReached ? state.since : missedAt;
      return {
        peer: name,
        address,
        site: state?.site ?? null,
        reached: state?.isReached ?? false,
        since: since === null ? null : clock.timeOfDay(since),
        problem: this.#problemOf(peer, state),
      };
    });
  }

  /** Peers that are not reached or not accepted, and what to do, a sentence each. */
  get problems(): string[] {
    return this.view.flatMap(({ problem }) => problem ?? []);
  }

  async start(): Promise<void> {
    await this.use(this.#choice);
  }

  /** Uses other settings. Names are looked up meanwhile. */
  async use(choice: PeerChoice): Promise<void> {
    const before = new Map(this.#named.map((one) => [one.name, one]));
    const now = this.#options.clock.now();
    this.#choice = choice;
    this.#named = choice.peers.map((name) => ({
      ...before.get(name) ?? newPeer(name, now),
      lookedUpAt: -Infinity,
    }));
    await this.#openOrClose();
    this.#apply();
    this.#warnOfStrangers();
    this.#look();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    await this.#socket?.close();
  }

  send(datagrams: readonly Uint8Array[], to: readonly string[]): void {
    this.#socket?.send(datagrams, to);
  }

  get #states(): ReadonlyMap<string | null, PeerState> {
    return new Map(this.#options.states().map((one) => [one.address, one]));
  }

  #look(): void {
    this.#looking = this.#looking.then(() => this.#lookOnce());
  }

  async #lookOnce(): Promise<void> {
    if (this.#isOver) return;
    await Promise.all(this.#named.map((one) => this.#lookUp(one)));
    if (this.#isOver) return;
    this.#apply();
    this.#problemLog.tell(this.problems);
    clearTimeout(this.#timer);
    if (this.#named.length === 0) return;
    this.#timer = setTimeout(() => this.#look(), PEER_LOOK_MS);
  }

  async #lookUp(peer: NamedPeer): Promise<void> {
    const { system } = this.#options;
    const { name, found, lookedUpAt } = peer;
    const isKnown = found !== null && found.length > 0;
    const gapMs = isKnown ? PEER_LOOK_UP_MS : UNKNOWN_LOOK_UP_MS;
    if (isAddress(name) || system.now() - lookedUpAt < gapMs) return;
    peer.lookedUpAt = system.now();
    const others = await system.lookUp(name, LOOK_UP_MS);
    // A name server that fails takes no peer away.
    if (others.length > 0 || !isKnown) peer.found = others;
  }

  /** Takes over what is found, what is heard, and what changed around this host. */
  #apply(): void {
    const { use, clock } = this.#options;
    const { peers, relay } = this.#choice;
    const now = clock.now();
    const states = this.#states;
    const isReached = (address: string | null) =>
      states.get(address)?.isReached ?? false;
    for (const peer of this.#named) {
      if (isReached(peer.address)) peer.missedAt = null;
      else peer.missedAt ??= states.get(peer.address)?.since ?? now;
      this.#choose(peer, { isReached: peer.missedAt === null, now });
    }
    this.#reached = new Set(
      this.#named.flatMap(({ address }) =>
        isReached(address) ? address ?? [] : []
      ),
    );
    const settings = {
      isOn: relay || peers.length > 0,
      site: this.#site,
      peers: this.#named.flatMap(({ address }) => address ?? []),
    };
    const text = JSON.stringify(settings);
    if (text === this.#used) return;
    this.#used = text;
    use(settings);
  }

  /** Stays with an address that is heard, and else tries one after the other. */
  #choose(
    peer: NamedPeer,
    { isReached, now }: { readonly isReached: boolean; readonly now: number },
  ): void {
    const { isInOnlyNetwork } = this.#options;
    const far = (peer.found ?? []).filter((one) => !isInOnlyNetwork(one));
    const at = far.indexOf(peer.address ?? "");
    if (at >= 0 && (isReached || now - peer.chosenAt < TRY_MS)) return;
    peer.address = far[(at + 1) % far.length] ?? null;
    peer.chosenAt = now;
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

  async #openOrClose(): Promise<void> {
    const { port, system, openSocket } = this.#options;
    if (this.#named.length === 0) {
      const socket = this.#socket;
      this.#socket = null;
      await socket?.close();
      return;
    }
    this.#socket ??= openSocket({
      port,
      now: system.now,
      receive: (bytes, address) => this.#receive(bytes, address),
    });
  }

  #receive(bytes: Uint8Array, address: string): boolean {
    const { isNear, receive } = this.#options;
    // The socket also receives the multicast that another one is for.
    if (!isEnvelope(bytes)) return false;
    const isNeighbour = isNear(address) || isLinkLocal(address);
    if (isNeighbour && !this.#isNamed(address)) return false;
    if (this.#reached.has(address)) return receive(bytes, address);
    this.#prefer(address);
    const isProven = receive(bytes, address);
    if (!isProven) this.#noteStrange(bytes, address);
    return isProven;
  }

  #isNamed(address: string): boolean {
    return this.#named.some(({ found }) => found?.includes(address) ?? false);
  }

  /** A peer that is not reached at its address speaks from another one of its name. */
  #prefer(address: string): void {
    const peer = this.#named.find(({ found, missedAt }) =>
      missedAt !== null && found !== null && found.includes(address)
    );
    if (peer === undefined || peer.address === address) return;
    peer.address = address;
    peer.chosenAt = this.#options.clock.now();
    this.#apply();
  }

  /** Somebody who is not reached speaks. */
  #noteStrange(bytes: Uint8Array, address: string): void {
    const now = this.#options.clock.now();
    const isPeer = this.#named.some((peer) => peer.address === address);
    if (isPeer) {
      const said = openEnvelope(bytes);
      const isOurs = said.format === "envelope" && said.from === null &&
        said.site === this.#site;
      if (isOurs) this.#namesakes.set(address, now);
      return;
    }
    const { address: other = address, at = now } = this.#stranger ?? {};
    if (other !== address && now - at < STRANGE_MS) return;
    this.#stranger = { address, at: now };
  }

  #problemOf(
    { name, address, found, missedAt }: NamedPeer,
    state: PeerState | undefined,
  ): string | null {
    const { clock, port } = this.#options;
    if (found === null) return null;
    if (state?.isReached) {
      return state.noKey === null ? null : sayNoKey(name, state.noKey);
    }
    if (found.length === 0) return sayUnknown(name);
    if (address === null) return sayNear(name, found[0]!);
    const refusal = this.#socket?.problems.get(address);
    if (refusal !== undefined) return sayRefused(name, { address, refusal });
    const now = clock.now();
    const isRecent = (at = -Infinity) => now - at < STRANGE_MS;
    if (isRecent(this.#namesakes.get(address))) {
      return saySameSite(name, `${this.#site}`);
    }
    if (missedAt === null || now - missedAt < PEER_PATIENCE_MS) return null;
    return sayUnheard(name, {
      since: clock.timeOfDay(missedAt),
      port,
      stranger: isRecent(this.#stranger?.at) ? this.#stranger!.address : null,
    });
  }
}

function newPeer(name: string, now: number): NamedPeer {
  return {
    name,
    found: isAddress(name) ? [name] : null,
    lookedUpAt: -Infinity,
    address: null,
    chosenAt: -Infinity,
    missedAt: now,
  };
}

function isAddress(text: string): boolean {
  return text.includes(":") || /^\d+(?:\.\d+){3}$/.test(text);
}
