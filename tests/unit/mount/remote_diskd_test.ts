import assert from "node:assert/strict";
import { EXIT } from "../../../src/system/exit_code.ts";
import { Refusal, REFUSAL_OF_CODE } from "../../../src/mount/refusal.ts";
import {
  mountOnDiskHost,
  unmountOnDiskHost,
} from "../../../src/mount/remote_diskd.ts";
import type { RunOutcome } from "../../../src/system/system.ts";
import { exited } from "../../support/scripted_system.ts";
import {
  ANSWER,
  HOLDER,
  ScriptedCaller,
  targetNamed,
  UNMOUNTED,
  UUID,
} from "./remote_support.ts";

const TASK = { uuid: UUID, readOnly: false };

async function refusal(
  outcome: RunOutcome,
  { isBatch = true }: { readonly isBatch?: boolean } = {},
): Promise<Refusal> {
  const caller = new ScriptedCaller();
  caller.failures.set("ssh mount", outcome);
  try {
    await mountOnDiskHost(TASK, HOLDER, caller.tools({ isBatch }));
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error;
  }
  assert.fail("nothing was refused");
}

Deno.test("mountOnDiskHost() and unmountOnDiskHost() give the diskHost's answer", async () => {
  const tools = new ScriptedCaller().tools();
  assert.deepEqual(await mountOnDiskHost(TASK, HOLDER, tools), ANSWER);
  assert.deepEqual(await unmountOnDiskHost(UUID, HOLDER, tools), UNMOUNTED);
});

Deno.test("mountOnDiskHost() ends with the diskHost's exit code", async () => {
  assert.deepEqual([...REFUSAL_OF_CODE.keys()], [1, 2, 3, 4, 5, 6, 7]);
  for (const [code, kind] of REFUSAL_OF_CODE) {
    assert.equal(EXIT[kind], code);
    const { kind: told, message } = await refusal(exited({ code: EXIT[kind] }));
    assert.equal(told, kind);
    assert.match(message, /^beta did not mount it \(exit code \d\); .* above$/);
  }
  assert.equal((await refusal(exited({ code: EXIT.internal }))).kind, "failed");
});

Deno.test("mountOnDiskHost() says that a diskd without the command is too old", async () => {
  const { hints } = await refusal(exited({ code: EXIT.usage }));
  assert.match(hints.join("\n"), /know "mount", diskd on beta is too old/);
});

Deno.test("mountOnDiskHost() says when ssh did not get there, and what it lacked", async () => {
  const batch = await refusal(exited({ code: 255 }));
  assert.equal(batch.kind, "failed");
  assert.match(batch.message, /^ssh could not connect to beta; see/);
  assert.match(batch.hints.join("\n"), /needs a key[^]*ssh: \{"beta": user@/);
  const asked = await refusal(exited({ code: 255 }), { isBatch: false });
  assert.doesNotMatch(asked.hints.join("\n"), /needs a key/);
});

const FAILURES: readonly (readonly [string, RunOutcome, RegExp])[] = [
  ["no diskd there", exited({ code: 127 }), /no diskd on beta/],
  ["no ssh here", { kind: "missing" }, /no ssh on this host/],
  ["no right to run it", { kind: "denied", reason: "no" }, /cannot be run: no/],
  ["an endless answer", { kind: "overflow", limitBytes: 9 }, /longer than 9/],
  ["another answer", exited({ stdout: "Welcome!\n" }), /it is not JSON/],
  ["no answer", exited({}), /it is not JSON/],
  [
    "another disk",
    exited({ stdout: JSON.stringify({ ...ANSWER, uuid: "AB12-CD34" }) }),
    /it concerns another disk/,
  ],
];

for (const [what, outcome, message] of FAILURES) {
  Deno.test(`mountOnDiskHost() tells of ${what}`, async () => {
    const { kind, message: told } = await refusal(outcome);
    assert.equal(kind, "failed");
    assert.match(told, message);
  });
}

/** As it is printed there, pretty. */
const PRETTY = `${JSON.stringify(ANSWER, null, 2)}\n`;

const CHATTER: readonly (readonly [string, string])[] = [
  ["before it", `Welcome!\n{\nto alpha }\n${PRETTY}`],
  ["on its line", `\x1b]0;alpha\x07${PRETTY}`],
  ["after it", `${PRETTY}Bye {}\n`],
];

for (const [where, stdout] of CHATTER) {
  Deno.test(`mountOnDiskHost() finds the answer among chatter ${where}`, async () => {
    const caller = new ScriptedCaller();
    caller.failures.set("ssh mount", exited({ stdout }));
    const answer = await mountOnDiskHost(TASK, HOLDER, caller.tools());
    assert.deepEqual(answer, ANSWER);
  });
}

Deno.test("mountOnDiskHost() shows what is printed instead of an answer", async () => {
  const stdout = 'Please login as the user "admin"\n\x1b[1m' +
    "x".repeat(2_000);
  for (const code of [0, 1, 142, 255]) {
    const { kind, hints } = await refusal(exited({ code, stdout }));
    assert.equal(kind, "failed");
    const [printed = ""] = hints;
    assert.match(
      printed,
      /^beta printed: Please login as the user "admin" \\x1b/,
    );
    assert.ok(printed.length < 500);
  }
});

Deno.test("mountOnDiskHost() says what sudoers needs", async () => {
  const caller = new ScriptedCaller();
  const target = targetNamed("admin@beta", { sudo: true });
  for (const code of [1, 127]) {
    caller.failures.set("ssh mount", exited({ code }));
    await assert.rejects(
      mountOnDiskHost(TASK, { ...HOLDER, target }, caller.tools()),
      (error: Refusal) => {
        assert.equal(error.kind, "failed");
        assert.match(
          error.hints.join("\n"),
          /^admin ALL=\(root\) NOPASSWD: \/usr\/local\/bin\/diskd ssh-command -- \*$/m,
        );
        return true;
      },
    );
  }
});

Deno.test("mountOnDiskHost() says what an interruption may have left", async () => {
  const caller = new ScriptedCaller();
  caller.failures.set("ssh mount", exited({ code: 255 }));
  const signal = AbortSignal.abort();
  await assert.rejects(
    mountOnDiskHost(TASK, HOLDER, { ...caller.tools(), signal }),
    (error: Refusal) => {
      assert.match(error.message, /^interrupted while beta/);
      assert.match(error.hints[0]!, new RegExp(`diskd unmount ${UUID}$`));
      return true;
    },
  );
});
