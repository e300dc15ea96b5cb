import assert from "node:assert/strict";
import { denoSystem } from "../../../src/system/deno_system.ts";
import {
  KILL_AFTER_MS,
  MAX_STDERR_BYTES,
} from "../../../src/system/run_program.ts";
import type { RunOptions, RunOutcome } from "../../../src/system/system.ts";

const OPTIONS: RunOptions = { timeoutMs: 20_000 };

function shell(
  script: string,
  options: RunOptions = OPTIONS,
): Promise<RunOutcome> {
  return denoSystem().run("/bin/sh", ["-c", script], options);
}

/** The outcome, which must be of this kind. */
function expectKind<Kind extends RunOutcome["kind"]>(
  outcome: RunOutcome,
  kind: Kind,
): Extract<RunOutcome, { kind: Kind }> {
  assert.equal(outcome.kind, kind);
  return outcome as Extract<RunOutcome, { kind: Kind }>;
}

function textOf(outcome: RunOutcome): string {
  return new TextDecoder().decode(expectKind(outcome, "exited").stdout);
}

Deno.test("run() returns output, errors and exit code", async () => {
  const outcome = await shell("echo out; echo err >&2; exit 7");
  const { code, stderr } = expectKind(outcome, "exited");
  assert.equal(code, 7);
  assert.equal(textOf(outcome), "out\n");
  assert.equal(stderr, "err\n");
});

Deno.test("run() keeps bytes that are no text", async () => {
  const outcome = expectKind(await shell("printf '\\377\\000a'"), "exited");
  assert.deepEqual([...outcome.stdout], [0xff, 0, 0x61]);
});

Deno.test("run() passes arguments as they are, without a shell", async () => {
  const hostile = "$(id); 'a' \"b\" *\n\\";
  const outcome = await denoSystem().run("printf", ["%s", hostile], OPTIONS);
  assert.equal(textOf(outcome), hostile);
});

Deno.test("run() gives the program the C locale and nothing else to inherit", async () => {
  Deno.env.set("DISKD_TEST_SECRET", "1");
  try {
    const outcome = await denoSystem().run("env", [], OPTIONS);
    assert.equal(textOf(outcome), "LC_ALL=C\n");
  } finally {
    Deno.env.delete("DISKD_TEST_SECRET");
  }
});

Deno.test("run() starts the program in the root directory", async () => {
  assert.equal(textOf(await shell("pwd")), "/\n");
});

Deno.test("run() gives the program no standard input", async () => {
  assert.equal(textOf(await shell("cat; echo end")), "end\n");
});

Deno.test("run() reads output that comes in many pieces", async () => {
  const outcome = await shell("head -c 3000000 /dev/zero | tr '\\0' x");
  assert.equal(textOf(outcome), "x".repeat(3_000_000));
});

Deno.test("run() finds a program that PATH lacks in the usual places", async () => {
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", "/nonexistent");
  try {
    const outcome = await denoSystem().run("true", [], OPTIONS);
    assert.equal(expectKind(outcome, "exited").code, 0);
  } finally {
    Deno.env.set("PATH", path);
  }
});

Deno.test("run() says when there is no such program", async () => {
  for (const program of ["diskd-no-such-program", "/nonexistent/program"]) {
    expectKind(await denoSystem().run(program, [], OPTIONS), "missing");
  }
});

Deno.test("run() says when a program may not be started", async () => {
  const outcome = await denoSystem().run("/etc/passwd", [], OPTIONS);
  assert.match(expectKind(outcome, "denied").reason, /[Pp]ermission/);
});

Deno.test({
  name:
    "run() says when the permissions of this process do not allow a program",
  permissions: { run: ["/bin/true"] },
  async fn() {
    const outcome = await denoSystem().run("/bin/sh", ["-c", "true"], OPTIONS);
    assert.match(expectKind(outcome, "denied").reason, /run access/);
  },
});

Deno.test("run() does not start what cannot be an argument", async () => {
  expectKind(await denoSystem().run("true", ["a\0b"], OPTIONS), "denied");
});

Deno.test("run() kills a program that prints too much", async () => {
  const outcome = await shell("exec cat /dev/zero", {
    timeoutMs: 20_000,
    maxOutputBytes: 100_000,
  });
  assert.equal(expectKind(outcome, "overflow").limitBytes, 100_000);
});

Deno.test("run() kills a program that printed too much and then hangs", async () => {
  const startedAt = performance.now();
  const outcome = await shell("head -c 200000 /dev/zero; exec sleep 60", {
    timeoutMs: 20_000,
    maxOutputBytes: 100_000,
  });
  expectKind(outcome, "overflow");
  assert(performance.now() - startedAt < 10_000);
});

Deno.test("run() bears 10 MB of nonsense", async () => {
  const outcome = await shell("exec head -c 10000000 /dev/urandom", {
    timeoutMs: 20_000,
    maxOutputBytes: 65_536,
  });
  expectKind(outcome, "overflow");
});

Deno.test("run() takes exactly as much as is allowed", async () => {
  const outcome = await shell("printf 12345", {
    timeoutMs: 20_000,
    maxOutputBytes: 5,
  });
  assert.equal(textOf(outcome), "12345");
});

Deno.test("run() keeps the head of what a program complains, and reads the rest", async () => {
  const outcome = await shell(
    "echo first >&2; head -c 1000000 /dev/zero >&2 && echo out",
  );
  const { stderr } = expectKind(outcome, "exited");
  assert.equal(stderr.length, MAX_STDERR_BYTES);
  assert(stderr.startsWith("first\n"));
  assert.equal(textOf(outcome), "out\n");
});

Deno.test("run() ends a program that outlives its time with TERM", async () => {
  const startedAt = performance.now();
  const outcome = await shell("exec sleep 60", { timeoutMs: 50 });
  await expectKind(outcome, "timeout").exited;
  assert(performance.now() - startedAt < KILL_AFTER_MS, "KILL was not needed");
});

Deno.test("run() ends a program that ignores TERM with KILL, and does not wait for that", async () => {
  const startedAt = performance.now();
  const outcome = await shell("trap '' TERM; while :; do sleep 0.1; done", {
    timeoutMs: 300,
  });
  const returnedMs = performance.now() - startedAt;
  await expectKind(outcome, "timeout").exited;
  const exitedMs = performance.now() - startedAt;
  assert(returnedMs < KILL_AFTER_MS, `returned after ${returnedMs} ms`);
  assert(exitedMs >= KILL_AFTER_MS, `exited after ${exitedMs} ms`);
});

Deno.test("run() does not wait for what a program left behind with its output open", async () => {
  const outcome = await shell("sleep 5 & exit 0", { timeoutMs: 300 });
  await expectKind(outcome, "timeout").exited;
});
