import assert from "node:assert/strict";
import fc from "fast-check";
import { RequestLines } from "../../../src/control/framing.ts";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function texts(splitter: RequestLines, chunk: string): string[] {
  return splitter.push(bytes(chunk)).map((line) =>
    line.kind === "line" ? line.text : line.kind
  );
}

Deno.test("RequestLines gives the lines of one chunk", () => {
  assert.deepEqual(texts(new RequestLines(), "list\nhosts\n\nsta"), [
    "list",
    "hosts",
    "",
  ]);
});

Deno.test("RequestLines puts a line together from many chunks", () => {
  const splitter = new RequestLines();
  assert.deepEqual(texts(splitter, "wh"), []);
  assert.deepEqual(texts(splitter, "ere a"), []);
  assert.deepEqual(texts(splitter, "\nli"), ["where a"]);
  assert.deepEqual(texts(splitter, "st\n"), ["list"]);
});

Deno.test("RequestLines takes CR LF for one line end, also when they come apart", () => {
  const splitter = new RequestLines();
  assert.deepEqual(texts(splitter, "list\r\nhosts\r"), ["list"]);
  assert.deepEqual(texts(splitter, "\n\r\na\rb\n"), ["hosts", "", "a\rb"]);
});

Deno.test("RequestLines does not keep the buffer that it was given", () => {
  const splitter = new RequestLines();
  const buffer = bytes("li");
  splitter.push(buffer);
  buffer.fill(0);
  assert.deepEqual(texts(splitter, "st\n"), ["list"]);
});

Deno.test("RequestLines puts a character together that came in two chunks", () => {
  const splitter = new RequestLines();
  const whole = bytes("\u00dcn\u00ef\n");
  assert.deepEqual(splitter.push(whole.subarray(0, 1)), []);
  assert.deepEqual(splitter.push(whole.subarray(1)), [
    { kind: "line", text: "\u00dcn\u00ef" },
  ]);
});

Deno.test("RequestLines reports a line that is not UTF-8 and reads on", () => {
  const splitter = new RequestLines();
  assert.deepEqual(
    splitter.push(Uint8Array.of(0x7b, 0xff, 0x0a, 0x61, 0x0a)),
    [{ kind: "not-utf8", start: "{\ufffd" }, { kind: "line", text: "a" }],
  );
});

Deno.test("RequestLines takes a line at the limit and refuses one byte more", () => {
  assert.deepEqual(texts(new RequestLines(4), "abcd\n"), ["abcd"]);
  assert.deepEqual(texts(new RequestLines(4), "abcde\n"), ["too-long"]);
  const splitter = new RequestLines(4);
  assert.deepEqual(texts(splitter, "abcd"), []);
  assert.deepEqual(texts(splitter, "e"), ["too-long"]);
});

Deno.test("RequestLines gives the lines before one that is too long, and none after it", () => {
  const splitter = new RequestLines(4);
  assert.deepEqual(texts(splitter, "ok\n{abcdef\nno\n"), ["ok", "too-long"]);
  assert.deepEqual(texts(splitter, "no\n"), []);
  assert.deepEqual(splitter.end(), []);
});

Deno.test("RequestLines tells how a line began that is too long", () => {
  const [line] = new RequestLines(4).push(bytes('{"jsonrpc"'));
  assert.deepEqual(line, { kind: "too-long", start: '{"jsonrpc"' });
});

Deno.test("RequestLines has a limit of 64 KiB", () => {
  assert.equal(
    texts(new RequestLines(), `${"a".repeat(65536)}\n`)[0]!.length,
    65536,
  );
  assert.deepEqual(texts(new RequestLines(), "a".repeat(65537)), ["too-long"]);
});

Deno.test("RequestLines.end() gives a last line without a newline, once", () => {
  const splitter = new RequestLines();
  assert.deepEqual(splitter.end(), []);
  splitter.push(bytes("list"));
  assert.deepEqual(splitter.end(), [{ kind: "line", text: "list" }]);
  assert.deepEqual(splitter.end(), []);
});

Deno.test("RequestLines gives the same lines however the bytes are cut", () => {
  fc.assert(fc.property(
    fc.array(
      fc.string({ unit: "binary" }).map((text) =>
        text.replaceAll(/[\r\n]/g, " ")
      ),
    ),
    fc.array(fc.nat(50), { minLength: 1 }),
    (lines, cuts) => {
      const whole = bytes(lines.map((line) => `${line}\n`).join(""));
      const expected = new RequestLines().push(whole);
      const splitter = new RequestLines();
      const got = [];
      for (let from = 0, turn = 0; from < whole.length; turn++) {
        const to = from + 1 + cuts[turn % cuts.length]!;
        got.push(...splitter.push(whole.subarray(from, to)));
        from = to;
      }
      assert.deepEqual(got, expected);
    },
  ));
});
