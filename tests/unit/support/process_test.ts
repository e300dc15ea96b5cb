import assert from "node:assert/strict";
import { Process, run, runOrThrow } from "../../support/process.ts";

const env = { PATH: "/usr/bin:/bin", GREETING: "hello" };

Deno.test("run() gives exit code, output and errors apart", async () => {
  const script = "echo $GREETING; echo oh >&2; exit 3";
  const outcome = await run(["sh", "-c", script], { env });
  assert.deepEqual(outcome, {
    code: 3,
    signal: null,
    stdout: "hello\n",
    stderr: "oh\n",
  });
});

Deno.test("run() hands on nothing of its own environment", async () => {
  const { stdout } = await run(["sh", "-c", "echo [$HOME]"], { env });
  assert.equal(stdout, "[]\n");
});

Deno.test("run() writes what the program reads", async () => {
  const input = "x".repeat(200_000);
  const { stdout } = await run(["cat"], { env, input });
  assert.equal(stdout, input);
});

Deno.test("run() bears a program that does not read its input", async () => {
  const { code } = await run(["true"], { env, input: "x".repeat(200_000) });
  assert.equal(code, 0);
});

Deno.test("run() kills what does not end, and says what it wrote", async () => {
  await assert.rejects(
    run(["sh", "-c", "echo busy; exec sleep 600"], { env, timeoutMs: 200 }),
    /did not end within 200 ms\. It wrote:\nbusy\n/,
  );
});

Deno.test("run() does not wait for a child that keeps the pipe", async () => {
  const script = "sleep 8 & echo $!; exit 0";
  const outcome = await run(["sh", "-c", script], { env, timeoutMs: 6_000 });
  Deno.kill(Number(outcome.stdout), "SIGKILL");
  assert.equal(outcome.code, 0);
});

Deno.test("runOrThrow() rejects with the program's words", async () => {
  await assert.rejects(
    runOrThrow(["sh", "-c", "echo no such thing >&2; exit 2"], { env }),
    /exited with 2:\nno such thing/,
  );
});

Deno.test("Process.stop() sends the signal that it is given", async () => {
  const script =
    "trap 'echo bye; exit 7' HUP; echo ready; while :; do sleep 0.05; done";
  await using process = new Process(["sh", "-c", script], { env });
  await process.waitForLog(/ready/);
  const { code, stdout } = await process.stop("SIGHUP");
  assert.equal(code, 7);
  assert.equal(stdout, "ready\nbye\n");
  assert.equal(process.running, false);
});

Deno.test("Process.kill() reaches the program inside a wrapper", async () => {
  const inner = "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done";
  // The outer shell takes no notice of the signals that it gets itself.
  const outer = `trap '' TERM; (${inner}); exit $?`;
  await using process = new Process(["sh", "-c", outer], { env, wraps: true });
  await process.waitForLog(/ready/);
  assert.equal((await process.stop("SIGTERM")).code, 9);
});

Deno.test("Process is killed when it is disposed of", async () => {
  let pid = 0;
  {
    await using process = new Process(["sleep", "600"], { env });
    pid = await process.pid();
  }
  assert.throws(() => Deno.kill(pid, "SIGCONT"), Deno.errors.NotFound);
});
