/**
 * What happens in a simulation: a list of steps that follows from the seed
 * alone. First all goes wrong that can, then the network is well and nobody
 * touches anything.
 */
import { Dice } from "./dice.ts";
import { LAST_BOOT_EVERY } from "./liars.ts";
import type { Link } from "./medium.ts";

/** How long things go wrong. */
export const TROUBLE_MS = 150_000;

/** How long a datagram may be on its way meanwhile. */
export const LONGEST_DELAY_MS = 2_000;

export interface Scenario {
  readonly seed: number;
  readonly hosts: number;
  /** Of these the last begin without a daemon. */
  readonly hostsAtStart: number;
  readonly oldHosts: number;
  readonly disksPerHost: readonly number[];
  /** Strangers flood the LAN, and the hosts have little room: views need not agree then. */
  readonly isCrowded: boolean;
  /** The second host is a clone of the first, with its machine id. */
  readonly hasClone: boolean;
  /** Some hosts, by index, have the shared key, which none demands. */
  readonly keyHolders: ReadonlySet<number>;
  /** Somebody lies about the hosts, also while the network is well, and floods it. */
  readonly hasLiars: boolean;
  readonly links:
    readonly (Link & { readonly from: number; readonly to: number })[];
  readonly steps: readonly Step[];
}

export interface Step {
  readonly at: number;
  readonly kind: StepKind;
  /** Index of the host, or of the host of 0.01, that it happens to. */
  readonly host: number;
  /** The other host, where there is one. */
  readonly other: number;
  /** How long it lasts, where it does. */
  readonly durationMs: number;
  /** Anything else that is left to chance. */
  readonly number: number;
}

/** Each as often as it is listed. */
const STEP_KINDS = [
  "attach",
  "attach",
  "detach",
  "detach",
  "move",
  "move",
  "mount",
  "mount",
  "restart",
  "crash",
  "stop",
  "start",
  "start",
  "sleep",
  "clock",
  "cable",
  "address",
  "rename",
  "cut",
  "cut",
  "announce",
  "ping",
  "garbage",
  "replay",
  "replay",
  "old-peer",
] as const;

export type StepKind =
  | typeof STEP_KINDS[number]
  | "go-back"
  | "remark"
  | "far-clock"
  | "forge-remark"
  | "flood"
  | "lie"
  | "forge"
  | "namesake"
  | "thousand-keys"
  | "flood-from-one";

/** Once nothing old is on its way any more, and long before the network has to be well for an interval. */
const LAST_LIES_MS = [
  TROUBLE_MS + LONGEST_DELAY_MS + 1_000,
  TROUBLE_MS + LONGEST_DELAY_MS + 6_000,
] as const;

/**
 * Of clones that do not hear each other one may be taken for old where the
 * other is believed, and does not learn it.
 */
const PARTING: ReadonlySet<StepKind> = new Set([
  "cut",
  "cable",
  "sleep",
  "go-back",
]);

export function scenarioOf(seed: number): Scenario {
  const dice = new Dice(seed);
  const hosts = dice.whole(2, 5);
  const oldHosts = dice.whole(0, 2);
  const isCrowded = dice.chance(0.1);
  const steps = Array.from(
    { length: dice.whole(10, 40) },
    () => stepOf(dice, { hosts, oldHosts }),
  );
  if (isCrowded) steps.push(...floods(dice));
  // Dice of their own, so that a scenario is the same but for them.
  const liarsDice = new Dice(seed + 2e6);
  const hasLiars = liarsDice.chance(0.3);
  if (hasLiars) steps.push(...lies(liarsDice, hosts));
  const livesDice = new Dice(seed + 3e6);
  if (livesDice.chance(0.3)) steps.push(...goingBack(livesDice, hosts));
  const remarksDice = new Dice(seed + 4e6);
  if (remarksDice.chance(0.5)) {
    steps.push(...remarks(remarksDice, { hosts, hasLiars }));
  }
  const hasKeys = !hasLiars && remarksDice.chance(0.3);
  const hasClone = livesDice.chance(0.25);
  const goesBack = steps.some(({ kind }) => kind === "go-back");
  return {
    seed,
    hosts,
    hostsAtStart: dice.whole(1, hosts),
    oldHosts,
    disksPerHost: Array.from(
      { length: hosts },
      () => dice.chance(0.2) ? dice.whole(20, 60) : dice.whole(0, 5),
    ),
    isCrowded,
    hasLiars,
    hasClone,
    keyHolders: new Set(
      Array.from({ length: hosts }, (_, i) => i)
        .filter(() => hasKeys && !hasClone && remarksDice.chance(0.5)),
    ),
    links: linksOf(hosts + oldHosts, dice)
      .map((link) => hasClone ? { ...link, loss: link.loss / 4 } : link),
    steps: steps.filter(({ kind }) => !hasClone || !PARTING.has(kind))
      // A snapshot also forgets that the clock was ahead, and boot with it; and
      // a clone does not know how far ahead that of the first one was.
      .filter(({ kind }) =>
        !goesBack && !hasClone || kind !== "clock" && kind !== "far-clock"
      )
      .sort((a, b) => a.at - b.at),
  };
}

function stepOf(
  dice: Dice,
  { hosts, oldHosts }: { hosts: number; oldHosts: number },
): Step {
  const kind = dice.pick(STEP_KINDS);
  const count = kind === "old-peer" ? oldHosts : hosts;
  return {
    at: dice.between(0, TROUBLE_MS),
    kind,
    host: dice.whole(0, Math.max(0, count - 1)),
    other: dice.whole(0, hosts - 1),
    durationMs: dice.pick([500, 5_000, 40_000, 120_000]),
    number: dice.whole(0, 1e6),
  };
}

function goingBack(dice: Dice, hosts: number): Step[] {
  return Array.from({ length: dice.whole(1, 3) }, () => ({
    at: dice.between(0, TROUBLE_MS - 45_000),
    kind: "go-back" as const,
    host: dice.whole(0, hosts - 1),
    other: 0,
    durationMs: dice.pick([0, 500, 5_000, 40_000]),
    number: 0,
  }));
}

/** Most of the time of trouble, of a few disks. Now and then a clock is decades ahead meanwhile. */
function remarks(
  dice: Dice,
  { hosts, hasLiars }: { readonly hosts: number; readonly hasLiars: boolean },
): Step[] {
  const step = (kind: StepKind, at = dice.between(0, TROUBLE_MS)): Step => ({
    at,
    kind,
    host: dice.whole(0, hosts - 1),
    other: 0,
    durationMs: dice.pick([5_000, 40_000]),
    number: dice.whole(0, 1e6),
  });
  const far = step("far-clock", dice.between(0, TROUBLE_MS - 45_000));
  const { host, durationMs } = far;
  return [
    ...Array.from({ length: dice.whole(1, 12) }, () => step("remark")),
    ...dice.chance(0.3)
      ? [far, {
        ...step("remark", far.at + dice.between(0, durationMs)),
        host,
      }]
      : [],
    ...hasLiars
      ? Array.from({ length: dice.whole(1, 6) }, () => step("forge-remark"))
      : [],
  ];
}

function floods(dice: Dice): Step[] {
  return Array.from({ length: 30 }, () => ({
    at: dice.between(0, TROUBLE_MS),
    kind: "flood" as const,
    host: 0,
    other: 0,
    durationMs: 0,
    number: dice.whole(0, 1e6),
  }));
}

/**
 * Lies about everybody at the end, which all hear who were lied about before:
 * of what nobody tells him no host can know. So nobody says before that he
 * cannot be surpassed.
 */
function lies(dice: Dice, hosts: number): Step[] {
  const step = (kind: StepKind, host: number, at: number): Step => ({
    at,
    kind,
    host,
    other: 0,
    durationMs: 0,
    number: at < TROUBLE_MS
      ? dice.whole(0, 1e5) * LAST_BOOT_EVERY + 1
      : dice.whole(0, 1e6),
  });
  return [
    ...Array.from(
      { length: dice.whole(1, 6) },
      () => step("lie", dice.whole(0, hosts - 1), dice.between(0, TROUBLE_MS)),
    ),
    ...Array.from(
      { length: hosts },
      (_, host) => step("lie", host, dice.between(...LAST_LIES_MS)),
    ),
    step("flood-from-one", 0, dice.between(0, TROUBLE_MS)),
    step("flood-from-one", 0, dice.between(...LAST_LIES_MS)),
    ...Array.from({ length: dice.whole(1, 4) }, () => {
      const kind = dice.pick(["forge", "namesake"] as const);
      return step(kind, dice.whole(0, hosts - 1), dice.between(0, TROUBLE_MS));
    }),
    step("forge", dice.whole(0, hosts - 1), dice.between(...LAST_LIES_MS)),
    step("namesake", dice.whole(0, hosts - 1), dice.between(...LAST_LIES_MS)),
    ...dice.chance(0.1)
      ? [step("thousand-keys", 0, dice.between(0, TROUBLE_MS))]
      : [],
  ];
}

/** Some networks are good, most lose something, some links are far worse than others. */
function linksOf(stations: number, dice: Dice): Scenario["links"] {
  const loss = dice.pick([0, 0.05, 0.2, 0.4]);
  const duplicates = dice.pick([0, 0.05, 0.2]);
  const longestMs = dice.pick([2, 50, LONGEST_DELAY_MS]);
  const links = [];
  for (let from = 0; from < stations; from++) {
    for (let to = 0; to < stations; to++) {
      if (from === to) continue;
      const isBad = dice.chance(0.1);
      links.push({
        from,
        to,
        loss: isBad ? 0.8 : loss,
        duplicates,
        delayMs: [0.1, longestMs] as const,
      });
    }
  }
  return links;
}
