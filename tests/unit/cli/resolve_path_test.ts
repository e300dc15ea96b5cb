import assert from "node:assert/strict";
import { resolvePath } from "../../../src/cli/mount.ts";

const IN_HOME = { cwd: () => "/home/jo" };

Deno.test("resolvePath() begins at the working directory, or at the root", () => {
  const cases: readonly (readonly [path: string, absolute: string])[] = [
    ["b", "/home/jo/b"],
    ["./b//c/", "/home/jo/b/c"],
    ["../b", "/home/b"],
    ["../../../..", "/"],
    ["/mnt/./b/", "/mnt/b"],
    ["/", "/"],
    ["-o x", "/home/jo/-o x"],
  ];
  for (const [path, absolute] of cases) {
    assert.equal(resolvePath(path, IN_HOME), absolute);
  }
});

Deno.test("resolvePath() says what to do where it may not know the working directory", () => {
  assert.equal(resolvePath("/mnt/b", { cwd: () => null }), "/mnt/b");
  assert.throws(() => resolvePath("b", { cwd: () => null }), {
    kind: "usage",
    message: /^--at is b, expected an absolute path/,
  });
});
