import assert from "node:assert/strict";
import { Semaphore } from "../../../src/control/seats.ts";

Deno.test("Turns lets so many go on at once, the others in the order in which they came", async () => {
  const turns = new Semaphore(2);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  for (const name of ["a", "b", "c", "d"]) {
    turns.take().then((end) => {
      begun.push(name);
      ends.set(name, end);
    });
  }
  await settled();
  assert.deepEqual(begun, ["a", "b"]);
  ends.get("b")!();
  await settled();
  assert.deepEqual(begun, ["a", "b", "c"]);
  ends.get("a")!();
  ends.get("c")!();
  await settled();
  ends.get("d")!();
  const end = await turns.take();
  await turns.take();
  end();
  assert.deepEqual(begun, ["a", "b", "c", "d"]);
});

async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}
