import { type Verdict, VERDICTS } from "../control/verdict.ts";
import type { DiskRow, FindView, LocalhostView } from "../control/views.ts";
import { areMembersOfOne } from "../inventory/duplicates.ts";
import { isV1HostId } from "../inventory/host.ts";
import { topmost } from "../inventory/place.ts";
import { resolveDisks } from "../inventory/resolve.ts";
import { fitUuid } from "../mount/fit_uuid.ts";
import { checkContents } from "../mount/mountable.ts";
import { Refusal } from "../mount/refusal.ts";
import type { HeardAt } from "../mount/ssh_route.ts";
import { durationSince, sayShutDown } from "../render/format.ts";
import { sayKind } from "../render/verdict.ts";
import { printable } from "../text/printable.ts";
import { HeardPlaces } from "./heard_places.ts";
import { type Asking, withDaemon } from "./with_daemon.ts";

/** Chooses a single device among the places that the daemon found for a name. */

/** The chosen device. */
export interface ChosenDisk {
  readonly row: DiskRow;
  /** The other members of its filesystem on the same host, for btrfs. */
  readonly members: readonly DiskRow[];
}

/** What was asked. */
export interface Choosing {
  /** The name as typed. */
  readonly name: string;
  /** Name or id of the requested host, if any. */
  readonly host: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * The only attached device with this name.
 * @throws {Refusal} `notKnown` for a part or a pattern of several names, `notAttached`,
 * `severalHosts`, `refused`
 */
export function chooseDisk(
  { rows, verdict }: FindView,
  choosing: Choosing,
): ChosenDisk {
  refuseSeveral(verdict, choosing);
  const attached = rows.filter(({ state }) => state === "attached");
  if (attached.length === 0) throw notNow(rows, choosing);
  for (const row of attached) checkName(row, choosing);
  const layers = topmost(
    attached,
    (row) => ({ hostId: row.hostId, disk: row }),
  );
  const [row, ...members] = layers;
  if (members.length > 0 && !areMembersOfOne(layers)) throw twice(layers);
  if (isV1HostId(row!.hostId)) throw tooOld(row!);
  return { row: row!, members };
}

/**
 * A name must mean one disk, on one host if it is attached now.
 * @throws {Refusal} `notKnown`, `notAttached`, `severalHosts`
 */
export function refuseSeveral(verdict: Verdict, choosing: Choosing): void {
  const reason = VERDICTS[verdict.kind];
  if (reason === "severalHosts") throw onSeveral(verdict, choosing);
  const [message] = sayKind(verdict, choosing);
  if (reason !== "ok" && message !== undefined) {
    throw new Refusal(reason, { message });
  }
  if (verdict.matches.length > 0) throw onPattern(verdict, choosing);
}

/**
 * A daemon that another user has taken over could name any disk.
 * @throws {Refusal} if the name is none of this disk, or one of before
 */
function checkName(row: DiskRow, { name }: Choosing): void {
  const { found } = resolveDisks(name, [row], {
    diskOf: (row) => row,
    hostOf: ({ host, hostId }) => ({ id: hostId, name: host }),
  });
  if (found.length > 0) return;
  const called = printable(row.label ?? row.uuid ?? row.device);
  throw new Refusal("refused", {
    message: `${printable(row.uniqueHost)} has ${called}, ` +
      `which is not called ${printable(name)}`,
    hints: ["If you mean this disk, use its present name."],
  });
}

function notNow(
  rows: readonly DiskRow[],
  { name, now }: Choosing,
): Refusal {
  const row = newestFirst(rows)[0]!;
  const disk = printable(name);
  const host = printable(row.uniqueHost);
  const age = durationSince(row.seenAt, now);
  const messages = {
    stale: `${disk} was in ${host}, which has been silent for ${age}`,
    unplugged: `${disk} is unplugged; until ${age} ago it was in ${host}, ` +
      printable(row.device),
    off: `${disk} is in ${host}, which ${sayShutDown(`${age} ago`)}`,
  };
  const why = row.unplugged ? "unplugged" : "off";
  const message = messages[row.state === "stale" ? "stale" : why];
  return new Refusal("notAttached", { message });
}

/** By the time when they were last seen. */
export function newestFirst(rows: readonly DiskRow[]): DiskRow[] {
  return rows.toSorted((a, b) => Date.parse(b.seenAt) - Date.parse(a.seenAt));
}

function onSeveral(verdict: Verdict, choosing: Choosing): Refusal {
  const choices = verdict.hosts.map(({ uniqueHost }) => printable(uniqueHost));
  const [message = "", ...reasons] = sayKind(verdict, choosing);
  const choose = `Choose one: --host ${choices.join(", or --host ")}`;
  return new Refusal("severalHosts", { message, hints: [...reasons, choose] });
}

function onPattern({ matches }: Verdict, { name }: Choosing): Refusal {
  return new Refusal("notKnown", {
    message: `${printable(name)} fits ${matches.length} disks: ` +
      matches.map(printable).join(", "),
    hints: ["Use the name of one of them."],
  });
}

function twice(layers: readonly DiskRow[]): Refusal {
  const uuids = new Set(layers.map(({ uuid }) => uuid));
  const devices = layers.map(({ device, uuid }) =>
    uuids.size > 1 && uuid !== null
      ? `${printable(device)} with the UUID ${printable(uuid)}`
      : printable(device)
  );
  return new Refusal("severalHosts", {
    message:
      `${printable(layers[0]!.uniqueHost)} has it ${layers.length} times: ` +
      devices.join(", "),
    hints: [
      uuids.size > 1
        ? "Use the UUID instead."
        : "Their UUID is the same: name its device, on that host, or " +
          "unplug the others.",
    ],
  });
}

function tooOld({ uniqueHost }: DiskRow): Refusal {
  return new Refusal("refused", {
    message: `${
      printable(uniqueHost)
    } runs App::Diskd 0.01, which only tells of disks`,
    hints: ["Install this diskd there."],
  });
}

/** The local daemon's data about a known name. */
export interface KnownPlaces extends FindView {
  /** This host. */
  readonly here: LocalhostView;
  /** Ids of the hosts that are up. */
  readonly upHosts: ReadonlySet<string>;
  readonly heard: HeardPlaces;
}

/** An attached disk that has a UUID. */
export interface FoundDisk extends FoundDevice {
  /** Safe as an argument of other programs. */
  readonly uuid: string;
}

/** An attached device, and whether it is local. */
export interface FoundDevice extends ChosenDisk {
  readonly here: LocalhostView;
  readonly isHere: boolean;
  /** Where its host is heard. */
  readonly heardAt: HeardAt;
}

/**
 * Finds the only disk with this name to mount; `host` chooses among several.
 * @throws {Refusal}
 * @throws {DaemonUnreachable}
 */
export async function findDisk(
  name: string,
  asking: AskingForDisk,
): Promise<FoundDisk> {
  const found = await findDevice(name, asking);
  if (found.row.uuid === null) checkContents(found.row);
  return { ...found, uuid: fitUuid(found.row) };
}

/**
 * The same, but whatever is on it.
 * @throws {Refusal}
 * @throws {DaemonUnreachable}
 */
export async function findDevice(
  name: string,
  asking: AskingForDisk,
): Promise<FoundDevice> {
  const places = await askForPlaces(name, asking);
  const { here } = places;
  const { host, context } = asking;
  const chosen = chooseDisk(places, { name, host, now: context.now() });
  const { hostId } = chosen.row;
  const heardAt = places.heard.at(hostId);
  return { ...chosen, here, isHere: hostId === here.hostId, heardAt };
}

export interface AskingForDisk extends Asking {
  /** Name or id of a host: only its places. */
  readonly host: string | undefined;
}

/**
 * The places of the disks with this name.
 * @throws {Refusal} `notKnown`, with likely corrections
 * @throws {DaemonUnreachable}
 */
export function askForPlaces(
  name: string,
  asking: AskingForDisk,
): Promise<KnownPlaces> {
  const { host, context } = asking;
  return withDaemon({ ...asking, doubts: "refused" }, async (client) => {
    const found = await client.call("find", {
      name,
      ...(host !== undefined && { host }),
    });
    if (found.verdict.kind === "not-known") {
      const asked = { name, now: context.now() };
      const [message = ""] = sayKind(found.verdict, asked);
      throw new Refusal("notKnown", { message });
    }
    const [here, hosts] = await Promise.all([
      client.call("localhost", {}),
      client.call("hosts", {}),
    ]);
    const up = hosts.filter(({ state }) => state === "up");
    const upHosts = new Set(up.map(({ hostId }) => hostId));
    const { site = null } = found;
    const heard = new HeardPlaces(hosts, { hostId: here.hostId, site });
    return { ...found, here, upHosts, heard };
  });
}
