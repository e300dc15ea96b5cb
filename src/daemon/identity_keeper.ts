import type { IdentityFile } from "../store/identity.ts";
import { type Log, ProblemLog } from "./log.ts";

/** Time between attempts to write the identity after a failure. */
export const RETRY_IDENTITY_MS = 60_000;

type Kept = Parameters<IdentityFile["keep"]>[0];

interface IdentityKeeperOptions {
  readonly file: Pick<
    IdentityFile,
    "key" | "boot" | "keep" | "copiedFrom" | "problems"
  >;
  readonly log: Log;
}

/** Writes the identity of this host when it changes, and again after a failure. */
export class IdentityKeeper {
  readonly #options: IdentityKeeperOptions;
  readonly #problemLog: ProblemLog;
  #kept: Kept;
  #failure: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: IdentityKeeperOptions) {
    this.#options = options;
    this.#kept = options.file;
    this.#problemLog = new ProblemLog(options.log, "the identity is kept");
  }

  start(): void {
    const { file: { copiedFrom }, log } = this.#options;
    if (copiedFrom !== null) {
      log.warn(
        "the state directory was written on another machine, so this host made an identity of its own",
        { machine: copiedFrom },
      );
    }
    this.keep(this.#kept);
  }

  /** Present problems, a sentence each. */
  get problems(): readonly string[] {
    const { problems } = this.#options.file;
    return this.#failure === null ? problems : [...problems, this.#failure];
  }

  keep(kept: Kept): void {
    this.#kept = kept;
    this.#write();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#failure = this.#options.file.keep(this.#kept);
    this.#problemLog.tell(this.problems);
    if (this.#failure === null) return;
    this.#timer = setTimeout(() => this.#write(), RETRY_IDENTITY_MS);
  }
}
