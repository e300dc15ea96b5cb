import assert from "node:assert/strict";
import type { Handlers } from "../../../src/control/handlers.ts";
import { RpcError } from "../../../src/control/jsonrpc.ts";
import {
  askingHandlers,
  HubAnswers,
  MAX_HUB_QUESTIONS,
} from "../../../src/daemon/hub_questions.ts";
import { diskRow } from "../render/rows.ts";

const [mine, theirs] = [
  diskRow({ hostId: "a", label: "mine" }),
  diskRow({ hostId: "b", label: "theirs", state: "attached" }),
];

/** Of a host that knows these rows. */
function knowing(...rows: ReturnType<typeof diskRow>[]): Handlers {
  return {
    list: () => rows,
    where: ({ name }: { name: string }) =>
      rows.filter(({ label }) => label === name),
    hosts: () => [],
    find: ({ name }: { name: string }) => ({
      rows: rows.filter(({ label }) => label === name),
      verdict: { kind: "not-known" },
      contents: [],
      site: `site of ${rows[0]?.hostId}`,
    }),
  } as unknown as Handlers;
}

function asking(own: Handlers, answers: Pick<HubAnswers, "answer"> | null) {
  const failures: (string | null)[] = [];
  const handlers = askingHandlers(own, {
    async *ask(question) {
      if (answers === null) throw new Error("no responders");
      yield* answers.answer(question);
    },
    onFailure: (reason) => failures.push(reason),
  });
  return { handlers, failures };
}

async function answerTo(
  answers: HubAnswers,
  question: unknown,
): Promise<string> {
  const bytes = new TextEncoder().encode(
    typeof question === "string" ? question : JSON.stringify(question),
  );
  const parts = [];
  for await (const part of answers.answer(bytes)) {
    parts.push(new TextDecoder().decode(part));
  }
  return parts.join("");
}

Deno.test("askingHandlers() adds rows of hosts that are not known here, and no others", async () => {
  const other = { ...mine, label: "old news of mine" };
  const { handlers, failures } = asking(
    knowing(mine),
    new HubAnswers(knowing(theirs, other)),
  );
  assert.deepEqual(await handlers.list({}), [mine, theirs]);
  assert.deepEqual(await handlers.where({ name: "theirs" }), [theirs]);
  assert.deepEqual(await handlers.where({ name: "mine" }), [mine]);
  const found = await handlers.find({ name: "theirs" });
  assert.deepEqual("rows" in found && found.rows, [theirs]);
  assert.equal("site" in found && found.site, "site of a");
  assert.deepEqual(failures, [null, null, null]);
});

Deno.test("askingHandlers() answers what is known here while nobody answers, and says so", async () => {
  const { handlers, failures } = asking(knowing(mine), null);
  assert.deepEqual(await handlers.list({}), [mine]);
  assert.deepEqual(await handlers.where({ name: "theirs" }), []);
  assert.ok("rows" in await handlers.find({ name: "mine" }));
  await assert.rejects(
    async () => await handlers.find({ name: "theirs" }),
    RpcError,
  );
  assert.deepEqual(failures, Array(3).fill("no responders"));
});

Deno.test("askingHandlers() takes nothing of an answer that is none", async () => {
  for (
    const text of ["", "-busy", "+", "+7", "+null", "+{", "+{}", "+[1]", "x[]"]
  ) {
    const { handlers, failures } = asking(knowing(mine), {
      async *answer() {
        yield new TextEncoder().encode(text);
      },
    });
    assert.deepEqual(await handlers.list({}), [mine], text);
    assert.notEqual(failures[0], null, text);
  }
});

Deno.test("HubAnswers refuses what may not be asked, and more than it has time for", async () => {
  const answers = new HubAnswers(knowing(mine));
  for (
    const question of [
      "no JSON",
      [],
      { method: "forget", params: { name: "x" } },
      { method: "status", params: {} },
      { method: "where", params: {} },
      { method: "list" },
    ]
  ) {
    assert.match(await answerTo(answers, question), /^-/);
  }
  const question = { method: "list", params: {} };
  const bytes = new TextEncoder().encode(JSON.stringify(question));
  const open = Array.from(
    { length: MAX_HUB_QUESTIONS },
    () => answers.answer(bytes),
  );
  for (const one of open) await one.next();
  assert.match(await answerTo(answers, question), /^-too many/);
  for (const one of open) await one.return(undefined);
  assert.match(await answerTo(answers, question), /^\+\[/);
});
