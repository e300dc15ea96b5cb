import assert from "node:assert/strict";
import { carryOut, carryOutUnmount } from "../../../src/mount/carry_out.ts";
import type { MountRequest } from "../../../src/mount/mount_plan.ts";
import { planMount } from "../../../src/mount/plan_mount.ts";
import { planUnmount } from "../../../src/mount/plan_unmount.ts";
import { Refusal } from "../../../src/mount/refusal.ts";
import type { LocalTools } from "../../../src/mount/run_attended.ts";
import type { MountView, UnmountView } from "../../../src/mount/views.ts";
import { ScriptedMounts } from "../../support/scripted_mounts.ts";
import { diskRow } from "../render/rows.ts";

export const DEVICE = "/dev/sdb1";
export const UUID = "8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60";
export const OTHER_UUID = "11111111-2f3c-4b5e-9a0e-1d2c3b4a5f60";
/** Where a disk with the label of `diskRow` belongs. */
export const PLACE = "/run/media/diskd/backup-2019";
/** The same as the table of mounts has it. */
export const MOUNTED = {
  target: PLACE,
  source: DEVICE,
  majMin: "8:17",
  options: `rw,nosuid,nodev,x-diskd=${UUID}`,
};

/** A host with the disk of `diskRow` on it, not mounted. */
export function hostWithDisk(): ScriptedMounts {
  const host = new ScriptedMounts();
  host.devices.set(DEVICE, { majMin: "8:17", uuid: UUID, type: "ext4" });
  return host;
}

/** `folders` that are there, and what is in them. */
export function addFolders(host: ScriptedMounts, ...paths: string[]): void {
  for (const path of paths) host.folders.make(path);
}

export interface Attempt extends Partial<MountRequest> {
  /** Default: root. */
  readonly uid?: number;
  readonly env?: Record<string, string>;
}

export function toolsOf(host: ScriptedMounts, attempt: Attempt): LocalTools {
  const { uid = 0, env = {} } = attempt;
  return { system: host.system, uid, env };
}

export function requestOf(
  { uid: _, env: __, ...known }: Attempt,
): MountRequest {
  return {
    row: diskRow(),
    members: [],
    readOnly: false,
    at: null,
    mayAsk: false,
    ...known,
  };
}

export function plan(host: ScriptedMounts, attempt: Attempt = {}) {
  return planMount(requestOf(attempt), toolsOf(host, attempt));
}

export async function mount(
  host: ScriptedMounts,
  attempt: Attempt = {},
): Promise<MountView> {
  return await carryOut(await plan(host, attempt), toolsOf(host, attempt));
}

export async function unmount(
  host: ScriptedMounts,
  attempt: Attempt = {},
): Promise<UnmountView> {
  const tools = toolsOf(host, attempt);
  const plan = await planUnmount(requestOf(attempt), tools);
  return await carryOutUnmount(plan, tools, (text) => host.said.push(text));
}

/** Why something was not done. */
export async function refusalOf(attempt: Promise<unknown>): Promise<Refusal> {
  try {
    await attempt;
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error;
  }
  throw new Error("It was not refused.");
}
