import { carryOut } from "../mount/mount_here.ts";
import type { MountRequest, UnmountRequest } from "../mount/mount_plan.ts";
import { planMount } from "../mount/plan_mount.ts";
import { planUnmount } from "../mount/plan_unmount.ts";
import { carryOutUnmount } from "../mount/unmount_here.ts";
import type { MountView, UnmountView } from "../mount/views.ts";
import type { CommonOptions } from "./options.ts";
import type { ReachContext } from "./reach_context.ts";
import { note } from "./show.ts";
import { showCommands } from "./show_commands.ts";

interface How {
  /** Print the commands, and run none that changes anything. */
  readonly dryRun: boolean;
  readonly options: Pick<CommonOptions, "json">;
  readonly context: ReachContext;
}

/**
 * Mounts a disk of this host, and tells what the user should know besides;
 * `null` after a dry run.
 * @throws {Refusal}
 */
export async function mountLocal(
  request: MountRequest,
  { dryRun, options, context }: How,
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
 * Unmounts a disk of this host, likewise.
 * @throws {Refusal}
 */
export async function unmountLocal(
  request: UnmountRequest,
  { dryRun, options, context }: How,
): Promise<UnmountView | null> {
  const plan = await planUnmount(request, context);
  if (dryRun) {
    showCommands(plan.commands, { options, context });
    return null;
  }
  const view = await carryOutUnmount(plan, context);
  for (const line of plan.notes) note(line, context);
  return view;
}
