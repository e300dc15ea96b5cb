import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { History } from "../../../../src/store/history/history.ts";
import {
  type OpenedHistory,
  openHistory,
} from "../../../../src/store/history/open_history.ts";

/** A time to start from: 2026-11-22T10:11:12Z. */
export const NOW = Date.UTC(2026, 10, 22, 10, 11, 12);

/** A folder with the file of a history, and a clock that the test sets. */
export class TemporaryHistory implements Disposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "diskd-history-" });
  readonly path = `${this.folder}/history.db`;
  readonly #opened: History[] = [];
  now = NOW;

  /** Opens the file, whatever comes of it. */
  async tryOpen(
    { path = this.path, keepDays = 400, maxMegabytes = 256 } = {},
  ): Promise<OpenedHistory> {
    const wallClock = () => this.now;
    const opened = await openHistory({
      path,
      keepDays,
      maxMegabytes,
      wallClock,
    });
    if (opened.history) this.#opened.push(opened.history);
    return opened;
  }

  /** Opens the file, which must be well. */
  async open(
    options: { keepDays?: number; maxMegabytes?: number } = {},
  ): Promise<History> {
    const { history, problem } = await this.tryOpen(options);
    assert.equal(problem, null);
    assert.ok(history);
    return history;
  }

  /** Looks into the file, or changes it, past the history, which must be closed. */
  sql(statement: string): Record<string, unknown>[] {
    using database = new DatabaseSync(this.path);
    return database.prepare(statement).all();
  }

  /** Names in the folder, in order. */
  files(): string[] {
    return [...Deno.readDirSync(this.folder)].map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    for (const history of this.#opened) history.close();
    Deno.removeSync(this.folder, { recursive: true });
  }
}

/** Writes all that waits. */
export function flushAll(history: History): void {
  while (history.flush());
}
