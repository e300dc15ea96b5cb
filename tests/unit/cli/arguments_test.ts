import assert from "node:assert/strict";
import { COMMAND_LINE } from "../../../src/cli/app.ts";
import { commandFirst, sortArguments } from "../../../src/cli/arguments.ts";
import { COMMAND_NAMES } from "../../../src/control/commands.ts";

const VALUE_FLAGS = await COMMAND_LINE.valueFlags(COMMAND_NAMES);

function check(typed: string, expected: string): void {
  const split = (line: string) => line.split(" ").filter((word) => word !== "");
  assert.deepEqual(
    commandFirst(split(typed), VALUE_FLAGS),
    split(expected),
    typed,
  );
}

Deno.test("commandFirst() moves flags behind the command", () => {
  check("list --json", "list --json");
  check("--json list", "list --json");
  check("--socket /s --json where x y", "where --socket /s --json x y");
  check("--socket=/s list", "list --socket=/s");
  check("config check f", "config check f");
  check("--json config check f", "config check --json f");
});

Deno.test("commandFirst() starts the daemon for --daemon or -d anywhere", () => {
  check("--daemon", "daemon");
  check("-d", "daemon");
  check("--port 1 -d --ttl 2", "daemon --port 1 --ttl 2");
  check("list -d", "daemon list");
  check("-d --help", "daemon --help");
});

Deno.test("commandFirst() does not take values or what follows -- for flags", () => {
  check("--host-name -d list", "list --host-name -d");
  check("where -- -d", "where -- -d");
  check("where -- --json", "where -- --json");
});

Deno.test("commandFirst() starts the prompt where there is no command", () => {
  check("", "prompt");
  check("--socket /s", "prompt --socket /s");
  check("-- list", "prompt -- list");
});

Deno.test("commandFirst() keeps --help and --version for the program itself", () => {
  check("--help", "--help");
  check("-V --json", "-V");
  check("--no-color --socket /s --help", "--help");
  check("--help list", "list --help");
});

Deno.test("sortArguments() does not fall over a flag without its value", () => {
  assert.deepEqual(sortArguments(["--socket"], VALUE_FLAGS), {
    leading: ["--socket"],
    rest: [],
    isDaemon: false,
  });
});
