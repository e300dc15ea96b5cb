import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Mark,
  markLine,
  readMarkLines,
} from "../../../src/store/mark_journal.ts";

const ID_CHARACTERS =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const MARK: fc.Arbitrary<Mark> = fc.record({
  id: fc.string({
    unit: fc.constantFrom(...ID_CHARACTERS),
    minLength: 1,
    maxLength: 64,
  }),
  boot: fc.maxSafeNat(),
  seq: fc.maxSafeNat(),
}, { noNullPrototype: true });

const LINE = "4a73eb2aca0b4a07dd66e41daeccb1f5 1795384020933 17 ";

Deno.test("readMarkLines() reads what markLine() writes", () => {
  fc.assert(fc.property(fc.array(MARK), (marks) => {
    const text = marks.map(markLine).join("");
    assert.deepEqual(readMarkLines(text), { marks, damagedLines: 0 });
  }));
});

Deno.test("markLine() writes a line as it is documented", () => {
  const mark = {
    id: "4a73eb2aca0b4a07dd66e41daeccb1f5",
    boot: 1795384020933,
    seq: 17,
  };
  assert.match(markLine(mark), /^[0-9a-f]{32} 1795384020933 17 [0-9a-f]{8}\n$/);
  assert.ok(markLine(mark).startsWith(LINE));
});

Deno.test("readMarkLines() passes over the last line when it has no end", () => {
  const one = markLine({ id: "a", boot: 1, seq: 2 });
  const two = markLine({ id: "b", boot: 3, seq: 4 });
  for (let length = 0; length < two.length; length++) {
    assert.deepEqual(readMarkLines(one + two.slice(0, length)), {
      marks: [{ id: "a", boot: 1, seq: 2 }],
      damagedLines: 0,
    });
  }
});

Deno.test("readMarkLines() believes no line of which a byte is another", () => {
  const line = markLine({ id: "alpha", boot: 1795384020933, seq: 17 });
  const other = markLine({ id: "b", boot: 3, seq: 4 });
  fc.assert(fc.property(
    fc.nat(line.length - 2),
    fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 1 }),
    (at, byte) => {
      fc.pre(line[at] !== byte && byte !== "\n");
      const damaged = line.slice(0, at) + byte + line.slice(at + 1);
      assert.deepEqual(readMarkLines(damaged + other), {
        marks: [{ id: "b", boot: 3, seq: 4 }],
        damagedLines: 1,
      });
    },
  ));
});

Deno.test("readMarkLines() makes nothing of any other text, and throws nothing", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const { marks, damagedLines } = readMarkLines(text);
    assert.deepEqual(marks, []);
    assert.equal(damagedLines, text.split("\n").length - 1);
  }));
});
