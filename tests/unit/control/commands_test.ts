import assert from "node:assert/strict";
import fc from "fast-check";
import {
  COMMANDS,
  commandsHelp,
  parseCommand,
} from "../../../src/control/commands.ts";
import { isPrintable } from "../../../src/text/printable.ts";

function wrong(line: string): string {
  const typed = parseCommand(line);
  assert.equal(typed.kind, "wrong");
  return typed.message;
}

Deno.test("parseCommand() knows each command, in upper and lower case", () => {
  for (const { word, argument } of COMMANDS) {
    const rest = argument === null ? "" : " x";
    for (const typed of [word, word.toUpperCase(), `  ${word}`]) {
      const line = parseCommand(typed + rest);
      assert.equal(line.kind, "command");
      assert.equal(line.command.word, word);
    }
  }
});

Deno.test("parseCommand() takes the rest of the line for the argument", () => {
  const line = parseCommand("where  my label  with spaces ");
  assert.equal(line.kind, "command");
  assert.deepEqual(line.params, { name: "my label  with spaces" });
});

Deno.test("parseCommand() takes a blank line for nothing", () => {
  assert.deepEqual(parseCommand(""), { kind: "empty" });
  assert.deepEqual(parseCommand(" \t"), { kind: "empty" });
});

Deno.test("parseCommand() names the command that was probably meant", () => {
  assert.equal(
    wrong("lits"),
    'unknown command "lits"; did you mean "list"? type help',
  );
  assert.match(wrong("Hsots"), /did you mean "hosts"\?/);
});

Deno.test("parseCommand() guesses nothing where nothing is near", () => {
  assert.equal(
    wrong("frobnicate x"),
    'unknown command "frobnicate"; type help',
  );
  assert.equal(wrong("x"), 'unknown command "x"; type help');
});

Deno.test("parseCommand() tells where a name is missing or too much", () => {
  assert.equal(wrong("where"), "where needs a name; type where NAME");
  assert.equal(wrong("hosts alpha"), 'hosts takes no argument, found "alpha"');
});

Deno.test("parseCommand() takes the options of list, and tells which there are", () => {
  const line = parseCommand("list --unmounted --all --all");
  assert.equal(line.kind, "command");
  assert.deepEqual(line.params, { all: true, mounted: false });
  assert.equal(
    wrong("list alpha"),
    'list takes --all, --mounted, --unmounted, found "alpha"',
  );
  assert.match(wrong("list --toString"), /found "--toString"$/);
  assert.match(wrong("list toString"), /found "toString"$/);
  assert.equal(
    wrong("list --mounted --unmounted"),
    "--unmounted is the opposite of what stands before it",
  );
});

Deno.test("parseCommand() quotes nothing that a terminal obeys", () => {
  assert.equal(
    wrong('\x1b[2J"\u009b'),
    'unknown command "\\x1b[2J"\\x9b"; type help',
  );
  assert.ok(wrong("x".repeat(60_000)).length < 100);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (line) => {
    const typed = parseCommand(line);
    if (typed.kind === "wrong") assert.ok(isPrintable(typed.message));
  }));
});

Deno.test("commandsHelp() shows each command on a line of its own", () => {
  const lines = commandsHelp().split("\n");
  assert.deepEqual(
    lines.map((line) => line.split(" ")[0]),
    COMMANDS.map(({ word }) => word),
  );
  assert.equal(
    lines[1],
    "where NAME        where the disk with this label, UUID, serial or device is",
  );
});
