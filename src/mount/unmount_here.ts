import { printable } from "../text/printable.ts";
import { typed } from "./argv.ts";
import type { UnmountPlan, UnmountStep } from "./mount_plan.ts";
import { readMountPoints } from "./mount_points.ts";
import { Refusal } from "./refusal.ts";
import { type LocalTools, runAttended } from "./run_attended.ts";
import type { UnmountView } from "./views.ts";

/**
 * Unmounts a disk as planned, and removes the directories that were made for it.
 * @throws {Refusal} `failed` where something is busy; the message says what went nevertheless
 */
export async function carryOutUnmount(
  plan: UnmountPlan,
  tools: LocalTools,
): Promise<UnmountView> {
  if (plan.kind === "nothing") return plan.view;
  const { row, mayAsk } = plan.request;
  const gone: UnmountStep[] = [];
  for (const step of plan.steps) {
    const why = await unmount(step, { tools, mayAsk });
    if (why !== null) throw failure(step, { why, gone });
    if (step.removesFolder) tools.system.folders.remove(step.path);
    gone.push(step);
  }
  const { host, hostId, uuid, label } = row;
  const unmounted = gone.map(({ path }) => ({ host, path }));
  return { host, hostId, uuid: uuid!, label, unmounted };
}

/** Why it is still there; `null`: it is gone, whoever did it. */
async function unmount(
  { argv, path }: UnmountStep,
  { tools, mayAsk }: { readonly tools: LocalTools; readonly mayAsk: boolean },
): Promise<string | null> {
  const before = count(await readMountPoints(tools.system), path);
  const asks = mayAsk && argv[0] === "udisksctl";
  const ended = await runAttended(argv, { tools, mayAsk: asks });
  const after = count(await readMountPoints(tools.system), path);
  if (after === 0 || after < before) return null;
  return ended.kind === "failed"
    ? ended.why
    : `${argv[0]} says that it is unmounted, and it is not`;
}

function count(
  mounts: readonly { readonly target: string }[],
  path: string,
): number {
  return mounts.filter(({ target }) => target === path).length;
}

function failure(
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
      ...(done === "" ? [] : [`Unmounted was: ${done}`]),
      `Who uses it: ${typed(["fuser", "-vm", path])}`,
    ],
  });
}
