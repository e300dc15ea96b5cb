import type { HostKey } from "../../src/codec/host_key.ts";
import { hostKey } from "../support/host_keys.ts";

/** What a machine keeps of who it is, from one life of its daemon to the next. */
export class KeptIdentity {
  readonly #seed: string;
  readonly #wallClock: () => number;
  #key: HostKey;
  #boot = 0;
  #freshKeys = 0;

  /** `seed`: another machine's fresh keys are others. */
  constructor(
    id: string,
    { seed, wallClock }: {
      readonly seed: string;
      readonly wallClock: () => number;
    },
  ) {
    this.#seed = seed;
    this.#wallClock = wallClock;
    this.#key = hostKey(id);
  }

  get id(): string {
    return this.#key.id;
  }

  /** A life begins. */
  open(): { key: HostKey; boot: number; pastBoot: number } {
    const pastBoot = this.#boot;
    const boot = Math.max(Math.trunc(this.#wallClock()), pastBoot + 1);
    const key = this.#key;
    this.keep({ key, boot });
    return { key, boot, pastBoot };
  }

  /** The file was as it is now. Returns what brings that back. */
  snapshot(): () => void {
    const [key, boot] = [this.#key, this.#boot];
    return () => this.keep({ key, boot });
  }

  keep({ key, boot }: { key: HostKey; boot: number }): void {
    this.#key = key;
    this.#boot = boot;
  }

  readonly freshKey = (): HostKey =>
    hostKey(`${this.#seed}-${++this.#freshKeys}`);
}
