import { IdentityFile } from "../../src/store/identity.ts";

/** What a machine keeps of who it is, from one life of its daemon to the next. */
export class KeptIdentity {
  readonly #derivedId: string;
  readonly #seed: string;
  readonly #wallClock: () => number;
  #text: string | null = null;
  #id: string;
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
    this.#derivedId = derivedId;
    this.#wallClock = wallClock;
    this.#id = derivedId;
  }

  get id(): string {
    return this.#id;
  }

  /** A life begins. */
  open(): { id: string; boot: number; pastBoot: number } {
    const options = {
      path: "identity.json",
      readText: () => null,
      freshId: this.freshId,
      wallClock: this.#wallClock,
    };
    const { id, boot, pastBoot } = new IdentityFile(options, {
      text: this.#text,
      derivedId: this.#derivedId,
    });
    this.keep({ id, boot });
    return { id, boot, pastBoot };
  }

  /** The file was as it is now. Returns what brings that back. */
  snapshot(): () => void {
    const [id, text] = [this.#id, this.#text];
    return () => {
      this.#id = id;
      this.#text = text;
    };
  }

  /** As the file of a daemon has it. */
  keep({ id, boot }: { id: string; boot: number }): void {
    this.#id = id;
    this.#text = JSON.stringify(
      id === this.#derivedId ? { boot } : { id, boot },
    );
  }

  /** Of the form that the file may hold. */
  readonly freshId = (): string => {
    const digits = [...this.#seed].map((one) => one.charCodeAt(0) % 16);
    const text = digits.map((one) => one.toString(16)).join("");
    return `${text}${++this.#freshIds}`.padStart(32, "0");
  };
}
