import assert from "node:assert/strict";
import {
  HistoryDb,
  SCHEMA_STEPS,
} from "../../../../src/store/history/history_db.ts";
import { ALPHA, at, madeUpDisk } from "./made_up.ts";
import { TemporaryHistory } from "./temporary_history.ts";

/** A version to come, which an older file is brought to. */
const LATER = [...SCHEMA_STEPS, [
  "ALTER TABLE disks ADD COLUMN colour TEXT",
  "UPDATE disks SET colour = 'grey'",
]];

Deno.test("a new file has the newest schema, and is kept small and safe", async () => {
  using temporary = new TemporaryHistory();
  (await temporary.open()).close();
  for (
    const [pragma, value] of [
      ["user_version", SCHEMA_STEPS.length],
      ["journal_mode", "wal"],
      ["auto_vacuum", 2],
      ["integrity_check", "ok"],
    ] as const
  ) {
    assert.deepEqual(Object.values(temporary.sql(`PRAGMA ${pragma}`)[0]!), [
      value,
    ]);
  }
});

Deno.test("an older file is brought to the newest schema, with what it held", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  history.began(ALPHA, madeUpDisk("backup"), at("backup"));
  history.close();
  const db = HistoryDb.open(temporary.path, LATER);
  const disks = db.all("SELECT label, colour FROM disks");
  assert.deepEqual(disks.map((row) => ({ ...row })), [
    { label: "backup", colour: "grey" },
  ]);
  db.close();
  assert.equal(version(temporary), SCHEMA_STEPS.length + 1);
});

Deno.test("a file of the first schema is read as one of the newest", async () => {
  using temporary = new TemporaryHistory();
  HistoryDb.open(temporary.path, SCHEMA_STEPS.slice(0, 1)).close();
  const history = await temporary.open();
  history.began(ALPHA, madeUpDisk("backup"), at("backup"));
  assert.equal(history.disks("/dev/sdb1").found.length, 1);
  history.close();
  assert.equal(version(temporary), SCHEMA_STEPS.length);
});

Deno.test("an empty file, and one without a table, are taken for new", async () => {
  using temporary = new TemporaryHistory();
  Deno.writeTextFileSync(temporary.path, "");
  (await temporary.open()).close();
  Deno.removeSync(temporary.path);
  temporary.sql("PRAGMA journal_mode = WAL");
  (await temporary.open()).close();
  assert.equal(version(temporary), SCHEMA_STEPS.length);
});

Deno.test("a step that fails leaves the file as it was", async () => {
  using temporary = new TemporaryHistory();
  (await temporary.open()).close();
  const broken = [...LATER, [
    "CREATE TABLE later (a)",
    "CREATE TABLE hosts (a)",
  ]];
  assert.throws(() => HistoryDb.open(temporary.path, broken), {
    name: "HistoryError",
    message: /hosts already exists/,
  });
  assert.equal(version(temporary), LATER.length);
  assert.deepEqual(
    temporary.sql("SELECT name FROM sqlite_schema WHERE name = 'later'"),
    [],
  );
});

Deno.test("a file of a later version is left alone, and said to be so", async () => {
  using temporary = new TemporaryHistory();
  HistoryDb.open(temporary.path, LATER).close();
  const before = Deno.readFileSync(temporary.path);
  const { history, problem } = await temporary.tryOpen();
  assert.equal(history, null);
  const [known, its] = [SCHEMA_STEPS.length, LATER.length];
  assert.match(
    problem ?? "",
    new RegExp(
      `history\\.db was written by a later version of diskd \\(its schema version is ${its}, the latest known here ${known}\\), so no history is kept; update diskd`,
    ),
  );
  assert.deepEqual(Deno.readFileSync(temporary.path), before);
});

function version(temporary: TemporaryHistory): unknown {
  return temporary.sql("PRAGMA user_version")[0]?.["user_version"];
}
