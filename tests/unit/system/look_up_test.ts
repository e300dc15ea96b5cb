import assert from "node:assert/strict";
import { lookUp } from "../../../src/system/look_up.ts";

Deno.test("lookUp() finds what /etc/hosts has, and addresses themselves", async () => {
  const addresses = await lookUp("localhost", 10_000);
  assert.ok(
    addresses.some((address) => ["127.0.0.1", "::1"].includes(address)),
  );
  assert.deepEqual(await lookUp("127.0.0.1", 10_000), ["127.0.0.1"]);
});

Deno.test("lookUp() takes what is no name for one that nobody knows", async () => {
  assert.deepEqual(await lookUp("-", 10_000), []);
});
