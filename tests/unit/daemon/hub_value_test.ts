import assert from "node:assert/strict";
import { openEnvelope } from "../../../src/codec/envelope.ts";
import {
  hubKey,
  MAX_VALUE_BYTES,
  readBeatSubject,
  readHubKey,
  readValue,
  writeValues,
} from "../../../src/daemon/hub_value.ts";

const ID = "56475aa75463474c0285df5dbf2bcab7";

Deno.test("writeValues() divides a list into values that are read again", () => {
  const datagrams = Array.from(
    { length: 700 },
    (_, i) => new Uint8Array(1_000).fill(i % 256),
  );
  const values = writeValues(datagrams, { site: "home", from: "10.0.0.1" });
  assert.equal(values.length, 3);
  for (const { length } of values) assert.ok(length <= MAX_VALUE_BYTES);
  const read = values.flatMap((value) => readValue(value)!)
    .map((envelope) => openEnvelope(envelope));
  assert.equal(read.length, 700);
  for (const [i, one] of read.entries()) {
    assert.ok(one.format === "envelope");
    assert.deepEqual([one.site, one.from], ["home", "10.0.0.1"]);
    assert.deepEqual(one.datagram, datagrams[i]);
  }
});

Deno.test("readValue() refuses what is cut", () => {
  const [value] = writeValues([new Uint8Array(9)], {
    site: "home",
    from: "10.0.0.1",
  });
  for (let length = 1; length < value!.length; length++) {
    assert.equal(readValue(value!.subarray(0, length)), null, `${length}`);
  }
  assert.equal(readValue(new Uint8Array(8)), null);
  assert.deepEqual(readValue(new Uint8Array()), []);
});

Deno.test("readHubKey() reads keys, of sites with dots too, and nothing else", () => {
  for (const site of ["home", "eu.rack-1", "9"]) {
    const key = { site, id: ID, chunk: 12 };
    assert.deepEqual(readHubKey(hubKey(key)), key);
  }
  for (
    const text of ["", "h.home", `h..${ID}.1`, `x.home.${ID}.1`, "h.home.no.1"]
  ) {
    assert.equal(readHubKey(text), null, text);
  }
  assert.deepEqual(readBeatSubject(`home.${ID}`), { site: "home", id: ID });
  assert.equal(readBeatSubject("home.no"), null);
});
