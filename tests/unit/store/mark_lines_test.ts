import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type KeptMark,
  markLine,
  readMarkLines,
} from "../../../src/store/mark_journal.ts";

const ID_CHARACTERS =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const MARK: fc.Arbitrary<KeptMark> = fc.record({
  id: fc.string({
    unit: fc.constantFrom(...ID_CHARACTERS),
    minLength: 1,
    maxLength: 64,
  }),
  boot: fc.maxSafeNat(),
  seq: fc.maxSafeNat(),
  days: fc.nat(100_000),
  day: fc.nat(100_000),
}, { noNullPrototype: true });

const LINE = "4a73eb2aca0b4a07dd66e41daeccb1f5 1795384020933 17 212 20780 ";

const A: KeptMark = { id: "a", boot: 1, seq: 2, days: 3, day: 20_000 };
const B: KeptMark = { id: "b", boot: 3, seq: 4, days: 1, day: 20_001 };

Deno.test("readMarkLines() reads lines without days", () => {
  const text = "4a73eb2aca0b4a07dd66e41daeccb1f5 1795384020933 17 855f74ee\n";
  const { marks } = readMarkLines(text);
  assert.deepEqual(marks, [{
    id: "4a73eb2aca0b4a07dd66e41daeccb1f5",
    boot: 1795384020933,
    seq: 17,
    days: 1,
    day: 0,
  }]);
});

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
    days: 212,
    day: 20_780,
  };
  assert.match(
    markLine(mark),
    /^[0-9a-f]{32} 1795384020933 17 212 20780 [0-9a-f]{8}\n$/,
  );
  assert.ok(markLine(mark).startsWith(LINE));
});

Deno.test("readMarkLines() passes over the last line when it has no end", () => {
  const one = markLine(A);
  const two = markLine(B);
  for (let length = 0; length < two.length; length++) {
    assert.deepEqual(readMarkLines(one + two.slice(0, length)), {
      marks: [A],
      damagedLines: 0,
    });
  }
});

Deno.test("readMarkLines() believes no line of which a byte is another", () => {
  const line = markLine({ ...A, id: "alpha", boot: 1795384020933 });
  const other = markLine(B);
  fc.assert(fc.property(
    fc.nat(line.length - 2),
    fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 1 }),
    (at, byte) => {
      fc.pre(line[at] !== byte && byte !== "\n");
      const damaged = line.slice(0, at) + byte + line.slice(at + 1);
      assert.deepEqual(readMarkLines(damaged + other), {
        marks: [B],
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
