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

  /** A blank loop device of so many bytes, which take no room until they are written. */
  async make(sizeBytes: number): Promise<string> {
    const image = `${this.#folder}/${this.#devices.length}.img`;
    const file = await Deno.create(image);
    await file.truncate(sizeBytes);
    file.close();
    const device = await must("losetup", "--find", "--show", image);
    this.#devices.push(device);
    return device;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const device of this.#devices) await must("losetup", "-d", device);
    await Deno.remove(this.#folder, { recursive: true });
  }
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
