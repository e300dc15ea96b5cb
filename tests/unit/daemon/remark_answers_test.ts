import assert from "node:assert/strict";
import type { RpcError } from "../../../src/control/jsonrpc.ts";
import type { DiskRow, RemarkParams } from "../../../src/control/views.ts";
import { remarkOn } from "../../../src/daemon/remark_answers.ts";
import type { Remark } from "../../../src/inventory/remark.ts";
import { Remarks } from "../../../src/inventory/remarks.ts";
import { resolveDisks } from "../../../src/inventory/resolve.ts";
import { madeUpRemark } from "../../support/made_up_remarks.ts";
import { diskRow } from "../render/rows.ts";

const BACKUP = diskRow({ uuid: "b-1", label: "backup" });
const PHOTOS = diskRow({ uuid: "p-1", label: "photos", device: "/dev/sdc1" });
const BLANK = diskRow({
  device: "/dev/sdd",
  uuid: null,
  label: null,
  type: null,
  kind: "disk",
  wwn: "0x5000cca0aabbccdd",
  serial: "VGH0X627",
});
const NAMELESS = diskRow({
  device: "/dev/sde",
  uuid: null,
  label: null,
  kind: "disk",
});

Deno.test("remarkOn() says something of a volume by its UUID, and with it how it is called", () => {
  const { say, said } = setUp();
  const { disks, warnings } = say({ name: "backup", note: "drawer 3" });
  assert.deepEqual(said, [
    ["uuid b-1", "note", "drawer 3"],
    ["uuid b-1", "label", "backup"],
  ]);
  assert.deepEqual(warnings, []);
  assert.equal(disks[0]?.note, "drawer 3");
  assert.equal(disks[0]?.label, "backup");
  assert.deepEqual(disks[0]?.remarks.map(({ field }) => field), ["note"]);
});

Deno.test("remarkOn() says something of a blank drive by its WWN, or else its serial number", () => {
  const { say, said } = setUp();
  say({ name: "/dev/sdd", alias: "spare" });
  assert.deepEqual(said, [["wwn 5000cca0aabbccdd", "name", "spare"]]);
  const other = setUp([{ ...BLANK, wwn: null }]);
  other.say({ name: "/dev/sdd", alias: "spare" });
  assert.deepEqual(other.said, [["serial vgh0x627", "name", "spare"]]);
});

Deno.test("remarkOn() refuses a disk that nobody would know again", () => {
  const { refusal, said } = setUp();
  assert.match(
    refusal({ name: "/dev/sde", note: "x" }),
    /^\/dev\/sde on alpha has neither a UUID nor a serial number of its own/,
  );
  assert.deepEqual(said, []);
});

Deno.test("remarkOn() changes what is given, clears with null, and leaves out what is so already", () => {
  const { say, said } = setUp();
  say({ name: "backup", note: "drawer 3", alias: "red", tags: ["Old", "a"] });
  said.length = 0;
  const { disks } = say({
    name: "red",
    note: null,
    tags: ["a", "offsite"],
    untag: ["OLD", "never"],
  });
  assert.deepEqual(said, [
    ["uuid b-1", "note", null],
    ["uuid b-1", "tag:offsite", ""],
    ["uuid b-1", "tag:old", null],
  ]);
  const { note, alias, tags } = disks[0]!;
  assert.deepEqual([note, alias, tags], [null, "red", ["a", "offsite"]]);
});

Deno.test("remarkOn() tags all that a pattern means, and refuses a name or a part of several", () => {
  const { say, said, refusal } = setUp();
  const { disks, warnings } = say({ name: "*", tags: ["x"] });
  assert.deepEqual(disks.map(({ uuid }) => uuid), ["b-1", "p-1", null]);
  assert.match(warnings.join(), /^\/dev\/sde on alpha has neither/);
  assert.match(
    refusal({ name: "*", alias: "all" }),
    /^\* means \d disks: .*; use the UUID or serial number of one$/,
  );
  const twins = setUp([BACKUP, { ...PHOTOS, label: "backup" }]);
  assert.match(
    twins.refusal({ name: "backup", note: "x" }),
    /^backup means 2 disks: uuid b-1, uuid p-1; use/,
  );
  assert.equal(twins.said.length, 0);
  assert.ok(said.length > 0);
});

Deno.test("remarkOn() finds a disk that is attached nowhere by what was said of it", () => {
  const { say, rows } = setUp();
  say({ name: "backup", alias: "the red one" });
  rows.length = 0;
  for (const name of ["the red one", "backup", "b-1", "B-1"]) {
    const { disks } = say({ name, note: name });
    assert.deepEqual([disks[0]?.uuid, disks[0]?.note], ["b-1", name]);
  }
  assert.deepEqual(say({ name: "nobody", note: "x" }).disks, []);
});

Deno.test("remarkOn() warns that a label, and another disk's name, are found by a name as well", () => {
  const { say } = setUp();
  const warned = (params: RemarkParams) => say(params).warnings.join();
  assert.match(
    warned({ name: "backup", alias: "photos" }),
    /^photos is also a label.* of \/dev\/sdc1 on alpha: commands find that one/,
  );
  assert.equal(warned({ name: "backup", alias: "red" }), "");
  assert.match(
    warned({ name: "photos", alias: "red" }),
    /^red is also the name of \/dev\/sdb1 on alpha: commands find both by it$/,
  );
  assert.equal(warned({ name: "backup", alias: "backup" }), "");
});

Deno.test("remarkOn() refuses what is no note, name or tag, and a tag too many", () => {
  const { refusal, say, said } = setUp();
  const on = (params: Omit<RemarkParams, "name">) =>
    refusal({ name: "backup", ...params });
  assert.match(on({}), /^nothing is to be said of it$/);
  assert.match(
    on({ note: "x".repeat(257) }),
    /at most 256 bytes, this one 257/,
  );
  assert.match(on({ alias: "\u00e9".repeat(33) }), /64 bytes, this one 66/);
  assert.match(on({ note: " " }), /at least a character/);
  assert.match(on({ note: "a\nb" }), /one line of text/);
  assert.match(on({ alias: "a\u202eb" }), /one line of text/);
  assert.match(on({ tags: ["a b"] }), /a tag consists of .*, found "a b"$/);
  assert.match(on({ tags: ["x".repeat(33)] }), /at most 32 bytes/);
  assert.deepEqual(said, []);
  const tags = Array.from({ length: 16 }, (_, i) => `t${i}`);
  say({ name: "backup", tags });
  assert.match(on({ tags: ["more"] }), /at most 16 tags/);
  say({ name: "backup", tags: ["more"], untag: ["t0"] });
});

Deno.test("remarkOn() refuses a disk too many, but not for the sake of who says too much", () => {
  const { say, refusal, remarks } = setUp();
  for (let i = 0; i < 4_097; i++) {
    remarks.take(madeUpRemark("id-liar", { subject: `uuid ${i}` }));
  }
  say({ name: "backup", note: "drawer 3" });
  for (let i = 0; i < 2_047; i++) {
    remarks.take(madeUpRemark("id-alpha", { subject: `uuid own${i}` }));
  }
  assert.match(
    refusal({ name: "photos", note: "x" }),
    /^6145 disks have notes, names or tags, and at most 4096 can; clear some$/,
  );
  say({ name: "backup", note: "drawer 4" });
  say({ name: "backup", note: null });
  say({ name: "photos", note: "x" });
});

const DRIVE = { wwn: "0x5000cca0aabbccdd", serial: "VGH0X627" };

Deno.test("what was said of a blank drive counts for what is on it later, unless more is said", () => {
  const { say, said, rows } = setUp([BLANK]);
  say({ name: "VGH0X627", note: "drawer 3", alias: "red", tags: ["a", "b"] });
  rows.splice(0, 1, { ...BACKUP, ...DRIVE });
  said.length = 0;
  const { disks: [disk] } = say({ name: "red", note: "lent", untag: ["b"] });
  assert.deepEqual(said, [
    ["uuid b-1", "note", "lent"],
    ["uuid b-1", "tag:b", null],
    ["uuid b-1", "label", "backup"],
  ]);
  const { alias, note, tags, remarks } = disk!;
  assert.deepEqual([alias, note, tags], ["red", "lent", ["a"]]);
  assert.equal(remarks.length, 3);
  assert.equal(say({ name: "backup", note: null }).disks[0]?.note, null);
  rows[0] = BLANK;
  const [drive] = say({ name: "red", tags: ["c"] }).disks;
  assert.deepEqual([drive?.note, drive?.tags], ["drawer 3", ["a", "b", "c"]]);
});

Deno.test("remarkOn() clears of a volume what was said of its drive, and says nothing that is so", () => {
  const { say, said, rows } = setUp([BLANK]);
  say({ name: "VGH0X627", note: "drawer 3" });
  rows.splice(0, 1, { ...BACKUP, ...DRIVE, label: null });
  said.length = 0;
  say({ name: "b-1", note: "drawer 3" });
  assert.deepEqual(said, []);
  say({ name: "b-1", note: null });
  assert.deepEqual(said, [["uuid b-1", "note", null]]);
});

Deno.test("remarkOn() says it of the drive if several disks on it have its serial number or name", () => {
  const { say, said } = setUp([
    { ...BACKUP, ...DRIVE },
    { ...PHOTOS, ...DRIVE },
  ]);
  const { disks, warnings } = say({ name: "VGH0X627", alias: "red" });
  assert.deepEqual(said, [["wwn 5000cca0aabbccdd", "name", "red"]]);
  assert.deepEqual(disks.map(({ wwn, alias }) => [wwn, alias]), [
    ["5000cca0aabbccdd", "red"],
  ]);
  assert.deepEqual(warnings, []);
  say({ name: "red", note: "drawer 3" });
  assert.equal(said.at(-1)?.[0], "wwn 5000cca0aabbccdd");
  say({ name: "*", tags: ["x"] });
  assert.deepEqual(said.slice(-4).map(([subject]) => subject), [
    "uuid b-1",
    "uuid b-1",
    "uuid p-1",
    "uuid p-1",
  ]);
});

Deno.test("remarkOn() refuses a label of several disks on a drive", () => {
  const { refusal } = setUp([
    { ...BACKUP, ...DRIVE },
    { ...PHOTOS, ...DRIVE, label: "backup" },
  ]);
  assert.match(refusal({ name: "backup", note: "x" }), /^backup means 2 disks/);
});

function setUp(known: readonly DiskRow[] = [BACKUP, PHOTOS, BLANK, NAMELESS]) {
  const remarks = new Remarks();
  const rows = [...known];
  const said: [subject: string, field: string, value: string | null][] = [];
  let at = 1_800_000_000_000;
  const keep = (remark: Pick<Remark, "subject" | "field" | "value">) => {
    said.push([remark.subject, remark.field, remark.value]);
    remarks.take({
      ...remark,
      at: at++,
      by: "id-alpha",
      host: "alpha",
      key: "k",
      signature: `${at}`.padEnd(86, "A"),
    });
  };
  const say = (params: RemarkParams) =>
    remarkOn(params, {
      finder: {
        resolve: (name) =>
          resolveDisks(name, rows, { diskOf: (row) => remarks.named(row) }),
      },
      inventory: { remarks, self: { id: "id-alpha" } },
      say: keep,
      keep() {},
    });
  const refusal = (params: RemarkParams): string => {
    try {
      say(params);
    } catch (error) {
      return (error as RpcError).message;
    }
    throw new Error("it was not refused");
  };
  return { say, refusal, said, rows, remarks };
}
