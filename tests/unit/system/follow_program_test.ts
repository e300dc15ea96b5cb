import assert from "node:assert/strict";
import { denoSystem } from "../../../src/system/deno_system.ts";
import { MAX_FOLLOWED_LINE_BYTES } from "../../../src/system/follow_program.ts";
import {
  KILL_AFTER_MS,
  MAX_STDERR_BYTES,
} from "../../../src/system/run_program.ts";
import { eventually } from "../../support/eventually.ts";

const FOREVER = "while :; do sleep 0.1; done";
const MODULE = new URL(
  "../../../src/system/follow_program.ts",
  import.meta.url,
);

function follow(script: string) {
  const lines: string[] = [];
  const followed = denoSystem().follow(
    "/bin/sh",
    ["-c", script],
    (line) => lines.push(line),
  );
  return { ...followed, stop: () => followed.stop(), lines };
}

async function linesOf(script: string): Promise<string[]> {
  const { ended, lines } = follow(script);
  await ended;
  return lines;
}

Deno.test("follow() hands on each line while the program goes on", async () => {
  const { lines, stop, ended } = follow(`echo one; echo two; exec sleep 60`);
  await eventually(() => assert.deepEqual(lines, ["one", "two"]));
  await stop();
  assert.equal((await ended).kind, "exited");
});

Deno.test("follow() starts the program in the root directory", async () => {
  assert.deepEqual(await linesOf("pwd"), ["/"]);
});

Deno.test("follow() puts a line together that comes in pieces, UTF-8 too", async () => {
  const script = "printf 'a\\303'; sleep 0.1; printf '\\251b'; sleep 0.1; echo";
  assert.deepEqual(await linesOf(script), ["a\u00e9b"]);
});

Deno.test("follow() hands on empty lines, and a last one without newline", async () => {
  assert.deepEqual(await linesOf("echo; echo; printf end"), ["", "", "end"]);
});

Deno.test("follow() cuts a line that is too long, and goes on with the next", async () => {
  const script =
    "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo next; printf '\\377\\n'";
  assert.deepEqual(await linesOf(script), [
    "x".repeat(MAX_FOLLOWED_LINE_BYTES),
    "next",
    "\ufffd",
  ]);
});

Deno.test("follow() tells how a program ended, and the head of what it complained of", async () => {
  const { ended } = follow(
    "echo first >&2; head -c 1000000 /dev/zero >&2; exit 7",
  );
  const end = await ended;
  assert.ok(end.kind === "exited");
  assert.equal(end.code, 7);
  assert.equal(end.stderr.length, MAX_STDERR_BYTES);
  assert.ok(end.stderr.startsWith("first\n"));
});

Deno.test("follow() finds a program that PATH lacks, and gives it the C locale and nothing else", async () => {
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", "/nonexistent");
  try {
    const lines: string[] = [];
    await denoSystem().follow("env", [], (line) => lines.push(line)).ended;
    assert.deepEqual(lines, ["LC_ALL=C"]);
  } finally {
    Deno.env.set("PATH", path);
  }
});

Deno.test("follow() says when there is no such program, or it may not be started", async () => {
  for (
    const [program, kind] of [
      ["diskd-no-such-program", "missing"],
      ["/etc/passwd", "denied"],
    ] as const
  ) {
    const followed = denoSystem().follow(program, [], assert.fail);
    assert.equal((await followed.ended).kind, kind);
    await followed.stop();
  }
});

Deno.test("follow(), stopped, ends the program with TERM", async () => {
  const { lines, stop, ended } = follow(
    `trap 'exit 3' TERM; echo ready; ${FOREVER}`,
  );
  await eventually(() => assert.deepEqual(lines, ["ready"]));
  const startedAt = performance.now();
  await Promise.all([stop(), stop()]);
  assert.ok(performance.now() - startedAt < KILL_AFTER_MS);
  assert.deepEqual(await ended, { kind: "exited", code: 3, stderr: "" });
});

Deno.test("follow(), stopped, hands on nothing more", async () => {
  const { lines, stop } = follow("exec yes");
  await eventually(() => assert.ok(lines.length > 0));
  const stopped = stop();
  const { length } = lines;
  await stopped;
  assert.equal(lines.length, length);
});

Deno.test("follow(), stopped, ends a program that ignores TERM with KILL", async () => {
  const { lines, stop, ended } = follow(
    `trap '' TERM; echo ready; ${FOREVER}`,
  );
  await eventually(() => assert.deepEqual(lines, ["ready"]));
  const startedAt = performance.now();
  await stop();
  assert.ok(performance.now() - startedAt >= KILL_AFTER_MS);
  assert.deepEqual(await ended, { kind: "exited", code: 137, stderr: "" });
});

Deno.test("follow(), stopped after the program ended, has nothing to do", async () => {
  const { stop, ended } = follow("exit 0");
  await ended;
  await stop();
});

for (const end of ["Deno.exit(0)", "throw new Error()"]) {
  Deno.test(`a followed program does not outlive ${end}`, async () => {
    const pid = await startAndEnd(end);
    await eventually(() => assert.ok(!isAlive(pid)));
  });
}

Deno.test("a followed program outlives a process that is killed until it prints a line", async () => {
  const pid = await startAndEnd("Deno.kill(Deno.pid, 'SIGKILL')");
  assert.ok(isAlive(pid));
  Deno.kill(pid, "SIGUSR1");
  await eventually(() => assert.ok(!isAlive(pid)));
});

/** Runs a program that follows a shell which prints a line at SIGUSR1, and ends as told; the shell's process id. */
async function startAndEnd(end: string): Promise<number> {
  const script = "trap 'echo line' USR1; echo $$; while :; do sleep 0.1; done";
  const program = `
    import { followProgram } from ${JSON.stringify(MODULE.href)};
    const args = ["-c", ${JSON.stringify(script)}];
    followProgram("/bin/sh", args, (line) => { console.log(line); ${end} });`;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, program);
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", "--no-check", file],
      stderr: "null",
    }).output();
    return Number(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(file);
  }
}

/** A zombie has ended, though nobody took notice. */
function isAlive(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return !stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch {
    return false;
  }
}
