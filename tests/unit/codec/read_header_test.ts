import assert from "node:assert/strict";
import { readHeader } from "../../../src/codec/read_datagram.ts";

const WHOLE = {
  v: 2,
  id: "9f0c",
  key: "a".repeat(43),
  host: "alpha",
  version: "0.1.0",
  boot: 1790000000123,
  seq: 17,
  rev: 3,
  part: [2, 5],
  every: 30,
  ask: true,
  bye: false,
};

function read(changes: Record<string, unknown>) {
  return readHeader(JSON.stringify({ ...WHOLE, ...changes }));
}

Deno.test("readHeader() reads every key", () => {
  const { v: _, part: [part, parts], ...rest } = WHOLE;
  assert.deepEqual(read({}), { ...rest, part, parts });
});

Deno.test("readHeader() fills in what may be missing", () => {
  const json = '{"v":2,"id":"a","boot":5,"seq":7,"every":30}';
  assert.deepEqual(readHeader(json), {
    id: "a",
    key: null,
    host: null,
    version: null,
    boot: 5,
    seq: 7,
    rev: 7,
    part: 1,
    parts: 1,
    every: 30,
    ask: false,
    bye: false,
  });
});

Deno.test("readHeader() ignores keys that it does not know", () => {
  assert.deepEqual(read({ colour: "red", __proto__x: 1 }), read({}));
});

Deno.test("readHeader() rejects a key that has not its length", () => {
  for (const length of [0, 42, 44]) {
    assert.equal(read({ key: "a".repeat(length) }), "bad-header");
  }
  assert.equal(read({ key: 7 }), "bad-header");
});

Deno.test("readHeader() lets only a question come without id", () => {
  for (const id of [undefined, null]) {
    const asked = read({ id, ask: true });
    assert.ok(typeof asked === "object");
    assert.equal(asked.id, null);
    assert.equal(read({ id, ask: false }), "bad-header");
  }
});

Deno.test("readHeader() rejects another version, and none", () => {
  assert.equal(read({ v: 3 }), "bad-version");
  assert.equal(read({ v: 1 }), "bad-version");
  assert.equal(read({ v: "2" }), "bad-header");
  assert.equal(read({ v: undefined }), "bad-header");
});

Deno.test("readHeader() brings every into its range", () => {
  for (const [said, taken] of [[0.2, 1], [-5, 1], [86401, 86400], [1.5, 1.5]]) {
    const header = read({ every: said });
    assert.ok(typeof header === "object");
    assert.equal(header.every, taken);
  }
});

Deno.test("readHeader() takes an empty name for none, and mends half a surrogate pair", () => {
  const header = read({ host: "", version: "1\ud83d" });
  assert.ok(typeof header === "object");
  assert.equal(header.host, null);
  assert.equal(header.version, "1\ufffd");
});

const LIMITS: [string, unknown][] = [
  ["id", "a".repeat(64)],
  ["id", "Az09_-"],
  ["host", "h".repeat(255)],
  ["version", "v".repeat(64)],
  ["boot", 0],
  ["boot", Number.MAX_SAFE_INTEGER],
  ["seq", 0],
  ["rev", 0],
  ["part", [1, 1]],
  ["part", [4096, 4096]],
];

for (const [key, value] of LIMITS) {
  Deno.test(`readHeader() takes ${key} ${JSON.stringify(value)}`, () => {
    const header = read({ [key]: value });
    assert.ok(typeof header === "object");
  });
}

const WRONG: [string, unknown][] = [
  ["id", ""],
  ["id", "a".repeat(65)],
  ["id", "a b"],
  ["id", "a\n"],
  ["id", "v1-10.0.0.1"],
  ["id", 5],
  ["host", 5],
  ["host", "h".repeat(256)],
  ["version", ["0.1"]],
  ["version", "v".repeat(65)],
  ["boot", undefined],
  ["boot", "5"],
  ["boot", -1],
  ["boot", 1.5],
  ["boot", 2 ** 53],
  ["seq", undefined],
  ["seq", null],
  ["seq", -1],
  ["rev", -1],
  ["rev", null],
  ["part", 1],
  ["part", []],
  ["part", [1]],
  ["part", [0, 1]],
  ["part", [2, 1]],
  ["part", [1, 4097]],
  ["part", [1, 1, 1]],
  ["part", ["1", "1"]],
  ["part", [1.5, 2]],
  ["every", undefined],
  ["every", "30"],
  ["every", null],
  ["ask", 1],
  ["ask", null],
  ["bye", "true"],
];

for (const [key, value] of WRONG) {
  Deno.test(`readHeader() rejects ${key} ${JSON.stringify(value)}`, () => {
    assert.equal(read({ [key]: value }), "bad-header");
  });
}

const NOT_HEADERS = [
  "",
  "{",
  "{}",
  "null",
  "5",
  "[2]",
  '{"v":2}',
  '{"v":2,"id":"a","boot":5,"seq":7,"every":1e999}',
  '{"v":2,"id":"a","boot":5,"seq":7,"every":30} x',
  '{"__proto__":{"v":2,"id":"a","boot":5,"seq":7,"every":30}}',
];

for (const json of NOT_HEADERS) {
  Deno.test(`readHeader() rejects ${JSON.stringify(json)}`, () => {
    assert.equal(readHeader(json), "bad-header");
  });
}
