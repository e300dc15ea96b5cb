/**
 * What happens in a simulation of several sites: it follows from the seed alone.
 * As on one LAN, first all goes wrong that can, then the networks are well and
 * nobody touches anything.
 */
import { Dice } from "./dice.ts";
import type { Link } from "./medium.ts";
import type { Step } from "./scenario.ts";

/** How long things go wrong. */
export const SITES_TROUBLE_MS = 120_000;

/** How long a datagram may be on its way meanwhile, from a network to the next. */
export const LONGEST_WAY_MS = 1_000;

/** Liars go on until so long after the trouble, when the networks are well. */
export const LIES_END_MS = 8_000;

const SHAPES = [
  "mesh",
  "spokes",
  "loop",
  "two relays",
  "own networks",
  "own networks and a peer",
] as const;

export interface SitesScenario {
  readonly seed: number;
  readonly shape: typeof SHAPES[number];
  /** The name of the site of each network; `null`: it has none. */
  readonly siteOf: readonly (string | null)[];
  /** Whether all networks have the same addresses. */
  readonly isSameSubnet: boolean;
  readonly hosts: readonly SiteHost[];
  /** Relays that list each other, by index of the host. */
  readonly peers: readonly (readonly [number, number])[];
  readonly hasKey: boolean;
  /** Somebody lies about where hosts are, also in the first seconds after the trouble. */
  readonly hasLiars: boolean;
  readonly lan: Link;
  readonly tunnel: Link;
  readonly steps: readonly SiteStep[];
}

interface SiteHost {
  readonly network: number;
  /** Further networks that it is in. */
  readonly more: readonly number[];
  readonly isRelay: boolean;
  /** Whether it stays dead when all is well. */
  readonly mayStayDead: boolean;
  /** Whether its daemon begins with the simulation. */
  readonly isThereAtStart: boolean;
  /** Whether it begins when all is well. */
  readonly isNewcomer: boolean;
  readonly disks: number;
}

export type SiteStep = Omit<Step, "kind"> & { readonly kind: SiteStepKind };

/** Each as often as it is listed. */
const STEP_KINDS = [
  "attach",
  "detach",
  "move-disk",
  "move-disk",
  "mount",
  "move-host",
  "move-host",
  "restart",
  "crash",
  "stop",
  "start",
  "start",
  "cut-tunnel",
  "cut-tunnel",
  "cut-lan",
  "relay-off",
  "announce",
  "ping",
] as const;

const LIES = [
  "replay-to-lan",
  "replay-to-lan",
  "replay-to-relay",
  "other-site",
  "other-site",
  "other-address",
  "wrap-garbage",
  "wrap-lie",
  "nest",
  "from-no-peer",
  "false-hello",
  "false-question",
] as const;

export type SiteLie = typeof LIES[number];

type SiteStepKind = typeof STEP_KINDS[number] | SiteLie | "remark";

export function sitesScenarioOf(seed: number): SitesScenario {
  const dice = new Dice(seed + 7e6);
  const shape = dice.pick(SHAPES);
  const { siteOf, relays, peers } = layoutOf(shape, dice);
  const isHeavy = dice.chance(0.02);
  const hosts: SiteHost[] = [
    ...relays.map(([network, ...more]) => ({
      network: network!,
      more,
      isRelay: true,
      mayStayDead: false,
      isThereAtStart: dice.chance(0.8),
      isNewcomer: false,
      disks: dice.whole(0, 3),
    })),
    ...siteOf.flatMap((_, network) =>
      Array.from(
        { length: dice.whole(1, 3) },
        () => hostOf(dice, { network, isHeavy }),
      )
    ),
  ];
  // Of two relays of a site one suffices.
  if (shape === "two relays" && dice.chance(0.5)) {
    hosts[1] = { ...hosts[1]!, mayStayDead: true };
  }
  const hasLiars = dice.chance(0.5);
  const hasRemarks = dice.chance(0.5);
  const hasSteps = !isHeavy;
  return {
    seed,
    shape,
    siteOf,
    isSameSubnet: !shape.startsWith("own") && dice.chance(0.4),
    // Nothing happens to them.
    hosts: [...hosts, ...siteOf.map((_, network) => newcomerOn(network))],
    peers,
    hasKey: dice.chance(0.3),
    hasLiars,
    ...linksOf(dice, { isHeavy }),
    steps: [
      ...hasSteps ? troubles(dice, hosts.length) : [],
      ...hasLiars ? lies(dice, hosts.length) : [],
      ...hasRemarks ? remarks(dice, hosts.length) : [],
    ].sort((a, b) => a.at - b.at),
  };
}

/** With thousands of disks on all sites there is more to tell than a LAN may carry in a second. */
function hostOf(
  dice: Dice,
  { network, isHeavy }: { readonly network: number; readonly isHeavy: boolean },
): SiteHost {
  return {
    network,
    more: [],
    isRelay: false,
    mayStayDead: true,
    isThereAtStart: isHeavy || dice.chance(0.8),
    isNewcomer: false,
    disks: isHeavy ? 400 : dice.chance(0.1) ? 40 : dice.whole(0, 4),
  };
}

function newcomerOn(network: number): SiteHost {
  return {
    network,
    more: [],
    isRelay: false,
    mayStayDead: true,
    isThereAtStart: false,
    isNewcomer: true,
    disks: 2,
  };
}

/** Which networks there are, in which of them the relays are, and which of these list each other. */
function layoutOf(
  shape: SitesScenario["shape"],
  dice: Dice,
): Pick<SitesScenario, "siteOf" | "peers"> & {
  readonly relays: readonly (readonly number[])[];
} {
  const three = ["home", "away", "lab"];
  const one = [[0], [1], [2]];
  switch (shape) {
    case "mesh":
      return { siteOf: three, relays: one, peers: [[0, 1], [1, 2], [0, 2]] };
    case "spokes":
      return { siteOf: three, relays: one, peers: [[0, 1], [0, 2]] };
    case "loop":
      return {
        siteOf: [...three, "shop"],
        relays: [...one, [3]],
        peers: [[0, 1], [1, 2], [2, 3], [3, 0]],
      };
    case "two relays":
      return {
        siteOf: three,
        relays: [[0], [0], [1], [2]],
        peers: [
          [0, 2],
          [1, 2],
          [2, 3],
          ...dice.chance(0.5) ? [[0, 3], [1, 3]] as const : [],
        ],
      };
    case "own networks":
      return { siteOf: [null, null, null], relays: [[0, 1, 2]], peers: [] };
    case "own networks and a peer":
      return {
        siteOf: ["home", "home", "away"],
        relays: [[0, 1], [2]],
        peers: [[0, 1]],
      };
  }
}

/** A LAN on which a word takes long cannot keep its bound when all speak at once. */
function linksOf(
  dice: Dice,
  { isHeavy }: { readonly isHeavy: boolean },
): Pick<SitesScenario, "lan" | "tunnel"> {
  const duplicates = dice.pick([0, 0.05, 0.2]);
  return {
    lan: {
      loss: dice.pick([0, 0, 0.05, 0.2]),
      duplicates,
      delayMs: [0.1, isHeavy ? 2 : dice.pick([2, 50])],
    },
    tunnel: {
      loss: dice.pick([0, 0.05, 0.2, 0.4]),
      duplicates,
      delayMs: [1, dice.pick([20, 200, LONGEST_WAY_MS])],
    },
  };
}

function stepOf(
  dice: Dice,
  { kind, hosts, latest = 0 }: {
    readonly kind: SiteStepKind;
    readonly hosts: number;
    readonly latest?: number;
  },
): SiteStep {
  return {
    at: dice.between(0, SITES_TROUBLE_MS + latest),
    kind,
    host: dice.whole(0, hosts - 1),
    other: dice.whole(0, hosts - 1),
    durationMs: dice.pick([500, 5_000, 40_000, 100_000]),
    number: dice.whole(0, 1e6),
  };
}

function troubles(dice: Dice, hosts: number): SiteStep[] {
  return Array.from(
    { length: dice.whole(0, 30) },
    () => stepOf(dice, { kind: dice.pick(STEP_KINDS), hosts }),
  );
}

function lies(dice: Dice, hosts: number): SiteStep[] {
  return Array.from({ length: dice.whole(5, 60) }, () => {
    const kind = dice.pick(LIES);
    const step = stepOf(dice, { kind, hosts, latest: LIES_END_MS });
    const isLate = dice.chance(0.3);
    const at = SITES_TROUBLE_MS + dice.between(0, LIES_END_MS);
    return isLate ? { ...step, at } : step;
  });
}

function remarks(dice: Dice, hosts: number): SiteStep[] {
  return Array.from(
    { length: dice.whole(1, 8) },
    () => stepOf(dice, { kind: "remark", hosts }),
  );
}
