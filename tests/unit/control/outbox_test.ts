import assert from "node:assert/strict";
import { Outbox, type OutboxOptions } from "../../../src/control/outbox.ts";

/** A client that reads `perWrite` bytes of each write, and nothing while it is `deaf`. */
class Reader {
  read = "";
  perWrite = Infinity;
  fails = false;
  #deaf: Promise<void> = Promise.resolve();
  listen = () => {};

  stopReading(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#deaf = promise;
    this.listen = resolve;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.#deaf;
    if (this.fails) throw new Deno.errors.BrokenPipe("Broken pipe");
    const taken = bytes.subarray(0, this.perWrite);
    this.read += new TextDecoder().decode(taken);
    return taken.length;
  }
}

function setUp(changed: Partial<OutboxOptions> = {}) {
  const reader = new Reader();
  const ends: (string | null)[] = [];
  const outbox = new Outbox(reader, {
    maxPendingBytes: 10,
    stallMs: 60_000,
    onEnd: (reason) => ends.push(reason),
    ...changed,
  });
  return { reader, ends, outbox };
}

function bytes(...texts: string[]): Uint8Array[] {
  return texts.map((text) => new TextEncoder().encode(text));
}

Deno.test("Outbox sends everything in order, however little is taken at a time", async () => {
  const { reader, ends, outbox } = setUp();
  reader.perWrite = 2;
  outbox.send(bytes("abc", "", "defgh"));
  outbox.send([]);
  outbox.send(bytes("i"));
  await outbox.drained();
  assert.equal(reader.read, "abcdefghi");
  outbox.send(bytes("j"));
  await outbox.drained();
  assert.equal(reader.read, "abcdefghij");
  assert.deepEqual(ends, []);
});

Deno.test("Outbox is drained when it never had anything", async () => {
  const { outbox } = setUp();
  outbox.send([]);
  await outbox.drained();
  await outbox.idle();
  await outbox.sendInTurn([]);
});

Deno.test("Outbox takes one piece over the limit, and drops who does not read it before the next", async () => {
  const { reader, ends, outbox } = setUp();
  reader.stopReading();
  outbox.send(bytes("a".repeat(1000)));
  assert.deepEqual(ends, []);
  outbox.send(bytes("b"));
  assert.deepEqual(ends, ["overflowed"]);
  outbox.send(bytes("c"));
  await outbox.drained();
  assert.deepEqual(ends, ["overflowed"]);
  reader.listen();
  await outbox.idle();
});

Deno.test("Outbox does not count answers: who reads a long one may still get events", async () => {
  const { reader, ends, outbox } = setUp();
  reader.stopReading();
  await outbox.sendInTurn(bytes("a".repeat(1000), "b".repeat(1000)));
  outbox.send(bytes("12345678"));
  outbox.send(bytes("9"));
  assert.deepEqual(ends, []);
  reader.listen();
  await outbox.drained();
  assert.equal(reader.read.length, 2009);
  for (let round = 0; round < 3; round++) outbox.send(bytes("12345678"));
  assert.deepEqual(ends, ["overflowed"]);
  await outbox.idle();
});

Deno.test("Outbox counts no more what was read", async () => {
  const { reader, ends, outbox } = setUp();
  for (let round = 0; round < 5; round++) {
    outbox.send(bytes("12345678"));
    await outbox.drained();
  }
  assert.equal(reader.read.length, 40);
  assert.deepEqual(ends, []);
});

Deno.test("Outbox.sendInTurn() waits for the reader instead of dropping it", async () => {
  const { reader, ends, outbox } = setUp();
  reader.stopReading();
  const sent = ["a", "b", "c"].map((text) =>
    outbox.sendInTurn(bytes(text.repeat(20)))
  );
  reader.listen();
  await Promise.all(sent);
  await outbox.drained();
  assert.equal(reader.read, "a".repeat(20) + "b".repeat(20) + "c".repeat(20));
  assert.deepEqual(ends, []);
});

Deno.test("Outbox drops who reads nothing for too long", async () => {
  const { reader, ends, outbox } = setUp({ stallMs: 20 });
  reader.stopReading();
  outbox.send(bytes("a"));
  const turn = outbox.sendInTurn(bytes("b"));
  await outbox.drained();
  await turn;
  assert.deepEqual(ends, ["stalled"]);
  reader.listen();
  await outbox.idle();
  assert.equal(reader.read, "a");
});

Deno.test("Outbox ends without a reason when the client is gone", async () => {
  const { reader, ends, outbox } = setUp();
  reader.fails = true;
  outbox.send(bytes("a", "b"));
  await outbox.drained();
  assert.deepEqual(ends, [null]);
});

Deno.test("Outbox.close() sends no more and wakes who waits", async () => {
  const { reader, ends, outbox } = setUp();
  reader.stopReading();
  outbox.send(bytes("a", "b"));
  const drained = outbox.drained();
  outbox.close();
  await drained;
  reader.listen();
  await outbox.idle();
  assert.equal(reader.read, "a");
  assert.deepEqual(ends, []);
});
