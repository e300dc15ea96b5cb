/** Checks of what lies between this host and the others. */
import { UNREAD } from "../daemon/ask_lan.ts";
import { sayElsewhere, sayUnread } from "../daemon/explain_silence.ts";
import type { HostRow } from "../control/views.ts";
import type { Host } from "../inventory/host.ts";
import { V1_VERSION } from "../peer/v1_hosts.ts";
import { count, formatAge } from "../render/format.ts";
import { destinationFrom } from "../transport/destination.ts";
import {
  fault,
  type Finding,
  type Given,
  ok,
  printed,
  recordsIn,
  warning,
} from "./given.ts";

/** Hosts shown by name; more are counted. */
const MAX_NAMED = 5;

export function checkHosts(given: Given): Finding[] {
  const { lan, config } = given;
  const others = nearby(given);
  const unread = [
    ...sayUnread(lan).map((text) => fault(text)),
    ...sayIgnored(given),
  ];
  const silent = saySilent(given).map((text) => warning(text));
  if (others.length > 0) return [...unread, sayAnswered(others), ...silent];
  const none = "no other host answered";
  if (!hearsItself(given) || unread.length > 0) {
    return [...unread, warning(none), ...silent];
  }
  return [
    warning(`${none}. ${sayElsewhere(lan, config)}`, [
      "On another host of this network: diskd doctor",
    ]),
    ...silent,
  ];
}

/** Those that answered on this LAN; a relay also tells of hosts of other sites. */
function nearby({ lan: { others } }: Given): readonly Host[] {
  return others.filter((host) => host.farSite === null);
}

/** The daemon has listened for longer than this command. */
function sayIgnored(given: Given): Finding[] {
  const { daemon } = given;
  if (daemon.kind !== "answers" || nearby(given).length > 0) return [];
  const ignored = Object.entries(daemon.status.datagrams.rejected)
    .filter(([reason]) => UNREAD[reason] !== undefined)
    .map(([reason, times]) => `${times} ${reason}`);
  if (ignored.length === 0) return [];
  return [fault(
    `the daemon here has ignored datagrams of others: ${ignored.join(", ")}`,
    ["diskd key check, on both hosts: all need the same key and keys.mode"],
  )];
}

function sayAnswered(others: readonly Host[]): Finding {
  const named = others.slice(0, MAX_NAMED).map(({ name, addresses: [first] }) =>
    first === undefined ? name : `${name} ${first}`
  );
  const more = others.length - named.length;
  const shown = [...named, ...more > 0 ? [`${more} more`] : []].join(", ");
  return ok(`${count(others.length, "other host")} answered: ${shown}`);
}

/** Hosts of this LAN that the daemon knows, that know questions and said no goodbye, and that did not answer now. */
function silentHosts({ daemon, lan: { others } }: Given): HostRow[] {
  if (daemon.kind !== "answers") return [];
  const { site: here = null } = daemon.status;
  const heard = new Set(others.map(({ id }) => id)).add(daemon.status.hostId);
  return daemon.hosts.filter(({ hostId, state, version, site = null }) =>
    site === here && state !== "gone" && version !== V1_VERSION &&
    !heard.has(hostId)
  );
}

function saySilent(given: Given): string[] {
  const now = given.system.wallClock();
  const silent = silentHosts(given);
  const named = silent.slice(0, MAX_NAMED)
    .map(({ uniqueHost, addresses: [first], heardAt }) =>
      `${uniqueHost}${
        first === undefined ? "" : ` ${first}`
      } did not answer; ` +
      `it was heard ${formatAge(heardAt, now)} ago`
    );
  const more = silent.length - named.length;
  return more > 0
    ? [...named, `${count(more, "more known host")} did not answer`]
    : named;
}

/** A host that was silent for longer is just as likely not there any more. */
const RECENT_MS = 24 * 3_600_000;

function hasLostHosts(given: Given): boolean {
  const now = given.system.wallClock();
  return silentHosts(given).some(({ heardAt }) =>
    now - Date.parse(heardAt) < RECENT_MS
  );
}

function hearsItself({ lan: { portProblem, interfaces, deaf } }: Given) {
  return portProblem === null && deaf.length === 0 &&
    interfaces.some(({ isInUse }) => isInUse);
}

const REMEDIES = [
  "Give the network an IGMP querier (a router, or a setting of the switch), " +
  "or switch off IGMP snooping",
];

/** A switch that forwards a group only to its members, and forgets them without a querier. */
export async function checkSwitch(given: Given): Promise<Finding[]> {
  const { lan, memberships, config } = given;
  const used = lan.interfaces.filter(({ isInUse }) => isInUse)
    .map((one) => ({
      name: one.name,
      group: destinationFrom(one, config).group,
    }));
  if (used.length === 0) return [];
  const missing = used.filter(({ name, group }) =>
    isMember(memberships, name, group) === false
  );
  if (missing.length > 0) {
    return missing.map(({ name, group }) =>
      fault(`the kernel is not in the group ${group} on ${name}`)
    );
  }
  const group = [...new Set(used.map(({ group }) => group))].join(" and ");
  const isSilent = nearby(given).length === 0 && hearsItself(given);
  const bridges = isSilent ? await pruningBridges(given) : [];
  if (bridges.length > 0) {
    return bridges.map((name) =>
      warning(
        `${name} is a bridge that forwards ${group} to members alone ` +
          "(multicast_snooping), and has no querier",
        [`ip link set ${name} type bridge mcast_snooping 0`],
      )
    );
  }
  const member = `this host is a member of ${group}`;
  if (isSilent && hasLostHosts(given)) {
    return [warning(
      `${member} and hears itself, but no host that it knows: a switch ` +
        "may prune multicast (IGMP snooping without a querier)",
      REMEDIES,
    )];
  }
  return [ok(
    nearby(given).length > 0
      ? `${member}, and other hosts are heard`
      : `${member}; another host must answer to tell more`,
  )];
}

/** `null` if that is not known. */
function isMember(
  memberships: string | null,
  name: string,
  group: string,
): boolean | null {
  const [device = name] = name.split(":", 1);
  const row = recordsIn(memberships).find(({ ifname }) => ifname === device);
  if (row === undefined || !Array.isArray(row.maddr)) return null;
  return row.maddr.some((entry) => entry?.address === group);
}

async function pruningBridges(given: Given): Promise<string[]> {
  const args = ["-d", "-j", "link", "show", "type", "bridge"];
  const used = new Set(given.lan.interfaces.map(({ name }) => name));
  return recordsIn(await printed(given, "ip", args))
    .filter(({ ifname }) => used.has(String(ifname)))
    .filter(({ linkinfo }) => {
      const data = (linkinfo as Record<string, Record<string, unknown>>)
        ?.info_data;
      return data?.mcast_snooping === 1 && data.mcast_querier === 0;
    })
    .map(({ ifname }) => String(ifname));
}
