import assert from "node:assert/strict";
import fc from "fast-check";
import { parseBlkid } from "../../../src/probe/parse_blkid.ts";
import { parseFindmnt } from "../../../src/probe/parse_findmnt.ts";
import { parseLsblk } from "../../../src/probe/parse_lsblk.ts";
import { ProbeError } from "../../../src/probe/printed_json.ts";
import { isPrintable } from "../../../src/text/printable.ts";

/** Whatever comes, a value or the one error. */
function accept(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    assert(error instanceof ProbeError, String(error));
    assert.ok(isPrintable(error.message), error.message);
  }
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** blkid's encoding, of the bytes of a text. */
function encode(text: string): string {
  return [...bytes(text)].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9#+.:=@_-]/.test(character)
      ? character
      : `\\x${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}

const FIELDS = [
  "name",
  "path",
  "size",
  "rm",
  "label",
  "mountpoints",
  "mode",
  "children",
];

/** Objects that have some of these fields, which hold anything. */
function rowsOf(fields: readonly string[]) {
  return fc.letrec((tie) => ({
    row: fc.dictionary(
      fc.constantFrom(...fields),
      fc.oneof(
        fc.string(),
        fc.jsonValue(),
        fc.array(tie("row"), { maxLength: 3 }),
      ),
    ),
  })).row;
}

const row = rowsOf(FIELDS);
const mount = rowsOf(["target", "source", "options", "children"]);

Deno.test("parseBlkid() reads any bytes or raises ProbeError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (stdout) => {
      accept(() => parseBlkid(stdout));
    }),
  );
});

Deno.test("parseBlkid() gives back any label that was encoded", () => {
  const label = fc.string({ unit: "binary", minLength: 1 });
  fc.assert(
    fc.property(label, (text) => {
      const stdout = bytes(`ID_FS_LABEL_ENC=${encode(text)}\n`);
      assert.equal(parseBlkid(stdout).label, text.toWellFormed());
    }),
  );
});

const LISTS = [
  { parse: parseLsblk, key: "blockdevices", item: row },
  { parse: parseFindmnt, key: "filesystems", item: mount },
];

for (const { parse, key, item } of LISTS) {
  Deno.test(`${parse.name}() reads any bytes or raises ProbeError`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (stdout) => {
        accept(() => parse(stdout));
      }),
    );
  });

  Deno.test(`${parse.name}() reads any rows or raises ProbeError`, () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 4 }), (items) => {
        accept(() => parse(bytes(JSON.stringify({ [key]: items }))));
      }),
    );
  });
}
