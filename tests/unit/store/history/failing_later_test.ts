import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import {
  History,
  MAX_KEPT,
  RETRY_MS,
} from "../../../../src/store/history/history.ts";
import { HistoryDb } from "../../../../src/store/history/history_db.ts";
import { ALPHA, at, madeUpDisk, madeUpSighting } from "./made_up.ts";
import { flushAll, NOW, TemporaryHistory } from "./temporary_history.ts";

Deno.test("after a failure it is tried again each minute, and what waited is written", () => {
  using failing = new FailingHistory();
  const { history } = failing;
  failing.fill();
  const { problem } = history;
  assert.match(
    problem ?? "",
    /^No space is left for .*history\.db, so no history is kept/,
  );
  failing.makeRoom();
  failing.now += RETRY_MS - 1;
  assert.equal(history.flush(), false);
  assert.equal(history.problem, problem);
  failing.now += 1;
  flushAll(history);
  assert.equal(history.problem, null);
  assert.equal(history.gaps, 0);
  assert.equal(history.sightings({ limit: 1_000 }).length, 400);
});

Deno.test("after the clock went back it is tried again at once", () => {
  using failing = new FailingHistory();
  const { history } = failing;
  failing.fill();
  failing.makeRoom();
  failing.now -= 3_600_000;
  flushAll(history);
  assert.equal(history.problem, null);
});

Deno.test("no more waits than a limit: what is lost is counted, and that something is missing is told", () => {
  using failing = new FailingHistory();
  const { history } = failing;
  failing.fill();
  assert.notEqual(history.problem, null);
  const before = history.sightings({ limit: MAX_KEPT }).length;
  assert.doesNotMatch(history.problem!, /lost/);
  for (let i = 400; i < MAX_KEPT + 400 + 7; i++) failing.begin(i);
  const lost = Number(/(\d+) changes are lost$/.exec(history.problem!)?.[1]);
  assert.equal(lost, 400 - before + 7);
  assert.equal(history.gaps, 0);
  failing.makeRoom();
  failing.now += RETRY_MS;
  flushAll(history);
  assert.equal(history.problem, null);
  assert.equal(history.gaps, 1);
  assert.equal(
    history.sightings({ limit: 2 * MAX_KEPT }).length,
    before + MAX_KEPT,
  );
});

Deno.test("merge() and forgetting throw what went wrong, as a sentence", () => {
  using failing = new FailingHistory();
  const { history } = failing;
  failing.makeFull();
  const many = Array.from(
    { length: 2_000 },
    (_, i) => madeUpSighting({ from: NOW + 10 * i, until: NOW + 10 * i + 1 }),
  );
  const expected = {
    name: "HistoryError",
    kind: "full",
    message: /^No space is left for /,
  };
  assert.throws(() => history.merge(many), expected);
  assert.deepEqual(history.sightings({ limit: 9 }), [], "all of it or nothing");
  failing.makeRoom();
  assert.equal(history.merge(many).added, 2_000);
  assert.equal(history.problem, null);
});

Deno.test("a file that was removed, renamed or replaced is begun again, and that something is missing is told", async () => {
  for (const what of ["removed", "renamed", "replaced"]) {
    using temporary = new TemporaryHistory();
    const history = await temporary.open();
    const begin = (label: string, device: string) => {
      history.began(ALPHA, madeUpDisk(label), at(label, { device }));
      flushAll(history);
    };
    begin("before", "/dev/sda1");
    const aside = `${temporary.folder}/aside.db`;
    if (what === "removed") Deno.removeSync(temporary.path);
    else Deno.renameSync(temporary.path, aside);
    if (what === "replaced") Deno.writeTextFileSync(temporary.path, "");
    assert.equal(history.gaps, 0);
    begin("after", "/dev/sdb1");
    assert.equal(history.gaps, 1);
    assert.equal(history.problem, null);
    const labels = () =>
      history.sightings({ limit: 9 }).map(({ label }) => label);
    assert.deepEqual(labels(), ["after"]);
    history.close();
    using database = new DatabaseSync(temporary.path);
    const check = database.prepare("PRAGMA integrity_check").get()!;
    assert.deepEqual(Object.values(check), ["ok"]);
    if (what === "removed") continue;
    using old = new DatabaseSync(aside);
    const rows = old.prepare("SELECT label FROM sightings").all();
    assert.deepEqual(rows.map(({ label }) => label), ["before"]);
  }
});

/** A history on a file that cannot grow, as on a disk that is full. */
class FailingHistory implements Disposable {
  readonly #temporary = new TemporaryHistory();
  readonly #db = HistoryDb.open(this.#temporary.path);
  now = NOW;
  readonly history = new History({ db: this.#db, notice: null }, {
    path: this.#temporary.path,
    keepDays: 400,
    maxMegabytes: 256,
    wallClock: () => this.now,
  });

  /** Writes until there is no space, and has more to write then: 400 in all. */
  fill(): void {
    this.makeFull();
    for (let i = 0; i < 400; i++) this.begin(i);
    flushAll(this.history);
  }

  makeFull(): void {
    this.#db.once("PRAGMA max_page_count = 40");
  }

  makeRoom(): void {
    this.#db.once("PRAGMA max_page_count = 1000000");
  }

  begin(i: number): void {
    const device = `/dev/disk${i}`;
    this.history.began(ALPHA, madeUpDisk(`disk ${i}`), at("disk", { device }));
  }

  [Symbol.dispose](): void {
    this.history.close();
    this.#temporary[Symbol.dispose]();
  }
}
