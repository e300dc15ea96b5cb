import { DaemonUnreachable } from "../control/client.ts";
import type { DiskRow } from "../control/views.ts";
import { fitUuid, isFitUuid } from "../mount/fit_uuid.ts";
import { Refusal } from "../mount/refusal.ts";
import type { HeardAt } from "../mount/ssh_route.ts";
import {
  askForPlaces,
  type AskingForDisk,
  chooseDisk,
  type Choosing,
  type ChosenDisk,
  type KnownPlaces,
  newestFirst,
} from "./choose_disk.ts";
import type { MountContext } from "./context.ts";

/** A disk to unmount, on any host. */
export interface MountedDisk {
  readonly uuid: string;
  readonly label: string | null;
  /** Name of this host. */
  readonly here: string;
  readonly diskHost: KnownDiskHost;
}

/** The host of a disk, or its last host if it was pulled out, if known. */
type KnownDiskHost =
  | ChosenDisk & {
    readonly kind: "here" | "there";
    /** Where that host is heard. */
    readonly heardAt: HeardAt;
  }
  | {
    readonly kind: "unknown";
    readonly why: Refusal | DaemonUnreachable;
  };

/**
 * Finds the disk to unmount. An sshfs mount here can be removed without its
 * host and without the daemon, so a UUID is enough.
 * @throws {Refusal}
 * @throws {DaemonUnreachable}
 */
export async function findMounted(
  name: string,
  asking: AskingForDisk & { readonly context: MountContext },
): Promise<MountedDisk> {
  const { host, context } = asking;
  let places: KnownPlaces;
  try {
    places = await askForPlaces(name, asking);
  } catch (why) {
    if (!isLookedPast(why) || !isFitUuid(name)) throw why;
    const here = context.system.hostname();
    return {
      uuid: name,
      label: null,
      here,
      diskHost: { kind: "unknown", why },
    };
  }
  return among(places, { name, host, now: context.now() });
}

function isLookedPast(why: unknown): why is Refusal | DaemonUnreachable {
  return why instanceof DaemonUnreachable ||
    (why instanceof Refusal && why.kind === "notKnown");
}

function among(places: KnownPlaces, choosing: Choosing): MountedDisk {
  const { rows, here } = places;
  const on = (chosen: ChosenDisk) => {
    const { hostId } = chosen.row;
    const kind = hostId === here.hostId ? "here" : "there";
    const heardAt = places.heard.at(hostId);
    return { ...chosen, kind, heardAt } as const;
  };
  try {
    const chosen = chooseDisk(places, choosing);
    const { label } = chosen.row;
    const diskHost = on(chosen);
    return { uuid: fitUuid(chosen.row), label, here: here.host, diskHost };
  } catch (why) {
    if (!(why instanceof Refusal) || why.kind !== "notAttached") throw why;
    const row = lastSeen(rows, why);
    const diskHost = row.state === "detached" && places.upHosts.has(row.hostId)
      ? on({ row, members: [] })
      : { kind: "unknown", why } as const;
    return { uuid: fitUuid(row), label: row.label, here: here.host, diskHost };
  }
}

/** The disk, not attached now. */
function lastSeen(rows: readonly DiskRow[], why: Refusal): DiskRow {
  const [row, ...others] = newestFirst(rows);
  if (row === undefined || others.some(({ uuid }) => uuid !== row.uuid)) {
    throw why;
  }
  return row;
}
