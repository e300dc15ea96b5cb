import assert from "node:assert/strict";
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

Deno.test("promptHistoryPath() is in the state directory", () => {
  const uid = 1000;
  assert.equal(
    promptHistoryPath({ uid, env: { HOME: "/home/a" } }),
    "/home/a/.local/state/diskd/history",
  );
  assert.equal(
    promptHistoryPath({ uid, env: { DISKD_STATE_DIR: "/s" } }),
    "/s/history",
  );
  assert.equal(promptHistoryPath({ uid, env: {} }), null);
});
