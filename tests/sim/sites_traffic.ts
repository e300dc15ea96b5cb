/**
 * Prints what goes over the LANs and through the tunnels of 2, 10 and 100 sites
 * of 10 hosts with 10 disks each, as a table in Markdown. Simulated, on good
 * links, with one seed.
 *
 *     deno run -A tests/sim/sites_traffic.ts
 *
 * Where there are many sites, all but the first and the last two have hosts
 * that speak, but hear nothing of other sites: a thousand that know a thousand
 * do not fit in memory.
 */
import { isEnvelope } from "../../src/codec/envelope.ts";
import { DEFAULT_INVENTORY_LIMITS } from "../../src/inventory/limits.ts";
import { DEFAULT_RATE_LIMITS } from "../../src/peer/rate_limiter.ts";
import { Agenda } from "./agenda.ts";
import { busiestSecond } from "./check_rate.ts";
import { Dice } from "./dice.ts";
import type { Sent } from "./history.ts";
import { Machine } from "./machine.ts";
import { GOOD_LINK, Medium } from "./medium.ts";

const SECOND_MS = 1_000;
const HOSTS = 10;
const DISKS = 10;

const HUB = 0;

/** Until all peers are lost, and hosts of other sites are not. */
const APART_SECONDS = 60;

/** Of the traffic at rest. */
const REST_SECONDS = 60;

type Shape = "spokes" | "mesh";

interface Load {
  readonly perSecond: number;
  readonly bytesPerSecond: number;
  /** Datagrams in the second that had most. */
  readonly worst: number;
}

interface Phase {
  readonly lan: Load;
  /** From the hub to a spoke, and back. */
  readonly out: Load;
  readonly back: Load;
  readonly seconds: number;
}

const COLUMNS: readonly (readonly [string, (all: Measured) => string])[] = [
  ["Sites", ({ sites, shape }) => `${sites}, ${shape}`],
  ["datagrams/s on a LAN at rest", ({ rest }) => rest.lan.perSecond.toFixed(1)],
  ["bytes/s", ({ rest }) => count(rest.lan.bytesPerSecond)],
  ["to a spoke", ({ rest }) => rest.out.perSecond.toFixed(1)],
  ["bytes/s", ({ rest }) => count(rest.out.bytesPerSecond)],
  ["from a spoke", ({ rest }) => rest.back.perSecond.toFixed(1)],
  ["busiest second of a LAN: all start", ({ start }) => `${start.lan.worst}`],
  ["of a tunnel", ({ start }) => `${start.out.worst}`],
  ["all know all after", ({ start }) => `${start.seconds} s`],
  ["of a LAN: the hub is back", ({ back }) => `${back.lan.worst}`],
  ["of a tunnel", ({ back }) => `${back.out.worst}`],
];

interface Measured {
  readonly sites: number;
  readonly shape: Shape;
  readonly start: Phase;
  readonly rest: Phase;
  readonly back: Phase;
}

class JoinedSites {
  readonly #agenda = new Agenda();
  readonly #dice = new Dice(1);
  readonly #tunnels = new Medium(this.#agenda, this.#dice, "tunnels");
  readonly #wire: Sent[] = [];
  readonly #relays: Machine[] = [];
  readonly #hosts: Machine[] = [];
  readonly #sites: number;

  constructor(sites: number, shape: Shape) {
    this.#sites = sites;
    this.#tunnels.setUsualLink({ ...GOOD_LINK, delayMs: [5, 20] });
    for (let site = 0; site < sites; site++) this.#addSite(site);
    for (const [site, relay] of this.#relays.entries()) {
      const peers = this.#relays.filter((_, other) =>
        other !== site && (shape === "mesh" || site === HUB || other === HUB)
      );
      relay.joinSites({
        isOn: true,
        site: `site${site}`,
        peers: peers.map(({ far }) => far!.lease),
      });
    }
  }

  startAll(): Phase {
    return this.#phase(() => {
      for (const machine of [...this.#relays, ...this.#hosts]) machine.start();
      return this.#secondsUntilAllKnowAll();
    });
  }

  rest(): Phase {
    return this.#phase(() => this.#run(REST_SECONDS));
  }

  /** All its tunnels are cut for so long that each end asks for all when they are not. */
  hubComesBack(): Phase {
    const [hub, ...others] = this.#relays.map(({ far }) => far!);
    for (const other of others) {
      this.#tunnels.cut(hub!, other);
      this.#tunnels.cut(other, hub!);
    }
    this.#run(APART_SECONDS);
    this.#tunnels.heal();
    return this.#phase(() => this.#run(20));
  }

  #addSite(site: number): void {
    const medium = new Medium(this.#agenda, this.#dice, `lan${site}`);
    const isWhole = site < 1 || site >= this.#sites - 2;
    for (let i = 0; i < HOSTS; i++) {
      const isRelay = i === 0;
      const machine = new TrafficMachine(isRelay || isWhole, {
        name: `host${site}-${i}`,
        keyId: `id-${site}-${i}`,
        address: `11.0.${site}.${i + 1}`,
        ipv6: null,
        far: isRelay ? `10.8.${site}.1` : undefined,
      }, {
        isUnobserved: true,
        agenda: this.#agenda,
        dice: this.#dice,
        medium,
        tunnels: this.#tunnels,
        history: {
          limits: DEFAULT_INVENTORY_LIMITS,
          wire: this.#wire,
          shown: [],
          believed: [],
          remarks: [],
          moments: [],
        },
        limits: DEFAULT_INVENTORY_LIMITS,
        rateLimits: DEFAULT_RATE_LIMITS,
        machine: () => undefined,
      });
      machine.disks = Array.from({ length: DISKS }, (_, disk) => ({
        uuid: `8261f666-5d2a-4c1e-9b0f-${1e11 + site * 1e6 + i * 1e3 + disk}`,
        label: `backup-${site}-${i}-${disk}`,
        mounts: [`/mnt/backup-${disk}`],
      }));
      (isRelay ? this.#relays : this.#hosts).push(machine);
    }
  }

  #run(seconds: number): number {
    this.#agenda.runUntil(this.#agenda.now + seconds * SECOND_MS);
    return seconds;
  }

  #secondsUntilAllKnowAll(): number {
    let seconds = 0;
    while (!this.#allKnowAll() && seconds < 300) seconds += this.#run(1);
    return seconds;
  }

  /** The relays, and a host of the last site. */
  #allKnowAll(): boolean {
    return [...this.#relays, this.#hosts.at(-1)!].every(({ view }) =>
      view!.hosts.filter(({ liveness, disks }) =>
        liveness === "up" && disks.length === DISKS
      ).length === HOSTS * this.#sites
    );
  }

  #phase(act: () => number): Phase {
    const startedAt = this.#agenda.now;
    this.#wire.length = 0;
    const seconds = act();
    const passedMs = this.#agenda.now - startedAt;
    const last = this.#sites - 1;
    const hub = this.#relays[HUB]!.far!.lease;
    const spoke = this.#relays[last]!.far!.lease;
    const load = (isOf: (sent: Sent) => boolean) =>
      loadOf(this.#wire.filter(isOf), passedMs / SECOND_MS);
    return {
      seconds,
      lan: load(({ to }) => to === `lan${last}`),
      out: load(({ from, to }) => from === hub && to === `tunnels ${spoke}`),
      back: load(({ from, to }) => from === spoke && to === `tunnels ${hub}`),
    };
  }
}

/** One that may hear nothing of other sites. */
class TrafficMachine extends Machine {
  readonly #isWhole: boolean;

  constructor(
    isWhole: boolean,
    ...rest: ConstructorParameters<typeof Machine>
  ) {
    super(...rest);
    this.#isWhole = isWhole;
  }

  override receive(...[bytes, ...rest]: Parameters<Machine["receive"]>): void {
    if (this.#isWhole || !isEnvelope(bytes)) super.receive(bytes, ...rest);
  }
}

function loadOf(sent: readonly Sent[], seconds: number): Load {
  const bytes = sent.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return {
    perSecond: sent.length / seconds,
    bytesPerSecond: bytes / seconds,
    worst: busiestSecond(sent),
  };
}

function count(number: number): string {
  return Math.round(number).toLocaleString("en");
}

function printRow(cells: readonly string[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}

if (import.meta.main) {
  printRow(COLUMNS.map(([name]) => name));
  printRow(COLUMNS.map(() => "---:"));
  for (
    const [sites, shape] of [
      [2, "mesh"],
      [10, "spokes"],
      [10, "mesh"],
      [100, "spokes"],
    ] as const
  ) {
    const joined = new JoinedSites(sites, shape);
    const [start, rest, back] = [
      joined.startAll(),
      joined.rest(),
      joined.hubComesBack(),
    ];
    printRow(
      COLUMNS.map(([, cell]) => cell({ sites, shape, start, rest, back })),
    );
  }
}
