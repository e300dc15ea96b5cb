import { chooseAddresses, type InterfaceChoice } from "../config/interfaces.ts";
import type { OwnNetwork } from "../peer/own_networks.ts";
import { reasonOf } from "../system/reason.ts";
import type { InterfaceAddress, System } from "../system/system.ts";
import type { Destination } from "../transport/destination.ts";
import type { Multicast } from "../transport/multicast.ts";
import type { JoinedInterface } from "../transport/transport.ts";
import { type Interruption, WakeWatch } from "./clocks.ts";
import {
  areQuiet,
  MulticastHealth,
  type OtherHost,
} from "./multicast_health.ts";
import { type Log, ProblemLog } from "./log.ts";
import { sayNoInterface, sayUnusable } from "./say_network.ts";

/** Time between checks of the interfaces, which cables, Wi-Fi, DHCP and sleep change. */
export const LOOK_INTERVAL_MS = 3_000;

/**
 * Time between reports of the memberships. A snooping switch forgets a member
 * after 260 s without a report (RFC 3376, 8.4), and without a querier nobody
 * asks for reports: so two may be lost.
 */
export const MEMBERSHIP_REFRESH_MS = 100_000;

/** Wait after a link returned, in which others may return too. */
export const LINK_SETTLE_MS = 300;

/** The methods in use, for a test to replace. */
export type OpenMulticast = Pick<Multicast, keyof Multicast>;

export interface NetworkOptions {
  readonly open: () => OpenMulticast;
  readonly interfaces: () => InterfaceAddress[];
  readonly choice: InterfaceChoice;
  /** Destination of `open`. */
  readonly to: Destination;
  readonly clocks: Pick<System, "now" | "wallClock">;
  /** All known hosts except this one. */
  readonly others: () => readonly OtherHost[];
  /** Whether a flood arrives. */
  readonly isFlooded: () => boolean;
  /** Called with our networks; `ask` if announcements may have been missed. */
  readonly onChange: (networks: readonly OwnNetwork[], ask: boolean) => void;
  /** The host slept, or the daemon was suspended: the disks may have changed. */
  readonly onWake: () => void;
  readonly log: Log;
}

/**
 * Keeps the transport on the present interfaces, and detects that announcements
 * may have been missed: an interface appeared or was replaced, all hosts fell
 * silent, we could not hear, the host slept.
 */
export class Network {
  readonly #options: NetworkOptions;
  readonly #health: MulticastHealth;
  readonly #wake: WakeWatch;
  readonly #problemLog: ProblemLog;
  #choice: InterfaceChoice;
  #multicast: OpenMulticast | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #linkTimer: ReturnType<typeof setTimeout> | undefined;
  #networks: readonly OwnNetwork[] = [];
  #refreshedAt: number;
  #failure: string | null = null;
  #linkReturned = false;
  #isQuiet = false;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#choice = options.choice;
    this.#health = new MulticastHealth(options.to);
    this.#wake = new WakeWatch(options.clocks, LOOK_INTERVAL_MS);
    this.#refreshedAt = options.clocks.now();
    this.#problemLog = new ProblemLog(options.log, "the network works again");
  }

  get interfaces(): readonly JoinedInterface[] {
    return this.#multicast?.interfaces ?? [];
  }

  /** Where announcements go over IPv4. */
  get to(): Destination {
    return this.#options.to;
  }

  get sent(): number {
    return this.#multicast?.sent ?? 0;
  }

  get sendErrors(): number {
    return this.#multicast?.sendErrors ?? 0;
  }

  /** Faults that keep us from being heard or from hearing, a sentence each. */
  get problems(): string[] {
    if (this.#failure !== null) return [this.#failure];
    if (this.interfaces.length === 0) return [sayNoInterface(this.#choice)];
    return [...sayUnusable(this.interfaces), ...this.#health.problems];
  }

  async start(): Promise<void> {
    this.#multicast = this.#options.open();
    this.#wake.look(); // How long it took to get here is no sleep.
    await this.look();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    clearTimeout(this.#linkTimer);
    const multicast = this.#multicast;
    this.#multicast = null;
    await this.#looking;
    await multicast?.close();
  }

  /** Uses other interfaces. */
  async use(choice: InterfaceChoice): Promise<void> {
    this.#choice = choice;
    await this.look();
  }

  /** Sends through the interfaces with the addresses `via`, or all. */
  send(datagrams: readonly Uint8Array[], via?: readonly string[]): void {
    this.#multicast?.send(datagrams, via);
  }

  /** The link of an interface returned: announcements were missed meanwhile. */
  linkReturned(name: string): void {
    if (this.#linkReturned || this.#multicast === null) return;
    if (!this.#chosen().some((one) => deviceOf(one) === name)) return;
    this.#linkReturned = true;
    this.#linkTimer = setTimeout(() => this.look(), LINK_SETTLE_MS);
  }

  /** Checks now, and every `LOOK_INTERVAL_MS` from then on, never concurrently. */
  look(): Promise<void> {
    clearTimeout(this.#timer);
    this.#looking = this.#looking.then(() => this.#lookOnce());
    return this.#looking;
  }

  /** Whatever fails, there is a next check. */
  async #lookOnce(): Promise<void> {
    if (this.#multicast === null) return;
    try {
      await this.#lookAtAll(this.#multicast);
      this.#failure = null;
    } catch (error) {
      this.#failure = `Cannot read the network interfaces: ${reasonOf(error)}`;
    }
    if (this.#multicast === null) return;
    this.#problemLog.tell(this.problems);
    this.#timer = setTimeout(() => this.look(), LOOK_INTERVAL_MS);
  }

  async #lookAtAll(multicast: OpenMulticast): Promise<void> {
    const woke = this.#lookForWake();
    const returned = this.#linkReturned;
    this.#linkReturned = false;
    const joined = await multicast.use(this.#chosen());
    const missed = this.#listen() || returned;
    await this.#refreshMemberships(multicast, { atOnce: woke || missed });
    if (this.#multicast === null) return;
    this.#tellNetworks(joined || missed || woke);
    if (woke) this.#options.onWake();
  }

  #chosen(): InterfaceAddress[] {
    return chooseAddresses(this.#options.interfaces(), this.#choice);
  }

  #lookForWake(): boolean {
    const interruption = this.#wake.look();
    if (interruption === null) return false;
    const { kind, ms } = interruption;
    const seconds = Math.round(ms / 1000);
    this.#options.log.info(`${SAY_WHY[kind]}: checking everything again`, {
      seconds,
    });
    return true;
  }

  /** Returns whether to ask now, because announcements may have been missed. */
  #listen(): boolean {
    const { allSilent, isDeaf } = this.#health;
    const { isFlooded, clocks } = this.#options;
    const others = this.#options.others();
    this.#health.look({
      interfaces: this.interfaces,
      others,
      isFlooded: isFlooded(),
    });
    const wasQuiet = this.#isQuiet;
    this.#isQuiet = areQuiet(others, clocks.now());
    // A switch may have forgotten us.
    const fellSilent = this.#health.allSilent && !allSilent;
    const hearsAgain = isDeaf && !this.#health.isDeaf;
    const isLoudAgain = wasQuiet && !this.#isQuiet;
    return fellSilent || hearsAgain || isLoudAgain;
  }

  async #refreshMemberships(
    multicast: OpenMulticast,
    { atOnce }: { atOnce: boolean },
  ): Promise<void> {
    const now = this.#options.clocks.now();
    if (!atOnce && now - this.#refreshedAt < MEMBERSHIP_REFRESH_MS) return;
    this.#refreshedAt = now;
    await multicast.refresh();
  }

  #tellNetworks(ask: boolean): void {
    const networks = this.#ownNetworks();
    const before = new Set(this.#networks.map(({ via }) => via));
    const isSame = JSON.stringify(networks) === JSON.stringify(this.#networks);
    if (isSame && !ask) return;
    this.#networks = networks;
    this.#options.log.debug("networks", () => ({
      networks: networks
        .map(({ address, prefixLength }) => `${address}/${prefixLength}`)
        .join(" "),
    }));
    const isNew = networks.some(({ via }) => !before.has(via));
    this.#options.onChange(networks, ask || isNew);
  }

  /** Networks of the interfaces in use, with each of their addresses. */
  #ownNetworks(): OwnNetwork[] {
    const inUse = this.interfaces.filter(({ isInUse }) => isInUse);
    const via = new Map(inUse.map((one) => [senderOf(one), one.address]));
    return this.#chosen().flatMap((one) => {
      const from = via.get(senderOf(one));
      if (from === undefined) return [];
      const { address, prefixLength } = one;
      return [{ address, prefixLength, device: deviceOf(one), via: from }];
    });
  }
}

const SAY_WHY: Readonly<Record<Interruption["kind"], string>> = {
  slept: "this host slept, or its clock was set forward",
  "set-back": "the clock of this host was set back",
  stopped: "this daemon was suspended for a while",
};

/** Each interface sends from one address of each family. */
function senderOf(about: InterfaceAddress): string {
  return `${deviceOf(about)} ${about.scopeId === undefined ? 4 : 6}`;
}

/** An address may have its own name after the interface's, such as `eth0:1`. */
function deviceOf({ name }: InterfaceAddress): string {
  return name.split(":", 1)[0]!;
}
