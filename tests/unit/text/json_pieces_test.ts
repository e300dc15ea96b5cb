import assert from "node:assert/strict";
import fc from "fast-check";
import { JsonPieceError, JsonPieces } from "../../../src/text/json_pieces.ts";

Deno.test("JsonPieces gives each member, and each element of an array, with its line", () => {
  const text =
    '{"format":"x",\n "version" : 1,\n"list":[\n{"a":[1,2]},\n "},]\\"",\n[[]]\n],"empty":[],\n"end":{"b":[]}}\n';
  assert.deepEqual(piecesOf(text), [
    { kind: "member", key: "format", value: "x", line: 1 },
    { kind: "member", key: "version", value: 1, line: 2 },
    { kind: "element", key: "list", value: { a: [1, 2] }, index: 0, line: 4 },
    { kind: "element", key: "list", value: '},]"', index: 1, line: 5 },
    { kind: "element", key: "list", value: [[]], index: 2, line: 6 },
    { kind: "member", key: "end", value: { b: [] }, line: 8 },
  ]);
});

Deno.test("JsonPieces reads whatever JSON.parse reads, however it is cut and written", () => {
  const document = fc.dictionary(
    fc.string(),
    fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue())),
  );
  const indent = fc.constantFrom(0, 2);
  fc.assert(
    fc.property(document, indent, fc.infiniteStream(fc.nat(9)), (
      value,
      indent,
      lengths,
    ) => {
      const text = JSON.stringify(value, null, indent);
      const parsed = JSON.parse(text);
      assert.deepEqual(putTogether(piecesOf(text, lengths), parsed), parsed);
    }),
  );
});

Deno.test("JsonPieces refuses what is no object, and says on which line", () => {
  const wrong: [string, number, RegExp][] = [
    ["", 1, /^the document ends in the middle$/],
    ["\n[]", 2, /^expected one object$/],
    ['"x"', 1, /^expected one object$/],
    ['{"a":1}\n{"b":1}', 2, /^expected one object$/],
    ['{"a":1}\nx', 2, /^expected one object$/],
    ['{"a":1}\n]', 2, /^expected one object$/],
    ['}\n{"a":1}', 1, /^expected one object$/],
    ['{\n"a":[1,\n2', 3, /^the document ends in the middle$/],
    ['{\n"a":[1,\nx]}', 3, /^not JSON: x$/],
    ['{"a":[1\n2]}', 1, /^not JSON: 1\\x0a2$/],
    ['{"a":[1}}', 1, /^not JSON: }$/],
    ['{"a":1]', 1, /^not JSON: ]$/],
    ['{"a":[] x}', 1, /^not JSON: \{x\}$/],
    ["{[1]}", 1, /^not JSON: \{0\}$/],
    ['{"a" 1}', 1, /^not JSON: {"a" 1}$/],
  ];
  for (const [text, line, message] of wrong) {
    assert.throws(() => piecesOf(text), (error) => {
      assert.ok(error instanceof JsonPieceError, `${text}: ${error}`);
      assert.match(error.message, message);
      assert.equal(error.line, line, text);
      return true;
    });
  }
});

Deno.test("JsonPieces holds no more than one piece, and no endless one", () => {
  const pieces = new JsonPieces({ maxPieceChars: 100 });
  pieces.push('{"a":[');
  for (let i = 0; i < 1_000; i++) pieces.push('"0123456789", ');
  pieces.push('"');
  assert.throws(
    () => {
      for (let i = 0; i < 20; i++) pieces.push("0123456789");
    },
    { name: "JsonPieceError", message: /longer than 100 characters/ },
  );
});

function piecesOf(text: string, lengths?: Iterable<number>) {
  const pieces = new JsonPieces({ maxPieceChars: 10_000 });
  const found = [];
  if (lengths === undefined) {
    found.push(...pieces.push(text));
  } else {
    let at = 0;
    for (const length of lengths) {
      if (at >= text.length) break;
      found.push(...pieces.push(text.slice(at, at + length)));
      at += length;
    }
  }
  pieces.end();
  return found;
}

/** An empty array gives no piece: those are taken from `expected`. */
function putTogether(
  pieces: ReturnType<typeof piecesOf>,
  expected: Record<string, unknown>,
): unknown {
  const empty = Object.entries(expected).filter(([, value]) =>
    Array.isArray(value) && value.length === 0
  );
  const entries = new Map<string, unknown>(empty);
  for (const piece of pieces) {
    if (piece.kind === "member") {
      entries.set(piece.key, piece.value);
    } else {
      const list = (entries.get(piece.key) ?? []) as unknown[];
      assert.equal(piece.index, list.length);
      entries.set(piece.key, [...list, piece.value]);
    }
  }
  return Object.fromEntries(entries);
}
