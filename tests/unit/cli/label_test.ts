import assert from "node:assert/strict";
import { runCommandLine } from "../../../src/cli/app.ts";
import type { DiskRow, FindView } from "../../../src/control/views.ts";
import { bareVerdict } from "../../../src/daemon/verdict.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { codeInText } from "../../support/read_code.ts";
import { ago, diskRow } from "../render/rows.ts";
import { type Answers, fakeContext, type FakeOptions } from "./fake_context.ts";

const UUID = "8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60";
const BLANK = makeDisk({ device: "/dev/sdc", kind: "disk" });

const NAMED = diskRow({
  alias: "the red one",
  serial: "WD-WX12D65PN0XY",
  wwn: "0x50014ee2b1234567",
  model: "WDC WD40EFRX",
});

async function label(
  words: string,
  answers: Answers,
  options: FakeOptions = {},
) {
  const context = fakeContext({ ...options, answers });
  const code = await runCommandLine(["label", ...words.split(" ")], context);
  const [stdout, stderr] = [context.stdout.text, context.stderr.text];
  return { code, stdout, stderr };
}

function rows(...where: readonly DiskRow[]): Answers {
  return { where };
}

Deno.test("label prints the text of a sticker and its code", async () => {
  const { code, stdout, stderr } = await label("the red one", rows(NAMED));
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  const [text, drawn] = stdout.split("\n\n", 2);
  assert.match(text!, /^the red one\n {2}label {3}backup-2019\n/);
  assert.equal(codeInText(drawn!, { on: "paper" }), UUID);
});

Deno.test("label draws half blocks where the terminal has them", async () => {
  const { stdout } = await label("x", rows(NAMED), {
    env: { LANG: "C.UTF-8", NO_COLOR: "1" },
    isTerminal: true,
    columns: 40,
  });
  const [, drawn] = stdout.split("\n\n", 2);
  assert.equal(codeInText(drawn!, { on: "dark" }), UUID);
});

Deno.test("label says so where its code does not fit", async () => {
  const { code, stdout, stderr } = await label("x", rows(NAMED), {
    isTerminal: true,
    columns: 40,
  });
  assert.equal(code, 0);
  assert.match(stdout, /serial {2}WD-WX12D65PN0XY\n.*\n$/);
  assert.equal(
    stderr,
    "The terminal is too narrow for the code. As a picture: diskd label --svg\n",
  );
});

Deno.test("label --json has the text and the code", async () => {
  const { stdout } = await label("x --json", rows(NAMED));
  assert.deepEqual(JSON.parse(stdout), {
    name: "the red one",
    label: "backup-2019",
    uuid: UUID,
    serial: "WD-WX12D65PN0XY",
    wwn: "0x50014ee2b1234567",
    model: "WDC WD40EFRX",
    size: 4000787030016,
    code: UUID,
  });
});

Deno.test("label takes --svg or --json, and a name", async () => {
  const both = await label("x --svg --json", rows(NAMED));
  assert.equal(both.code, 2);
  assert.match(both.stderr, /--svg and --json exclude each other/);
  const none = fakeContext();
  assert.equal(await runCommandLine(["label", " "], none), 2);
  assert.match(none.stderr.text, /^label needs a name; see: diskd list --all/);
});

async function codeOn(row: Partial<DiskRow>): Promise<unknown> {
  const { stdout, stderr } = await label("x --json", rows(diskRow(row)));
  return stderr === "" ? JSON.parse(stdout).code : stderr;
}

Deno.test("the code on a blank drive is its WWN or serial number, as its host has it", async () => {
  const [wwn, serial] = ["0x50014EE2B1234567", "WD-WX12"];
  assert.equal(await codeOn({ ...BLANK, wwn, serial }), wwn);
  assert.equal(await codeOn({ ...BLANK, serial }), serial);
  assert.equal(
    await codeOn({ ...BLANK, wwn: "0x0000000000000000", serial }),
    serial,
  );
});

Deno.test("the code on a volume without a UUID is its PARTUUID, or that of its drive", async () => {
  const volume = { ...BLANK, kind: "part", serial: "WD-WX12" } as const;
  assert.equal(await codeOn({ ...volume, partuuid: "1234-01" }), "1234-01");
  assert.equal(await codeOn(volume), "WD-WX12");
});

Deno.test("label refuses what nobody would find again", async () => {
  const blank = diskRow({ ...BLANK, serial: "0000000000" });
  const { code, stderr } = await label("x", rows(blank));
  assert.equal(code, 6);
  assert.match(stderr, /\/dev\/sdc on alpha has neither a UUID nor a serial/);
  const long = diskRow({ ...BLANK, uuid: "u".repeat(3000) });
  assert.equal((await label("x", rows(long))).code, 6);
});

Deno.test("the size on a sticker is that of the drive", async () => {
  const [drive] = [{ ...NAMED, device: "/dev/sdb", size: 5000000000000 }];
  const { stdout } = await label(
    "x --json",
    rows({ ...NAMED, drives: [drive] }),
  );
  assert.equal(JSON.parse(stdout).size, 5000000000000);
});

Deno.test("label names a disk that is attached nowhere", async () => {
  const gone = { ...NAMED, state: "detached", unplugged: true } as const;
  const elsewhere = { ...gone, host: "beta", hostId: "1234", seenAt: ago(99) };
  const { code, stdout } = await label("x --json", rows(elsewhere, gone));
  assert.equal(code, 0);
  assert.equal(JSON.parse(stdout).code, UUID);
});

Deno.test("label names a disk that is known from what was said alone", async () => {
  const said = { alias: "old one", note: null, tags: [], remarks: [] };
  const noted = {
    label: null,
    uuid: UUID,
    partuuid: null,
    serial: null,
    wwn: null,
    ...said,
  };
  const find = (...noted: NonNullable<FindView["verdict"]["noted"]>) => ({
    find: {
      rows: [],
      contents: [],
      verdict: { ...bareVerdict("noted"), noted },
    },
  });
  const { code, stdout } = await label("x --json", find(noted));
  assert.equal(code, 0);
  const { name, code: text } = JSON.parse(stdout);
  assert.deepEqual({ name, text }, { name: "old one", text: UUID });
  const ids = { uuid: null, partuuid: "1234-01" };
  const part = await label("x --json", find({ ...noted, ...ids }));
  assert.equal(JSON.parse(part.stdout).code, "1234-01");
  const drive = { ...ids, partuuid: null, wwn: "50014ee2b1234567" };
  const blank = await label("x --json", find({ ...noted, ...drive }));
  assert.equal(JSON.parse(blank.stdout).code, "50014ee2b1234567");
  const other = { ...noted, uuid: UUID.replace("8", "9") };
  const two = await label("x", find(noted, other));
  assert.equal(two.code, 5);
  assert.match(two.stderr, /2 disks are called x\n.*Use one of: 8261.*, 9261/);
});

Deno.test("label refuses copies and namesakes as other commands do", async () => {
  const clone = { ...NAMED, host: "beta", hostId: "77", uniqueHost: "beta" };
  const several = await label("x", rows(NAMED, { ...clone, serial: "OTHER" }));
  assert.equal(several.code, 5);
  assert.match(several.stderr, /Choose one: --host alpha, or --host beta\n/);
  const part = diskRow({ label: "backup-2018", uuid: "u2" });
  const parts = await label("backup-20*", rows(NAMED, part));
  assert.equal(parts.code, 1);
  assert.match(parts.stderr, /fits 2 disks: backup-2019, backup-2018\n/);
  const gone = { state: "detached", unplugged: true } as const;
  const drawer = await label(
    "backup-2019",
    rows({ ...NAMED, ...gone }, diskRow({ ...gone, uuid: "9261f666" })),
  );
  assert.equal(drawer.code, 5);
  assert.match(drawer.stderr, /2 disks are called backup-2019\n/);
  const twice = await label(
    "x",
    rows(NAMED, { ...NAMED, device: "/dev/sdc1", serial: "OTHER", wwn: null }),
  );
  assert.equal(twice.code, 5);
  assert.match(twice.stderr, /Use one of: WD-WX12D65PN0XY, OTHER\n/);
});

Deno.test("several volumes of a drive have the sticker of the drive", async () => {
  const other = { ...NAMED, device: "/dev/sdb2", uuid: "u2", label: "photos" };
  const { stdout } = await label("x --json", rows(NAMED, other));
  const { name, label: shown, uuid, code } = JSON.parse(stdout);
  assert.deepEqual({ name, shown, uuid, code }, {
    name: "the red one",
    shown: null,
    uuid: null,
    code: "0x50014ee2b1234567",
  });
});
