import type { Lan } from "./lan.ts";

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
    images: [backingFile(disk.device.slice("/dev/".length)) ?? ""],
  };
}

/** Those of `traces` that are still there. */
export function remainders(traces: Traces): Traces {
  const images = new Set(
    [...Deno.readDirSync("/sys/block")].map(({ name }) => backingFile(name)),
  );
  return {
    pids: traces.pids.filter(isAlive),
    images: traces.images.filter((image) => images.has(image)),
  };
}

function isAlive(pid: number): boolean {
  try {
    return Deno.statSync(`/proc/${pid}`).isDirectory;
  } catch {
    return false;
  }
}

/**
 * Name, without its folder, which the kernel shows differently once the folder
 * is unmounted. `null` for what is no loop device, or a free one.
 */
function backingFile(device: string): string | null {
  try {
    const path = Deno.readTextFileSync(
      `/sys/block/${device}/loop/backing_file`,
    );
    return /[^/]+\.img/.exec(path)?.[0] ?? null;
  } catch {
    return null;
  }
}
