import assert from "node:assert/strict";
import fc from "fast-check";
import { makeDisk } from "../../../src/inventory/disk.ts";
import type { DiskRow, DuplicateRow } from "../../../src/control/views.ts";
import { renderDisk } from "../../../src/render/disk.ts";
import { renderDuplicates } from "../../../src/render/duplicates.ts";
import {
  durationSince,
  formatAge,
  formatMoment,
  formatSize,
} from "../../../src/render/format.ts";
import { sayVerdict } from "../../../src/render/verdict.ts";
import { printable } from "../../../src/text/printable.ts";
import type { Verdict } from "../../../src/control/verdict.ts";
import { VERDICTS } from "../../../src/control/verdict.ts";
import {
  ageText,
  durationText,
  momentText,
  sizeText,
  typedWord,
  visible,
} from "../../../src/web/page/format.js";
import { duplicateText } from "../../../src/web/page/status_page.js";
import {
  overdueText,
  ownStateText,
  verdictTexts,
  whereText,
} from "../../../src/web/page/words.js";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const ZONE = {
  offsetAt: (ms: number) => -new Date(ms).getTimezoneOffset(),
};
const VIEW = {
  now: NOW,
  zone: ZONE,
  columns: Infinity,
  color: false,
  utf8: true,
};

Deno.test("the page makes text visible as the command line does", () => {
  fc.assert(fc.property(
    fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" })),
    (text) => assert.equal(visible(text), printable(text)),
  ));
  for (const text of ["a\u202eb", "\\x1b", "\x1b[0m", "a\\", "\u{e0001}"]) {
    assert.equal(visible(text), printable(text));
  }
});

Deno.test("the page shows sizes and times as the command line does", () => {
  fc.assert(fc.property(fc.maxSafeNat(), (bytes) => {
    assert.equal(sizeText(bytes), formatSize(bytes));
  }));
  fc.assert(fc.property(fc.nat(4e7), (seconds) => {
    const time = new Date(NOW - seconds * 1000).toISOString();
    assert.equal(ageText(time, NOW), formatAge(time, NOW));
    assert.equal(durationText(seconds * 1000), durationSince(time, NOW));
    assert.equal(momentText(time, NOW), formatMoment(time, VIEW));
  }));
  assert.equal(ageText("never", NOW), formatAge("never", NOW));
});

Deno.test("the page says where a disk is as the command line does", () => {
  const rows = [
    row({ mounts: ["/mnt", "/b"], mounts_ro: ["/mnt"] }),
    row({ mounts: ["[SWAP]"] }),
    row({ label: null, type: null, uuid: null }),
    row({ inUse: true }),
    row({ holders: ["/dev/md0"] }),
    row({ type: "crypto_LUKS" }),
    row({ health: "unreadable" }),
    row({ hidden: "guest" }),
    row({ label: "a\u202eb" }),
    row({}, { state: "stale" }),
    row({}, { state: "detached" }),
    row({}, { state: "detached", unplugged: true }),
    row({}, { state: "detached", unplugged: true, note: "drawer 3" }),
    row({}, { state: "detached", unplugged: true, note: "is broken" }),
  ];
  for (const one of rows) {
    const [sentence] = renderDisk(one, { view: VIEW }).split("\n");
    assert.equal(whereText(one, NOW), sentence);
  }
});

Deno.test("the page explains each kind of verdict as the command line does", () => {
  const host = { host: "a", hostId: "1", uniqueHost: "alpha" };
  for (const kind of Object.keys(VERDICTS) as Verdict["kind"][]) {
    const verdict: Verdict = {
      kind,
      hosts: [host],
      from: [{ ...host, uniqueHost: "beta" }],
      silent: [{ ...host, uniqueHost: "gamma" }],
      to: host,
      since: "2026-11-22T11:00:00Z",
      devices: ["/dev/sda", "/dev/sdb"],
      uuids: [],
      matches: ["a", "b", "c", "d"],
      calledNow: ["new"],
      suggestions: ["photos"],
      namedSo: ["x", "y"],
      more: 2,
      cut: [host],
    };
    const asked = { name: "old", host: "there", now: NOW };
    // The page cannot run a command, and asks of no host.
    const said = sayVerdict(verdict, asked).map((line) =>
      line.replace(" See: diskd note", "").replace(
        "is not on there,",
        "is not there,",
      )
    );
    assert.deepEqual(verdictTexts(verdict, "old", NOW), said);
  }
});

Deno.test("the page says why devices share an identifier as the command line does", () => {
  const reasons: DuplicateRow["reason"][] = [
    "clone",
    "image",
    "copy",
    "shared",
    "clone-or-shared",
    "namesakes",
  ];
  for (const reason of reasons) {
    const duplicate: DuplicateRow = {
      kind: "uuid",
      value: "1-2",
      reason,
      disks: [row({}), row({ device: "/dev/sdc" })],
    };
    const [sentence] = renderDuplicates([duplicate], VIEW).split("\n");
    assert.equal(duplicateText(duplicate), sentence);
  }
});

Deno.test("ownStateText() leaves out what is said of the host", () => {
  const states = [
    [row({}), ""],
    [row({}, { state: "stale" }), ""],
    [row({}, { state: "detached" }), ""],
    [row({ health: "unreadable" }, { state: "stale" }), "cannot be read"],
    [row({}, { state: "detached", unplugged: true }), "unplugged"],
  ] as const;
  for (const [one, text] of states) {
    assert.equal(ownStateText(one, NOW).replace(/ \d+\w$/, ""), text);
  }
});

Deno.test("overdueText() gives the rest of the sentence about a name", () => {
  for (
    const [name, text, rest] of [
      ["vault", "vault is on alpha", " is on alpha"],
      ["a\u202eb", "a\\u202eb is on alpha", " is on alpha"],
      ["cut-off", "cut is on alpha", ": cut is on alpha"],
    ] as const
  ) assert.equal(overdueText({ name, text }), rest);
});

Deno.test("typedWord() quotes for a shell, and refuses what nobody can type", () => {
  assert.equal(typedWord("backup-2019"), "backup-2019");
  assert.equal(typedWord("my photos"), "'my photos'");
  assert.equal(typedWord("it's"), `'it'\\''s'`);
  assert.equal(typedWord("$(reboot)"), "'$(reboot)'");
  assert.equal(typedWord("-rf"), null);
  assert.equal(typedWord("a\nb"), null);
  assert.equal(typedWord(null), null);
});

function row(disk: Partial<DiskRow>, place: Partial<DiskRow> = {}): DiskRow {
  return {
    ...makeDisk({
      device: "/dev/sdb1",
      label: "backup",
      uuid: "1e2b2187",
      type: "ext4",
      kind: "part",
      inUse: false,
      ...disk,
    }),
    host: "alpha",
    hostId: "4a73",
    uniqueHost: "alpha",
    address: "192.168.1.11",
    state: "attached",
    unplugged: false,
    seenAt: "2026-11-22T10:00:00Z",
    since: "2026-11-20T10:00:00Z",
    drives: [],
    layers: [],
    alias: null,
    note: null,
    tags: [],
    remarks: [],
    ...place,
  };
}
