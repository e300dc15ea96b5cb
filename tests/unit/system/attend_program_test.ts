import assert from "node:assert/strict";
import { denoSystem } from "../../../src/system/deno_system.ts";
import type {
  AttendOptions,
  AttendOutcome,
} from "../../../src/system/system.ts";

function shell(
  script: string,
  options: Partial<AttendOptions> = {},
): Promise<AttendOutcome> {
  const all = { env: {}, maxOutputBytes: 1_000, ...options };
  return denoSystem().attend("/bin/sh", ["-c", script], all);
}

function textOf(outcome: AttendOutcome): string {
  assert.equal(outcome.kind, "exited");
  return new TextDecoder().decode(
    outcome.kind === "exited" ? outcome.stdout : undefined,
  );
}

Deno.test("attend() gives output and exit code", async () => {
  const outcome = await shell("echo out; exit 7");
  assert.equal(textOf(outcome), "out\n");
  assert.equal(outcome.kind === "exited" && outcome.code, 7);
});

Deno.test("attend() starts the program where the user is", async () => {
  assert.equal(textOf(await shell("pwd")), `${Deno.cwd()}\n`);
});

Deno.test("attend() starts the program in the root directory where that of the user was removed", async () => {
  const script = `
    import { denoSystem } from "${
    import.meta.resolve("../../../src/system/deno_system.ts")
  }";
    Deno.removeSync(Deno.cwd());
    const all = { env: {}, maxOutputBytes: 1_000 };
    const { kind, stdout } = await denoSystem().attend("/bin/pwd", [], all);
    console.log(kind, new TextDecoder().decode(stdout).trim());
  `;
  const cwd = Deno.makeTempDirSync();
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    cwd,
  }).output();
  assert.equal(new TextDecoder().decode(stdout), "exited /\n");
});

Deno.test("attend() gives the program the environment that it is told, and no more", async () => {
  Deno.env.set("DISKD_TEST_SECRET", "1");
  const env = { LANG: "C", HOME: undefined };
  const outcome = await shell("/usr/bin/env", { env });
  Deno.env.delete("DISKD_TEST_SECRET");
  const lines = textOf(outcome).trim().split("\n");
  // The shell itself sets some.
  const own = /^(PWD|SHLVL|_|OLDPWD)=/;
  assert.deepEqual(lines.filter((line) => !own.test(line)), ["LANG=C"]);
});

Deno.test("attend() leaves standard error to whoever looks on, and gives no standard input", async () => {
  const code = `
    import { denoSystem } from "./src/system/deno_system.ts";
    const how = { env: {}, maxOutputBytes: 9 };
    await denoSystem().attend("/bin/sh", ["-c", "echo asks >&2; cat"], how);
  `;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", code],
    cwd: new URL("../../..", import.meta.url),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = await child.output();
  await child.stdin.close();
  assert.equal(new TextDecoder().decode(output.stderr), "asks\n");
  assert.equal(output.code, 0);
});

Deno.test("attend() ends a program that prints too much", async () => {
  const outcome = await shell("exec yes", { maxOutputBytes: 10 });
  assert.deepEqual(outcome, { kind: "overflow", limitBytes: 10 });
});

Deno.test("attend() ends a program when it is told to, also before it began", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const running = shell("echo on; exec sleep 60", { signal });
  controller.abort();
  const outcomes = [await running, await shell("exec sleep 60", { signal })];
  for (const outcome of outcomes) {
    assert.ok(outcome.kind === "exited" && outcome.code !== 0);
  }
});

Deno.test("attend() says when there is no such program", async () => {
  const how = { env: {}, maxOutputBytes: 1 };
  const outcome = await denoSystem().attend("diskd-no-such-program", [], how);
  assert.deepEqual(outcome, { kind: "missing" });
});
