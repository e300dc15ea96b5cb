/** Checks of this host's side of the network. */
import { chooseAddresses } from "../config/interfaces.ts";
import { findFaults } from "../daemon/explain_silence.ts";
import { firewallCommands, sayUnusable } from "../daemon/say_network.ts";
import type { InterfaceAddress } from "../system/system.ts";
import {
  fault,
  type Finding,
  type Given,
  ok,
  printed,
  recordsIn,
  warning,
} from "./given.ts";
import { type NftChain, parseNftRuleset } from "./parse_nft.ts";

/** The interfaces of the configuration, whether they work or not. */
function chosen({ system, config }: Given): InterfaceAddress[] {
  return chooseAddresses(system.interfaces(), config);
}

export async function checkInterfaces(given: Given): Promise<Finding[]> {
  const interfaces = chosen(given);
  if (interfaces.length === 0) return [sayNone(given)];
  const unusable = sayUnusable(given.lan.interfaces).map((text) => fault(text));
  const links = await Promise.all(
    interfaces.map((one) => checkLink(given, one)),
  );
  const works = links.some(({ result }) => result === "ok");
  return [
    ...unusable,
    // One of several that is not plugged in may be meant so.
    ...links.map((found): Finding =>
      works && found.result === "fault"
        ? { ...found, result: "warning" }
        : found
    ),
  ];
}

function sayNone(given: Given): Finding {
  const { faults: [text = ""] } = findFaults(
    { ...given.lan, portProblem: null, interfaces: [] },
    given.config,
  );
  const present = new Set(given.system.interfaces().map(({ name }) => name));
  present.delete("lo");
  const named = present.size === 0
    ? ""
    : `, or name one with --interface: ${[...present].join(", ")}`;
  return fault(text, [`Give an interface an address${named}`]);
}

async function checkLink(
  given: Given,
  { name, address, prefixLength }: InterfaceAddress,
): Promise<Finding> {
  const device = deviceOf(name);
  const args = ["-j", "link", "show", "dev", device];
  const [link] = recordsIn(await printed(given, "ip", args));
  const about = `${name} ${address}/${prefixLength}`;
  if (link === undefined) {
    return ok(`${about}; without ip of iproute2 its link is not known`);
  }
  const flags = Array.isArray(link.flags) ? link.flags : [];
  if (!flags.includes("UP")) {
    return fault(`${about} is down`, [`ip link set ${device} up`]);
  }
  if (flags.includes("NO-CARRIER")) {
    return fault(`${about} has no link: check its cable, switch or Wi-Fi`);
  }
  if (address.startsWith("169.254.")) {
    return warning(
      `${about} is an address for want of another: no DHCP server answered`,
    );
  }
  return ok(about);
}

/** An address may have its own name after the interface's, such as `eth0:1`. */
function deviceOf(name: string): string {
  return name.split(":", 1)[0]!;
}

/** Where the kernel sends what has the address of an interface. IPv6 is bound to its interface. */
export async function checkRoute(given: Given): Promise<Finding[]> {
  const { group } = given.config;
  const ipv4 = chosen(given).filter(({ scopeId }) => scopeId === undefined);
  const found = await Promise.all(
    ipv4.map(async (one) => {
      const device = deviceOf(one.name);
      const args = ["-j", "route", "get", group, "from", one.address];
      const [route] = recordsIn(await printed(given, "ip", args));
      if (route === undefined) return [];
      if (route.dev === device) return [ok(`${group} leaves by ${device}`)];
      return [fault(
        `${group} leaves by ${route.dev} instead of ${device}`,
        ["ip rule; ip route show table all"],
      )];
    }),
  );
  return found.flat();
}

export async function checkPort(given: Given): Promise<Finding[]> {
  const { lan: { portProblem }, config: { port } } = given;
  const text = await printed(given, "ss", ["-Hulpn", `sport = :${port}`]);
  const users = new Set(
    [...(text ?? "").matchAll(/\("([^"]*)",pid=(\d+)/g)]
      .map(([, program, pid]) => `${program} (pid ${pid})`),
  );
  const who = [...users].join(", ");
  if (portProblem !== null) {
    const by = who === "" ? "" : `; it is ${who}`;
    return [fault(portProblem + by, who === "" ? ["ss -ulpn, as root"] : [])];
  }
  const shared = who === "" ? "can be used" : `is shared with ${who}`;
  return [ok(`UDP port ${port} ${shared}`)];
}

/** Whether anything could be sent at all; if not, another check says why. */
function wasSent({ lan: { portProblem, interfaces } }: Given): boolean {
  return portProblem === null &&
    interfaces.some(({ isInUse }) => isInUse);
}

export function checkEcho(given: Given): Finding[] {
  const { lan: { deaf, interfaces } } = given;
  if (!wasSent(given)) return [];
  if (deaf.length > 0) {
    return deaf.map((text) => fault(text));
  }
  const inUse = interfaces.filter(({ isInUse }) => isInUse);
  const on = [...new Set(inUse.map(({ name }) => name))].join(", ");
  return [ok(`what this host sends to the group comes back on ${on}`)];
}

/** Rules shown, of those that may be the cause. */
const MAX_RULES = 3;

export async function checkFirewall(given: Given): Promise<Finding[]> {
  const { uid, lan: { deaf, interfaces }, config } = given;
  const isMute = interfaces.some(({ problem }) =>
    problem?.includes("firewall")
  );
  const text = await printed(given, "nft", ["list", "ruleset"]);
  const chains = parseNftRuleset(text ?? "")
    .filter(({ table }) => concerns(table, interfaces));
  const named = suspects(chains, ({ rule }) => namesPort(rule, config.port));
  const unreadable = text === null
    ? uid === 0
      ? "; its rules cannot be read without nft"
      : "; only root can read its rules"
    : "";
  if (deaf.length === 0 && !isMute) {
    if (!wasSent(given)) return [];
    return named.length === 0
      ? [ok(`what this host sends to itself gets through${unreadable}`)]
      : [warning(`may drop datagrams of other hosts: ${named.join("; ")}`)];
  }
  const hook = isMute ? "output" : "input";
  const likely = named.length > 0
    ? named
    : suspects(chains, (one) => one.hook === hook);
  if (text !== null && likely.length === 0) {
    return [warning("no rule of nft drops datagrams of diskd", [
      "iptables-legacy -S, if this host uses it",
    ])];
  }
  const rules = likely.length > 0 ? `: ${likely.join("; ")}` : unreadable;
  return [fault(
    `the likely cause is a firewall of this host${rules}`,
    isMute ? ["nft list ruleset"] : firewallCommands(config),
  )];
}

/** Whether a table sees datagrams of one of these interfaces. */
function concerns(
  table: string,
  interfaces: readonly InterfaceAddress[],
): boolean {
  const has = (ipv6: boolean) =>
    interfaces.some(({ scopeId }) => (scopeId !== undefined) === ipv6);
  const [family] = table.split(" ");
  return family === "ip" ? has(false) : family === "ip6" ? has(true) : true;
}

interface SuspectRule {
  readonly rule: string;
  readonly hook: NftChain["hook"];
}

/** Rules that drop something, and policies, with where they stand. */
function suspects(
  chains: readonly NftChain[],
  isLikely: (suspect: SuspectRule) => boolean,
): string[] {
  return chains.flatMap(({ table, name, hook, policy, rules }) =>
    [...policy === "drop" ? ["policy drop"] : [], ...rules]
      .filter((rule) => /\b(drop|reject)\b/.test(rule))
      .filter((rule) => isLikely({ rule, hook }))
      .map((rule) => `${table} ${name}: ${rule}`)
  ).slice(0, MAX_RULES);
}

function namesPort(rule: string, port: number): boolean {
  return new RegExp(`\\bdport\\b.*\\b${port}\\b`).test(rule);
}
