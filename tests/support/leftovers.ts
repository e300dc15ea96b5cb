import { SYSTEM_PATH } from "./holder.ts";
import type { Lan } from "./lan.ts";
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
  const ours = new RegExp(`^diskd-lan\\.${processNamespace()}\\.(\\d+)\\.`);
  return [...Deno.readDirSync(SYS_BLOCK)]
    .filter(({ name }) => name.startsWith("loop"))
    .filter(({ name }) => {
      const pid = ours.exec(imageOf(name) ?? "")?.[1];
      return pid !== undefined && !exists(`/proc/${pid}`);
    })
    .map(({ name }) => `/dev/${name}`);
}

/**
 * Name, without its folder, which the kernel shows differently once the folder
 * is unmounted. `null` for what is no loop device, or a free one.
 */
function imageOf(name: string): string | null {
  try {
    const path = Deno.readTextFileSync(
      `${SYS_BLOCK}/${name}/loop/backing_file`,
    );
    return /[^/]+\.img/.exec(path)?.[0] ?? null;
  } catch {
    return null;
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

/** What a LAN in a box could leave behind on the machine. */
export interface Traces {
  /** Processes that hold the namespaces, or live in them. */
  readonly pids: readonly number[];
  /** Names of the images under loop devices. */
  readonly images: readonly string[];
}

/** Makes everything that could be left behind: a disk, mounted, and a process on it. */
export async function leaveTraces(lan: Lan): Promise<Traces> {
  const [host] = lan.hosts;
  if (!host) throw new Error("The LAN has no host.");
  const disk = await host.disk({ type: "ext4" });
  await host.attach(disk);
  const script = `mount ${disk.device} /mnt && cd /mnt && exec 3>file && ` +
    "echo busy && exec sleep 600";
  const process = host.spawn(["sh", "-c", script]);
  await process.waitForLog(/^busy$/m);
  const holder = Number(host.path("").split("/")[2]);
  return {
    pids: [holder, await process.pid()],
    images: [imageOf(disk.device.slice("/dev/".length)) ?? ""],
  };
}

/** Those of `traces` that are still there. */
export function remainders(traces: Traces): Traces {
  const images = new Set(
    [...Deno.readDirSync(SYS_BLOCK)].map(({ name }) => imageOf(name)),
  );
  return {
    pids: traces.pids.filter((pid) => exists(`/proc/${pid}`)),
    images: traces.images.filter((image) => images.has(image)),
  };
}
