import type { DiskRow, LocalhostView } from "../control/views.ts";
import { areMembersOfOne } from "../inventory/duplicates.ts";
import { topmost } from "../inventory/place.ts";
import { fitUuid } from "../mount/fit_uuid.ts";
import { Refusal } from "../mount/refusal.ts";
import { formatAge } from "../render/format.ts";
import { printable } from "../text/printable.ts";
import type { DaemonClient } from "./context.ts";
import { EXIT } from "../system/exit_code.ts";
import { judgePlaces, type Verdict } from "./judge_places.ts";
import { sayNotKnown } from "./say_not_known.ts";
import { type Asking, withDaemon } from "./with_daemon.ts";

/** Chooses a single device among the rows of `where` for a name. */

/** The chosen device. */
export interface ChosenDisk {
  readonly row: DiskRow;
  /** The other members of its filesystem on the same host, for btrfs. */
  readonly members: readonly DiskRow[];
}

export interface Choosing {
  /** The name as typed. */
  readonly name: string;
  /** Name or id of the requested host, if any. */
  readonly host: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Prefix of the ids of hosts with the first wire format. */
const V1_ID = "v1-";

/**
 * The only attached device with this name. @throws {Refusal} `notKnown` for a
 * prefix of several UUIDs, `notAttached`, `severalHosts`, `refused`
 */
export function chooseDisk(
  rows: readonly DiskRow[],
  choosing: Choosing,
): ChosenDisk {
  const { name, now } = choosing;
  const verdict = judgePlaces(rows.toSorted(byHost), { name, now });
  if (verdict.code === EXIT.notKnown) {
    throw new Refusal("notKnown", {
      message: verdict.notes[0] ??
        `no disk is named ${printable(name)}`,
    });
  }
  const wanted = onHost(rows, choosing);
  const attached = wanted.filter(({ state }) => state === "attached");
  if (attached.length === 0) throw notNow(wanted, choosing);
  const layers = topmost(
    attached,
    (row) => ({ hostId: row.hostId, disk: row }),
  );
  const hosts = new Map(
    layers.toSorted(byHost).map(({ hostId, host }) => [hostId, host]),
  );
  if (hosts.size > 1) throw onSeveral(hosts, verdict);
  const [row, ...members] = layers;
  if (members.length > 0 && !areMembersOfOne(layers)) throw twice(layers);
  if (row!.hostId.startsWith(V1_ID)) throw tooOld(row!);
  return { row: row!, members };
}

function byHost(a: DiskRow, b: DiskRow): number {
  return a.host < b.host ? -1 : a.host > b.host ? 1 : 0;
}

function onHost(
  rows: readonly DiskRow[],
  { name, host }: Choosing,
): readonly DiskRow[] {
  if (host === undefined) return rows;
  const wanted = rows.filter((row) => row.host === host || row.hostId === host);
  if (wanted.length > 0) return wanted;
  const others = new Set(rows.map((row) => printable(row.host)));
  throw new Refusal("notAttached", {
    message: `${printable(name)} is not on ${printable(host)}, but on ` +
      [...others].join(", "),
  });
}

function notNow(
  rows: readonly DiskRow[],
  { name, now }: Choosing,
): Refusal {
  const [row] = rows.toSorted((a, b) =>
    Date.parse(b.seenAt) - Date.parse(a.seenAt)
  );
  const { host, device, seenAt, state } = row!;
  const age = formatAge(seenAt, now);
  const message = state === "stale"
    ? `${printable(name)} was on ${printable(host)}, which has been silent ` +
      `for ${age}`
    : `${printable(name)} is not attached now; it was last seen on ` +
      `${printable(host)} as ${printable(device)} ${age} ago`;
  return new Refusal("notAttached", { message });
}

function onSeveral(
  hosts: ReadonlyMap<string, string>,
  { notes }: Verdict,
): Refusal {
  const names = [...hosts.values()];
  const isClear = new Set(names).size === names.length;
  const choices = isClear ? names : [...hosts.keys()];
  const [message = "It is on several hosts", ...more] = notes;
  return new Refusal("severalHosts", {
    message,
    hints: [
      ...more,
      `Choose one: --host ${choices.map(printable).join(", or --host ")}`,
    ],
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
    message: `${printable(layers[0]!.host)} has it ${layers.length} times: ` +
      devices.join(", "),
    hints: [
      uuids.size > 1
        ? "Use the UUID instead."
        : "Their UUID is the same: mount the disk by its path on " +
          "that host, or detach the others.",
    ],
  });
}

function tooOld({ host }: DiskRow): Refusal {
  return new Refusal("refused", {
    message: `${printable(host)} runs App::Diskd 0.01, which mounts nothing`,
    hints: ["Install this diskd there."],
  });
}

/** The local daemon's data about a name. */
export interface KnownPlaces {
  /** At least one. */
  readonly rows: readonly DiskRow[];
  /** This host. */
  readonly here: LocalhostView;
  /** Ids of the hosts that are up. */
  readonly upHosts: ReadonlySet<string>;
}

/** An attached disk, and whether it is local. */
export interface FoundDisk extends ChosenDisk {
  /** Safe as an argument of other programs. */
  readonly uuid: string;
  readonly here: LocalhostView;
  readonly isHere: boolean;
}

/**
 * Finds the only disk with this name; `host` chooses among several. @throws
 * {Refusal} @throws {DaemonUnreachable}
 */
export async function findDisk(
  name: string,
  asking: Asking & { readonly host: string | undefined },
): Promise<FoundDisk> {
  const { rows, here } = await askForPlaces(name, asking);
  const { host, context } = asking;
  const chosen = chooseDisk(rows, { name, host, now: context.now() });
  const uuid = fitUuid(chosen.row);
  return { ...chosen, uuid, here, isHere: chosen.row.hostId === here.hostId };
}

/**
 * All places of the disks with this name. @throws {Refusal} `notKnown`, with
 * likely corrections @throws {DaemonUnreachable}
 */
export function askForPlaces(
  name: string,
  asking: Asking,
): Promise<KnownPlaces> {
  return withDaemon(asking, async (client) => {
    const rows = await client.call("where", { name });
    if (rows.length === 0) throw await notKnown(name, client);
    const [here, hosts] = await Promise.all([
      client.call("localhost", {}),
      client.call("hosts", {}),
    ]);
    const up = hosts.filter(({ state }) => state === "up");
    return { rows, here, upHosts: new Set(up.map(({ hostId }) => hostId)) };
  });
}

async function notKnown(name: string, client: DaemonClient): Promise<Refusal> {
  const names = await client.call("names", {});
  return new Refusal("notKnown", { message: sayNotKnown(name, names) });
}
