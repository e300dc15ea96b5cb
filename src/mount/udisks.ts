import type { System } from "../system/system.ts";
import type { MountPoint } from "../probe/parse_findmnt.ts";
import { isRoot, type LocalTools, LOOK_TIMEOUT_MS } from "./run_attended.ts";

const MAX_INFO_BYTES = 64 * 1024;

/** Whether udisks answers, and would mount this device: it knows it to have a filesystem. */
export async function knowsUdisks(
  device: string,
  system: System,
): Promise<boolean> {
  const args = ["info", "--block-device", device];
  const outcome = await system.run("udisksctl", args, {
    timeoutMs: LOOK_TIMEOUT_MS,
    maxOutputBytes: MAX_INFO_BYTES,
  });
  if (outcome.kind !== "exited" || outcome.code !== 0) return false;
  const info = new TextDecoder().decode(outcome.stdout);
  return /^ *org\.freedesktop\.UDisks2\.Filesystem:$/m.test(info);
}

/** Whether it is where udisks mounts the disks of the user that we run as. */
export function isByUdisks(
  { target }: MountPoint,
  tools: Pick<LocalTools, "uid" | "env">,
): boolean {
  const user = isRoot(tools)
    ? "root"
    : tools.env["USER"] || tools.env["LOGNAME"];
  if (!user || user.includes("/")) return false;
  return ["/run/media", "/media"].some((folder) =>
    target.startsWith(`${folder}/${user}/`)
  );
}
