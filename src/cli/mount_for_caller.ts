import type { DiskRow, FindView, LocalhostView } from "../control/views.ts";
import { topmost } from "../inventory/place.ts";
import { carryOut, carryOutUnmount } from "../mount/carry_out.ts";
import { isFitUuid } from "../mount/fit_uuid.ts";
import type { MountRequest, UnmountRequest } from "../mount/mount_plan.ts";
import { checkAllowed, type DiskNames, isAllowed } from "../mount/mountable.ts";
import { planMount } from "../mount/plan_mount.ts";
import { planUnmount } from "../mount/plan_unmount.ts";
import { leftAlone, LeftToOthers, Refusal } from "../mount/refusal.ts";
import { isRoot } from "../mount/run_attended.ts";
import type { MountView, UnmountView } from "../mount/views.ts";
import { renderMounted, renderUnmounted } from "../render/done.ts";
import { printable, printableStart } from "../text/printable.ts";
import { chooseDisk, type ChosenDisk } from "./choose_disk.ts";
import type { CommonOptions, MountCall, MountContext } from "./context.ts";
import { EXIT } from "../system/exit_code.ts";
import { readMountSettings, showCommands } from "./mount_tools.ts";
import { note, show } from "./show.ts";
import { withDaemon } from "./with_daemon.ts";

/**
 * Serves a caller from another host, who named a disk by its UUID. Only this
 * host's daemon is asked.
 */

/** A request of a caller from another host. */
interface HereTask {
  readonly uuid: string;
  readonly readOnly: boolean;
  readonly dryRun: boolean;
}

/**
 * `diskd mount --here UUID`: mounts a local disk named in `mount.allow`.
 * @throws {Refusal}
 * @throws {ConfigError}
 * @throws {DaemonUnreachable}
 */
export async function mountHere(
  { uuid, readOnly, dryRun }: HereTask,
  { options, context }: MountCall<CommonOptions>,
): Promise<number> {
  const found = await findHere(uuid, { options, context });
  const disk = attached(found, context.now());
  const { allow } = await readMountSettings(context);
  const names = await namesToAllow(disk.row, { allow, context });
  checkAllowed({ ...names, host: disk.row.host }, allow);
  const { mayAsk } = context;
  const request = { ...disk, readOnly, at: null, mayAsk };
  const view = await mountLocal(request, { dryRun, options, context });
  if (view !== null) show(view, { options, context, render: renderMounted });
  return EXIT.ok;
}

/**
 * `diskd unmount --here UUID`: unmounts it, even after it was pulled out.
 * Callers may unmount only disks they may mount.
 * @throws {Refusal}
 * @throws {ConfigError}
 * @throws {DaemonUnreachable}
 */
export async function unmountHere(
  { uuid, dryRun }: Omit<HereTask, "readOnly">,
  { options, context }: MountCall<CommonOptions>,
): Promise<number> {
  const found = await findHere(uuid, { options, context });
  const disk = lastKnown(found);
  const { allow } = await readMountSettings(context);
  checkAllowed(disk.row, allow);
  const request = { ...disk, mayAsk: context.mayAsk };
  const how = { options, context, render: renderUnmounted };
  try {
    const view = await unmountLocal(request, { dryRun, options, context });
    if (view !== null) show(view, how);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof LeftToOthers) || !options.json) throw error;
    // The caller says whether that is a failure.
    const { host, hostId, label } = disk.row;
    const left = error.left.map((path) => ({ host, path }));
    for (const path of error.left) note(leftAlone(path), context);
    show({ host, hostId, uuid, label, unmounted: [], left }, how);
    return EXIT.refused;
  }
}

/**
 * The names by which `mount.allow` may let a caller have a disk. Root does not
 * rely on the daemon, whose user is not root: `sameDevice` checks the UUID and
 * the label, and for the other names root looks at the disk itself.
 */
export async function namesToAllow(
  row: DiskRow,
  { allow, context }: {
    readonly allow: readonly string[];
    readonly context: MountContext;
  },
): Promise<DiskNames> {
  const { device, uuid, label } = row;
  if (!isRoot(context) || !isAllowed(row, allow)) return row;
  if (isAllowed({ uuid, label }, allow)) return { uuid, label };
  const { createScanner } = await import("../probe/scan.ts");
  const { disks } = await createScanner(context.system).scan();
  return disks?.find((disk) => disk.device === device) ?? { uuid, label };
}

/** The daemon's data about a UUID on this host. */
interface KnownHere extends FindView {
  readonly uuid: string;
  readonly localhost: LocalhostView;
  /** Its present and past local devices, without those below others of the list. */
  readonly rows: readonly DiskRow[];
}

/**
 * Asks the daemon for a UUID.
 * @throws {Refusal} `usage` if it is none
 * @throws {DaemonUnreachable}
 */
export async function findHere(
  uuid: string,
  asking: MountCall<CommonOptions>,
): Promise<KnownHere> {
  if (!isFitUuid(uuid)) {
    throw new Refusal("usage", {
      message: `--here ${printableStart(uuid)} is not a UUID, ` +
        "expected letters, digits and hyphens",
    });
  }
  return await withDaemon({ ...asking, doubts: "refused" }, async (client) => {
    const localhost = await client.call("localhost", {});
    const found = await client.call("find", {
      name: uuid,
      host: localhost.hostId,
    });
    return { ...found, uuid, localhost, rows: withUuid(uuid, found.rows) };
  });
}

/** The name of another disk may be the same text. */
function withUuid(uuid: string, rows: readonly DiskRow[]): DiskRow[] {
  const wanted = uuid.toLowerCase();
  const own = rows.filter((row) => row.uuid?.toLowerCase() === wanted);
  return topmost(own, (row) => ({ hostId: row.hostId, disk: row }));
}

/**
 * The only matching device.
 * @throws {Refusal}
 */
export function attached(found: KnownHere, now: number): ChosenDisk {
  const { uuid, localhost, rows } = found;
  if (rows.length === 0) throw unknown(uuid, printable(localhost.host));
  return chooseDisk(found, { name: uuid, host: undefined, now });
}

/**
 * Of several, the attached ones; copies of a disk share its UUID, so their
 * mounts are unmounted alike.
 */
function lastKnown({ uuid, localhost, rows }: KnownHere): ChosenDisk {
  const now = rows.filter(({ state }) => state === "attached");
  const [row, ...members] = now.length > 0 ? now : rows;
  if (row === undefined) throw unknown(uuid, printable(localhost.host));
  return { row, members };
}

function unknown(uuid: string, host: string): Refusal {
  return new Refusal("notKnown", {
    message: `${host} knows no disk with the UUID ${uuid}`,
    hints: ["Look again with: diskd refresh"],
  });
}

interface LocalCall extends MountCall<Pick<CommonOptions, "json">> {
  /** Print the commands instead of running those with effects. */
  readonly dryRun: boolean;
}

/**
 * Mounts a local disk, and reports notes for the user; `null` after a dry run.
 * @throws {Refusal}
 */
export async function mountLocal(
  request: MountRequest,
  { dryRun, options, context }: LocalCall,
): Promise<MountView | null> {
  const plan = await planMount(request, context);
  if (dryRun) {
    showCommands(plan.commands, { options, context });
    return null;
  }
  for (const line of plan.notes) note(line, context);
  return await carryOut(plan, context);
}

/**
 * Unmounts a local disk, likewise.
 * @throws {Refusal}
 */
export async function unmountLocal(
  request: UnmountRequest,
  { dryRun, options, context }: LocalCall,
): Promise<UnmountView | null> {
  const plan = await planUnmount(request, context);
  if (dryRun) {
    showCommands(plan.commands, { options, context });
    return null;
  }
  const view = await carryOutUnmount(
    plan,
    context,
    (text) => note(text, context),
  );
  for (const line of plan.notes) note(line, context);
  return view;
}
