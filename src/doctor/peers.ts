/** Checks of the way to other sites. */
import type { PeerRow } from "../control/views.ts";
import { sayDuration } from "../render/format.ts";
import { fault, type Finding, type Given, ok, warning } from "./given.ts";

/** None for a host that is no relay. */
export function checkPeers(given: Given): Finding[] {
  const { config, daemon, system } = given;
  const peers = daemon.kind === "answers" ? daemon.status.peers ?? [] : [];
  const isRelay = config.relay || config.peers.length > 0 || peers.length > 0;
  if (!isRelay) return [];
  if (daemon.kind !== "answers") {
    return [warning("this host is a relay, but its daemon does not tell more")];
  }
  const now = system.wallClock();
  return [
    ...peers.map((peer) => judge(peer, now)),
    ...peers.length === 0 ? judgeNetworks(given) : [],
    ...peers.length === 0 ? [] : judgeTrust(given),
  ];
}

function judge(peer: PeerRow, now: number): Finding {
  const { address, site, reached, since, problem } = peer;
  const name = nameOfPeer(peer);
  const age = since === null ? null : sayDuration(now - Date.parse(since));
  if (problem !== null) {
    return fault(
      problem,
      address === null ? [] : [`On ${peer.peer}: diskd doctor`],
    );
  }
  if (reached) {
    return ok(`${name} of site ${site} has been reached for ${age}`);
  }
  return warning(`${name} has not been heard yet`, [
    "In some seconds: diskd doctor",
  ]);
}

/** Its name in the configuration, and its address. */
function nameOfPeer({ peer, address }: PeerRow): string {
  return address === null || address === peer
    ? `the peer ${peer}`
    : `the peer ${peer} (${address})`;
}

/** `relay` alone joins what this host is on. */
function judgeNetworks({ lan: { interfaces } }: Given): Finding[] {
  const used = interfaces.filter(({ isInUse }) => isInUse);
  if (used.length === 0) return [];
  const names = used.map(({ name, address }) => `${name} ${address}`);
  if (used.length > 1) return [ok(`this host joins ${names.join(", ")}`)];
  return [warning(
    `relay is set, but this host uses one interface alone, ${names[0]}: ` +
      "there is nothing to join",
    ["Set peers, for another site; or give it an interface on the other VLAN"],
  )];
}

function judgeTrust({ daemon }: Given): Finding[] {
  if (daemon.kind !== "answers" || daemon.status.keys.mode === "require") {
    return [];
  }
  return [warning(
    "no shared key is required: whoever can send with the address of a peer " +
      "can make up hosts and disks, and all sites will show them",
    ["On all hosts of all sites: keys.mode: require, with the same key"],
  )];
}
