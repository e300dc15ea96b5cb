import assert from "node:assert/strict";
import {
  MAX_V1_DATAGRAM_BYTES,
  MAX_V2_DATAGRAM_BYTES,
} from "../../../src/codec/announcement.ts";
import { readDatagram, readDisks } from "../../../src/codec/read_datagram.ts";
import { inTime } from "../../support/eventually.ts";
import { jsonBombs, YAML_BOMBS } from "../../support/hostile_texts.ts";
import { encode } from "./support.ts";

/** With room for what is around them. */
const JSON_BOMBS = jsonBombs(MAX_V2_DATAGRAM_BYTES - 200);
const HEADER = '"v":2,"id":"a","boot":1,"seq":1,"every":30';

/** Reads all of it in time; either it is rejected, or nothing dangerous is left of it. */
function defuse(text: string): void {
  const bytes = encode(text);
  assert.ok(bytes.length <= MAX_V1_DATAGRAM_BYTES, `${bytes.length} bytes`);
  const read = inTime(() => readDisks(readDatagram(bytes)));
  if (read.format === "rejected") return;
  const written = JSON.stringify(read.disks);
  assert.ok(written.length <= bytes.length, written.slice(0, 200));
}

for (const [name, yaml] of YAML_BOMBS) {
  Deno.test(`readDisks() bears ${name} in the format of 0.01`, () => {
    defuse(`diskd:${yaml}`);
    defuse(`diskd:---\n- - uuid\n  - label\n  - ${yaml}`.slice(0, 65_000));
  });
}

for (const [name, json] of JSON_BOMBS) {
  Deno.test(`readDatagram() bears ${name} in a header`, () => {
    defuse(`diskd:#{${HEADER},"more":${json}}\n[]\n`);
    defuse(`diskd:#{${json}}\n[]\n`);
  });

  Deno.test(`readDisks() bears ${name} in a list`, () => {
    defuse(`diskd:#{${HEADER}}\n${json}\n`);
    defuse(`diskd:#{${HEADER}}\n[[null,${json},"/dev/sda"]]\n`);
  });
}

Deno.test("readDisks() keeps nothing of what is beside a row's own keys", () => {
  for (const [, json] of JSON_BOMBS) {
    const row = `[[null,"a","/dev/sda",{"more":${json},"size":1}]]`;
    const text = `diskd:#{${HEADER}}\n${row}\n`;
    const read = inTime(() => readDisks(readDatagram(encode(text))));
    if (read.format === "rejected") continue;
    assert.deepEqual(read.disks.map(({ label, size }) => [label, size]), [
      ["a", 1],
    ]);
  }
});
