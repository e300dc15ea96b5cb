import fc from "fast-check";
import assert from "node:assert/strict";
import { makeDisk } from "../../../src/inventory/disk.ts";
import {
  ALIAS,
  EARLIEST_MS,
  isPlausible,
  LABEL,
  MAX_REMARK_AHEAD_MS,
  NOTE,
  remarkProblem,
  subjectOf,
  tagField,
  timeAfter,
} from "../../../src/inventory/remark.ts";
import { Remarks } from "../../../src/inventory/remarks.ts";
import { resolveDisks } from "../../../src/inventory/resolve.ts";
import { madeUpRemark } from "../../support/made_up_remarks.ts";

const DISK = "uuid 1";

Deno.test("of each field the latest remark counts, whoever made it", () => {
  const remarks = new Remarks();
  remarks.take(madeUpRemark("id-b", { value: "later", at: 2 }));
  remarks.take(madeUpRemark("id-a", { value: "earlier", at: 1 }));
  remarks.take(madeUpRemark("id-a", { field: ALIAS, value: "red", at: 1 }));
  const { note, name } = remarks.on(DISK);
  assert.deepEqual([note?.value, name?.value], ["later", "red"]);
  remarks.take(madeUpRemark("id-a", { value: null, at: 3 }));
  assert.equal(remarks.on(DISK).note, null);
});

Deno.test("of two remarks of one time all hosts take the same", () => {
  fc.assert(fc.property(
    fc.shuffledSubarray(["id-a", "id-b", "id-c"], { minLength: 3 }),
    (order) => {
      const remarks = new Remarks();
      for (const by of order) remarks.take(madeUpRemark(by, { value: by }));
      assert.equal(remarks.on(DISK).note?.value, "id-c");
    },
  ));
});

Deno.test("without proof a host has no say where proof is demanded, and nothing of it is lost", () => {
  const remarks = new Remarks();
  remarks.prove("id-member");
  remarks.take(madeUpRemark("id-member", { value: "drawer 3", at: 1 }));
  remarks.take(madeUpRemark("id-stranger", { value: "stolen", at: 2 }));
  remarks.take(madeUpRemark("id-stranger", { subject: "uuid 2" }));
  const open = remarks.digest;
  assert.equal(remarks.on(DISK).note?.value, "stolen");

  remarks.demandProof(true);
  assert.equal(remarks.on(DISK).note?.value, "drawer 3");
  assert.equal(remarks.has("uuid 2"), false);
  assert.equal(remarks.aside.count, 2);
  assert.deepEqual(remarks.called("drawer 3").found, []);
  assert.deepEqual([...remarks.counting.all()].length, 1);
  assert.equal([...remarks.kept()].length, 3);

  // As a file or an import brings them.
  remarks.take(madeUpRemark("id-other", { subject: "uuid 3" }));
  assert.equal(remarks.has("uuid 3"), false);

  remarks.prove("id-stranger");
  assert.equal(remarks.on(DISK).note?.value, "stolen");
  assert.deepEqual([remarks.aside.count, remarks.digest], [1, open]);
  remarks.demandProof(false);
  assert.equal(remarks.has("uuid 3"), true);
  assert.equal(remarks.aside.count, 0);
});

Deno.test("what is kept comes back, with who proved a key", () => {
  const remarks = new Remarks();
  remarks.prove("id-member");
  remarks.take(madeUpRemark("id-member"));
  remarks.take(madeUpRemark("id-stranger", { subject: "uuid 2" }));
  const again = new Remarks();
  again.demandProof(true);
  for (const one of remarks.kept()) again.keep(one);
  assert.equal(again.has(DISK), true);
  assert.equal(again.has("uuid 2"), false);
  assert.equal(again.aside.count, 1);
});

Deno.test("a disk shows 16 tags, of those who gave many the latest ones", () => {
  const remarks = new Remarks();
  remarks.take(madeUpRemark("id-a", { field: tagField("own"), value: "" }));
  for (let i = 0; i < 100; i++) {
    const field = tagField(`spam${i}`);
    remarks.take(madeUpRemark("id-liar", { field, value: "", at: i + 9e12 }));
  }
  const tags = remarks.on(DISK).tags.map(({ field }) => field);
  assert.equal(tags.length, 16);
  assert.ok(tags.includes("tag:own"));
});

Deno.test("a disk is found by its name, its label and its identifier, not once all is cleared", () => {
  const remarks = new Remarks();
  remarks.take(madeUpRemark("id-a", { field: ALIAS, value: "red" }));
  remarks.take(madeUpRemark("id-a", { field: LABEL, value: "backup" }));
  for (const name of ["red", "backup", "1"]) {
    assert.deepEqual(remarks.called(name).found, [DISK], name);
  }
  remarks.take(madeUpRemark("id-a", { field: ALIAS, value: null, at: 9e12 }));
  assert.deepEqual(remarks.called("backup").found, []);
});

Deno.test("a new remark is later than the one that it replaces, and than any clock that is reset", () => {
  assert.equal(timeAfter(undefined, 0), EARLIEST_MS);
  const now = EARLIEST_MS + 5;
  assert.equal(timeAfter(undefined, now + 0.7), now);
  assert.equal(timeAfter({ at: now + 1e9 }, now), now + 1e9 + 1);
  assert.ok(isPlausible(EARLIEST_MS + MAX_REMARK_AHEAD_MS, 0));
  assert.ok(!isPlausible(EARLIEST_MS + MAX_REMARK_AHEAD_MS + 1, 0));
  assert.ok(
    !isPlausible(NaN, 0) && !isPlausible(-1, 0) && !isPlausible(0.5, 0),
  );
});

Deno.test("what a field may hold", () => {
  const good: [string, string | null][] = [
    [NOTE, "x".repeat(256)],
    [NOTE, "\u00e4".repeat(128)],
    [NOTE, null],
    [ALIAS, "x".repeat(64)],
    [ALIAS, "the red one"],
    [tagField("Offsite"), ""],
    [tagField("2019.a_b-c"), ""],
    ["slot", "kept for a later version"],
  ];
  for (const [field, value] of good) {
    assert.equal(remarkProblem(field, value), null, `${field} ${value}`);
  }
  const bad: [string, string | null][] = [
    [NOTE, "x".repeat(257)],
    [NOTE, "\u00e4".repeat(129)],
    [NOTE, ""],
    [NOTE, " x"],
    [NOTE, "a\nb"],
    [NOTE, "a\x1b[2J"],
    [NOTE, "a\u202eb"],
    [NOTE, "a\u200bb"],
    [NOTE, "\ud800"],
    [ALIAS, "x".repeat(65)],
    [ALIAS, "   "],
    [ALIAS, "backup-*"],
    [ALIAS, "backup?"],
    [ALIAS, "-rf"],
    [ALIAS, "+tag"],
    [ALIAS, "/dev/sda"],
    [ALIAS, "alpha:/dev/sda"],
    [ALIAS, "alpha:sda"],
    [ALIAS, "LABEL=photos"],
    [ALIAS, "by-uuid/1"],
    [ALIAS, "disk-part1"],
    [ALIAS, "backup..."],
    [ALIAS, "backup\u2026"],
    ["tag:" + "x".repeat(33), ""],
    ["tag:a b", ""],
    ["tag:", ""],
    ["tag:Upper", ""],
    ["tag:-x", ""],
    ["tag:x", "value"],
    ["Note", "x"],
    ["", "x"],
    ["a\u202eb", "x"],
    ["slot:\u202e", "x"],
  ];
  for (const [field, value] of bad) {
    assert.notEqual(remarkProblem(field, value), null, `${field} ${value}`);
  }
});

Deno.test("a volume goes by its UUID, a partition by its PARTUUID, a drive by its WWN or serial number", () => {
  const of = (disk: Partial<Parameters<typeof makeDisk>[0]>) =>
    subjectOf(makeDisk({ device: "/dev/sda", ...disk }));
  assert.equal(of({ uuid: "u", wwn: "w", kind: "disk" }), "uuid u");
  assert.equal(of({ partuuid: "p", kind: "part", wwn: "w" }), "partuuid p");
  assert.equal(of({ kind: "part", wwn: "0x5000c500a1b2c3d4" }), null);
  assert.equal(
    of({ kind: "disk", wwn: "0x5000c500a1b2c3d4", serial: "s1" }),
    "wwn 5000c500a1b2c3d4",
  );
  assert.equal(of({ kind: "disk", serial: "WD-1234" }), "serial wd-1234");
  assert.equal(of({ kind: "disk" }), null);
  assert.equal(of({ uuid: "x".repeat(96) }), null);
  assert.equal(of({ uuid: "a\x1bb" }), null);
});

Deno.test("a name hides no label, identifier, device or address of another disk", () => {
  const backup = {
    uuid: "30c3d01e-48ff-4605-87da-0911c52383f1",
    label: "backup",
    serial: "WD-WX12D65PN0XY",
    wwn: "0x50014ee2b1234567",
    partuuid: "5e1b7f0a-01",
    device: "/dev/sdb1",
    kname: "sdb1",
  };
  for (const alias of [...Object.values(backup), "alpha:sdb1"]) {
    const disks = [{ alias, uuid: "other" }, backup];
    const { found } = resolveDisks(alias, disks, {
      diskOf: (disk) => disk,
      hostOf: () => ({ id: "id-alpha", name: "alpha" }),
    });
    assert.deepEqual(found, [backup], alias);
  }
});
