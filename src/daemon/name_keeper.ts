import type { Inventory } from "../inventory/inventory.ts";
import { parseNames, writeNames } from "../store/name_file.ts";
import { reasonOf } from "../system/reason.ts";
import type { Clock } from "./clocks.ts";
import { type Log, ProblemLog } from "./log.ts";

/** Time between looks whether names changed. */
export const SAVE_NAMES_MS = 10_000;

interface NameKeeperOptions {
  readonly path: string;
  readonly inventory: Pick<Inventory, "nameHolders" | "restoreNames">;
  readonly clock: Pick<Clock, "monotonicTime" | "storedTime">;
  readonly readText: (path: string) => string | null;
  readonly log: Log;
}

/** Keeps from run to run which host each name is known of. */
export class NameKeeper {
  readonly #options: NameKeeperOptions;
  readonly #problemLog: ProblemLog;
  #savedRevision: number;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Loads the names. Never throws. */
  constructor(options: NameKeeperOptions) {
    this.#options = options;
    this.#problemLog = new ProblemLog(options.log, "names are kept again");
    const { path, inventory, clock, log } = options;
    const text = options.readText(path);
    const names = text === null ? [] : parseNames(text);
    if (names === null) {
      log.warn(`${path} did not contain names, and will be replaced`);
    }
    inventory.restoreNames((names ?? []).map((one) => ({
      ...one,
      since: clock.monotonicTime(one.since),
      leftAt: one.leftAt === null ? null : clock.monotonicTime(one.leftAt),
    })));
    this.#savedRevision = inventory.nameHolders.revision;
  }

  start(): void {
    this.#timer = setInterval(() => this.#save(), SAVE_NAMES_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#save();
  }

  #save(): void {
    const { path, inventory: { nameHolders }, clock } = this.#options;
    const { revision } = nameHolders;
    if (revision === this.#savedRevision) return;
    const names = [...nameHolders.values()].map((one) => ({
      ...one,
      since: clock.storedTime(one.since),
      leftAt: one.leftAt === null ? null : clock.storedTime(one.leftAt),
    }));
    try {
      writeNames(path, names);
      this.#savedRevision = revision;
      this.#problemLog.tell([]);
    } catch (error) {
      this.#problemLog.tell([
        `Cannot write ${path}: ${reasonOf(error)}. Until that is mended, a ` +
        "restart forgets which host had a name first",
      ]);
    }
  }
}
