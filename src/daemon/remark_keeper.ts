import type { Signatures } from "../codec/host_key.ts";
import type { Remarks } from "../inventory/remarks.ts";
import { readRemarkFile, writeRemarkFile } from "../store/remark_file.ts";
import { reasonOf } from "../system/reason.ts";
import { writeWholeSync } from "../system/write_whole.ts";
import { type Log, ProblemLog } from "./log.ts";

/** Time until remarks of other hosts are written, with those that follow. */
const SAVE_REMARKS_MS = 3_000;

/** So many more remarks take that time once more: a liar may change them all the time. */
const REMARKS_A_SAVE = 1_000;

interface RemarkKeeperOptions {
  readonly path: string;
  readonly remarks: Remarks;
  readonly signatures: Signatures;
  readonly log: Log;
}

/** Keeps the remarks from run to run. */
export class RemarkKeeper {
  readonly #options: RemarkKeeperOptions;
  readonly #problemLog: ProblemLog;
  /** Whether the file was read: it is not replaced before. */
  #isRead = false;
  #savedRevision = -1;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #problems: readonly string[] = [];

  /** Loads the remarks. Never throws. */
  constructor(options: RemarkKeeperOptions) {
    this.#options = options;
    this.#problemLog = new ProblemLog(options.log, "remarks are kept again");
    this.#try(() => this.#load());
    if (this.#isRead) this.#savedRevision = options.remarks.revision;
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
    if (remarks.revision === this.#savedRevision) return;
    this.#try(() => {
      if (!this.#isRead) this.#load();
      const { revision } = remarks;
      writeRemarkFile(path, remarks.kept());
      this.#savedRevision = revision;
    });
  }

  /** Writes what another host said or proved, soon; costs nothing if that is nothing new. */
  changed(): void {
    const { counting: { count }, revision } = this.#options.remarks;
    if (revision === this.#savedRevision) return;
    const waitMs = SAVE_REMARKS_MS * (1 + Math.floor(count / REMARKS_A_SAVE));
    this.#timer ??= setTimeout(() => this.flush(), waitMs);
  }

  #try(act: () => void): void {
    const { path } = this.#options;
    try {
      act();
      this.#problems = [];
    } catch (error) {
      const deed = this.#isRead ? "write" : "read";
      this.#problems = [
        `Cannot ${deed} ${path}: ${reasonOf(error)}. Until that is mended, a ` +
        "restart forgets the latest notes, names and tags of disks that no " +
        "other host has",
      ];
    }
    this.#problemLog.tell(this.#problems);
  }

  #load(): void {
    const { path, remarks, signatures, log } = this.#options;
    const file = readRemarkFile(path, signatures);
    for (const one of file?.remarks ?? []) remarks.keep(one);
    if (file !== null && file.unreadable > 0) {
      const copy = `${path}.damaged`;
      writeWholeSync(copy, file.text, { synced: true });
      log.warn("lines without a remark are left out", {
        file: path,
        lines: file.unreadable,
        copy,
      });
    }
    this.#isRead = true;
  }
}
