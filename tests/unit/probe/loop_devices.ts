/** Image files on loop devices, for tests that run as root. */
import { needs } from "../../support/needs.ts";

/** Runs a program; throws what it says on standard error when it fails. */
export async function must(
  program: string,
  ...args: readonly string[]
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout).trim();
  throw new Error(
    `${program} ${args.join(" ")} failed: ${decoder.decode(stderr).trim()}`,
  );
}

/** Loop devices that are there until the block that made them ends: `await using`. */
export class LoopDevices implements AsyncDisposable {
  readonly #folder = Deno.makeTempDirSync({ prefix: "diskd-loop-" });
  readonly #devices: string[] = [];
  readonly #nodes: string[] = [];

  /** A path for a file that goes with the devices. */
  path(name: string): string {
    return `${this.#folder}/${name}`;
  }

  /** A blank loop device of so many bytes, which take no room until they are written. */
  async make(sizeBytes: number): Promise<string> {
    const image = this.path(`${this.#devices.length}.img`);
    const file = await Deno.create(image);
    await file.truncate(sizeBytes);
    file.close();
    return await this.over(image);
  }

  /**
   * A loop device over a file. Reads bypass the cache, so that they fail once
   * the file is cut.
   */
  async over(image: string): Promise<string> {
    const flags = ["--find", "--show", "--direct-io=on"];
    const device = await must("losetup", ...flags, image);
    this.#devices.push(device);
    await deletePartitions(device);
    return device;
  }

  /** Makes the kernel find the partitions of a device, and their nodes in `/dev`. */
  async findPartitions(device: string): Promise<void> {
    await must("partx", "--update", device);
    const name = device.slice("/dev/".length);
    for (const { name: part } of [...Deno.readDirSync(`/sys/block/${name}`)]) {
      if (!part.startsWith(`${name}p`)) continue;
      const numbers = `/sys/block/${name}/${part}/dev`;
      const [major, minor] = Deno.readTextFileSync(numbers).trim().split(":");
      const path = `/dev/${part}`;
      this.#nodes.push(path);
      await must("rm", "-f", path);
      await must("mknod", "-m", "600", path, "b", major!, minor!);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const path of this.#nodes) await Deno.remove(path);
    for (const device of this.#devices) {
      await deletePartitions(device);
      await must("losetup", "-d", device);
    }
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** A killed test leaves its partitions to whoever has the loop device next. */
async function deletePartitions(device: string): Promise<void> {
  await must("partx", "--delete", device).catch(() => {});
}

/** A test with real loop devices and what scans them; root only. */
export function loopTest(
  { name, programs }: {
    readonly name: string;
    readonly programs: readonly string[];
  },
  run: (loops: LoopDevices) => Promise<void>,
): void {
  const all = ["losetup", "lsblk", "findmnt", "blkid", ...programs];
  Deno.test({
    ...needs(name, { root: true, programs: all }),
    async fn() {
      await using loops = new LoopDevices();
      await run(loops);
    },
  });
}
