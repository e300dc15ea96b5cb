import assert from "node:assert/strict";
import type { DiskRow } from "../../src/control/views.ts";
import type { Remark } from "../../src/inventory/remark.ts";
import { checkCommands, checkOutcome } from "../support/check_outcome.ts";
import { Daemon, SHORT_INTERVALS } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { ReplacedPrograms } from "../support/replaced_programs.ts";

const ARGS = { args: SHORT_INTERVALS };
const LSBLK_OUTPUT = "/run/lan/lsblk.json";
const BLKID_OUTPUT = "/run/lan/blkid";
const UUID = "8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60";
const SERIAL = "WD-WX12D65PN0XY";

const DRIVE = {
  name: "sdx",
  kname: "sdx",
  path: "/dev/sdx",
  type: "disk",
  size: 4_000_787_030_016,
  model: "WDC WD40EFRX",
  serial: SERIAL,
  wwn: "0x50014ee2b1234567",
};

const PARTITIONED = {
  ...DRIVE,
  children: ["sdx1", "sdx2"].map((name) => ({
    name,
    kname: name,
    path: `/dev/${name}`,
    pkname: "sdx",
    type: "part",
    size: 2_000_393_515_008,
  })),
};

lanTest({
  name:
    "what was said of a drive survives formatting, another label and export",
  hosts: ["alpha", "beta", "gamma"],
}, async ({ alpha, beta, gamma }, t) => {
  await replacePrograms(alpha);
  await pretend(alpha, DRIVE);
  await using daemon = await Daemon.start(alpha, ARGS);
  await using other = await Daemon.start(beta, ARGS);
  await checkCommands(alpha, [
    [`note ${SERIAL} bay 4, bought 2026`, { stdout: /note {2}bay 4, bought/ }],
    [`name ${SERIAL} the red one`, { stdout: /name {2}the red one\n/ }],
    [`tag ${SERIAL} spare`, { stdout: /tags {2}spare\n/ }],
    ["label the red one", {
      stdout: /^the red one\n.*drive {3}WDC WD40EFRX, 3\.6T\n.*serial.*WX12/s,
    }],
  ]);
  await t.step("a filesystem", async () => {
    await pretend(alpha, DRIVE, { sdx: [UUID, "backup"] });
    await daemon.call("refresh", {});
    await findsOn(beta, "the red one", { uuid: UUID, tags: ["spare"] });
    await findsOn(beta, SERIAL, { note: "bay 4, bought 2026" });
    await checkCommands(alpha, [
      ["note backup drawer 3", { stdout: /note {2}drawer 3\n/ }],
      ["tag backup -spare", { stdout: /name {2}the red one\n.*drawer 3\n/ }],
    ]);
    await findsOn(beta, UUID, { note: "drawer 3", alias: "the red one" });
  });
  await t.step("another label", async () => {
    await pretend(alpha, DRIVE, { sdx: [UUID, "backup-2027"] });
    await daemon.call("refresh", {});
    await findsOn(beta, "backup-2027", { note: "drawer 3", tags: [] });
    await checkCommands(alpha, [
      ["history backup-2027", {
        stdout:
          /^backup-2027\n {2}name {2}the red one\n {2}note {2}drawer 3\n.*\n\nWHEN /,
      }],
      ["list --drives", {
        stdout: /ALIAS .*NOTE\n.* the red one .*drawer 3\n/,
      }],
      ["list --tree", {
        stdout: /ALIAS .*NOTE.*\n.*\n.* the red one .*drawer/,
      }],
    ]);
    const history = await other.json("history", "the red one");
    const notes = history.slice(0, 2).map(({ note }) => note);
    assert.deepEqual(notes, ["drawer 3", "drawer 3"]);
  });
  await t.step("partitions", async () => {
    await pretend(alpha, PARTITIONED, {
      sdx1: ["11111111-2f3c-4b5e-9a0e-1d2c3b4a5f60", "photos"],
      sdx2: ["22222222-2f3c-4b5e-9a0e-1d2c3b4a5f60", "music"],
    });
    await daemon.call("refresh", {});
    await findsOn(beta, "photos", { note: "bay 4, bought 2026" });
    await checkCommands(alpha, [
      [`note ${SERIAL} bay 5`, { stdout: /note {2}bay 5\n/ }],
      // Not another disk: nothing has to be said.
      [`name ${SERIAL} photos`, { stdout: /name {2}photos\n/ }],
      ["where photos", { stdout: /^photos is on alpha, / }],
      [`name ${SERIAL} the red one`, { stdout: /name {2}the red one\n/ }],
      ["note music lent", { stdout: /note {2}lent\n/ }],
    ]);
    await findsOn(beta, "photos", { note: "bay 5", alias: "the red one" });
    await findsOn(beta, "music", { note: "lent" });
    await checkCommands(alpha, [[
      "label the red one --json",
      { stdout: /"uuid": null,\n.*\n {2}"wwn": "0x50014ee2b1234567"/ },
    ]]);
  });
  await t.step("another network", () => exports(alpha, gamma));
});

/** Gamma is alone: what it knows, it has from the file. */
async function exports(alpha: Host, gamma: Host): Promise<void> {
  const file = await alpha.run(["diskd", "export"]);
  checkOutcome({ ...file, stdout: "" }, {}, "diskd export");
  await using alone = await Daemon.start(gamma, {
    args: [...SHORT_INTERVALS, "--port", "32004"],
  });
  const imports = (input: string) =>
    gamma.run(["diskd", "import"], { input }).then(({ stdout }) => stdout);
  const forged = file.stdout.replaceAll("bay 5", "bay 6");
  assert.match(
    await imports(forged),
    /: 7 added, 0 known already; 1 skipped$/m,
  );
  await checkCommands(gamma, [["note music", { stdout: /note {2}lent\n/ }]]);
  assert.match(await imports(file.stdout), /: 1 added, 7 known already$/m);
  assert.match(await imports(file.stdout), /: 0 added, 8 known already$/m);
  const rows = await alone.json("history", "photos");
  assert.equal(rows[0]?.note, "bay 5");
  assert.equal(
    rows[0]?.remarks.find(({ field }) => field === "note")?.host,
    "alpha",
  );
  const { stdout } = await gamma.run(["diskd", "export"]);
  const remarksIn = (text: string): Remark[] =>
    JSON.parse(text).remarks.toSorted((a: Remark, b: Remark) =>
      a.signature < b.signature ? -1 : 1
    );
  assert.deepEqual(remarksIn(stdout), remarksIn(file.stdout));
}

/** Waits until `where` shows a disk with this. */
async function findsOn(
  host: Host,
  name: string,
  expected: Partial<DiskRow>,
): Promise<void> {
  await eventually(async () => {
    const argv = ["diskd", "where", "--json", "--", name];
    const [row] = JSON.parse((await host.run(argv)).stdout);
    for (const [key, value] of Object.entries(expected)) {
      assert.deepEqual(row?.[key], value, `${key} of ${name}`);
    }
  });
}

/** Lets lsblk and blkid say what files say. */
async function replacePrograms(host: Host): Promise<void> {
  const programs = new ReplacedPrograms(host);
  await programs.replace("lsblk", `exec cat ${LSBLK_OUTPUT}`);
  await programs.replace(
    "blkid",
    `for device; do :; done
cat ${BLKID_OUTPUT}/"\${device##*/}" 2>/dev/null && exit
[ -z "$LIBBLKID_DEBUG" ] || echo '1: libblkid: LOWPROBE: []' >&2
exit 2`,
  );
}

/** Lets the host have this drive, with a filesystem on each of these devices. */
async function pretend(
  host: Host,
  drive: object,
  filesystems: Readonly<Record<string, readonly [string, string]>> = {},
): Promise<void> {
  const folder = host.path(BLKID_OUTPUT);
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  for (const [device, [uuid, label]] of Object.entries(filesystems)) {
    const found = Object.entries({ UUID: uuid, LABEL: label })
      .map(([key, value]) => `ID_FS_${key}_ENC=${value}\n`);
    await Deno.writeTextFile(
      `${folder}/${device}`,
      `ID_FS_TYPE=ext4\n${found.join("")}`,
    );
  }
  const listing = JSON.stringify({ blockdevices: [drive] });
  await Deno.writeTextFile(host.path(LSBLK_OUTPUT), listing);
}
