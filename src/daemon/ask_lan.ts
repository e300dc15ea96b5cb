/** Asks the LAN once, without a daemon, and notes what keeps others from being seen. */
import type { Trust } from "../codec/trust.ts";
import { chooseAddresses } from "../config/interfaces.ts";
import type { Config } from "../config/settings.ts";
import type { Host } from "../inventory/host.ts";
import {
  anonymousQuestion,
  signedQuestion,
} from "../peer/announcement_writer.ts";
import { type Locked, lockedBy } from "../peer/locked_senders.ts";
import { Peer } from "../peer/peer.ts";
import { freshHostKey } from "../store/host_key_file.ts";
import type { IdentityFile } from "../store/identity.ts";
import { reasonOf } from "../system/reason.ts";
import type { InterfaceAddress, System } from "../system/system.ts";
import { pause } from "../system/within.ts";
import { type Multicast, openMulticast } from "../transport/multicast.ts";
import type { JoinedInterface } from "../transport/transport.ts";
import { VERSION } from "../version.ts";
import { MulticastHealth } from "./multicast_health.ts";
import { sayPortTaken } from "./say_network.ts";

/** A host that has just announced itself answers a second later, plus travel time. */
const LISTEN_MS = 1_250;

/** Longest wait for the kernel to check an IPv6 address, and time between tries. */
const ADDRESS_WAIT_MS = 5_000;
const ADDRESS_RETRY_MS = 100;

/** When the question is asked, against loss; as often as it takes to know that none came back. */
const ASK_AT_MS: readonly number[] = [0, 150, 300];

export type LanConfig = Pick<
  Config,
  "group" | "port" | "ttl" | "interfaces" | "ipv6" | "hostName"
>;

export interface LanOptions {
  readonly system: System;
  /** The keys of the configuration this user may read. */
  readonly trust: Trust;
  /** That of this host; `null` if this user may not read it. */
  readonly key: IdentityFile["key"] | null;
}

/** Why a datagram could not be used. */
export type Unread =
  | Locked
  /** Not signed, and this host requires it. */
  | "unsigned"
  /** Of another program, or of another version of diskd. */
  | "not-diskd";

/** The answers of the LAN. */
export interface LanAnswer {
  /** With all that was heard. */
  readonly peer: Peer;
  /** Joined or not. */
  readonly interfaces: readonly JoinedInterface[];
  /** Why nothing could be heard at all; `null`: the port could be opened. */
  readonly portProblem: string | null;
  /** The interfaces on which nothing came back, a sentence each. */
  readonly deaf: readonly string[];
  /** The daemon of this host, if it answered. */
  readonly thisHost: Host | null;
  /** All other hosts that answered. */
  readonly others: readonly Host[];
  /** Addresses of those whose datagrams could not be used, by reason. */
  readonly unread: ReadonlyMap<Unread, ReadonlySet<string>>;
}

/** Asks all hosts, as this host if its key may be read, and listens for a second. */
export async function askLan(
  config: LanConfig,
  { system, trust, key }: LanOptions,
): Promise<LanAnswer> {
  const peer = listeningPeer({ system, trust });
  const unread = new Map<Unread, Set<string>>();
  const receive = (bytes: Uint8Array, address: string) => {
    const reason = takeIn({ peer, bytes, address, now: system.now() });
    if (reason === null) return;
    unread.set(reason, (unread.get(reason) ?? new Set()).add(address));
  };
  let multicast: Multicast;
  try {
    multicast = openMulticast(config, receive);
  } catch (error) {
    const portProblem = sayPortProblem(error, config);
    const nothing = { interfaces: [], own: [], deaf: [] };
    return describe({ ...nothing, peer, portProblem, unread });
  }
  try {
    const own = chooseAddresses(system.interfaces(), config);
    await useSoon(multicast, own);
    let passedMs = 0;
    for (const at of ASK_AT_MS) {
      await pause(at - passedMs);
      passedMs = at;
      const question = key === null
        ? anonymousQuestion()
        : signedQuestion(key, system.wallClock());
      multicast.send(question.map((datagram) => trust.protect(datagram)));
    }
    await pause(LISTEN_MS - passedMs);
    const { interfaces } = multicast;
    const deaf = findDeaf(interfaces, config);
    return describe({ peer, interfaces, own, portProblem: null, unread, deaf });
  } finally {
    await multicast.close();
  }
}

/**
 * Uses these addresses. If none can be used yet, because the host has only IPv6
 * and just came up, waits for the first.
 */
async function useSoon(
  multicast: Multicast,
  addresses: readonly InterfaceAddress[],
): Promise<void> {
  for (let waitedMs = 0;; waitedMs += ADDRESS_RETRY_MS) {
    await multicast.use(addresses);
    const { interfaces } = multicast;
    const isWaiting = interfaces.length > 0 &&
      interfaces.every(({ isInUse, problem }) => !isInUse && problem === null);
    if (!isWaiting || waitedMs >= ADDRESS_WAIT_MS) return;
    await pause(ADDRESS_RETRY_MS);
  }
}

/**
 * Receives announcements and sends nothing: its effects are not carried out. It
 * has no name, since the daemon of this host may have it.
 */
function listeningPeer(
  { system, trust }: Pick<LanOptions, "system" | "trust">,
): Peer {
  return new Peer({
    identity: { key: freshHostKey(), name: "", version: VERSION, boot: 0 },
    pastBoot: 0,
    announceIntervalMs: Infinity,
    random: system.random,
    freshKey: freshHostKey,
    trust,
  });
}

/** Returns why it could not be used, if so. */
function takeIn(
  { peer, bytes, address, now }: {
    readonly peer: Peer;
    readonly bytes: Uint8Array;
    readonly address: string;
    readonly now: number;
  },
): Unread | null {
  const before = peer.counters.rejected;
  peer.receive(bytes, address, now);
  const after = peer.counters.rejected;
  const reason = Object.keys(after)
    .find((reason) => after[reason] !== before[reason]);
  if (reason === undefined) return null;
  return lockedBy(reason, bytes) ?? UNREAD[reason] ?? null;
}

/** By the reason for which the protocol rejects a datagram. */
export const UNREAD: Readonly<Record<string, Unread>> = {
  "unsigned": "unsigned",
  "unknown-key": "other-key",
  "bad-signature": "other-key",
  "not-diskd": "not-diskd",
  "not-utf8": "not-diskd",
  "bad-header": "not-diskd",
  "bad-version": "not-diskd",
  "bad-body": "not-diskd",
  "bad-list": "not-diskd",
  "too-long": "not-diskd",
};

function sayPortProblem(error: unknown, { port }: LanConfig): string {
  return error instanceof Deno.errors.AddrInUse
    ? sayPortTaken(port)
    : `Cannot listen on UDP port ${port}: ${reasonOf(error)}`;
}

function findDeaf(
  interfaces: readonly JoinedInterface[],
  config: LanConfig,
): string[] {
  const health = new MulticastHealth(config);
  // It believes only what it sees twice; here enough time has passed.
  const look = { interfaces, others: [], isFlooded: false };
  health.look(look);
  health.look(look);
  return health.problems;
}

function describe(
  { peer, interfaces, own: ownAddresses, unread, ...rest }:
    & Omit<LanAnswer, "thisHost" | "others" | "unread">
    & {
      readonly own: readonly InterfaceAddress[];
      readonly unread: ReadonlyMap<Unread, Set<string>>;
    },
): LanAnswer {
  const own = new Set(ownAddresses.map(({ address }) => address));
  const isHere = ({ addresses }: Host) =>
    addresses.some((address) => own.has(address));
  // The first is the peer itself.
  const heard = [...peer.inventory.hosts()].slice(1);
  const thisHost = heard.find(isHere) ?? null;
  const others = heard.filter((host) => host !== thisHost);
  for (const addresses of unread.values()) {
    for (const address of own) addresses.delete(address);
  }
  return { ...rest, peer, interfaces, unread, thisHost, others };
}
