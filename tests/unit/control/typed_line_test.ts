import assert from "node:assert/strict";
import fc from "fast-check";
import {
  parseTypedLine,
  SOCKET_WORDS,
  socketHelp,
} from "../../../src/control/typed_line.ts";
import { isPrintable } from "../../../src/text/printable.ts";

function wrong(line: string): string {
  const typed = parseTypedLine(line);
  assert.equal(typed.kind, "wrong");
  return typed.message;
}

Deno.test("parseTypedLine() knows each command, in upper and lower case", () => {
  for (const { word, argument } of SOCKET_WORDS) {
    const rest = argument === null ? "" : " x";
    for (const typed of [word, word.toUpperCase(), `  ${word}`]) {
      const line = parseTypedLine(typed + rest);
      assert.equal(line.kind, "command");
      assert.equal(line.command.word, word);
    }
  }
});

Deno.test("parseTypedLine() takes the rest of the line for the argument", () => {
  const line = parseTypedLine("where  my label  with spaces ");
  assert.equal(line.kind, "command");
  assert.deepEqual(line.params, { name: "my label  with spaces" });
});

Deno.test("parseTypedLine() takes a blank line for nothing", () => {
  assert.deepEqual(parseTypedLine(""), { kind: "empty" });
  assert.deepEqual(parseTypedLine(" \t"), { kind: "empty" });
});

Deno.test("parseTypedLine() names the command that was probably meant", () => {
  assert.equal(
    wrong("lits"),
    'unknown command "lits"; did you mean "list"? type help',
  );
  assert.match(wrong("Hsots"), /did you mean "hosts"\?/);
});

Deno.test("parseTypedLine() guesses nothing where nothing is near", () => {
  assert.equal(
    wrong("frobnicate x"),
    'unknown command "frobnicate"; type help',
  );
  assert.equal(wrong("x"), 'unknown command "x"; type help');
});

Deno.test("parseTypedLine() tells where a name is missing or too much", () => {
  assert.equal(wrong("where"), "where needs a name; type where NAME");
  assert.equal(wrong("hosts alpha"), 'hosts takes no argument, found "alpha"');
});

Deno.test("parseTypedLine() takes the options of list, and tells which there are", () => {
  const line = parseTypedLine("list --unmounted --all --all");
  assert.equal(line.kind, "command");
  assert.deepEqual(line.params, { all: true, mounted: false });
  assert.equal(
    wrong("list alpha"),
    'list takes --all, --devices, --mounted, --unmounted, found "alpha"',
  );
  assert.match(wrong("list --toString"), /found "--toString"$/);
  assert.match(wrong("list toString"), /found "toString"$/);
  assert.equal(
    wrong("list --mounted --unmounted"),
    "--unmounted contradicts an earlier option",
  );
});

Deno.test("parseTypedLine() quotes nothing that a terminal obeys", () => {
  assert.equal(
    wrong('\x1b[2J"\u009b'),
    'unknown command "\\x1b[2J"\\x9b"; type help',
  );
  assert.ok(wrong("x".repeat(60_000)).length < 100);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (line) => {
    const typed = parseTypedLine(line);
    if (typed.kind === "wrong") assert.ok(isPrintable(typed.message));
  }));
});

Deno.test("socketHelp() shows each command on a line of its own", () => {
  const lines = socketHelp().split("\n");
  assert.deepEqual(
    lines.map((line) => line.split(" ")[0]),
    SOCKET_WORDS.map(({ word }) => word),
  );
  assert.equal(
    lines[2],
    "where NAME        Show where a disk is, or where it was last seen",
  );
});
