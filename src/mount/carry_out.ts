import type { MountPoint } from "../probe/parse_findmnt.ts";
import { printable } from "../text/printable.ts";
import { type Argv, typed } from "../text/shell_quoted.ts";
import { sameDevice } from "./device_now.ts";
import { fitUuid } from "./fit_uuid.ts";
import { makeFolders, removeFolders } from "./folders.ts";
import {
  type MountPlan,
  type MountSteps,
  SAFE_OPTIONS,
  udisksUnmountArgv,
  unmountArgv,
  type UnmountPlan,
  type UnmountStep,
} from "./mount_plan.ts";
import {
  isMarkedForNoneBut,
  mountPointsOf,
  readMountPoints,
  seenAt,
} from "./mount_points.ts";
import { keysOf, mountView, planMount, preferred } from "./plan_mount.ts";
import { Refusal } from "./refusal.ts";
import {
  type Ended,
  isRoot,
  type LocalTools,
  runAttended,
} from "./run_attended.ts";
import { processesIn, sayProcesses } from "./stuck_mount.ts";
import type { MountView, UnmountView } from "./views.ts";

/**
 * Mounts a disk as planned, then checks that the mounted disk is the intended
 * one; otherwise nothing stays mounted.
 * @throws {Refusal} `notAttached`, `refused` or `failed`
 */
export async function carryOut(
  plan: MountPlan,
  tools: LocalTools,
): Promise<MountView> {
  if (plan.kind === "mounted") return plan.view;
  if (!makeFolders(plan.foldersToMake, tools.system.folders)) {
    // Another caller created it: for this disk, or for another with its name.
    return await carryOut(await planMount(plan.request, tools), tools);
  }
  const mayAsk = plan.means === "udisks" && plan.request.mayAsk;
  const ended = await runAttended(plan.argv, { tools, mayAsk });
  if (ended.kind === "failed") return await explain(ended, plan, tools);
  try {
    return await lookOnceMore(plan, tools);
  } catch (error) {
    return await undo(error, plan, tools);
  }
}

/**
 * Checks that the disk is the same and the place is its own: someone could have
 * exchanged it between check and mount.
 */
async function lookOnceMore(
  plan: MountSteps,
  tools: LocalTools,
): Promise<MountView> {
  const { request } = plan;
  const now = await sameDevice(request.row, tools.system);
  const mounts = await readMountPoints(tools.system);
  const own = mountPointsOf(mounts, keysOf(request, now));
  const place = placeOf(plan, { mounts, own, tools });
  if (place === undefined) {
    throw new Refusal("notAttached", {
      message: `${printable(request.row.device)} was mounted, ` +
        "but is missing from the mount table now",
    });
  }
  checkOptions(place);
  return mountView(place, { request, wasMounted: false });
}

interface Table {
  readonly mounts: readonly MountPoint[];
  /** Those of the disk. */
  readonly own: readonly MountPoint[];
  readonly tools: LocalTools;
}

function placeOf(
  { target }: MountSteps,
  { mounts, own, tools }: Table,
): MountPoint | undefined {
  if (target === null) return preferred(own, { mounts, tools });
  const there = seenAt(mounts, target);
  return there !== undefined && own.includes(there) ? there : undefined;
}

/** If fstab(5) names the disk, udisks follows that instead of our options. */
function checkOptions({ target, options }: MountPoint): void {
  const missing = SAFE_OPTIONS.filter((option) => !options.includes(option));
  if (missing.length === 0) return;
  throw new Refusal("refused", {
    message: `udisks mounted it on ${printable(target)} without ` +
      `${missing.join(" and ")}, most likely as /etc/fstab says`,
    hints: [
      `Add ${missing.join(",")} to its line in /etc/fstab, ` +
      "or mount it with mount(8): diskd finds it then.",
    ],
  });
}

/** Nothing was mounted, unless another caller was faster, or the program was killed too late. */
async function explain(
  ended: Ended & { readonly kind: "failed" },
  plan: MountSteps,
  tools: LocalTools,
): Promise<MountView> {
  const refusal = failure(ended, plan);
  if (ended.wasKilled) return await undo(refusal, plan, tools);
  const place = await findPlace(plan, tools);
  if (place?.target !== plan.target) {
    removeFolders(plan.foldersToMake, tools.system.folders);
  }
  if (place === undefined) throw refusal;
  return mountView(place, { request: plan.request, wasMounted: true });
}

async function findPlace(
  plan: MountSteps,
  tools: LocalTools,
): Promise<MountPoint | undefined> {
  const { request } = plan;
  const mounts = await readMountPoints(tools.system);
  const paths = new Set(
    [request.row, ...request.members].map(({ device }) => device),
  );
  const own = mountPointsOf(mounts, { majMin: null, paths });
  const anywhere = request.at === null ? { ...plan, target: null } : plan;
  return placeOf(anywhere, { mounts, own, tools });
}

function failure(
  { why, stderr }: Ended & { readonly kind: "failed" },
  { means, request }: MountSteps,
): Refusal {
  const device = printable(request.row.device);
  if (means === "udisks" && stderr.includes("NotAuthorized")) {
    return new Refusal("refused", {
      message: `udisks does not let this user mount ${device}`,
      hints: [
        "Mount it as root, or let polkit allow " +
        "org.freedesktop.udisks2.filesystem-mount-other-seat.",
      ],
    });
  }
  return new Refusal("failed", {
    message: `cannot mount ${device}: ${why}`,
    hints: [
      stderr.includes("unknown filesystem type")
        ? "Neither the kernel of that host nor a helper of mount(8) knows it."
        : "The kernel may say more: dmesg | tail",
    ],
  });
}

/** Undoes the steps, and throws the reason. */
async function undo(
  why: unknown,
  plan: MountSteps,
  tools: LocalTools,
): Promise<never> {
  const place = await findOurs(plan, tools);
  if (place !== undefined) {
    const argv = undoArgv(place, plan, tools);
    const { kind } = await runAttended(argv, { tools, mayAsk: false });
    if (kind === "failed") throw stillMounted(why, place);
  }
  removeFolders(plan.foldersToMake, tools.system.folders);
  throw why;
}

/**
 * Finds it by its place, because the device may have changed. Never returns a
 * mount that another diskd made there meanwhile.
 */
async function findOurs(
  { target, request }: MountSteps,
  { system }: LocalTools,
): Promise<MountPoint | undefined> {
  const mounts = await readMountPoints(system);
  if (target === null) {
    return mounts.findLast(({ source }) => source === request.row.device);
  }
  const there = seenAt(mounts, target);
  const isOurs = there !== undefined &&
    isMarkedForNoneBut(there, fitUuid(request.row));
  return isOurs ? there : undefined;
}

function undoArgv(
  { target }: MountPoint,
  { request }: MountSteps,
  tools: LocalTools,
): Argv {
  return isRoot(tools)
    ? unmountArgv(target)
    : udisksUnmountArgv(request.row.device, { mayAsk: false });
}

function stillMounted(why: unknown, { target }: MountPoint): unknown {
  if (!(why instanceof Refusal)) return why;
  return new Refusal(why.kind, {
    message: `${why.message}; and it could not be unmounted again`,
    hints: [
      ...why.hints,
      `It is still mounted there: ${typed(["umount", target])}`,
    ],
  });
}

/**
 * Unmounts a disk as planned, and removes the directories created for it. If
 * the disk is unplugged, root also takes away a mount that is in use, which
 * `say` tells first: nothing of it can be used any more.
 * @throws {Refusal} `failed` if a mount is busy; the message names the ones
 * removed
 */
export async function carryOutUnmount(
  plan: UnmountPlan,
  tools: LocalTools,
  say: (text: string) => void,
): Promise<UnmountView> {
  if (plan.kind === "nothing") return plan.view;
  const { row, mayAsk } = plan.request;
  const isDead = row.unplugged && isRoot(tools);
  const gone: UnmountStep[] = [];
  for (const step of plan.steps) {
    let why = await unmount(step, { tools, mayAsk });
    if (why !== null && isDead) {
      const { path } = step;
      const processes = await processesIn(path, tools.system);
      say(sayProcesses(path, { gone: "disk", processes }));
      const argv = unmountArgv(path, ["--lazy"]);
      why = await unmount({ ...step, argv }, { tools, mayAsk });
    }
    if (why !== null) throw unmountFailure(step, { why, gone });
    if (step.removesFolder) tools.system.folders.remove(step.path);
    gone.push(step);
  }
  const { host, hostId, uuid, label } = row;
  const unmounted = gone.map(({ path }) => ({ host, path }));
  return { host, hostId, uuid: uuid!, label, unmounted };
}

/** Why it is still mounted; `null` if it is gone, whoever removed it. */
async function unmount(
  { argv, path }: UnmountStep,
  { tools, mayAsk }: { readonly tools: LocalTools; readonly mayAsk: boolean },
): Promise<string | null> {
  const before = countMounts(await readMountPoints(tools.system), path);
  const asks = mayAsk && argv[0] === "udisksctl";
  const ended = await runAttended(argv, { tools, mayAsk: asks });
  const after = countMounts(await readMountPoints(tools.system), path);
  if (after === 0 || after < before) return null;
  return ended.kind === "failed"
    ? ended.why
    : `${argv[0]} reported success, but it is still mounted`;
}

function countMounts(
  mounts: readonly { readonly target: string }[],
  path: string,
): number {
  return mounts.filter(({ target }) => target === path).length;
}

function unmountFailure(
  { path }: UnmountStep,
  { why, gone }: {
    readonly why: string;
    readonly gone: readonly UnmountStep[];
  },
): Refusal {
  const shown = printable(path);
  const done = gone.map(({ path }) => printable(path)).join(", ");
  return new Refusal("failed", {
    message: `cannot unmount ${shown}: ${why}`,
    hints: [
      ...(done === "" ? [] : [`Unmounted: ${done}`]),
      `To see who uses it: ${typed(["fuser", "-vm", path])}`,
    ],
  });
}
