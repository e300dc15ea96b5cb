import assert from "node:assert/strict";
import { NO_SIGNATURE, parseBlkid } from "../../../src/probe/parse_blkid.ts";
import { ProbeError } from "../../../src/probe/printed_json.ts";
import { readCapture } from "../../support/captured_host.ts";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function parseCaptured(host: string, device: string) {
  const stdout = readCapture(host).get(`blkid/${device}.txt`);
  assert(stdout, `no capture of ${device} on ${host}`);
  return parseBlkid(stdout);
}

function labelOf(encoded: string): string | null {
  return parseBlkid(
    bytes(`ID_FS_LABEL=bent_label\nID_FS_LABEL_ENC=${encoded}\n`),
  ).label;
}

/** As blkid writes them: every byte that is not plain ASCII or UTF-8 escaped. */
const LABELS: readonly [what: string, encoded: string, label: string][] = [
  ["spaces", "two\\x20\\x20words\\x20", "two  words "],
  ["quotes", "\\x22a\\x22\\x20\\x27b\\x27\\x60", "\"a\" 'b'`"],
  ["a backslash", "a\\x5cb", "a\\b"],
  ["a newline", "new\\x0aline", "new\nline"],
  ["an escape code", "\\x1b\\x5b31mred", "\x1b[31mred"],
  ["0x7f", "del\\x7f", "del\x7f"],
  ["an emoji", "\\xf0\\x9f\\x98\\x80", "\u{1f600}"],
  ["an emoji written raw", "\u{1f600}", "\u{1f600}"],
  ["Chinese", "备份\\x20\\xe7\\x9b\\x98", "备份 盘"],
  ["half of a character escaped, half raw", "\\xc3\\xa9\u00e9", "éé"],
  ["invalid UTF-8", "a\\xffb", "a\ufffdb"],
  ["a literal escape", "crypt\\x5cx41", "crypt\\x41"],
  ["an equals sign", "a=b=c", "a=b=c"],
  ["a byte order mark", "\\xef\\xbb\\xbfa", "\ufeffa"],
  ["a carriage return", "a\\x0db", "a\rb"],
];

for (const [what, encoded, label] of LABELS) {
  Deno.test(`parseBlkid() keeps a label with ${what}`, () => {
    assert.equal(labelOf(encoded), label);
  });
}

Deno.test("parseBlkid() takes the whole label, not the bent one", () => {
  const { label, uuid } = parseCaptured("loop-devices", "loop4p2");
  assert.equal(label, "new\nline");
  assert.equal(uuid, "db652209-7d2f-43d0-b3b6-b3b5829e384e");
});

Deno.test("parseBlkid() replaces invalid UTF-8 in a label on a real disk", () => {
  assert.equal(
    parseCaptured("loop-devices", "loop12").label,
    'a\ufffd\x1b[31m\x7f\\x41"`$z',
  );
});

Deno.test("parseBlkid() reads a partition with a filesystem", () => {
  assert.deepEqual(parseCaptured("loop-devices", "loop4p1"), {
    ...NO_SIGNATURE,
    uuid: "8E13-EA23",
    label: "EFI",
    type: "vfat",
    uuid_sub: null,
    partuuid: "ec7a714b-a61b-cf44-ae73-e36832c8e8d8",
    partlabel: "EFI System",
    parttype: "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
  });
});

Deno.test("parseBlkid() gives a partition without a filesystem its partition fields alone", () => {
  assert.deepEqual(parseCaptured("loop-devices", "loop4p3"), {
    ...NO_SIGNATURE,
    partuuid: "df474df4-39bd-b34f-bb45-ac0239879d88",
    parttype: "0fc63daf-8483-4772-8e79-3d69d8477de4",
  });
});

Deno.test("parseBlkid() takes a partition table for no signature", () => {
  const bare = (pttype: string) => ({ ...NO_SIGNATURE, pttype });
  assert.deepEqual(parseCaptured("loop-devices", "loop4"), bare("gpt"));
  assert.deepEqual(parseCaptured("loop-devices", "loop7"), bare("dos"));
});

Deno.test("parseBlkid() tells btrfs members apart by uuid_sub", () => {
  const first = parseCaptured("loop-devices", "loop0");
  const second = parseCaptured("loop-devices", "loop1");
  assert.equal(first.uuid, second.uuid);
  assert.equal(first.uuid_sub, "56d8e81f-0573-4520-a72e-3dbcf0e7c700");
  assert.equal(second.uuid_sub, "4302f93e-900f-4869-a17a-2be107ca0cc5");
});

Deno.test("parseBlkid() reads LUKS, LVM, RAID and swap", () => {
  const types = ["loop5", "loop6", "loop8", "loop9"].map((device) => {
    const { type, label } = parseCaptured("loop-devices", device);
    return [type, label];
  });
  assert.deepEqual(types, [
    ["crypto_LUKS", "crypt\\x41"],
    ["LVM2_member", null],
    ["linux_raid_member", "nas:md"],
    ["swap", "swap1"],
  ]);
});

Deno.test("parseBlkid() tells the types of an ambivalent device", () => {
  const types = ["ext4", "btrfs"];
  const read = parseCaptured("loop-devices", "loop2");
  assert.deepEqual(read, { ...NO_SIGNATURE, types });
});

Deno.test("parseBlkid() finds nothing in no output", () => {
  assert.deepEqual(parseBlkid(new Uint8Array()), NO_SIGNATURE);
});

Deno.test("parseBlkid() takes an empty value for none", () => {
  assert.equal(labelOf(""), null);
});

Deno.test("parseBlkid() says which line is not KEY=VALUE", () => {
  assert.throws(
    () => parseBlkid(bytes("ID_FS_TYPE=ext4\nwarning: \x1b[2J\n")),
    (error) => {
      assert(error instanceof ProbeError);
      assert.equal(
        error.message,
        'Cannot read the output of blkid, line 2: found "warning: \\x1b[2J", expected KEY=VALUE.',
      );
      return true;
    },
  );
});
