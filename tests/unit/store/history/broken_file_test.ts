import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { History } from "../../../../src/store/history/history.ts";
import type { SightingRecord } from "../../../../src/store/history/records.ts";
import { seededRandom } from "../../../support/seeded_random.ts";
import { ALPHA, at, madeUpDisk, madeUpSighting } from "./made_up.ts";
import { flushAll, NOW, TemporaryHistory } from "./temporary_history.ts";

const PAGE_BYTES = 4_096;
const ASIDE = "history.db.broken-2026-11-22T10-11-12Z";

for (
  const [what, damage] of Object.entries({
    "that is not a database": (path: string) =>
      Deno.writeTextFileSync(path, "Not a database. ".repeat(1_000)),
    "whose header is lost": (path: string) =>
      overwrite(path, { from: 0, bytes: PAGE_BYTES }),
    "whose list of tables is lost": (path: string) =>
      overwrite(path, { from: 100, bytes: PAGE_BYTES - 100 }),
    "that is cut off within its first page": (path: string) =>
      Deno.truncateSync(path, 1_000),
    "that is cut off after its first page": (path: string) =>
      Deno.truncateSync(path, PAGE_BYTES),
    "that is a directory": (path: string) => {
      Deno.removeSync(path);
      Deno.mkdirSync(path);
    },
    "that is a pipe": (path: string) => {
      Deno.removeSync(path);
      new Deno.Command("mkfifo", { args: [path] }).outputSync();
    },
    "whose tables lack a column": (path: string) => {
      using database = new DatabaseSync(path);
      database.exec("ALTER TABLE disks DROP COLUMN tran");
    },
    "with other tables": (path: string) => {
      Deno.removeSync(path);
      using other = new TemporaryHistory();
      other.sql("CREATE TABLE hosts (a)");
      Deno.copyFileSync(other.path, path);
    },
  })
) {
  Deno.test(`a file ${what} is set aside, and another begun`, async () => {
    using temporary = await filled();
    damage(temporary.path);
    const kind = Deno.lstatSync(temporary.path);
    const { history, problem } = await temporary.tryOpen();
    assert.ok(history);
    history.restore();
    const told = problem ?? history.problem ?? "";
    assert.match(
      told,
      /history\.db was broken \(.+\); it is now .+\.broken-2026-11-22T10-11-12Z, and a new history was begun$/,
    );
    assert.equal(history.problem, told);
    const aside = Deno.lstatSync(`${temporary.folder}/${ASIDE}`);
    assert.deepEqual([aside.ino, aside.isFile], [kind.ino, kind.isFile]);
    assertWorks(history);
    history.close();
    await assertWell(temporary);
  });
}

Deno.test("a broken file goes aside with its log, and none that went before is replaced", async () => {
  using temporary = new TemporaryHistory();
  for (const content of ["first", "second", "third"]) {
    Deno.mkdirSync(temporary.path);
    for (const suffix of ["-wal", "-shm"]) {
      Deno.writeTextFileSync(temporary.path + suffix, content);
    }
    const { history, problem } = await temporary.tryOpen();
    assert.ok(problem);
    history?.close();
    Deno.removeSync(temporary.path);
  }
  const names = ["", "-2", "-3"].flatMap((count) =>
    ["", "-wal", "-shm"].map((suffix) => ASIDE + count + suffix)
  );
  assert.deepEqual(temporary.files(), names.sort());
  const log = `${temporary.folder}/${ASIDE}-wal`;
  assert.equal(Deno.readTextFileSync(log), "first");
});

Deno.test("a file that proves broken while it is read is set aside, and what is asked for is answered", async () => {
  using temporary = await filled();
  overwrite(temporary.path, { from: 32 * PAGE_BYTES, bytes: 200 * PAGE_BYTES });
  const history = await temporary.open();
  assert.equal(history.gaps, 0);
  assert.deepEqual(history.page(0, 5_000).records, []);
  assert.equal(history.gaps, 1);
  assert.match(history.problem ?? "", /malformed.* a new history was begun/);
  assertWorks(history);
});

Deno.test("a file that proves broken while it is written is set aside, and what was written is not lost", async () => {
  using temporary = await filled();
  overwrite(temporary.path, { from: 32 * PAGE_BYTES, bytes: 300 * PAGE_BYTES });
  const history = await temporary.open();
  for (let i = 0; i < 100; i++) begin(history, `new ${i}`);
  flushAll(history);
  assert.equal(history.gaps, 1);
  assert.match(history.problem ?? "", /a new history was begun/);
  assert.ok(history.sightings({ limit: 1_000 }).length >= 50);
  assertWorks(history);
});

Deno.test("a file without its log is what it was before", async () => {
  using temporary = await filled();
  const history = await temporary.open();
  begin(history, "only in the log");
  flushAll(history);
  Deno.copyFileSync(temporary.path, `${temporary.path}.copy`);
  history.close();
  Deno.renameSync(`${temporary.path}.copy`, temporary.path);
  const again = await temporary.open();
  assert.equal(again.page(0, 5_000).records.length, COUNT);
  assert.deepEqual(again.disks("only in the log").found, []);
  assertWorks(again);
});

/** SQLite keeps no sums of its pages, so not each flip is noticed: but each is survived. */
for (let seed = 1; seed <= 40; seed++) {
  Deno.test(`flipped bits harm nobody, seed ${seed}`, async () => {
    using temporary = await filled();
    flipBits(temporary.path, seed);
    const { history, problem } = await temporary.tryOpen();
    if (history === null) {
      assert.match(problem ?? "", /was written by a later version/);
      return;
    }
    for (let step = 0; step < 2; step++) {
      const { hosts, past } = history.restore();
      hosts.flatMap(({ sightings }) => sightings).forEach(assertSound);
      past.forEach(assertSound);
      history.page(0, 5_000).records.forEach(assertSound);
      history.disks("backup 7");
      begin(history, `after ${step}`);
      history.ended(ALPHA.hostId, "/dev/backup 9", NOW + 9);
      flushAll(history);
      for (let i = 0; i < 50; i++) history.trim(NOW);
    }
    history.close();
    const again = await temporary.tryOpen();
    assert.ok(again.history);
  });
}

function flipBits(path: string, seed: number): void {
  const random = seededRandom(seed);
  const bytes = Deno.readFileSync(path);
  const pages = bytes.length / PAGE_BYTES;
  for (let count = 1 + Math.floor(random() * 20); count > 0; count--) {
    // Every page is as likely, but its beginning, which tells where what is, far more than the rest.
    const within = Math.floor(random() ** 4 * PAGE_BYTES);
    const at = Math.floor(random() * pages) * PAGE_BYTES + within;
    bytes[at]! ^= 1 << Math.floor(random() * 8);
  }
  Deno.writeFileSync(path, bytes);
}

function assertSound({ from, until, mounts, device }: SightingRecord): void {
  assert.equal(typeof device, "string");
  assert.ok(Array.isArray(mounts));
  assert.ok(until === null || until >= from);
}

const COUNT = 2_000;

let filledFile: Uint8Array | null = null;

/** A closed history of `COUNT` sightings at alpha, every second one at an end. */
async function filled(): Promise<TemporaryHistory> {
  const temporary = new TemporaryHistory();
  if (filledFile === null) {
    const history = await temporary.open();
    history.host(ALPHA);
    history.merge(Array.from({ length: COUNT / 2 }, (_, i) => {
      const label = `backup ${i % 100}`;
      const from = NOW - (i + 1) * 10_000;
      const disk = madeUpDisk(label);
      return madeUpSighting({ disk, label, from, until: from + 1 });
    }));
    for (let i = 0; i < COUNT / 2; i++) begin(history, `open ${i}`);
    history.close();
    filledFile = Deno.readFileSync(temporary.path);
  }
  Deno.writeFileSync(temporary.path, filledFile);
  return temporary;
}

function begin(history: History, label: string): void {
  const device = `/dev/${label}`;
  history.began(ALPHA, madeUpDisk(label), at(label, { device }));
}

function overwrite(
  path: string,
  { from, bytes }: { from: number; bytes: number },
): void {
  const content = Deno.readFileSync(path);
  content.fill(0x5a, from, from + bytes);
  Deno.writeFileSync(path, content);
}

function assertWorks(history: History): void {
  begin(history, "it works");
  assert.equal(
    history.sightings({ disks: ["uuid of it works"], limit: 9 }).length,
    1,
  );
}

async function assertWell(temporary: TemporaryHistory): Promise<void> {
  assertWorks(await temporary.open());
}
