import { DEFAULT_INVENTORY_LIMITS } from "../../src/inventory/limits.ts";
import { DEFAULT_RATE_LIMITS } from "../../src/peer/rate_limiter.ts";
import { RELAY_ANSWER_GAP_MS } from "../../src/peer/relay.ts";
import { JITTER } from "../../src/peer/timing.ts";
import { Agenda } from "./agenda.ts";
import { Dice } from "./dice.ts";
import type { Moment } from "./history.ts";
import type {
  Glimpse,
  Question,
  SitesHistory,
  TrueSiteHost,
} from "./sites_history.ts";
import { type LooseDisk, toggleMount, without } from "./loose_disk.ts";
import { INTERVAL_MS, Machine } from "./machine.ts";
import { GOOD_LINK, Medium, type Station } from "./medium.ts";
import { remarkOf, SETTLED_AFTER_MS, sharedKey } from "./simulate.ts";
import { isQuestion, opened, siteLie } from "./sites_liars.ts";
import {
  LIES_END_MS,
  LONGEST_WAY_MS,
  type SiteLie,
  SITES_TROUBLE_MS,
  type SitesScenario,
  type SiteStep,
} from "./sites_scenario.ts";

/** An interval with its jitter, and what is on its way from network to network. */
const SITES_HEALED_AFTER_MS = INTERVAL_MS * (1 + JITTER) + LONGEST_WAY_MS +
  2_000;

const GLIMPSE_MS = 5_000;

/** Peers that are cut off count as lost after it, and hosts there do not. */
const APART_MS = 60_000;

/** When sites that were apart know of each other what the other knows. */
const JOINED_AFTER_MS = 9_000;

/** A relay answers once in 10 s. */
const NEWCOMERS_KNOW_MS = RELAY_ANSWER_GAP_MS + 3_000;

/** Runs a scenario to its end. */
export function simulateSites(scenario: SitesScenario): SitesHistory {
  return new SitesSimulation(scenario).run();
}

class SitesSimulation {
  readonly #scenario: SitesScenario;
  readonly #dice: Dice;
  readonly #agenda = new Agenda();
  readonly #networks: readonly Medium[];
  readonly #tunnels: Medium;
  readonly #machines: readonly Machine[];
  /** By index of the network; those of relays do not move. */
  readonly #networkOf: number[];
  readonly #questions: Question[] = [];
  readonly #glimpses: Glimpse[] = [];
  readonly #history: SitesHistory;
  #diskNumber = 0;

  constructor(scenario: SitesScenario) {
    this.#scenario = scenario;
    this.#dice = new Dice(scenario.seed + 1e6);
    this.#networks = scenario.siteOf.map((_, i) => this.#medium(`lan${i}`));
    this.#tunnels = this.#medium("tunnels");
    this.#history = {
      limits: DEFAULT_INVENTORY_LIMITS,
      wire: [],
      shown: [],
      believed: [],
      remarks: [],
      moments: [],
      questions: this.#questions,
      glimpses: this.#glimpses,
      networks: this.#networks.map(({ name }) => name),
    };
    this.#networkOf = scenario.hosts.map(({ network }) => network);
    this.#machines = scenario.hosts.map((_, i) => this.#machine(i));
    for (const [i, machine] of this.#machines.entries()) {
      machine.disks = this.#newDisks(scenario.hosts[i]!.disks);
    }
  }

  run(): SitesHistory {
    const { hosts, steps, lan, tunnel } = this.#scenario;
    for (const network of this.#networks) network.setUsualLink(lan);
    this.#tunnels.setUsualLink(tunnel);
    for (const i of this.#relays) this.#join(i);
    for (const [i, { isThereAtStart }] of hosts.entries()) {
      if (isThereAtStart) this.#machines[i]!.start();
    }
    for (const step of steps) {
      this.#agenda.at(step.at, () => this.#act(step));
    }
    for (let at = 0; at < SITES_TROUBLE_MS; at += GLIMPSE_MS) {
      this.#agenda.runUntil(at);
      this.#glimpse();
    }
    this.#agenda.runUntil(SITES_TROUBLE_MS);
    this.#heal();
    const { hasLiars } = this.#scenario;
    const well = SITES_TROUBLE_MS + (hasLiars ? LIES_END_MS : 0);
    this.#agenda.runUntil(well + SITES_HEALED_AFTER_MS);
    this.#look("healed");
    this.#agenda.runUntil(well + 2 * SITES_HEALED_AFTER_MS);
    this.#look("placed");
    this.#agenda.runUntil(well + SITES_HEALED_AFTER_MS + SETTLED_AFTER_MS);
    this.#look("settled");
    if (this.#scenario.peers.length > 0) this.#partAndJoin();
    this.#letNewcomersIn();
    return this.#history;
  }

  get #relays(): number[] {
    return this.#scenario.hosts.flatMap(({ isRelay }, i) => isRelay ? [i] : []);
  }

  #medium(name: string): Medium {
    return new Medium(this.#agenda, this.#dice, name);
  }

  #machine(index: number): Machine {
    const { hosts, hasKey } = this.#scenario;
    const { network, more, isRelay } = hosts[index]!;
    const number = hosts.slice(0, index)
      .filter((one) => one.network === network).length + 1;
    return new Machine({
      name: `host${index}`,
      keyId: `id-host${index}`,
      address: this.#addressOn(network, `0.${number}`),
      ipv6: null,
      more: more.map((other) =>
        [
          this.#networks[other]!,
          this.#addressOn(other, `1.${index}`),
        ] as const
      ),
      far: isRelay ? `10.8.0.${index + 1}` : undefined,
    }, {
      ...(hasKey && { trust: sharedKey() }),
      agenda: this.#agenda,
      dice: this.#dice,
      medium: this.#networks[network]!,
      tunnels: this.#tunnels,
      history: this.#history,
      limits: this.#history.limits,
      rateLimits: DEFAULT_RATE_LIMITS,
      machine: (id) => this.#machines.find((one) => one.id === id),
    });
  }

  #addressOn(network: number, end: string): string {
    return `${this.#scenario.isSameSubnet ? 11 : 11 + network}.0.${end}`;
  }

  #join(index: number, isOn = true): void {
    const { peers, siteOf } = this.#scenario;
    const others = peers.flatMap(([a, b]) =>
      a === index ? [b] : b === index ? [a] : []
    );
    this.#machines[index]!.joinSites({
      isOn,
      site: siteOf[this.#networkOf[index]!]!,
      peers: others.map((one) => this.#machines[one]!.far!.lease),
    });
  }

  #act(step: SiteStep): void {
    const { host, other, number, durationMs } = step;
    const machine = this.#machines[host]!;
    switch (step.kind) {
      case "attach":
        return machine.setDisks([...machine.disks, ...this.#newDisks(1)]);
      case "detach":
        return machine.setDisks(without(machine.disks, number));
      case "mount":
        return machine.setDisks(toggleMount(machine.disks, number));
      case "move-disk":
        return this.#moveDisk(step);
      case "move-host":
        return this.#moveHost(host, number);
      case "start":
        return machine.start();
      case "stop":
        return machine.stop();
      case "crash":
        return machine.crash();
      case "restart":
        machine.crash();
        return machine.start();
      case "cut-tunnel":
        return this.#cutOneTunnel(number, durationMs);
      case "cut-lan":
        return this.#cutLan(host, other, durationMs);
      case "relay-off":
        return this.#turnOff(host, durationMs);
      case "announce":
        return machine.announce();
      case "ping":
        return machine.ping();
      case "remark":
        return machine.remark(remarkOf(number));
      default:
        return this.#lie(step.kind, step);
    }
  }

  #newDisks(count: number): LooseDisk[] {
    return Array.from({ length: count }, () => {
      const number = this.#diskNumber++;
      return { uuid: `uuid-${number}`, label: `disk ${number}`, mounts: [] };
    });
  }

  #moveDisk({ host, other, number }: SiteStep): void {
    const [from, to] = [this.#machines[host]!, this.#machines[other]!];
    if (from === to || from.disks.length === 0) return;
    const moved = from.disks[number % from.disks.length]!;
    from.setDisks(without(from.disks, number));
    to.setDisks([...to.disks, { ...moved, mounts: [] }]);
  }

  /** With its disks. */
  #moveHost(host: number, number: number): void {
    const { hosts } = this.#scenario;
    if (hosts[host]!.isRelay) return;
    const network = number % this.#networks.length;
    this.#networkOf[host] = network;
    const address = this.#addressOn(network, `2.${host}`);
    this.#machines[host]!.plugInto(this.#networks[network]!, address);
  }

  /** Some tunnels carry one way alone. */
  #cutOneTunnel(number: number, durationMs: number): void {
    const { peers } = this.#scenario;
    if (peers.length === 0) return;
    const isOneWay = number % 4 === 0;
    this.#cutTunnel(peers[number % peers.length]!, durationMs, { isOneWay });
  }

  #cutTunnel(
    [a, b]: readonly [number, number],
    durationMs: number,
    { isOneWay = false } = {},
  ): void {
    const [from, to] = [this.#machines[a]!.far!, this.#machines[b]!.far!];
    this.#cut(this.#tunnels, [from, to], durationMs);
    if (!isOneWay) this.#cut(this.#tunnels, [to, from], durationMs);
  }

  #cutLan(host: number, other: number, durationMs: number): void {
    const [from, to] = [this.#machines[host]!, this.#machines[other]!];
    if (from.medium !== to.medium) return;
    this.#cut(from.medium, [from, to], durationMs);
  }

  #cut(
    medium: Medium,
    [from, to]: readonly [Station, Station],
    durationMs: number,
  ): void {
    medium.cut(from, to);
    this.#agenda.at(
      this.#agenda.now + durationMs,
      () => medium.join(from, to),
    );
  }

  /** Somebody changes the configuration of a relay, and changes it back. */
  #turnOff(host: number, durationMs: number): void {
    if (!this.#scenario.hosts[host]!.isRelay) return;
    this.#join(host, false);
    this.#agenda.at(this.#agenda.now + durationMs, () => this.#join(host));
  }

  #lie(kind: SiteLie, { host, other, number }: SiteStep): void {
    const lie = siteLie(kind, {
      dice: this.#dice,
      heard: this.#history.wire.map(({ bytes }) => bytes),
      victim: this.#machines[host]!.victim,
      sites: this.#scenario.siteOf,
    });
    if (lie === null) return;
    const { peers } = this.#scenario;
    const isToRelay = kind === "replay-to-relay" ||
      (kind !== "replay-to-lan" && number % 2 === 0);
    if (isToRelay && peers.length > 0) {
      const pair = peers[number % peers.length]!;
      const [from, to] = pair.map((one) => this.#machines[one]!.far!.lease);
      return this.#inject(lie.bytes, {
        medium: this.#tunnels,
        from: lie.from ?? from!,
        only: to,
      });
    }
    const medium = this.#networks[this.#networkOf[other]!]!;
    const near = this.#addressOn(this.#networkOf[other]!, "7.77");
    this.#inject(lie.bytes, { medium, from: lie.from ?? near });
  }

  #inject(
    bytes: Uint8Array,
    { medium, from, only }: {
      readonly medium: Medium;
      readonly from: string;
      readonly only?: string | undefined;
    },
  ): void {
    if (isQuestion(opened(bytes).datagram)) {
      const to = only === undefined ? medium.name : `${medium.name} ${only}`;
      this.#questions.push({ at: this.#agenda.now, from, to });
    }
    medium.inject(bytes, from, only);
  }

  #heal(): void {
    for (const medium of [...this.#networks, this.#tunnels]) medium.heal();
    this.#tunnels.setUsualLink({ ...GOOD_LINK, delayMs: [1, 20] });
    for (const i of this.#relays) {
      this.#join(i);
      if (!this.#scenario.hosts[i]!.mayStayDead) this.#machines[i]!.start();
    }
  }

  /** Long enough for all relays to notice; meanwhile every list changes. Who joins again is told at once. */
  #partAndJoin(): void {
    for (const pair of this.#scenario.peers) this.#cutTunnel(pair, APART_MS);
    this.#agenda.runUntil(this.#agenda.now + APART_MS / 4);
    for (const machine of this.#machines) {
      machine.setDisks([...machine.disks, ...this.#newDisks(1)]);
    }
    this.#agenda.runUntil(
      this.#agenda.now + APART_MS * 3 / 4 + JOINED_AFTER_MS,
    );
    this.#look("joined");
  }

  /** Their relays tell them of those whom they do not hear, who need not speak. */
  #letNewcomersIn(): void {
    for (const [i, { isNewcomer }] of this.#scenario.hosts.entries()) {
      if (isNewcomer) this.#machines[i]!.start();
    }
    this.#agenda.runUntil(this.#agenda.now + NEWCOMERS_KNOW_MS);
    this.#look("joined");
  }

  #glimpse(): void {
    const at = this.#agenda.now;
    for (const i of this.#relays) {
      const { view } = this.#machines[i]!;
      const site = this.#scenario.siteOf[this.#networkOf[i]!]!;
      if (view !== null) this.#glimpses.push({ at, site, view });
    }
  }

  #look(kind: Moment["kind"]): void {
    this.#history.moments.push({
      kind,
      at: this.#agenda.now,
      truth: this.#machines.map((_, i) => this.#truthOf(i)),
      views: this.#machines.flatMap(({ view }) => view ?? []),
    });
  }

  #truthOf(index: number): TrueSiteHost {
    const machine = this.#machines[index]!;
    const { siteOf, hosts } = this.#scenario;
    return {
      ...machine.truth,
      site: siteOf[this.#networkOf[index]!]!,
      addressOn: new Map(
        machine.places.map(({ medium, lease }) => [medium.name, lease]),
      ),
      far: hosts[index]!.isRelay ? machine.far!.lease : null,
    };
  }
}
