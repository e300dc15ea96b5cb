import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Borne } from "./million_main.ts";

const SCRIPT = fileURLToPath(new URL("million_main.ts", import.meta.url));

/** It takes 8 s on a machine that does nothing else. */
const MAX_MS = 80_000;
/** By then it holds as many hosts and addresses as it may. */
const FULL_AFTER_TENTHS = 5;
const MAX_GROWTH_MB = 8;
const MAX_HEAP_MB = 128;
/** In 50 s of its time: an answer a second at most, and what it says by itself. */
const MAX_SENT = 100;

Deno.test("Peer.receive() takes a million hostile datagrams, and neither grows, nor slows down, nor says more", async () => {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "--v8-flags=--expose-gc", SCRIPT],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const borne: Borne = JSON.parse(new TextDecoder().decode(stdout));
  assert.equal(borne.received, 1_000_000);
  assert.deepEqual(borne.missed, []);
  assert.ok(borne.sent < MAX_SENT, `it sent ${borne.sent} datagrams`);
  assert.ok(borne.tookMs < MAX_MS, `it took ${borne.tookMs} ms`);
  const full = borne.heapMb.slice(FULL_AFTER_TENTHS);
  const growth = full.at(-1)! - full[0]!;
  const shown = `${borne.heapMb.map(Math.round)} MB`;
  assert.ok(growth < MAX_GROWTH_MB, `it grew: ${shown}`);
  assert.ok(Math.max(...full) < MAX_HEAP_MB, `it took ${shown}`);
});
