import assert from "node:assert/strict";
import { startSealed } from "../../../src/codec/sealed.ts";
import { LockedSenders } from "../../../src/peer/locked_senders.ts";

const SEALED = startSealed(10, {
  keyId: "2f1d81b2",
  nonce: new Uint8Array(12),
});
const NOISE = new TextEncoder().encode("M-SEARCH * HTTP/1.1");
const MINUTE = 60_000;

/** What is known, as `reason address ...`. */
function known(senders: LockedSenders, now: number): string[] {
  return [...senders.list(now)]
    .filter(([, addresses]) => addresses.size > 0)
    .map(([reason, addresses]) => [reason, ...addresses].join(" "));
}

Deno.test("LockedSenders tells of an address once, and again after ten silent minutes", () => {
  const senders = new LockedSenders();
  const hear = (now: number) =>
    senders.note("not-diskd", { bytes: SEALED, address: "10.0.0.2", now });
  assert.equal(hear(0), "sealed");
  assert.equal(hear(1), null);
  assert.deepEqual(known(senders, 10 * MINUTE), ["sealed 10.0.0.2"]);
  assert.deepEqual(known(senders, 10 * MINUTE + 2), []);
  assert.equal(hear(30 * MINUTE), "sealed");
});

Deno.test("LockedSenders tells encryption without a key from another key, and from other programs", () => {
  const senders = new LockedSenders();
  const hear = (
    reason: "not-diskd" | "unknown-key" | "unsigned",
    bytes: Uint8Array,
  ) => senders.note(reason, { bytes, address: "10.0.0.2", now: 0 });
  assert.equal(hear("not-diskd", NOISE), null);
  assert.equal(hear("unsigned", NOISE), null);
  assert.equal(hear("not-diskd", SEALED), "sealed");
  // Since a reload this host has a key.
  assert.equal(hear("unknown-key", SEALED), "other-key");
  assert.deepEqual(known(senders, 0), ["other-key 10.0.0.2"]);
});

Deno.test("LockedSenders tells of an address that sends both kinds in turns once of each", () => {
  const senders = new LockedSenders();
  const told = Array.from(
    { length: 1_000 },
    (_, now) =>
      senders.note(now % 2 === 0 ? "not-diskd" : "unknown-key", {
        bytes: SEALED,
        address: "10.0.0.2",
        now,
      }),
  );
  assert.deepEqual(told.filter((one) => one !== null), ["sealed", "other-key"]);
});

Deno.test("LockedSenders keeps few addresses, whoever invents them", () => {
  const senders = new LockedSenders();
  let told = 0;
  for (let n = 0; n < 10_000; n++) {
    const address = `10.0.${n >> 8}.${n & 255}`;
    const from = { bytes: SEALED, address, now: n };
    if (senders.note("unknown-key", from) !== null) told++;
  }
  assert.equal(told, 16);
});
