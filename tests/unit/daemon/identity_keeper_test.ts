import assert from "node:assert/strict";
import { freshHostKey } from "../../../src/store/host_key_file.ts";
import {
  IdentityKeeper,
  RETRY_IDENTITY_MS,
} from "../../../src/daemon/identity_keeper.ts";
import { Log } from "../../../src/daemon/log.ts";
import { MockedTime } from "../../support/mocked_time.ts";

Deno.test("an identity that could not be written is written later, and the problem ends", async () => {
  using time = new MockedTime();
  const { keeper, kept, lines, fail } = makeKeeper();
  fail("the disk is full");
  keeper.start();
  assert.deepEqual(keeper.problems, ["the disk is full"]);
  keeper.keep({ key: freshHostKey(), boot: 2 });
  await time.pass(RETRY_IDENTITY_MS);
  assert.deepEqual(kept, [1, 2, 2]);
  assert.equal(lines.length, 1);
  fail(null);
  await time.pass(RETRY_IDENTITY_MS);
  assert.deepEqual([kept, keeper.problems], [[1, 2, 2, 2], []]);
  await time.pass(2 * RETRY_IDENTITY_MS);
  assert.equal(kept.length, 4);
});

Deno.test("no identity is written after the end", async () => {
  using time = new MockedTime();
  const { keeper, kept, fail } = makeKeeper();
  fail("the disk is full");
  keeper.start();
  keeper.stop();
  await time.pass(2 * RETRY_IDENTITY_MS);
  assert.equal(kept.length, 1);
});

Deno.test("a state directory of another machine is told of once, and what is wrong with its files stays told", () => {
  const { keeper, lines } = makeKeeper({
    copiedFrom: "node1",
    problems: ["identity.key is empty"],
  });
  keeper.start();
  assert.match(lines[0]!, /another machine.*machine=node1/);
  assert.deepEqual(keeper.problems, ["identity.key is empty"]);
});

function makeKeeper(
  { copiedFrom = null, problems = [] }: {
    copiedFrom?: string | null;
    problems?: string[];
  } = {},
) {
  const lines: string[] = [];
  const kept: number[] = [];
  let failure: string | null = null;
  const keeper = new IdentityKeeper({
    file: {
      key: freshHostKey(),
      boot: 1,
      copiedFrom,
      problems,
      keep({ boot }) {
        kept.push(boot);
        return failure;
      },
    },
    log: new Log({ level: "info", format: "text" }, {
      write: (line) => lines.push(line),
      timeOfDay: () => new Date(0),
    }),
  });
  const fail = (reason: string | null) => failure = reason;
  return { keeper, kept, lines, fail };
}
