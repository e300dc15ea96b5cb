import assert from "node:assert/strict";
import { programArgv, programEnv, PROJECT } from "../../support/program.ts";

Deno.test("programArgv() is the source with the permissions of the binary", () => {
  using _ = variable("DISKD_BIN", null);
  const argv = programArgv();
  assert.equal(argv[0], Deno.execPath());
  assert.ok(argv.includes("-P=diskd"));
  assert.equal(argv.at(-1), `${PROJECT}/main.ts`);
});

Deno.test("programArgv() is the binary that DISKD_BIN names, from any folder", () => {
  using _ = variable("DISKD_BIN", "dist/diskd");
  assert.deepEqual(programArgv(), [`${Deno.cwd()}/dist/diskd`]);
});

Deno.test("programEnv() names Deno's cache as Deno itself does", () => {
  const { stdout } = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json"],
  }).outputSync();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout));
  assert.equal(programEnv()["DENO_DIR"], denoDir);
});

Deno.test("programEnv() keeps a cache that was chosen", () => {
  using _ = variable("DENO_DIR", "/somewhere/else");
  assert.equal(programEnv()["DENO_DIR"], "/somewhere/else");
});

/** Sets or unsets an environment variable until the end of the test. */
function variable(name: string, value: string | null): Disposable {
  const before = Deno.env.get(name) ?? null;
  set(name, value);
  return { [Symbol.dispose]: () => set(name, before) };
}

function set(name: string, value: string | null): void {
  if (value === null) Deno.env.delete(name);
  else Deno.env.set(name, value);
}
