import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { denoSystem } from "../../../src/system/deno_system.ts";

const NEVER = new AbortController().signal;
const MODULE = fileURLToPath(
  new URL("../../../src/system/attend_program.ts", import.meta.url),
);

Deno.test("handOver() gives a program our own streams, and says how it ended", async () => {
  const script = `
    import { handOver } from ${JSON.stringify(MODULE)};
    const outcome = await handOver(
      "/bin/sh",
      ["-c", "cat; echo err >&2; exit 7"],
      new AbortController().signal,
    );
    console.log(JSON.stringify(outcome));`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", script],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const bytes = new Uint8Array(1_000_000).fill(0xff);
  const [{ stdout, stderr }] = await Promise.all([
    child.output(),
    new Blob([bytes]).stream().pipeTo(child.stdin),
  ]);
  const end = new TextDecoder().decode(stdout.slice(bytes.length));
  assert.deepEqual(stdout.slice(0, bytes.length), bytes);
  assert.equal(end, '{"kind":"exited","code":7}\n');
  assert.equal(new TextDecoder().decode(stderr), "err\n");
});

Deno.test("handOver() says that there is no such program", async () => {
  const outcome = await denoSystem().handOver("diskd-no-such", [], NEVER);
  assert.deepEqual(outcome, { kind: "missing" });
});

Deno.test("handOver() ends a program that is to end", async () => {
  const controller = new AbortController();
  const ending = denoSystem().handOver("sleep", ["60"], controller.signal);
  controller.abort();
  const outcome = await ending;
  assert.deepEqual(outcome, { kind: "exited", code: 143 });
  const late = await denoSystem().handOver("sleep", ["60"], controller.signal);
  assert.deepEqual(late, { kind: "exited", code: 143 });
});

Deno.test("privateFile() is there for us alone, until it is removed", () => {
  const file = denoSystem().privateFile("text\n", "/tmp");
  const { mode } = Deno.statSync(file.path);
  assert.equal(mode! & 0o777, 0o600);
  assert.equal(Deno.readTextFileSync(file.path), "text\n");
  file.remove();
  assert.throws(() => Deno.statSync(file.path), Deno.errors.NotFound);
  file.remove();
});
