import assert from "node:assert/strict";
import { Log } from "../../../src/daemon/log.ts";
import { NameKeeper, SAVE_NAMES_MS } from "../../../src/daemon/name_keeper.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { MockedTime } from "../../support/mocked_time.ts";

const BETA = "b".repeat(32);
const ABOUT = { version: "0.1.0", everyMs: 30_000 };

Deno.test("the host that had a name first is known after a restart", async () => {
  using time = new MockedTime();
  using run = temporaryRun();
  const first = run.start();
  first.hear(BETA, "Beta");
  await time.pass(SAVE_NAMES_MS);
  assert.equal(Deno.statSync(run.path).mode! & 0o777, 0o600);
  const second = run.start();
  assert.deepEqual([...second.inventory.nameHolders.values()], [
    { id: BETA, name: "Beta", since: 1_000, leftAt: null },
  ]);
  first.keeper.stop();
  second.keeper.stop();
  assert.deepEqual(run.lines, []);
});

Deno.test("names are written at the end, and only if they changed", () => {
  using _time = new MockedTime();
  using run = temporaryRun();
  const first = run.start();
  first.keeper.stop();
  assert.throws(() => Deno.statSync(run.path), Deno.errors.NotFound);
  const second = run.start();
  second.hear(BETA, "beta");
  second.keeper.stop();
  assert.match(Deno.readTextFileSync(run.path), /"beta"/);
});

Deno.test("a file that holds no names is told of and replaced, and what is no name in it is left out", () => {
  using _time = new MockedTime();
  using run = temporaryRun();
  const name = { name: "beta", id: BETA, since: 7, leftAt: null };
  const others = [null, 7, {}, { ...name, id: "../x" }, {
    ...name,
    since: "x",
  }, { ...name, name: "x".repeat(300) }];
  for (
    const [text, count] of [
      ["", 0],
      ["{}", 0],
      ["[", 0],
      [JSON.stringify([...others, name]), 1],
    ] as const
  ) {
    Deno.writeTextFileSync(run.path, text);
    const { inventory, keeper } = run.start();
    assert.equal([...inventory.nameHolders.values()].length, count, text);
    keeper.stop();
  }
  assert.equal(run.lines.length, 3);
});

Deno.test("names that cannot be written are told of once, and written later", async () => {
  using time = new MockedTime();
  using run = temporaryRun();
  Deno.mkdirSync(`${run.path}/in/the/way`, { recursive: true });
  const { keeper, hear } = run.start();
  hear(BETA, "beta");
  await time.pass(3 * SAVE_NAMES_MS);
  assert.equal(run.lines.length, 1);
  Deno.removeSync(run.path, { recursive: true });
  await time.pass(SAVE_NAMES_MS);
  assert.match(run.lines.at(-1)!, /names are kept again/);
  assert.match(Deno.readTextFileSync(run.path), /"beta"/);
  keeper.stop();
});

function temporaryRun() {
  const directory = Deno.makeTempDirSync({ prefix: "diskd-names-" });
  const path = `${directory}/names.json`;
  const lines: string[] = [];
  return {
    path,
    lines,
    start() {
      const inventory = new Inventory({ ...ABOUT, id: "self", name: "alpha" });
      const keeper = new NameKeeper({
        path,
        inventory,
        clock: { monotonicTime: (ms) => ms, storedTime: (ms) => ms },
        readText: (path) => {
          try {
            return Deno.readTextFileSync(path);
          } catch {
            return null;
          }
        },
        log: new Log({ level: "info", format: "text" }, {
          write: (line) => lines.push(line),
          timeOfDay: () => new Date(0),
        }),
      });
      keeper.start();
      const hear = (id: string, name: string) =>
        inventory.applyAnnouncement({ ...ABOUT, id, name }, null, {
          address: "10.0.0.2",
          now: 1_000,
        });
      return { inventory, keeper, hear };
    },
    [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }),
  };
}
