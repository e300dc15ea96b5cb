import { isReadOnly, type MountPoint } from "../probe/parse_findmnt.ts";
import { printable } from "../text/printable.ts";
import { type Argv, typed } from "../text/shell_quoted.ts";
import { callerOf } from "./caller.ts";
import { type DeviceNow, sameDevice } from "./device_now.ts";
import { fitUuid } from "./fit_uuid.ts";
import { chooseFolder, type ChosenFolder, directoryName } from "./folders.ts";
import {
  bindArgv,
  isByUdisks,
  knowsUdisks,
  makeFolderArgv,
  mountArgv,
  type MountPlan,
  type MountRequest,
  type MountSteps,
  udisksMountArgv,
} from "./mount_plan.ts";
import {
  isMarked,
  mountPointsOf,
  readMountPoints,
  seenAt,
} from "./mount_points.ts";
import { checkMountable } from "./mountable.ts";
import { chooseTarget, withoutSlashes } from "./places.ts";
import { Refusal } from "./refusal.ts";
import { isRoot, type LocalTools } from "./run_attended.ts";
import type { MountView } from "./views.ts";

/**
 * Plans mounting a local disk, or finds its mount point. Changes nothing.
 * @throws {Refusal} if it cannot or must not be mounted
 */
export async function planMount(
  request: MountRequest,
  tools: LocalTools,
): Promise<MountPlan> {
  fitUuid(request.row);
  const now = await sameDevice(request.row, tools.system);
  checkMountable(request.row, now);
  const mounts = await readMountPoints(tools.system);
  const own = mountPointsOf(mounts, keysOf(request, now));
  const situation = { request, now, mounts, own, tools };
  if (request.at !== null) return planAt(request.at, situation);
  const place = preferred(own, { mounts, tools });
  if (place !== undefined) return mounted(place, request);
  return await isForUdisks(request, tools)
    ? byUdisks(situation)
    : byMount(situation);
}

/**
 * udisks names the directory after the nearly unchanged label, so root mounts
 * disks with unsafe labels itself. It also gives root a directory that nobody
 * else may enter, so root does so for a user behind sudo.
 */
async function isForUdisks(
  { row: { device, label, uuid } }: MountRequest,
  tools: LocalTools,
): Promise<boolean> {
  const isOdd = label !== null && directoryName(label, uuid!) !== label;
  if ((isOdd && isRoot(tools)) || callerOf(tools) !== null) return false;
  return await knowsUdisks(device, tools.system);
}

/** State of the host when planning. */
interface Situation {
  readonly request: MountRequest;
  readonly now: DeviceNow;
  readonly mounts: readonly MountPoint[];
  /** Those of this disk. */
  readonly own: readonly MountPoint[];
  readonly tools: LocalTools;
}

/** Identifies the device in the mount table. */
export function keysOf(
  { row, members }: Pick<MountRequest, "row" | "members">,
  { majMin }: Pick<DeviceNow, "majMin">,
): { majMin: string; paths: ReadonlySet<string> } {
  return {
    majMin,
    paths: new Set([row, ...members].map(({ device }) => device)),
  };
}

/** Of several mount points a visible one that shows the whole disk, preferably diskd's. */
export function preferred(
  own: readonly MountPoint[],
  { mounts, tools }: {
    readonly mounts: readonly MountPoint[];
    readonly tools: LocalTools;
  },
): MountPoint | undefined {
  const seen = own.filter((mount) => seenAt(mounts, mount.target) === mount);
  const rank = (mount: MountPoint) =>
    (mount.fsroot === "/" ? 0 : 2) +
    (isMarked(mount) || isByUdisks(mount, tools) ? 0 : 1);
  return seen.toSorted((a, b) => rank(a) - rank(b))[0];
}

function planAt(at: string, situation: Situation): MountPlan {
  const { request, mounts, own, tools } = situation;
  const { folders } = tools.system;
  const path = folders.realPath(withoutSlashes(at)) ?? at;
  const there = seenAt(mounts, path);
  if (there !== undefined && own.includes(there)) {
    return mounted(there, request);
  }
  const chosen = chooseTarget(at, { mounts, folders });
  const elsewhere = preferred(own, { mounts, tools });
  if (elsewhere === undefined) return byMount(situation, chosen);
  const argv = bindArgv({
    from: elsewhere.target,
    target: chosen.path,
    ...wanted(request),
  });
  return asRoot({ means: "bind", argv, chosen }, situation);
}

function mounted(place: MountPoint, request: MountRequest): MountPlan {
  const notes = request.readOnly && !isReadOnly(place)
    ? [
      `It stays mounted read-write on ${printable(request.row.host)}:${
        printable(place.target)
      }, as it was before.`,
    ]
    : [];
  const view = mountView(place, { request, wasMounted: true });
  return { kind: "mounted", view, commands: [], notes };
}

function byUdisks({ request }: Situation): MountPlan {
  const { row: { device }, readOnly, mayAsk } = request;
  const argv = udisksMountArgv({ device, readOnly, mayAsk });
  return toDo({
    request,
    means: "udisks",
    foldersToMake: [],
    argv,
    target: null,
  });
}

function byMount(situation: Situation, at?: ChosenFolder): MountPlan {
  const { request, now, mounts, tools: { system } } = situation;
  const { row: { device, label }, members } = request;
  const options = wanted(request);
  const chosen = at ??
    chooseFolder({
      label,
      uuid: options.uuid,
      mounts,
      folders: system.folders,
    });
  const argv = mountArgv({
    device,
    type: now.type,
    target: chosen.path,
    members: members.map(({ device }) => device),
    ...options,
  });
  return asRoot({ means: "mount", argv, chosen }, situation);
}

interface RootsWork {
  readonly means: "mount" | "bind";
  readonly argv: Argv;
  readonly chosen: ChosenFolder;
}

/** mount(8) is for root; other users are told the command. */
function asRoot(
  { means, argv, chosen }: RootsWork,
  { request, tools }: Situation,
): MountPlan {
  if (!isRoot(tools)) throw needsRoot(request);
  return toDo({
    request,
    means,
    foldersToMake: chosen.toMake,
    argv,
    target: chosen.path,
  });
}

function needsRoot({ row, at }: MountRequest): Refusal {
  const device = printable(row.device);
  const why = at === null
    ? `udisks does not know ${device} or is not installed`
    : "udisks cannot mount on a chosen directory";
  return new Refusal("refused", {
    message: `only root may mount ${device} here: ${why}`,
    hints: [
      `As root: ${rootsCommand(row.uuid!, at)}`,
      ...(at === null ? ["Or install udisks2."] : []),
    ],
  });
}

function rootsCommand(uuid: string, at: string | null): string {
  const where = at === null ? [] : ["--at", at];
  return typed(["sudo", "diskd", "mount", uuid, ...where]);
}

function wanted({ row, readOnly }: MountRequest) {
  return { uuid: fitUuid(row), readOnly };
}

function toDo(steps: MountSteps): MountPlan {
  const commands = [...steps.foldersToMake.map(makeFolderArgv), steps.argv];
  return { kind: "toDo", ...steps, commands, notes: [] };
}

/** The view of a mounted local disk. */
export function mountView(
  place: MountPoint,
  { request, wasMounted }: {
    readonly request: MountRequest;
    readonly wasMounted: boolean;
  },
): MountView {
  const { row, at } = request;
  return {
    host: row.host,
    hostId: row.hostId,
    device: row.device,
    uuid: row.uuid!,
    label: row.label,
    type: row.type,
    path: place.target,
    at: at === null ? null : place.target,
    readOnly: isReadOnly(place),
    wasMounted,
  };
}
