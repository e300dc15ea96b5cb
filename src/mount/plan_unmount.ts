import type { MountPoint } from "../probe/parse_findmnt.ts";
import { printable } from "../text/printable.ts";
import { typed } from "../text/shell_quoted.ts";
import { deviceNow } from "./device_now.ts";
import { fitUuid } from "./fit_uuid.ts";
import {
  isByUdisks,
  udisksUnmountArgv,
  unmountArgv,
  type UnmountPlan,
  type UnmountRequest,
  type UnmountStep,
} from "./mount_plan.ts";
import {
  type DeviceKeys,
  isMarked,
  isMarkedFor,
  mountPointsOf,
  OUR_FOLDER,
  readMountPoints,
  seenAt,
} from "./mount_points.ts";
import { keysOf } from "./plan_mount.ts";
import { leftAlone, LeftToOthers, Refusal } from "./refusal.ts";
import { isRoot, type LocalTools } from "./run_attended.ts";

/**
 * Plans unmounting a local disk everywhere diskd, or udisks for this user,
 * mounted it. The mount table has the places, so the fate of the mounting
 * diskd, or of the disk, does not matter. Changes nothing.
 * @throws {Refusal} `refused` if only others mounted it, or this user may not
 * unmount it; `failed` if another mount is in the way
 */
export async function planUnmount(
  request: UnmountRequest,
  tools: LocalTools,
): Promise<UnmountPlan> {
  const { row } = request;
  const uuid = fitUuid(row);
  const mounts = await readMountPoints(tools.system);
  const keys = await findKeys(request, tools);
  const own = mounts.filter((mount) =>
    isMarkedFor(mount, uuid) || mountPointsOf([mount], keys).length > 0
  );
  const ours = own.filter((mount) =>
    isMarked(mount) || isByUdisks(mount, tools)
  );
  const others = own.filter((mount) => !ours.includes(mount));
  if (ours.length === 0) return nothingOfOurs(request, others);
  for (const mount of ours) checkUncovered(mount, { mounts, ours });
  const steps = ours.toReversed().map((mount) =>
    stepFor(mount, request, tools)
  );
  return {
    kind: "toDo",
    request,
    steps,
    commands: steps.map(({ argv }) => argv),
    notes: others.map(({ target }) => leftAlone(target)),
  };
}

/** Keys of its mounts. If another disk has the device by now, that disk's mounts do not count. */
async function findKeys(
  request: UnmountRequest,
  { system }: LocalTools,
): Promise<DeviceKeys> {
  const unknown = { ...keysOf(request, { majMin: "" }), majMin: null };
  try {
    const now = await deviceNow(request.row.device, system);
    return now.uuid === request.row.uuid
      ? keysOf(request, now)
      : { majMin: null, paths: new Set() };
  } catch (error) {
    // It was pulled out, or must not be read: the table still has its path.
    if (error instanceof Refusal) return unknown;
    throw error;
  }
}

function nothingOfOurs(
  { row }: UnmountRequest,
  others: readonly MountPoint[],
): UnmountPlan {
  if (others.length > 0) {
    throw new LeftToOthers(others.map(({ target }) => target), null);
  }
  const { host, hostId, uuid, label } = row;
  const view = { host, hostId, uuid: uuid!, label, unmounted: [] };
  return { kind: "nothing", view, commands: [], notes: [] };
}

/** umount(8) removes the last mount at a path, and no mount with others within. */
function checkUncovered(
  mount: MountPoint,
  { mounts, ours }: {
    readonly mounts: readonly MountPoint[];
    readonly ours: readonly MountPoint[];
  },
): void {
  const { target } = mount;
  const top = seenAt(mounts, target);
  const cover = top === mount ? undefined : top;
  const within = mounts.find((other) =>
    other.target.startsWith(`${target}/`) && !ours.includes(other)
  );
  const other = cover ?? within;
  if (other === undefined) return;
  const path = printable(other.target);
  throw new Refusal("failed", {
    message: `cannot unmount ${printable(target)}: ` +
      `something else is mounted ${cover ? "over it" : `on ${path}`}`,
    hints: [`Unmount that first: ${typed(["umount", other.target])}`],
  });
}

function stepFor(
  mount: MountPoint,
  { row, mayAsk }: UnmountRequest,
  tools: LocalTools,
): UnmountStep {
  const { target: path } = mount;
  const removesFolder = path.startsWith(`${OUR_FOLDER}/`);
  if (isRoot(tools)) return { argv: unmountArgv(path), path, removesFolder };
  if (!isMarked(mount)) {
    const argv = udisksUnmountArgv(row.device, { mayAsk });
    return { argv, path, removesFolder: false };
  }
  throw new Refusal("refused", {
    message: `root mounted it on ${
      printable(path)
    }, so only root may unmount it`,
    hints: [`As root: sudo diskd unmount ${row.uuid}`],
  });
}
