import assert from "node:assert/strict";
import {
  compareDrives,
  realSerial,
  realWwn,
} from "../../../src/inventory/evidence.ts";

const PLACEHOLDERS = [
  "0123456789ABCDEF",
  "123456789012",
  "1234567890123456",
  "456789ABCDEF",
  "1234567890AB",
  "00000000",
  "FFFFFFFFFFFF",
  "000000000272",
  "None",
  "To be filled by O.E.M.",
  " DB9876543214E ",
  "ab1",
  "",
];

for (const serial of PLACEHOLDERS) {
  Deno.test(`realSerial() takes ${JSON.stringify(serial)} for no evidence`, () => {
    assert.equal(realSerial(serial), null);
  });
}

Deno.test("realSerial() takes what tells drives apart", () => {
  const serials = ["WD-WX000001", "0xaaaa0001", "PHLJ0000", "SER1"];
  for (const serial of serials) {
    assert.equal(realSerial(serial), serial.toLowerCase());
  }
  assert.equal(realSerial(null), null);
});

Deno.test("realWwn() takes a WWN for evidence, however it begins", () => {
  assert.equal(realWwn("0x5000CCA000000001"), "5000cca000000001");
  assert.equal(realWwn("eui.0025380000000001"), "0025380000000001");
  assert.equal(realWwn("0x0000000000000000"), null);
  assert.equal(realWwn("0x5000000000000001"), null);
  assert.equal(realWwn("eui.0000000000000000"), null);
  assert.equal(realWwn("0x5000000000000001"), null);
  assert.equal(realWwn("eui.0100000000000000"), null);
  assert.equal(realWwn(null), null);
});

Deno.test("compareDrives() believes serial numbers, then WWNs, then nothing", () => {
  const drive = (serial: string | null, wwn: string | null = null) => ({
    serial,
    wwn,
  });
  const [wwn, otherWwn] = ["0x5000cca000000001", "0x5000cca000000002"];
  const zeros = "0x0000000000000000";
  const cases = [
    [drive("X1G00001"), drive("x1g00001"), "same"],
    [drive("X1G00001", wwn), drive("X1G00001", otherWwn), "same"],
    [drive("X1G00001", wwn), drive("X1G00002", wwn), "different"],
    [drive("0123456789ABCDEF", wwn), drive("X1G00002", wwn), "same"],
    [drive(null, wwn), drive("X1G00002", otherWwn), "different"],
    [drive("SER1", zeros), drive("SER2", zeros), "different"],
    [drive(null, zeros), drive(null, zeros), "unknown"],
    [drive("X1G00001"), drive(null, wwn), "unknown"],
  ] as const;
  for (const [a, b, expected] of cases) {
    assert.equal(compareDrives(a, b), expected, JSON.stringify([a, b]));
    assert.equal(compareDrives(b, a), expected);
  }
});
