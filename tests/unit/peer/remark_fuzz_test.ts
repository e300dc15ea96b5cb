/** Any bytes that look like remarks are taken in or counted, and change nothing that others said. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { writeRemarks } from "../../../src/codec/remark_datagram.ts";
import { joinSignature } from "../../../src/codec/signature_line.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { NOTE, remarkProblem } from "../../../src/inventory/remark.ts";
import { madeUpRemark } from "../../support/made_up_remarks.ts";
import { VirtualLan } from "../../support/virtual_lan.ts";
import { start } from "./support.ts";

const RUNS = 2_000;
const DISK = "uuid 1";

/** What stands in the place of a part of the list. */
const ODD = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "[".repeat(400),
    '"\\ud800"',
    "1e400",
    "-1",
    '{"__proto__":null}',
    "\0",
    '"uuid "',
    '"tag:"',
    '"note"',
  ),
);

Deno.test("any change of remarks that a known host signs is taken in or counted", () => {
  const { lan, alpha, beta } = site();
  const { key } = beta.peer.identity;
  const honest = alpha.peer.remarks.find(DISK, NOTE)!;
  const [bytes] = writeRemarks({ id: key.id, key: key.publicKey }, [
    { remark: honest, isProven: false },
    { remark: madeUpRemark(key.id, { subject: "uuid 2" }), isProven: true },
  ], { maxBytes: 1_000 });
  const text = new TextDecoder().decode(bytes);
  const from = text.indexOf("\n") - 10;
  fc.assert(
    fc.property(
      fc.integer({ min: from, max: text.length - 1 }),
      fc.integer({ min: 0, max: 120 }),
      ODD,
      (at, length, odd) => {
        const changed = text.slice(0, at) + odd + text.slice(at + length);
        const message = new TextEncoder().encode(changed);
        lan.now += 1_000;
        alpha.peer.receive(
          joinSignature(message, key.sign(message)),
          beta.address,
          lan.now,
        );
        for (const remark of alpha.peer.remarks.counting.all()) {
          assert.equal(remarkProblem(remark.field, remark.value), null);
          assert.ok(remark.by !== honest.by || remark === honest);
        }
      },
    ),
    { numRuns: RUNS },
  );
  assert.equal(alpha.peer.remarks.find(DISK, NOTE), honest);
  const { received, refused, own, copies } = alpha.peer.counters;
  assert.ok(refused + own + copies <= received);
  assert.ok(refused > RUNS / 4);
});

function site() {
  const lan = new VirtualLan();
  const [alpha, beta] = [lan.host("alpha"), lan.host("beta")];
  for (const host of [alpha, beta]) {
    start(lan, host, [makeDisk({ device: "/dev/sdx", label: "x" })]);
  }
  lan.run(40_000);
  const said = { subject: DISK, field: NOTE, value: "drawer 3" };
  lan.do(alpha, alpha.peer.remark(said, lan.now));
  return { lan, alpha, beta };
}
