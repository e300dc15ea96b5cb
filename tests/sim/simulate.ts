import { areRemarks } from "../../src/codec/remark_datagram.ts";
import { Keyring } from "../../src/codec/keyring.ts";
import { NONCE_BYTES } from "../../src/codec/sealed.ts";
import { v1HostId } from "../../src/inventory/host.ts";
import { DEFAULT_INVENTORY_LIMITS } from "../../src/inventory/limits.ts";
import { DEFAULT_RATE_LIMITS } from "../../src/peer/rate_limiter.ts";
import { JITTER } from "../../src/peer/timing.ts";
import { Agenda } from "./agenda.ts";
import { Dice } from "./dice.ts";
import type { History, Moment, TrueHost } from "./history.ts";
import {
  FLOODER,
  floodFromOne,
  forgedFrom,
  forgedRemarks,
  LIARS_NETWORK,
  lieAbout,
  lieOf,
  namesake,
  thousandKeys,
} from "./liars.ts";
import { CROWDED_LIMITS, LIARS_RATE_LIMITS } from "./limits.ts";
import { type LooseDisk, toggleMount, without } from "./loose_disk.ts";
import { INTERVAL_MS, Machine } from "./machine.ts";
import { Medium } from "./medium.ts";
import { type Capture, OldPeer } from "./old_peer.ts";
import {
  LONGEST_DELAY_MS,
  type Scenario,
  type Step,
  type StepKind,
  TROUBLE_MS,
} from "./scenario.ts";
import { flood, garbage } from "./strangers.ts";

/** An interval with its jitter, and a second for what is on its way. */
export const HEALED_AFTER_MS = INTERVAL_MS * (1 + JITTER) + 1_000;

/** Three intervals of silence make a host stale. A stretched one is 31 s here. */
export const SETTLED_AFTER_MS = 3 * (INTERVAL_MS + 1_000) + 3_000;

/** A liar says the same this often, so far apart that he would be believed if nobody spoke up. */
const LIE_TIMES = 4;
/** Where a liar speaks for himself from. */
const NAMESAKE = "10.0.6.66";
const FORGER = "10.0.6.67";
/** Datagrams of a host of which a liar makes forgeries. */
const MOST_HEARD = 5;
/** Who speaks is said in the first of them. */
const HEADER_BYTES = 200;
const LIE_GAP_MS = 800;

/** Of a clock whose remarks nobody takes in. */
const FAR_AHEAD_MS = 20 * 365 * 86_400_000;

/** A machine that sleeps does none of these. Its disks may change. */
const NEEDS_TO_BE_AWAKE: ReadonlySet<StepKind> = new Set([
  "start",
  "stop",
  "crash",
  "restart",
  "cable",
  "address",
  "rename",
  "announce",
  "ping",
  "remark",
  "go-back",
]);

/** Runs a scenario to its end. */
export function simulate(
  scenario: Scenario,
  captures: readonly Capture[],
): History {
  return new Simulation(scenario, captures).run();
}

class Simulation {
  readonly #scenario: Scenario;
  readonly #captures: readonly Capture[];
  readonly #dice: Dice;
  readonly #agenda = new Agenda();
  readonly #medium: Medium;
  readonly #hasIpv6: boolean;
  readonly #history: History;
  readonly #machines: Machine[];
  readonly #oldPeers: OldPeer[];
  #diskNumber = 0;

  constructor(scenario: Scenario, captures: readonly Capture[]) {
    this.#scenario = scenario;
    this.#captures = captures;
    // Not the dice of the scenario: what happens is known before it does.
    this.#dice = new Dice(scenario.seed + 1e6);
    this.#hasIpv6 = this.#dice.chance(0.5);
    this.#medium = new Medium(this.#agenda, this.#dice);
    const limits = scenario.isCrowded
      ? CROWDED_LIMITS
      : DEFAULT_INVENTORY_LIMITS;
    this.#history = {
      limits,
      wire: [],
      shown: [],
      believed: [],
      remarks: [],
      moments: [],
    };
    this.#machines = Array.from({ length: scenario.hosts }, (_, i) => {
      const machine = this.#machine(i);
      machine.disks = this.#newDisks(scenario.disksPerHost[i]!);
      return machine;
    });
    this.#oldPeers = Array.from(
      { length: scenario.oldHosts },
      (_, i) => new OldPeer(`10.0.1.${i + 1}`, this.#medium),
    );
  }

  run(): History {
    const { links, steps, hostsAtStart } = this.#scenario;
    const stations = [...this.#machines, ...this.#oldPeers];
    for (const { from, to, ...link } of links) {
      this.#medium.setLink(stations[from]!, stations[to]!, link);
    }
    for (const machine of this.#machines.slice(0, hostsAtStart)) {
      machine.start();
    }
    for (const step of steps) {
      this.#agenda.at(step.at, () => this.#act(step));
    }
    this.#agenda.runUntil(TROUBLE_MS);
    this.#heal();
    this.#agenda.runUntil(TROUBLE_MS + HEALED_AFTER_MS);
    this.#look("healed");
    this.#agenda.runUntil(TROUBLE_MS + HEALED_AFTER_MS + SETTLED_AFTER_MS);
    this.#look("settled");
    return this.#history;
  }

  #act(step: Step): void {
    const isAsleep = this.#machines[step.host]!.isAsleep;
    if (!isAsleep || !NEEDS_TO_BE_AWAKE.has(step.kind)) {
      this.#acts[step.kind](step);
    }
  }

  readonly #acts: Record<StepKind, (step: Step) => void> = {
    attach: ({ host }) =>
      this.#change(host, (disks) => [...disks, ...this.#newDisks(1)]),
    detach: ({ host, number }) =>
      this.#change(host, (disks) => without(disks, number)),
    move: (step) => this.#move(step),
    mount: ({ host, number }) =>
      this.#change(host, (disks) => toggleMount(disks, number)),
    start: ({ host }) => this.#machines[host]!.start(),
    stop: ({ host }) => this.#machines[host]!.stop(),
    crash: ({ host }) => this.#machines[host]!.crash(),
    restart: ({ host, number }) => {
      if (number % 2 === 0) this.#machines[host]!.stop();
      this.#machines[host]!.crash();
      this.#machines[host]!.start();
    },
    sleep: ({ host, durationMs }) => this.#sleep(host, durationMs),
    clock: ({ host, number }) =>
      this.#machines[host]!.setClock((number - 5e5) * 1e4),
    "go-back": ({ host, durationMs }) =>
      this.#machines[host]!.goBack(durationMs),
    cable: ({ host, durationMs }) => this.#pullCable(host, durationMs),
    address: ({ host, number }) => this.#giveAddress(host, number),
    rename: ({ host, number }) => this.#machines[host]!.rename(`name${number}`),
    cut: ({ host, other, durationMs }) => this.#cut([host, other], durationMs),
    announce: ({ host }) => this.#machines[host]!.announce(),
    remark: ({ host, number }) =>
      this.#machines[host]!.remark(remarkOf(number)),
    ping: ({ host }) => this.#machines[host]!.ping(),
    garbage: () =>
      this.#medium.inject(garbage(this.#dice, this.#capture()), "10.0.9.1"),
    replay: ({ number }) => {
      const bytes = this.#capture();
      if (bytes) this.#medium.inject(bytes, `10.0.9.${number % 3}`);
    },
    "old-peer": ({ host }) =>
      this.#oldPeers[host]?.say(this.#dice.pick(this.#captures)),
    flood: () => {
      for (const bytes of flood(this.#dice)) {
        this.#medium.inject(bytes, `10.0.8.${this.#dice.whole(1, 9)}`);
      }
    },
    lie: ({ host, number }) => this.#lie(host, { number, times: LIE_TIMES }),
    forge: (step) => this.#forge(step),
    "far-clock": ({ host, durationMs }) => {
      const machine = this.#machines[host]!;
      machine.setClock(FAR_AHEAD_MS);
      this.#agenda.at(
        this.#agenda.now + durationMs,
        () => machine.setClock(-FAR_AHEAD_MS),
      );
    },
    "forge-remark": ({ host, number }) => {
      const { lease, name } = this.#machines[host]!;
      const heard = this.#history.wire.map(({ bytes }) => bytes)
        .filter(areRemarks).slice(-MOST_HEARD);
      for (const bytes of forgedRemarks(heard, { name, number })) {
        this.#medium.inject(bytes, number % 2 === 0 ? lease : NAMESAKE);
      }
    },
    namesake: ({ host, number }) => {
      const { name } = this.#machines[host]!;
      for (let i = 0; i < LIE_TIMES; i++) {
        this.#medium.inject(namesake(name, number + i), NAMESAKE);
      }
    },
    "thousand-keys": ({ host }) => {
      const { name } = this.#machines[host]!;
      for (const bytes of thousandKeys(this.#dice, name)) {
        this.#medium.inject(bytes, `10.0.8.${this.#dice.whole(1, 99)}`);
      }
    },
    "flood-from-one": () => {
      for (const bytes of floodFromOne(this.#dice)) {
        this.#medium.inject(bytes, FLOODER);
      }
    },
  };

  #machine(index: number): Machine {
    const isClone = this.#scenario.hasClone && index === 1;
    const about = {
      name: `host${index}`,
      keyId: `id-host${isClone ? 0 : index}`,
      address: `10.0.0.${index + 1}`,
      // Some LANs have IPv6, and most of their hosts.
      ipv6: this.#hasIpv6 && this.#dice.chance(0.8)
        ? `fe80::${index + 1}%eth0`
        : null,
    };
    const hasKey = this.#scenario.keyHolders.has(index);
    return new Machine(about, {
      ...(hasKey && { trust: sharedKey() }),
      agenda: this.#agenda,
      dice: this.#dice,
      medium: this.#medium,
      history: this.#history,
      limits: this.#history.limits,
      rateLimits: this.#scenario.hasLiars
        ? LIARS_RATE_LIMITS
        : DEFAULT_RATE_LIMITS,
      machine: (id) => this.#machines.find((one) => one.id === id),
    });
  }

  #newDisks(count: number): LooseDisk[] {
    return Array.from({ length: count }, () => {
      const number = this.#diskNumber++;
      return { uuid: `uuid-${number}`, label: `disk ${number}`, mounts: [] };
    });
  }

  #change(
    host: number,
    changed: (disks: readonly LooseDisk[]) => readonly LooseDisk[],
  ): void {
    const machine = this.#machines[host]!;
    machine.setDisks(changed(machine.disks));
  }

  #move({ host, other, number }: Step): void {
    const { disks } = this.#machines[host]!;
    if (host === other || disks.length === 0) return;
    const moved = { ...disks[number % disks.length]!, mounts: [] };
    this.#change(host, (disks) => without(disks, number));
    this.#change(other, (disks) => [...disks, moved]);
  }

  #sleep(host: number, durationMs: number): void {
    const machine = this.#machines[host]!;
    if (machine.address === null) return;
    machine.sleep();
    this.#agenda.at(this.#agenda.now + durationMs, () => machine.wake());
  }

  #pullCable(host: number, durationMs: number): void {
    const machine = this.#machines[host]!;
    machine.unplugCable();
    this.#agenda.at(this.#agenda.now + durationMs, () => {
      if (!machine.hasCable && !machine.isAsleep) machine.plugCable();
    });
  }

  /** One way only. */
  /** DHCP gives the host another address: a new one, or in exchange for that of another host. */
  #giveAddress(host: number, number: number): void {
    const machine = this.#machines[host]!;
    const other = this.#machines[(host + 1) % this.#machines.length]!;
    if (number % 2 === 0 || other === machine) {
      return machine.plugCable(`10.0.${2 + host}.${1 + number % 100}`);
    }
    const { lease } = machine;
    machine.plugCable(other.lease);
    other.plugCable(lease);
  }

  #cut([from, to]: [number, number], durationMs: number): void {
    const a = this.#machines[from]!;
    const b = this.#machines[to]!;
    this.#medium.cut(a, b);
    this.#agenda.at(
      this.#agenda.now + durationMs,
      () => this.#medium.join(a, b),
    );
  }

  /** Only about a host that hears it. */
  #lie(
    host: number,
    { number, times }: { number: number; times: number },
  ): void {
    const { victim } = this.#machines[host]!;
    if (victim === null || times === 0) return;
    const said = { lie: lieOf(number), number: LIE_TIMES - times };
    const address = `${LIARS_NETWORK}${1 + number % 9}`;
    this.#medium.inject(lieAbout(victim, said), address);
    this.#agenda.at(
      this.#agenda.now + LIE_GAP_MS,
      () => this.#lie(host, { number, times: times - 1 }),
    );
  }

  /** From another address, or from that of the host. Among them are replays, which may be news. */
  #forge({ host, number }: Step): void {
    const machine = this.#machines[host]!;
    if (machine.victim === null) return;
    const id = new TextEncoder().encode(`"id":"${machine.id}","key"`);
    const heard = this.#history.wire.map(({ bytes }) => bytes)
      .filter((bytes) => !areRemarks(bytes) && includes(bytes, id))
      .slice(-MOST_HEARD);
    const address = number % 2 === 0 ? machine.lease : FORGER;
    for (const bytes of forgedFrom(heard)) this.#medium.inject(bytes, address);
  }

  /** A datagram that was sent before. */
  #capture(): Uint8Array | null {
    const { wire } = this.#history;
    return wire.length === 0 ? null : this.#dice.pick(wire).bytes;
  }

  /** The network is well, and everybody is there who has not been ended. 0.01 numbers nothing, so it speaks once nothing old of it is on its way. */
  #heal(): void {
    this.#medium.heal();
    for (const machine of this.#machines) {
      machine.wake();
      if (!machine.hasCable) machine.plugCable();
    }
    this.#agenda.at(this.#agenda.now + LONGEST_DELAY_MS, () => {
      for (const old of this.#oldPeers) {
        old.say(this.#dice.pick(this.#captures));
      }
    });
  }

  /** Whether it was ended, and its clone goes on with its id. */
  #isReplaced({ isRunning, id }: Machine): boolean {
    return !isRunning &&
      this.#machines.some((one) => one.isRunning && one.id === id);
  }

  #look(kind: Moment["kind"]): void {
    this.#history.moments.push({
      kind,
      at: this.#agenda.now,
      truth: [
        ...this.#machines.filter((one) => !this.#isReplaced(one))
          .map(({ truth }) => truth),
        ...this.#oldPeers.map(truthOfOld),
      ],
      views: this.#machines.flatMap(({ view }) => view ?? []),
    });
  }
}

/** Known to some, demanded by none. */
export function sharedKey(): Keyring {
  let nonce = 0;
  return new Keyring({
    secrets: [new Uint8Array(32).fill(1)],
    require: false,
    encrypt: false,
    freshNonce: () => new Uint8Array(NONCE_BYTES).fill(++nonce),
  });
}

/** One of a few, so that hosts say different things of the same disk. */
export function remarkOf(number: number) {
  const field = REMARK_FIELDS[number % REMARK_FIELDS.length]!;
  const isTag = field.startsWith("tag:");
  const value = number % 5 === 0 ? null : isTag ? "" : `text ${number}`;
  return { subject: `uuid uuid-${number % 3}`, field, value };
}

const REMARK_FIELDS = ["note", "name", "tag:offsite", "tag:old"] as const;

/** Both hold the beginning of a header. */
function includes(bytes: Uint8Array, wanted: Uint8Array): boolean {
  const start = bytes.subarray(0, HEADER_BYTES);
  return new TextDecoder().decode(start)
    .includes(new TextDecoder().decode(wanted));
}

function truthOfOld({ address, disks }: OldPeer): TrueHost {
  return {
    id: v1HostId(address),
    name: address,
    address,
    ipv6: null,
    isRunning: true,
    disks,
  };
}
