import assert from "node:assert/strict";
import { OutputError, TextOutput } from "../../../src/cli/text_output.ts";

Deno.test("TextOutput writes everything in order, however little is taken at a time", async () => {
  const taken: number[] = [];
  const output = new TextOutput({
    write(bytes) {
      const count = Math.min(3, bytes.length);
      taken.push(...bytes.subarray(0, count));
      return Promise.resolve(count);
    },
  });
  output.write("first, é\n");
  output.write("second\n");
  await output.flush();
  const text = new TextDecoder().decode(new Uint8Array(taken));
  assert.equal(text, "first, é\nsecond\n");
});

Deno.test("TextOutput writes in one piece what came while it was writing", async () => {
  const written: string[] = [];
  const first = Promise.withResolvers<void>();
  const output = new TextOutput({
    async write(bytes) {
      written.push(new TextDecoder().decode(bytes));
      await first.promise;
      return bytes.length;
    },
  });
  for (const text of ["a", "b", "cd"]) output.write(text);
  assert.equal(output.waitingChars, 4);
  first.resolve();
  await output.flush();
  assert.deepEqual(written, ["a", "bcd"]);
  assert.equal(output.waitingChars, 0);
});

Deno.test("TextOutput keeps nothing that nobody will read", async () => {
  const output = new TextOutput({
    write: () => Promise.reject(new Deno.errors.BrokenPipe("Broken pipe")),
  });
  output.write("x");
  await output.flush();
  output.write("y".repeat(1000));
  assert.equal(output.waitingChars, 0);
});

Deno.test("TextOutput is silent when nobody reads any more", async () => {
  let attempts = 0;
  const output = new TextOutput({
    write() {
      attempts++;
      return Promise.reject(new Deno.errors.BrokenPipe("Broken pipe"));
    },
  });
  output.write("x");
  output.write("y");
  await output.flush();
  assert.equal(output.isClosed, true);
  assert.equal(attempts, 1);
});

Deno.test("TextOutput says at flush what could not be written", async () => {
  const output = new TextOutput({
    write: () =>
      Promise.reject(new Error("No space left on device (os error 28)")),
  });
  output.write("x");
  await assert.rejects(output.flush(), (error) => {
    assert.ok(error instanceof OutputError);
    assert.equal(
      error.message,
      "cannot write the output: No space left on device",
    );
    return true;
  });
});
