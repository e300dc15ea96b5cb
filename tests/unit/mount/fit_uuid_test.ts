import assert from "node:assert/strict";
import { fitUuid, isFitUuid } from "../../../src/mount/fit_uuid.ts";

const DEVICE = "/dev/sdb1";

for (
  const uuid of [
    "8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60",
    "4A1B-22F0",
    "01D5A7B8C9D0E1F2",
    "2019-11-23-06-47-00-00",
    "a".repeat(64),
  ]
) {
  Deno.test(`fitUuid() takes ${uuid}`, () => {
    assert.equal(fitUuid({ uuid, device: DEVICE }), uuid);
  });
}

for (
  const uuid of [
    "",
    "-a",
    "--help",
    "a b",
    "a;b",
    "a,b",
    "a=b",
    "../a",
    "a\n",
    "ä",
    "a".repeat(65),
  ]
) {
  Deno.test(`isFitUuid() refuses ${JSON.stringify(uuid)}`, () => {
    assert.equal(isFitUuid(uuid), false);
  });
}

Deno.test("fitUuid() says what is wrong with a UUID", () => {
  assert.throws(() => fitUuid({ uuid: "a b\x1b", device: DEVICE }), {
    kind: "refused",
    message:
      'The UUID of /dev/sdb1 is "a b\\x1b", expected 1 to 64 letters, digits and hyphens',
  });
  assert.throws(() => fitUuid({ uuid: null, device: DEVICE }), {
    kind: "refused",
    message: /^\/dev\/sdb1 has no UUID/,
  });
});
