import { SYSTEM_PATH } from "./holder.ts";
import type { Host } from "./host.ts";
import { imageName } from "./leftovers.ts";
import { run, runOrThrow } from "./process.ts";

/** What is on a disk. */
export type DiskType = "ext4" | "vfat" | "xfs" | "btrfs" | "swap" | "raw";

export interface DiskOptions {
  /** `raw`: nothing at all. */
  readonly type: DiskType;
  /** Default: none. */
  readonly label?: string;
  /** Default: a random one. Of vfat, `XXXX-XXXX` with upper case hexadecimal digits. */
  readonly uuid?: string;
  /** Size in MiB. Default: small, but large enough for `type`. The image takes no more memory than is written. */
  readonly sizeMb?: number;
}

/** Below these mkfs.xfs and mkfs.btrfs refuse. */
const DEFAULT_SIZE_MB: Readonly<Record<DiskType, number>> = {
  ext4: 16,
  vfat: 16,
  xfs: 320,
  btrfs: 128,
  swap: 16,
  raw: 16,
};

/** `losetup --find` looks, then takes: another may be faster in between. */
const LOSETUP_TRIES = 20;
const LOSETUP_PAUSE_MS = 20;

/** A real loop device over an image in memory. It belongs to no host until it is attached to one. */
export class LoopDisk implements Disposable {
  readonly #handle: Deno.FsFile;
  #host: Host | null = null;

  /** `/dev/loop7`, on every host alike. */
  readonly device: string;
  readonly type: DiskType;
  readonly label: string | null;
  readonly uuid: string | null;
  /** Bytes. */
  readonly size: number;

  private constructor(
    device: string,
    handle: Deno.FsFile,
    about: Required<DiskOptions>,
  ) {
    this.device = device;
    this.#handle = handle;
    this.type = about.type;
    this.label = about.label || null;
    this.uuid = about.uuid || null;
    this.size = about.sizeMb * 1024 * 1024;
  }

  /** Makes an image in `folder`, a filesystem on it and a loop device over it. */
  static async create(folder: string, options: DiskOptions): Promise<LoopDisk> {
    const { image, about } = await makeImage(folder, options);
    const device = await losetup(image);
    const handle = await Deno.open(device);
    // While somebody has it open this only marks it, and the kernel frees it
    // when the last one closes: also when this process is killed.
    await runOrThrow(["losetup", "--detach", device], {
      env: { PATH: SYSTEM_PATH },
    });
    // The device goes on with it, and nothing is left to clean up.
    await Deno.remove(image);
    return new LoopDisk(device, handle, about);
  }

  /** Where it hangs now. */
  get host(): Host | null {
    return this.#host;
  }

  /** Makes its node in the host's `/dev`. It must not hang on another host. */
  async attachTo(host: Host): Promise<void> {
    if (this.#host) {
      throw new Error(
        `${this.device} is attached to ${this.#host.name}; detach it, or use moveTo().`,
      );
    }
    this.#host = host;
    await makeNode(host.path(this.device), this.device);
  }

  /** Removes its node from the `/dev` of its host. */
  async detach(): Promise<void> {
    if (!this.#host) throw new Error(`${this.device} is not attached.`);
    await Deno.remove(this.#host.path(this.device));
    this.#host = null;
  }

  /** Pulls it out of its host and plugs it into another. */
  async moveTo(host: Host): Promise<void> {
    await this.detach();
    await this.attachTo(host);
  }

  [Symbol.dispose](): void {
    this.#handle.close();
  }
}

/** An image in `folder` with a filesystem on it, and what was made. */
export async function makeImage(
  folder: string,
  options: DiskOptions,
): Promise<{ image: string; about: Required<DiskOptions> }> {
  const { type, label = "", uuid = newUuid(type) } = options;
  const { sizeMb = DEFAULT_SIZE_MB[type] } = options;
  const image = `${folder}/${imageName()}`;
  await Deno.writeFile(image, new Uint8Array());
  await Deno.truncate(image, sizeMb * 1024 * 1024);
  const mkfs = mkfsArgv(image, { type, label, uuid });
  if (mkfs) await runOrThrow(mkfs, { env: { PATH: SYSTEM_PATH } });
  return { image, about: { type, label, uuid, sizeMb } };
}

/** Makes a node at `path` for the block device that is `device` on this machine. */
export async function makeNode(path: string, device: string): Promise<void> {
  const name = device.slice("/dev/".length);
  const numbers = await Deno.readTextFile(`/sys/class/block/${name}/dev`);
  const [major = "", minor = ""] = numbers.trim().split(":");
  await runOrThrow(["mknod", "-m", "660", path, "b", major, minor], {
    env: { PATH: SYSTEM_PATH },
  });
}

function newUuid(type: DiskType): string {
  if (type === "raw") return "";
  const uuid = crypto.randomUUID();
  if (type !== "vfat") return uuid;
  return `${uuid.slice(0, 4)}-${uuid.slice(9, 13)}`.toUpperCase();
}

function mkfsArgv(
  image: string,
  options: Required<Omit<DiskOptions, "sizeMb">>,
): string[] | null {
  const { type, label, uuid } = options;
  switch (type) {
    case "ext4":
      return ["mkfs.ext4", "-q", "-F", "-L", label, "-U", uuid, image];
    case "vfat": {
      const name = label === "" ? [] : ["-n", label];
      return ["mkfs.vfat", ...name, "-i", uuid.replace("-", ""), image];
    }
    case "xfs":
      return ["mkfs.xfs", "-q", "-L", label, "-m", `uuid=${uuid}`, image];
    case "btrfs":
      return ["mkfs.btrfs", "-q", "-L", label, "-U", uuid, image];
    case "swap":
      return ["mkswap", "-L", label, "-U", uuid, image];
    case "raw":
      return null;
  }
}

async function losetup(image: string): Promise<string> {
  for (let tries = 1;; tries++) {
    try {
      const argv = ["losetup", "--find", "--show", image];
      return (await runOrThrow(argv, { env: { PATH: SYSTEM_PATH } })).trim();
    } catch (error) {
      if (tries === LOSETUP_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOSETUP_PAUSE_MS));
    }
  }
}

/** A disk that is the same as another, to the last byte; it hangs nowhere yet. */
export async function copyOf(disk: LoopDisk, host: Host): Promise<LoopDisk> {
  const copy = await host.disk({ type: "raw" });
  const files = [`if=${disk.device}`, `of=${copy.device}`];
  await runOrThrow(["dd", ...files, "bs=1M", "conv=fsync", "status=none"], {
    env: { PATH: SYSTEM_PATH },
  });
  return copy;
}

/** Puts a file into the root directory of an ext4 that is mounted nowhere. */
export async function writeOnto(
  disk: LoopDisk,
  { name, text }: { readonly name: string; readonly text: string },
): Promise<void> {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, text);
    const argv = ["debugfs", "-w", "-R", `write ${file} ${name}`, disk.device];
    const { stderr } = await run(argv, { env: { PATH: SYSTEM_PATH } });
    // It says its version there first, and exits with 0 whatever happens.
    if (stderr.trim().includes("\n")) throw new Error(stderr);
  } finally {
    await Deno.remove(file);
  }
}
