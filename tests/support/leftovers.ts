import { SYSTEM_PATH } from "./holder.ts";
import { run } from "./process.ts";

const SYS_BLOCK = "/sys/block";

/**
 * A name for an image that says whose it is: the process, and the process
 * namespace that its number counts in.
 */
export function imageName(pid = Deno.pid): string {
  const unique = crypto.randomUUID();
  return `diskd-lan.${processNamespace()}.${pid}.${unique}.img`;
}

/**
 * Frees loop devices of runs that are no more. There are none but of a run
 * that was killed in the few milliseconds after it took a device; all else
 * the kernel cleans up.
 */
export async function freeLeftovers(): Promise<void> {
  for (const device of deadDevices()) {
    await run(["losetup", "--detach", device], { env: { PATH: SYSTEM_PATH } });
  }
}

function deadDevices(): string[] {
  const ours = new RegExp(`/diskd-lan\\.${processNamespace()}\\.(\\d+)\\.`);
  return [...Deno.readDirSync(SYS_BLOCK)]
    .filter(({ name }) => name.startsWith("loop"))
    .filter(({ name }) => {
      const pid = ours.exec(backingFile(name))?.[1];
      return pid !== undefined && !exists(`/proc/${pid}`);
    })
    .map(({ name }) => `/dev/${name}`);
}

/** Empty for a loop device that is free. */
function backingFile(name: string): string {
  try {
    return Deno.readTextFileSync(`${SYS_BLOCK}/${name}/loop/backing_file`);
  } catch {
    return "";
  }
}

/** `4026531836` of `pid:[4026531836]`. */
function processNamespace(): string {
  return Deno.readLinkSync("/proc/self/ns/pid").replace(/\D/g, "");
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
