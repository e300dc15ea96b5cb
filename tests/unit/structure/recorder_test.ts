import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { PROJECT } from "../../support/program.ts";
import { run } from "../../support/process.ts";

Deno.test("the recorder writes what was called until a signal, and from then to the end", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const program = `${folder}/program.ts`;
    await Deno.writeTextFile(
      program,
      `import { once, twice } from "./library.ts";
      once();
      twice();
      Deno.kill(Deno.pid, "SIGUSR2");
      while (!exists()) await new Promise((done) => setTimeout(done, 5));
      twice();
      Deno.exit(7);
      function exists() {
        try { return Deno.statSync("${folder}/1.json").isFile; } catch { return false; }
      }`,
    );
    await Deno.writeTextFile(
      `${folder}/library.ts`,
      "export function once() {} export function twice() {} export function never() {}",
    );
    const recorder = `--preload=${PROJECT}/tests/structure/recorder.ts`;
    const argv = [Deno.execPath(), "run", "-A", "--no-config", recorder];
    const env = { STRUCTURE_CALLS: folder, DENO_NO_UPDATE_CHECK: "1" };
    const { code, stderr } = await run([...argv, program], { env });
    assert.equal(code, 7, stderr);
    const url = pathToFileURL(`${folder}/library.ts`).href;
    const calls = ["1", "2"].map((name) => {
      const text = Deno.readTextFileSync(`${folder}/${name}.json`);
      const functions: string[] = JSON.parse(text)[url];
      return functions.map((one) => one.split(":")[0]);
    });
    assert.deepEqual(calls, [["", "once", "twice"], ["twice"]]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
