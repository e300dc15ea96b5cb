import assert from "node:assert/strict";
import fc from "fast-check";
import { bashReplacement } from "../../../src/cli/complete_line.ts";
import {
  quoteWord,
  shellWords,
  splitShellLine,
} from "../../../src/cli/shell_line.ts";

Deno.test("shellWords() splits like a shell", () => {
  const cases: readonly (readonly [string, string[] | null])[] = [
    ["", []],
    ["  list  --json ", ["list", "--json"]],
    ["where 'My Disk'", ["where", "My Disk"]],
    ['where "My Disk"', ["where", "My Disk"]],
    ["where My\\ Disk", ["where", "My Disk"]],
    ["a'b'\"c\"d", ["abcd"]],
    ["where ''", ["where", ""]],
    ['"a\\"b\\\\c\\d"', ['a"b\\c\\d']],
    ["'a\\b'", ["a\\b"]],
    ["$HOME *;|", ["$HOME", "*;|"]],
    ["where 'x", null],
    ['where "x', null],
  ];
  for (const [line, words] of cases) {
    assert.deepEqual(shellWords(line), words, line);
  }
});

Deno.test("quoteWord() is undone by shellWords()", () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: "binary" })), (words) => {
    assert.deepEqual(shellWords(words.map(quoteWord).join(" ")), words);
  }));
});

Deno.test("splitShellLine() tells the word that is being written", () => {
  const open = (line: string) => splitShellLine(line, ":=").open;
  assert.deepEqual(open("where My\\ D"), {
    text: "My D",
    start: 6,
    quote: null,
    beforeQuote: 0,
    beforeBreak: 0,
  });
  assert.deepEqual(open("where a:b"), {
    text: "a:b",
    start: 6,
    quote: null,
    beforeQuote: 0,
    beforeBreak: 2,
  });
  assert.deepEqual(open('where x"My D'), {
    text: "xMy D",
    start: 6,
    quote: '"',
    beforeQuote: 1,
    beforeBreak: 0,
  });
  assert.equal(open("where ").text, "");
  assert.equal(open("a\\:b").beforeBreak, 0);
  assert.deepEqual(splitShellLine("a 'b c' d").words, ["a", "b c"]);
});

/** The whole line after bash has put the replacement in. */
function completed(line: string, candidate: string): string {
  const breaks = " \t\n\"'@><=;|&(:";
  const { open } = splitShellLine(line, breaks);
  const lastBreak = /.*(?<!\\)[\s"'@><=;|&(:]/s.exec(line)?.[0] ?? "";
  const kept = open.quote === null
    ? lastBreak
    : line.slice(0, line.lastIndexOf(open.quote) + 1);
  return kept + bashReplacement(candidate, open) + (open.quote ?? "");
}

Deno.test("bashReplacement() quotes for the place that it goes to", () => {
  const label = 'it\'s "q" $(x) `y` \\ !z;';
  assert.equal(
    completed("diskd where it", label),
    'diskd where it\\\'s\\ \\"q\\"\\ \\$\\(x\\)\\ \\`y\\`\\ \\\\\\ \\!z\\;',
  );
  assert.equal(
    completed("diskd where 'it", label),
    "diskd where 'it'\\''s \"q\" $(x) `y` \\ !z;'",
  );
  assert.equal(
    completed('diskd where "it', label),
    'diskd where "it\'s \\"q\\" \\$(x) \\`y\\` \\\\ "\\!"z;"',
  );
  assert.equal(
    completed("diskd where co:", "co:lon x"),
    "diskd where co:lon\\ x",
  );
});

Deno.test("bash reads every label as it is, and runs nothing, after completion", async () => {
  const labels = [
    "My Disk",
    "$(touch /nonexistent/x)",
    "`id`",
    'it\'s "q" \\ x',
    "a;b|c&d>e<f(g)h",
    "~root",
    "{1,2}",
    "*?[a]",
    "#x",
    "写真 é",
    "a!b",
  ];
  const lines = labels.flatMap((label) =>
    ["", "'", '"'].map((quote) => completed(`printf '%s\\n' ${quote}`, label))
  );
  const { stdout } = await new Deno.Command("bash", {
    args: ["--norc", "-c", lines.join("\n")],
    env: { LC_ALL: "C.UTF-8" },
  }).output();
  const read = new TextDecoder().decode(stdout);
  const expected = labels.flatMap((label) => [label, label, label]);
  assert.equal(read, expected.map((label) => `${label}\n`).join(""));
});
