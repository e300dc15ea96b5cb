import type { DiskRow, LocalhostView } from "../control/views.ts";
import { fitUuid } from "../mount/fit_uuid.ts";
import { Refusal } from "../mount/refusal.ts";
import { chooseDisk, type ChosenDisk } from "./choose_disk.ts";
import type { DaemonClient } from "./context.ts";
import { sayNotKnown } from "./say_not_known.ts";
import { type Asking, withDaemon } from "./with_daemon.ts";

/** What the local daemon knows of a name. */
export interface KnownPlaces {
  /** One at least. */
  readonly rows: readonly DiskRow[];
  /** This host. */
  readonly here: LocalhostView;
  /** Ids of the hosts that are up. */
  readonly upHosts: ReadonlySet<string>;
}

/** A disk that is attached now, and whether that is here. */
export interface FoundDisk extends ChosenDisk {
  /** Fit to be an argument of other programs. */
  readonly uuid: string;
  readonly here: LocalhostView;
  readonly isHere: boolean;
}

/**
 * Finds the one disk that a name means. `host` chooses where several have it.
 * @throws {Refusal}
 * @throws {DaemonUnreachable}
 */
export async function findDisk(
  name: string,
  asking: Asking & { readonly host: string | undefined },
): Promise<FoundDisk> {
  const { rows, here } = await findPlaces(name, asking);
  const { host, context } = asking;
  const chosen = chooseDisk(rows, { name, host, now: context.now() });
  const uuid = fitUuid(chosen.row);
  return { ...chosen, uuid, here, isHere: chosen.row.hostId === here.hostId };
}

/**
 * All places of whatever goes by a name.
 * @throws {Refusal} `notKnown`, with what may have been meant
 * @throws {DaemonUnreachable}
 */
export function findPlaces(
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
