/** What a machine keeps of who it is, from one life of its daemon to the next. */
export class KeptIdentity {
  readonly #seed: string;
  readonly #wallClock: () => number;
  #id: string;
  #boot = 0;
  #freshIds = 0;

  /** `seed`: another machine's fresh ids are others. */
  constructor(
    derivedId: string,
    { seed, wallClock }: {
      readonly seed: string;
      readonly wallClock: () => number;
    },
  ) {
    this.#seed = seed;
    this.#wallClock = wallClock;
    this.#id = derivedId;
  }

  get id(): string {
    return this.#id;
  }

  /** A life begins. */
  open(): { id: string; boot: number; pastBoot: number } {
    const [id, pastBoot] = [this.#id, this.#boot];
    const boot = Math.max(Math.trunc(this.#wallClock()), pastBoot + 1);
    this.keep({ id, boot });
    return { id, boot, pastBoot };
  }

  /** The file was as it is now. Returns what brings that back. */
  snapshot(): () => void {
    const [id, boot] = [this.#id, this.#boot];
    return () => this.keep({ id, boot });
  }

  keep({ id, boot }: { id: string; boot: number }): void {
    this.#id = id;
    this.#boot = boot;
  }

  /** Of the form that the file may hold. */
  readonly freshId = (): string => {
    const digits = [...this.#seed].map((one) => one.charCodeAt(0) % 16);
    const text = digits.map((one) => one.toString(16)).join("");
    return `${text}${++this.#freshIds}`.padStart(32, "0");
  };
}
