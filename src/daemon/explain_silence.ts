import { sayAddress } from "../inventory/far_address.ts";
import type { LanAnswer, LanConfig, Unread } from "./ask_lan.ts";
import {
  firewallCommands,
  sayNoInterface,
  sayUnusable,
} from "./say_network.ts";

/** What keeps this host from seeing others. */
interface HearingFaults {
  /** A sentence each. */
  readonly faults: readonly string[];
  /** Commands of which one may help. */
  readonly commands: readonly string[];
}

/** Faults found while asking, whoever answered. */
export function findFaults(
  answer: LanAnswer,
  config: LanConfig,
): HearingFaults {
  const { interfaces, portProblem, deaf } = answer;
  if (portProblem !== null) return { faults: [portProblem], commands: [] };
  if (interfaces.length === 0) {
    return { faults: [sayNoInterface(config)], commands: [] };
  }
  const faults = [...sayUnusable(interfaces), ...deaf];
  const commands = deaf.length > 0 ? firewallCommands(config) : [];
  return { faults, commands };
}

/** Datagrams that were heard and could not be used, a sentence for each reason. */
export function sayUnread({ unread }: Pick<LanAnswer, "unread">): string[] {
  return [...unread]
    .filter(([, addresses]) => addresses.size > 0)
    .map(([reason, addresses]) => SAY_UNREAD[reason](listAddresses(addresses)));
}

const SAY_UNREAD: Readonly<Record<Unread, (from: string) => string>> = {
  "sealed": (from) =>
    `Encrypted datagrams came from ${from}, and this host has no key for ` +
    "them: give it the same key file and keys.mode",
  "unsigned": (from) =>
    `Datagrams without a signature came from ${from}, and keys.mode require ` +
    "here ignores them: give that host the key, or set keys.mode to accept",
  "other-key": (from) =>
    `Datagrams made with a key that this host does not know came from ${from}: ` +
    "all hosts need the same key, see: diskd key check",
  "not-diskd": (from) =>
    `Datagrams that this diskd cannot read came from ${from}: another program ` +
    "uses the port, or that host has another version of diskd",
};

/** A daemon at this address has the identity of this host, and no probe leads there. */
export function sayTwin(address: string): string {
  return `A host at ${sayAddress(address)} has the identity of this one: its ` +
    "state directory was copied, and others see only one of the two. On one " +
    "of them stop the daemon, run diskd key reset-identity, and start it again";
}

/** More addresses are counted. */
const MAX_ADDRESSES = 3;

function listAddresses(addresses: ReadonlySet<string>): string {
  const shown = [...addresses].slice(0, MAX_ADDRESSES).map(sayAddress)
    .join(", ");
  const more = addresses.size - MAX_ADDRESSES;
  return more > 0 ? `${shown} and ${more} more addresses` : shown;
}

/** The likely causes if this host is well, and hears itself alone. */
export function sayElsewhere(
  { interfaces }: LanAnswer,
  { group, port }: LanConfig,
): string {
  const on = interfaces.filter(({ isInUse }) => isInUse).map((
    { name, address },
  ) => `${name} ${address}`)
    .join(", ");
  return `This host hears itself on ${on}, so the cause is likely elsewhere: ` +
    "no other host of this network runs diskd, or not with group " +
    `${group}, port ${port} and the same keys; or a firewall there, a switch ` +
    "or an access point drops multicast";
}
