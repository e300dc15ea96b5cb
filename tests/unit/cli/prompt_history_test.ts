import assert from "node:assert/strict";
import { needs } from "../../support/needs.ts";
import {
  MAX_HISTORY_LINES,
  PromptHistory,
  promptHistoryPath,
} from "../../../src/cli/prompt.ts";

async function withDirectory(use: (path: string) => void): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    use(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("PromptHistory keeps lines, the newest first, for its owner alone", () =>
  withDirectory((directory) => {
    const path = `${directory}/state/history`;
    const history = new PromptHistory(path);
    for (const line of ["list", "", "  ", "where x "]) history.add(line);
    assert.deepEqual(new PromptHistory(path).read(), ["where x", "list"]);
    assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
    assert.equal(Deno.statSync(`${directory}/state`).mode! & 0o777, 0o700);
  }));

Deno.test("PromptHistory forgets the oldest lines", () =>
  withDirectory((directory) => {
    const path = `${directory}/history`;
    const lines = Array.from({ length: 2500 }, (_, index) => `line ${index}`);
    Deno.writeTextFileSync(path, lines.join("\n") + "\n");
    const read = new PromptHistory(path).read();
    assert.equal(read.length, MAX_HISTORY_LINES);
    assert.equal(read[0], "line 2499");
    const kept = Deno.readTextFileSync(path).trimEnd().split("\n");
    assert.equal(kept.length, MAX_HISTORY_LINES);
  }));

Deno.test("PromptHistory goes on where nothing can be kept", () => {
  for (const path of [null, "/proc/nonexistent/history"]) {
    const history = new PromptHistory(path);
    history.add("list");
    assert.deepEqual(history.read(), []);
  }
});

/** What could lie in the place of the history, and must stay as it is. */
const TRAPS: Record<string, (trap: Trap) => void> = {
  "a link to a file": ({ file, path }) => Deno.symlinkSync(file, path),
  "a second name of a file": ({ file, path }) => Deno.linkSync(file, path),
  "a pipe": ({ path }) =>
    void new Deno.Command("mkfifo", { args: [path] }).outputSync(),
  "a directory to which others may write": ({ file, path, state }) => {
    Deno.copyFileSync(file, path);
    Deno.chmodSync(state, 0o1777);
  },
  "a link in place of the directory above": ({ state, path }) => {
    Deno.chmodSync(state, 0o777);
    Deno.mkdirSync(`${state}/private`);
    Deno.symlinkSync(`${state}/private`, path);
  },
};

interface Trap {
  /** More lines than are kept. */
  readonly file: string;
  readonly state: string;
  readonly path: string;
}

for (const [what, set] of Object.entries(TRAPS)) {
  Deno.test(`PromptHistory neither reads nor writes ${what}`, () =>
    withDirectory((directory) => {
      const [file, state] = [`${directory}/file`, `${directory}/state`];
      const lines = "line\n".repeat(2500);
      Deno.writeTextFileSync(file, lines);
      Deno.mkdirSync(state);
      const path = `${state}/history`;
      set({ file, state, path });
      const isAbove = what.endsWith("above");
      const history = new PromptHistory(isAbove ? `${path}/history` : path);
      assert.deepEqual(history.read(), []);
      history.add("list");
      assert.equal(Deno.readTextFileSync(file), lines);
      if (isAbove) assert.deepEqual([...Deno.readDirSync(path)], []);
    }));
}

Deno.test({
  ...needs("PromptHistory of root keeps nothing in the home of another", {
    root: true,
  }),
  fn: () =>
    withDirectory((directory) => {
      Deno.chownSync(directory, 30_102, 30_102);
      const history = new PromptHistory(`${directory}/state/history`);
      history.add("list");
      assert.deepEqual([...Deno.readDirSync(directory)], []);
    }),
});

Deno.test("promptHistoryPath() is in the state directory of the user, root too", () => {
  for (const uid of [0, 1000]) {
    assert.equal(
      promptHistoryPath({ uid, env: { HOME: "/home/a" } }),
      "/home/a/.local/state/diskd/history",
    );
    assert.equal(
      promptHistoryPath({ uid, env: { XDG_STATE_HOME: "/s", HOME: "/h" } }),
      "/s/diskd/history",
    );
    assert.equal(
      promptHistoryPath({ uid, env: { DISKD_STATE_DIR: "/s" } }),
      "/s/history",
    );
    assert.equal(promptHistoryPath({ uid, env: {} }), null);
  }
});
