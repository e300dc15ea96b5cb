import assert from "node:assert/strict";
import { accepts } from "../../../src/system/accepts.ts";

Deno.test("accepts() says whether somebody listens", async () => {
  const address = "127.0.0.1";
  const listener = Deno.listen({ hostname: address, port: 0 });
  const { port } = listener.addr;
  assert.equal(await accepts({ address, port }, 10_000), true);
  listener.close();
  assert.equal(await accepts({ address, port }, 10_000), false);
});

Deno.test("accepts() does not wait for an answer for longer", async () => {
  assert.equal(await accepts({ address: "127.0.0.1", port: 9 }, 0), false);
});

Deno.test("accepts() takes what is no address for nobody", async () => {
  assert.equal(await accepts({ address: "-", port: 22 }, 10_000), false);
});
