import { loadConfig } from "../../../src/config/load_config.ts";
import type { LanAnswer } from "../../../src/daemon/ask_lan.ts";
import type { Given } from "../../../src/doctor/given.ts";
import { splitAddress } from "../../../src/inventory/far_address.ts";
import type { Host } from "../../../src/inventory/host.ts";
import {
  type Call,
  exited,
  scriptedSystem,
} from "../../support/scripted_system.ts";

export const ETH0 = {
  name: "eth0",
  address: "10.0.0.1",
  prefixLength: 24,
  isInUse: true,
  problem: null,
  unreturned: 0,
};

/** What programs print, by name and first words; others are missing. */
export type Printed = Readonly<Record<string, string>>;

/** A host on which all is well, as far as nothing else is said. */
export function given(
  changed: Partial<Given> = {},
  { printed = {}, lan = {} }: {
    readonly printed?: Printed;
    readonly lan?: Partial<LanAnswer>;
  } = {},
): Given {
  const system = {
    ...scriptedSystem((call) => answerOf(call, printed)),
    interfaces: () => [ETH0],
    wallClock: () => Date.UTC(2026, 10, 28),
  };
  return {
    system,
    uid: 0,
    env: {},
    flags: {},
    readText: () => null,
    config: loadConfig({ flags: {}, env: {}, uid: 0, readText: () => null }),
    configError: null,
    keyFiles: [],
    daemon: { kind: "none", message: "no diskd answers" },
    lan: {
      peer: null as never,
      interfaces: [ETH0],
      portProblem: null,
      deaf: [],
      thisHost: null,
      others: [],
      unread: new Map(),
      ...lan,
    },
    memberships: null,
    scanProblems: [],
    ...changed,
  };
}

function answerOf({ program, args }: Call, printed: Printed) {
  const line = [program, ...args].join(" ");
  const known = Object.keys(printed).find((start) => line.startsWith(start));
  return known === undefined
    ? { kind: "missing" } as const
    : exited({ stdout: printed[known]! });
}

/** Another host that answered. */
export function answered(name: string, address: string): Host {
  const { site: farSite } = splitAddress(address);
  return { id: name, name, addresses: [address], farSite } as unknown as Host;
}

/** Results and texts. */
export function linesOf(
  found: readonly { readonly result: string; readonly text: string }[],
): string[] {
  return found.map(({ result, text }) => `${result}: ${text}`);
}
