import type { Remarks } from "../inventory/remarks.ts";
import { parseRemarks, writeRemarkFile } from "../store/remark_file.ts";
import { reasonOf } from "../system/reason.ts";
import { writeWholeSync } from "../system/write_whole.ts";
import { type Log, ProblemLog } from "./log.ts";

/** Time until remarks of other hosts are written, with those that follow. */
const SAVE_REMARKS_MS = 3_000;

interface RemarkKeeperOptions {
  readonly path: string;
  readonly remarks: Remarks;
  readonly readText: (path: string) => string | null;
  readonly log: Log;
}

/** Keeps the remarks from run to run. */
export class RemarkKeeper {
  readonly #options: RemarkKeeperOptions;
  readonly #problemLog: ProblemLog;
  #savedRevision: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #problems: readonly string[] = [];

  /** Loads the remarks. Never throws. */
  constructor(options: RemarkKeeperOptions) {
    this.#options = options;
    this.#problemLog = new ProblemLog(options.log, "remarks are kept again");
    this.#load();
    this.#savedRevision = options.remarks.revision;
  }

  /** Faults for an administrator to fix, a sentence each. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** Writes what was said here, now. Throws nothing: `problems` tells. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { path, remarks } = this.#options;
    const { revision } = remarks;
    if (revision === this.#savedRevision) return;
    try {
      writeRemarkFile(path, remarks.kept());
      this.#savedRevision = revision;
      this.#problems = [];
    } catch (error) {
      this.#problems = [
        `Cannot write ${path}: ${reasonOf(error)}. Until that is mended, a ` +
        "restart forgets the latest notes, names and tags of disks that no " +
        "other host has",
      ];
    }
    this.#problemLog.tell(this.#problems);
  }

  /** Writes what another host said, soon. */
  changed(): void {
    this.#timer ??= setTimeout(() => this.flush(), SAVE_REMARKS_MS);
  }

  #load(): void {
    const { path, remarks, readText, log } = this.#options;
    const text = readText(path);
    if (text === null) return;
    const { remarks: kept, unreadable } = parseRemarks(text);
    for (const one of kept) remarks.keep(one);
    if (unreadable === 0) return;
    const copy = `${path}.damaged`;
    log.warn("lines without a remark are left out", {
      file: path,
      lines: unreadable,
      copy: keepCopy(copy, text) ? copy : null,
    });
  }
}

function keepCopy(path: string, text: string): boolean {
  try {
    writeWholeSync(path, text, { synced: true });
    return true;
  } catch {
    return false;
  }
}
