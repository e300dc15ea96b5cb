import fc from "fast-check";
import assert from "node:assert/strict";
import { Answers } from "../../../src/control/answers.ts";
import { MAX_LINE_BYTES, RequestLines } from "../../../src/control/framing.ts";
import { ALL } from "../../../src/control/handlers.ts";
import { METHOD_NAMES } from "../../../src/control/parameters.ts";
import { checkSightingRow } from "../../../src/control/sighting_row.ts";
import { isPrintable } from "../../../src/text/printable.ts";
import { inTime } from "../../support/eventually.ts";
import { jsonBombs } from "../../support/hostile_texts.ts";
import { sightingRow } from "../render/rows.ts";
import { FakeDaemon, GREETING, PLAIN_TEXT, serve, Typist } from "./support.ts";

/** What an answer may be longer than what was asked: `help` is the longest. */
const MAX_MORE_CHARS = 4_096;
const BOMBS = jsonBombs(MAX_LINE_BYTES - 200);
const NOW = Date.parse("2026-06-01T00:00:00Z");

/** Answers a line, and sees to it that nothing but an answer comes of it. */
async function answer(line: string, side: "json" | "text"): Promise<string> {
  const failures: unknown[] = [];
  const { handlers } = new FakeDaemon({
    status: () => {
      throw new TypeError("not asked for here");
    },
    import: ({ rows }) => {
      for (const row of rows) inTime(() => checkSightingRow(row, NOW));
      return { added: rows.length, extended: 0, known: 0, skipped: 0 };
    },
  });
  const answers = new Answers({
    handlers,
    text: PLAIN_TEXT,
    access: ALL,
    onFailure: (error, asked) => asked !== "status" && failures.push(error),
  });
  const startedAt = performance.now();
  const { chunks } = side === "json"
    ? await answers.toJson(line)
    : await answers.toText(line);
  assert.ok(performance.now() - startedAt < 5_000);
  assert.deepEqual(failures, []);
  const decoder = new TextDecoder();
  const text = chunks.map((chunk) => decoder.decode(chunk)).join("");
  assert.ok(text.length <= line.length + MAX_MORE_CHARS, text.slice(0, 200));
  return text;
}

/** A line of JSON, or none where it was a notification. */
async function answersJson(line: string): Promise<void> {
  const text = await answer(line, "json");
  if (text === "") return;
  assert.equal(text.indexOf("\n"), text.length - 1);
  assert.equal(JSON.parse(text).jsonrpc, "2.0");
}

/** Lines that a terminal bears, and an empty one at their end. */
async function answersText(line: string): Promise<void> {
  const text = await answer(line, "text");
  if (text === "") return;
  assert.match(text, /(^|\n)\n$/);
  // What is found is answered in the style of a test, which escapes nothing.
  const asked = line.trim().split(/\s/)[0]!.toLowerCase();
  if (!["where", "history"].includes(asked)) {
    assert.ok(isPrintable(text.replaceAll("\n", "")), text);
  }
}

function anyLine(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.jsonValue().map((value) => `{"id":${JSON.stringify(value)}}`),
  );
}

/** Nearly right, with anything in one of its places. */
function anyRequest(): fc.Arbitrary<string> {
  const key = fc.constantFrom(
    ...["name", "all", "mounted", "host", "since", "limit", "after", "rows"],
    ...["dryRun", "__proto__"],
  );
  const row = fc.record(
    Object.fromEntries(
      Object.entries(sightingRow()).map(([name, value]) => [
        name,
        fc.oneof({ weight: 9, arbitrary: fc.constant(value) }, {
          weight: 1,
          arbitrary: fc.jsonValue(),
        }),
      ]),
    ),
  );
  const value = fc.oneof(fc.jsonValue(), fc.array(row, { maxLength: 3 }));
  return fc.record({
    jsonrpc: fc.constantFrom("2.0", "2.0", "2.0", "1.0", 2),
    id: fc.oneof(fc.integer(), fc.string(), fc.jsonValue()),
    method: fc.oneof(
      fc.constantFrom(...METHOD_NAMES, "watch", "toString", "__proto__"),
      fc.string(),
    ),
    params: fc.oneof(fc.dictionary(key, value), fc.jsonValue()),
  }, { requiredKeys: ["jsonrpc", "method"] }).map((request) =>
    JSON.stringify(request)
  );
}

function anyCommand(): fc.Arbitrary<string> {
  const word = fc.constantFrom(
    ...["list", "where", "history", "help", "scan", "quit", "watch", "WHERE"],
    "constructor",
  );
  return fc.tuple(word, fc.string({ unit: "binary" }))
    .map(([word, rest]) => `${word} ${rest.replaceAll("\n", " ")}`);
}

Deno.test("RequestLines takes any bytes, however they come", () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 });
  fc.assert(
    fc.property(chunks, fc.integer({ min: 1, max: 200 }), (chunks, limit) => {
      const splitter = new RequestLines(limit);
      const lines = chunks.flatMap((chunk) => splitter.push(chunk));
      lines.push(...splitter.end());
      const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
      const texts = lines.map((line) =>
        line.kind === "line" ? line.text : line.start
      );
      assert.ok(texts.join("").length <= bytes);
      assert.ok(texts.every(({ length }) => length <= Math.max(limit, 16)));
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("Answers answers any line of JSON", async () => {
  const line = fc.oneof(anyLine(), anyRequest());
  await fc.assert(fc.asyncProperty(line, answersJson), { numRuns: 2_000 });
});

Deno.test("Answers answers any line that somebody may type", async () => {
  const line = fc.oneof(anyLine(), anyCommand());
  await fc.assert(fc.asyncProperty(line, answersText), { numRuns: 2_000 });
});

for (const [name, bomb] of BOMBS) {
  Deno.test(`Answers bears ${name} in a line`, async () => {
    await answersJson(bomb);
    await answersText(bomb);
    await answersText(`where ${bomb}`);
    const request = (members: string) => `{"jsonrpc":"2.0",${members}}`;
    for (
      const line of [
        request(`"id":${bomb},"method":"list"`),
        request(`"id":1,"method":${bomb}`),
        request(`"id":1,"method":"list","params":${bomb}`),
        request(`"id":1,"method":"where","params":{"name":${bomb}}`),
        request(`"id":1,"method":"history","params":{"limit":${bomb}}`),
        request(`"id":1,"method":"import","params":{"rows":${bomb}}`),
        request(`"id":1,"method":"import","params":{"rows":[${bomb}]}`),
        request(
          `"id":1,"method":"import","params":{"rows":[{"mounts":${bomb}}]}`,
        ),
      ]
    ) {
      await answersJson(line);
    }
  });
}

Deno.test("checkSightingRow() takes a row or says in a few printable words why not", () => {
  const fields = Object.keys(sightingRow());
  const row = fc.dictionary(fc.constantFrom(...fields), fc.jsonValue());
  const value = fc.oneof(
    fc.jsonValue(),
    row,
    row.map((changes) => ({ ...sightingRow(), ...changes })),
  );
  fc.assert(
    fc.property(value, (value) => {
      const { problem } = checkSightingRow(value, NOW);
      assert.ok(problem === null || isPrintable(problem), `${problem}`);
      assert.ok((problem ?? "").length < 500);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("serveControl() outlives clients that send anything", async () => {
  await using server = await serve();
  const chunks = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(chunks, async (chunks) => {
      using typist = await Typist.connect(server.path);
      for (const chunk of chunks) {
        await typist.type(chunk).catch(() => {}); // It may have been told to leave.
      }
    }),
    { numRuns: 100 },
  );
  using typist = await Typist.connect(server.path);
  assert.equal(await typist.line(), GREETING);
  assert.deepEqual(await typist.ask("where nothing"), []);
});
