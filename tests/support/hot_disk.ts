import { SYSTEM_PATH } from "./holder.ts";
import type { Host } from "./host.ts";
import { type DiskOptions, makeImage, makeNode } from "./loop_disk.ts";
import { run, runOrThrow } from "./process.ts";

const ENV = { env: { PATH: SYSTEM_PATH } };

/** `losetup --find` only looks: another may take the device before us. */
const TRIES = 20;

/**
 * A disk that is plugged in and pulled out as a real one is: its device comes
 * and goes with the kernel's own events. (A `LoopDisk` is there all the time,
 * and only its node moves, which the kernel says nothing of.)
 */
export class HotDisk implements AsyncDisposable {
  readonly #image: string;
  /** What was on it before it failed. */
  #lost = new Uint8Array();
  #plugged: { readonly host: Host; readonly device: string } | null = null;

  readonly label: string | null;
  readonly uuid: string | null;

  private constructor(image: string, about: Required<DiskOptions>) {
    this.#image = image;
    this.label = about.label || null;
    this.uuid = about.uuid || null;
  }

  static async create(options: DiskOptions): Promise<HotDisk> {
    const { image, about } = await makeImage("/tmp", options);
    return new HotDisk(image, about);
  }

  /** `/dev/loop7`, while it is plugged in. */
  get device(): string {
    if (this.#plugged === null) throw new Error("The disk is not plugged in.");
    return this.#plugged.device;
  }

  /** Kernel name, `loop7`. */
  get kname(): string {
    return this.device.slice("/dev/".length);
  }

  /** The node first, so that it is there when the kernel tells of the device. */
  async plugInto(host: Host): Promise<void> {
    for (let tries = 1;; tries++) {
      const device = (await runOrThrow(["losetup", "--find"], ENV)).trim();
      await makeNode(host.path(device), device);
      // Reads bypass the cache, so that they can fail.
      const losetup = ["losetup", "--direct-io=on", device, this.#image];
      const { code, stderr } = await run(losetup, ENV);
      if (code === 0) {
        this.#plugged = { host, device };
        return;
      }
      await Deno.remove(host.path(device));
      if (tries === TRIES) throw new Error(`losetup ${device}: ${stderr}`);
    }
  }

  async pull(): Promise<void> {
    const { host, device } = this.#plugged!;
    this.#plugged = null;
    await runOrThrow(["losetup", "--detach", device], ENV);
    await Deno.remove(host.path(device));
  }

  /** From now on no sector of it can be read, as of a dying disk. */
  async fail(): Promise<void> {
    this.#lost = await Deno.readFile(this.#image);
    await Deno.truncate(this.#image, 0);
  }

  async recover(): Promise<void> {
    await Deno.writeFile(this.#image, this.#lost);
  }

  /** How often its medium was read since it is plugged in, in requests. */
  reads(): number {
    const stat = Deno.readTextFileSync(`/sys/block/${this.kname}/stat`);
    return Number(stat.trim().split(/\s+/)[0]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#plugged !== null) await this.pull();
    await Deno.remove(this.#image);
  }
}
