import assert from "node:assert/strict";
import { Log } from "../../../src/daemon/log.ts";
import { RemarkKeeper } from "../../../src/daemon/remark_keeper.ts";
import { Remarks } from "../../../src/inventory/remarks.ts";
import { TEST_SIGNATURES } from "../../support/host_keys.ts";
import { madeUpRemark } from "../../support/made_up_remarks.ts";
import { needs } from "../../support/needs.ts";
import { MockedTime } from "../../support/mocked_time.ts";

Deno.test("what was said here is kept at once, and what others said a moment later, in one go", async () => {
  using time = new MockedTime();
  using run = temporaryRun();
  const first = run.start();
  first.remarks.take(madeUpRemark("id-a"));
  first.keeper.flush();
  assert.equal(Deno.statSync(run.path).mode! & 0o777, 0o600);
  assert.equal(run.start().count(), 1);
  for (let i = 0; i < 10; i++) {
    first.remarks.take(madeUpRemark("id-b", { subject: `uuid b${i}` }));
    first.keeper.changed();
    await time.pass(299);
  }
  assert.equal(run.start().count(), 1);
  await time.pass(10);
  assert.equal(run.start().count(), 11);
  assert.deepEqual(run.lines, []);
});

Deno.test("the more there is to write, the more rarely others cause it", async () => {
  using time = new MockedTime();
  using run = temporaryRun();
  const { remarks, keeper } = run.start();
  for (let i = 0; i < 2_500; i++) {
    remarks.take(madeUpRemark("id-b", { subject: `uuid ${i}` }));
  }
  keeper.changed();
  await time.pass(8_990);
  assert.throws(() => Deno.statSync(run.path), Deno.errors.NotFound);
  await time.pass(20);
  assert.equal(run.start().count(), 2_500);
});

Deno.test("what is set aside is kept, with who proved a key", () => {
  using run = temporaryRun();
  const { remarks, keeper } = run.start();
  remarks.prove("id-member");
  remarks.take(madeUpRemark("id-member"));
  remarks.take(madeUpRemark("id-stranger", { subject: "uuid 2" }));
  remarks.demandProof(true);
  keeper.flush();
  const again = run.start({ demandsProof: true });
  assert.deepEqual([again.count(), again.aside()], [1, 1]);
  const open = run.start();
  assert.equal(open.count(), 2);
});

Deno.test("that a host proved a key is kept too, and nothing is written without a change", async () => {
  using time = new MockedTime();
  using run = temporaryRun();
  const { remarks, keeper } = run.start();
  remarks.take(madeUpRemark("id-member"));
  keeper.flush();
  remarks.prove("id-member");
  keeper.changed();
  await time.pass(3_010);
  assert.equal(run.start({ demandsProof: true }).count(), 1);
  Deno.removeSync(run.path);
  remarks.prove("id-member");
  remarks.prove("id-another");
  keeper.changed();
  await time.pass(10_000);
  assert.throws(() => Deno.statSync(run.path), Deno.errors.NotFound);
});

Deno.test("damaged lines are left out, told, and kept in a copy", () => {
  using run = temporaryRun();
  const good = madeUpRemark("id-a", { value: "drawer 3" });
  const lines = [
    JSON.stringify(good),
    JSON.stringify({ ...good, subject: "uuid 2", value: "drawer 4" }),
    JSON.stringify({ ...good, by: "id-b" }),
    JSON.stringify({ ...good, at: "soon" }),
    JSON.stringify(good).slice(0, 50),
    "null",
    "\0\0\0",
  ];
  const text = `${lines.join("\n")}\n`;
  Deno.writeTextFileSync(run.path, text);
  const { remarks, keeper, count } = run.start();
  assert.equal(count(), 1);
  assert.equal(Deno.readTextFileSync(`${run.path}.damaged`), text);
  assert.match(run.lines.join(), /lines without a remark are left out .*6/);
  remarks.take(madeUpRemark("id-a", { subject: "uuid 3" }));
  keeper.flush();
  assert.equal(run.start().count(), 2);
  assert.equal(run.lines.length, 1);
});

Deno.test("a write that was cut short has no effect", () => {
  using run = temporaryRun();
  const { remarks, keeper } = run.start();
  remarks.take(madeUpRemark("id-a"));
  keeper.flush();
  Deno.writeTextFileSync(`${run.path}.new`, '{"subject":"uui');
  const again = run.start();
  again.remarks.take(madeUpRemark("id-a", { subject: "uuid 2" }));
  again.keeper.flush();
  assert.equal(run.start().count(), 2);
  assert.deepEqual(run.lines, []);
});

for (
  const [what, spoil, reason] of [
    ["a link", (path: string) => {
      Deno.renameSync(path, `${path}.elsewhere`);
      Deno.symlinkSync(`${path}.elsewhere`, path);
    }, /is a symbolic link, which diskd does not follow; move it away/],
    ["another name of it", (path: string) => {
      Deno.linkSync(path, `${path}.elsewhere`);
    }, /has a second name, a hard link; move it away/],
    ["another user's file", (path: string) => {
      Deno.chownSync(path, 65_534, null);
    }, /belongs to user 65534; expected root/],
  ] as const
) {
  Deno.test({
    ...needs(
      `in the place of the file ${what} is neither read nor written, and nothing is lost`,
      { root: true },
    ),
    fn() {
      using run = temporaryRun();
      const first = run.start();
      first.remarks.take(madeUpRemark("id-a"));
      first.keeper.flush();
      const before = Deno.readTextFileSync(run.path);
      spoil(run.path);
      const { remarks, keeper, count } = run.start();
      assert.equal(count(), 0);
      remarks.take(madeUpRemark("id-a", { subject: "uuid 2" }));
      keeper.flush();
      assert.equal(Deno.readTextFileSync(run.path), before);
      const [problem] = keeper.problems;
      assert.match(problem!, /^Cannot read .*remarks\.jsonl: /);
      assert.match(problem!, reason);
      assert.match(run.lines.join(), reason);
      // Mended: what is there and what was said since are kept.
      const own = Deno.readTextFileSync(run.path);
      Deno.removeSync(run.path);
      Deno.writeTextFileSync(run.path, own);
      keeper.flush();
      assert.deepEqual(keeper.problems, []);
      assert.equal(run.start().count(), 2);
    },
  });
}

Deno.test("a file that cannot be written is told, and written as soon as it can", () => {
  using run = temporaryRun();
  const { remarks, keeper } = run.start();
  remarks.take(madeUpRemark("id-a"));
  Deno.mkdirSync(`${run.path}.new`);
  Deno.mkdirSync(`${run.path}.new/full`);
  keeper.flush();
  assert.match(keeper.problems.join(), /^Cannot write .*remarks\.jsonl: /);
  Deno.removeSync(`${run.path}.new`, { recursive: true });
  keeper.flush();
  assert.deepEqual(keeper.problems, []);
  assert.equal(run.start().count(), 1);
  assert.match(run.lines.at(-1)!, /remarks are kept again/);
});

function temporaryRun() {
  const directory = Deno.makeTempDirSync();
  const path = `${directory}/remarks.jsonl`;
  const lines: string[] = [];
  const log = new Log({ level: "info", format: "text" }, {
    write: (line) => lines.push(line),
    timeOfDay: () => new Date(0),
  });
  return {
    path,
    lines,
    start({ demandsProof = false } = {}) {
      const remarks = new Remarks();
      remarks.demandProof(demandsProof);
      const keeper = new RemarkKeeper({
        path,
        remarks,
        signatures: TEST_SIGNATURES,
        log,
      });
      return {
        keeper,
        remarks,
        count: () => remarks.counting.count,
        aside: () => remarks.aside.count,
      };
    },
    [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }),
  };
}
