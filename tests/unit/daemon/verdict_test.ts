import assert from "node:assert/strict";
import { VERDICTS } from "../../../src/control/verdict.ts";
import type { DiskRow } from "../../../src/control/views.ts";
import { sayVerdict } from "../../../src/render/verdict.ts";
import { EXIT } from "../../../src/system/exit_code.ts";
import { ago, diskRow, NOW } from "../render/rows.ts";
import { findAmong } from "./find_among.ts";

const UUID = diskRow().uuid!;

Deno.test("the verdict has nothing to add to one place, whatever its state", () => {
  assert.deepEqual(judge([diskRow()]), { code: 0, notes: [] });
  assert.deepEqual(judge([on("beta", { state: "stale" })]), {
    code: 0,
    notes: [],
  });
  const gone = on("beta", { state: "detached" });
  assert.deepEqual(judge([gone, gone]), { code: 4, notes: [] });
});

Deno.test("the verdict on no place is that no disk has the name", () => {
  assert.deepEqual(judge([], "x\x1b"), {
    code: 1,
    notes: ["No disk is named x\\x1b. See: diskd list"],
  });
});

Deno.test("the verdict on several disks of a pattern is that on the best of them", () => {
  const [a, b] = ["backup-a", "backup-b"].map((label) =>
    on("alpha", { label, uuid: label })
  ) as [DiskRow, DiskRow];
  const state = (row: DiskRow, state: DiskRow["state"]) => ({ ...row, state });
  const both = (...rows: DiskRow[]) => {
    const { verdict } = findAmong(rows, { name: "backup-*" });
    const hosts = verdict.hosts.map(({ host }) => host);
    return [verdict.kind, hosts, verdict.matches];
  };
  const names = ["backup-a", "backup-b"];
  const elsewhere = { ...on("beta", b), label: b.label, uuid: b.uuid };
  assert.deepEqual(both(a, elsewhere), ["attached", ["alpha", "beta"], names]);
  assert.deepEqual(both(a, state(elsewhere, "stale")), [
    "attached",
    ["alpha"],
    names,
  ]);
  assert.deepEqual(both(state(a, "detached"), state(b, "stale")), [
    "stale",
    ["alpha"],
    names,
  ]);
  assert.equal(both(state(a, "detached"), state(b, "detached"))[0], "detached");
  assert.deepEqual(both(a), ["attached", ["alpha"], []]);
});

Deno.test("the verdict asks for more of a UUID that begins like others", () => {
  const rows = ["8261-a", "8261-b", "8261-\x1b", "8261-d"]
    .map((uuid) => on("alpha", { uuid, label: "x" }));
  assert.deepEqual(judge(rows, "8261"), {
    code: 1,
    notes: [
      "8261 is a part of the names of 4 disks: 8261-a, 8261-b, 8261-\\x1b and 1 more. Type more of it.",
    ],
  });
  assert.equal(judge(rows.slice(0, 1), "8261").code, 0);
  assert.equal(judge([rows[0]!, on("beta", rows[0])], "8261").code, 5);
});

Deno.test("the verdict takes a label that also begins a UUID for the label", () => {
  const rows = [
    on("alpha", { label: "CAFE", uuid: "cafe-1" }),
    on("alpha", { label: "cafe", uuid: "beef-1", device: "/dev/sdx" }),
  ];
  assert.deepEqual(judge(rows, "Cafe"), { code: 0, notes: [] });
});

Deno.test("the verdict says that several hosts have it, and that it is a copy or shared", () => {
  assertSeveral(
    [on("alpha"), on("be\nta")],
    /^It is a copy, such as a clone or a snapshot, or storage that these hosts share\.$/,
    "alpha, be\\x0ata",
  );
});

Deno.test("the verdict tells shared storage from a copy by the drive", () => {
  const drive = { wwn: "0x50014ee2acbf0001" };
  const [one, other] = [{ serial: "WD-1234" }, { serial: "WD-1235" }];
  const shared = /^It is one drive, .*: storage that these hosts share\.$/;
  const cloned =
    /^The drives are different, by their serial numbers or WWNs: a clone/;
  assertSeveral([on("alpha", drive), on("beta", { ...drive, ...one })], shared);
  assertSeveral([on("alpha", one), on("beta", one)], shared);
  assertSeveral([on("alpha", one), on("beta", other)], cloned);
  assertSeveral(
    [on("alpha", { ...drive, ...one }), on("beta", { ...drive, ...other })],
    cloned,
  );
  assertSeveral(
    [on("alpha", one), on("beta")],
    /^It is a copy, .* or storage/,
  );
});

Deno.test("the verdict says that it may have moved where the other host did not speak since", () => {
  const left = on("alpha", { since: ago(500), seenAt: ago(40) });
  const came = on("beta", { since: ago(30), seenAt: ago(1) });
  assertSeveral(
    [left, came],
    /^It came to beta 30s ago, and alpha has not been heard since: it may have moved\.$/,
  );
  assertSeveral([came, left], /^It came to beta 30s ago/);
  const spoke = on("alpha", { since: ago(500), seenAt: ago(20) });
  assertSeveral([spoke, came], /^It is a copy/);
  const justBefore = on("alpha", { since: ago(500), seenAt: ago(31) });
  assertSeveral([justBefore, came], /^It is a copy/);
  const unknown = on("beta", { since: null });
  assertSeveral([left, unknown], /^It is a copy/);
});

Deno.test("the verdict takes members of one filesystem on several hosts for several disks, each there once", () => {
  const members = [
    on("alpha", { uuid_sub: "1" }),
    on("beta", { uuid_sub: "2" }),
  ];
  assertSeveral(members, /^They are members of one filesystem, RAID or pool/);
  const copy = on("gamma", { uuid_sub: "1" });
  assertSeveral([...members, copy], /^It is a copy/, "alpha, beta, gamma");
  const old = { type: "linux_raid_member" };
  assertSeveral(
    [on("alpha", old), on("beta", old)],
    /^They are members of one/,
  );
});

Deno.test("the verdict is content with members of one filesystem on one host", () => {
  const members = ["1", "2"].map((uuid_sub) =>
    on("alpha", { uuid_sub, device: `/dev/sd${uuid_sub}` })
  );
  assert.deepEqual(judge(members), { code: 0, notes: [] });
  const old = ["/dev/a", "/dev/b"].map((device) =>
    on("alpha", { device, type: "isw_raid_member" })
  );
  assert.deepEqual(judge(old), { code: 0, notes: [] });
});

Deno.test("the verdict says that different disks on several hosts share a name", () => {
  const namesakes = {
    code: 5,
    notes: ["Different disks share this name, on alpha, beta: use a UUID."],
  };
  const [one, other] = [on("alpha", { uuid: "1" }), on("beta", { uuid: "2" })];
  assert.deepEqual(judge([one, other]), namesakes);
  const nameless = on("alpha", { uuid: null, label: null });
  assert.deepEqual(judge([nameless, other]), namesakes);
});

Deno.test("the verdict says that one host has it twice, but for what lies below", () => {
  const twice = [on("alpha"), on("alpha", { device: "/dev/sdc1" })];
  assert.deepEqual(judge(twice), {
    code: 0,
    notes: [
      "alpha has it 2 times (/dev/sdb1, /dev/sdc1): a copy, or several paths to it.",
    ],
  });
  const holders = ["/dev/mapper/mpatha"];
  const paths = [
    ...twice.map((row) => ({ ...row, holders })),
    on("alpha", { device: "/dev/mapper/mpatha" }),
  ];
  assert.deepEqual(judge(paths), { code: 0, notes: [] });
  const inEnclosure = ["/dev/sdb", "/dev/sdc"].map((device) =>
    on("alpha", {
      device,
      uuid: null,
      label: null,
      kind: "disk",
      serial: "JM-7777",
    })
  );
  assert.deepEqual(judge(inEnclosure), { code: 0, notes: [] });
});

Deno.test("the verdict says that it has probably moved from a host that is silent", () => {
  const rows = ["alpha", "beta"].map((host) =>
    on(host, {
      serial: "VGH0X627",
      state: host === "alpha" ? "attached" : "stale",
    })
  );
  assert.deepEqual(judge(rows), {
    code: 0,
    notes: [
      "It has probably moved to alpha: beta had it too when last heard, and did not say goodbye.",
    ],
  });
  const other = on("beta", { state: "stale", uuid: "other" });
  const alone = {
    code: 0,
    notes: ["beta, silent now, had a disk of that name too when last heard."],
  };
  assert.deepEqual(judge([on("alpha"), other]), alone);
  const drives = [
    on("alpha", { serial: "0xaaaa0001" }),
    on("beta", { serial: "0xbbbb0002", state: "stale" }),
  ];
  assert.deepEqual(judge(drives), alone, "copies of one image");
  const unproven = [on("alpha"), on("beta", { state: "stale" })];
  assert.deepEqual(judge(unproven), alone, "perhaps copies of one image");
  const before = [
    { ...rows[0]!, since: ago(500) },
    { ...rows[1]!, seenAt: ago(100) },
  ];
  assert.deepEqual(judge(before), alone, "it was there all along");
});

/** The exit code of `where`, and what it says. */
function judge(rows: readonly DiskRow[], name = UUID) {
  const { verdict } = findAmong(rows, { name });
  return {
    code: EXIT[VERDICTS[verdict.kind]],
    notes: sayVerdict(verdict, { name, now: NOW }),
  };
}

function assertSeveral(
  rows: readonly DiskRow[],
  why: RegExp,
  hosts = [...new Set(rows.map(({ host }) => host))].sort().join(", "),
): void {
  const { code, notes } = judge(rows);
  assert.equal(code, 5);
  assert.equal(notes[0], `Attached to several hosts at once: ${hosts}`);
  assert.match(notes[1]!, why);
  assert.equal(notes.length, 2);
}

function on(host: string, known: Partial<DiskRow> = {}): DiskRow {
  return diskRow({ ...known, host, hostId: `id of ${host}` });
}
