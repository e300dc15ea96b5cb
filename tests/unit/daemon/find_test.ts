import assert from "node:assert/strict";
import { chooseDisk } from "../../../src/cli/choose_disk.ts";
import { madeUpRemark } from "../../support/made_up_remarks.ts";
import { VERDICTS } from "../../../src/control/verdict.ts";
import type { FindView } from "../../../src/control/views.ts";
import { textStyle } from "../../../src/daemon/text_style.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { sayVerdict } from "../../../src/render/verdict.ts";
import { sightingRow } from "../render/rows.ts";
import { BETA, info, SELF, START, startHistorySite } from "./history_site.ts";

const ON_ALPHA = { host: "alpha", hostId: SELF, uniqueHost: "alpha" };
const ON_BETA = { host: "beta", hostId: BETA, uniqueHost: "beta" };
const BACKUP = disk({ label: "Backup", uuid: "8261f666" });

Deno.test("find() answers the rows of where(), and a verdict on them", async () => {
  using site = await started();
  site.scan([BACKUP], 1_000);
  const view = await site.find("8261F666");
  assert.deepEqual(shown(view), ["attached", "alpha /dev/sda"]);
  assert.deepEqual(view.rows, site.where("8261f666"));
  assert.deepEqual(view.verdict.hosts, [ON_ALPHA]);
  site.hear([BACKUP], 2_000);
  assert.deepEqual(shown(await site.find("backup")), [
    "clone-or-shared",
    "alpha /dev/sda",
    "beta /dev/sda",
  ]);
  site.scan([], 3_000);
  site.hear([], 3_000);
  assert.equal((await site.find("backup")).verdict.kind, "detached");
});

Deno.test("find() tells of disks that were given a name which is another's label", async () => {
  using site = await started();
  const other = disk({ device: "/dev/sdb", uuid: "b", label: "photos" });
  site.scan([BACKUP, other], 1_000);
  const { remarks } = site.inventory;
  for (const subject of ["uuid 8261f666", "uuid b", "uuid gone"]) {
    remarks.take(
      madeUpRemark("id-a", { subject, field: "name", value: "photos" }),
    );
  }
  const view = await site.find("photos");
  assert.deepEqual(shown(view), ["attached", "alpha /dev/sdb"]);
  assert.deepEqual(view.verdict.namedSo, ["8261f666", "gone"]);
  assert.match(
    sayVerdict(view.verdict, { name: "photos", now: 0 }).join(),
    /^photos is also the name that somebody gave other disks, 8261f666, gone: labels and the like win\.$/,
  );
  assert.deepEqual((await site.find("Backup")).verdict.namedSo, []);
});

Deno.test("find() tells what lies on the one disk that is found", async () => {
  using site = await started();
  const drive = disk({ device: "/dev/sdb", serial: "WX-1", hidden: "parts" });
  const part = disk({ device: "/dev/sdb1", uuid: "1", parents: ["/dev/sdb"] });
  const open = disk({ device: "/dev/dm-0", uuid: "2", parents: ["/dev/sdb1"] });
  const inner = { ...open, device: "/dev/dm-1", hidden: "inner" };
  const other = disk({ device: "/dev/sdc", uuid: "3" });
  site.scan([drive, part, open, inner, other], 1_000);
  site.hear([part], 1_000);
  const contents = async (name: string) =>
    (await site.find(name)).contents.map(({ device, host }) =>
      `${host} ${device}`
    );
  assert.deepEqual(await contents("/dev/sdb"), [
    "alpha /dev/sdb1",
    "alpha /dev/dm-0",
  ]);
  assert.deepEqual(await contents("3"), []);
  assert.deepEqual(await contents("1"), [], "on two hosts");
});

Deno.test("find() keeps to a host, by id, by name, and by name in another case", async () => {
  using site = await started();
  site.scan([BACKUP], 1_000);
  site.hear([BACKUP, disk({ device: "/dev/b", uuid: "b" })], 1_000);
  for (const host of [BETA, "beta", "BETA"]) {
    const view = await site.find("backup", host);
    assert.deepEqual(shown(view), ["attached", "beta /dev/sda"], host);
  }
  const elsewhere = await site.find("b", "ALPHA");
  assert.deepEqual(shown(elsewhere), ["elsewhere"]);
  assert.deepEqual(elsewhere.verdict.hosts, [ON_BETA]);
  assert.equal((await site.find("b", "nobody")).verdict.kind, "elsewhere");
  site.hear([BACKUP], 2_000, info(BETA, "Alpha"));
  assert.deepEqual(shown(await site.find("backup", "alpha")), [
    "attached",
    "alpha /dev/sda",
  ]);
});

Deno.test("find() takes what fits better, whether memory or the history knows it", async () => {
  using site = await started();
  site.scan([BACKUP], 1_000);
  await site.answers.merge({
    rows: [sightingRow({ label: "backup", uuid: "old" })],
  });
  const uuids = async (name: string) =>
    (await site.find(name)).rows.map(({ uuid }) => uuid);
  assert.deepEqual(await uuids("backup"), ["old"]);
  assert.deepEqual(await uuids("Backup"), ["8261f666"]);
  assert.deepEqual(await uuids("BACKUP"), ["8261f666"]);
});

Deno.test("find() asks for more of a prefix of several UUIDs, with a host too", async () => {
  using site = await started();
  site.scan([BACKUP], 1_000);
  site.hear([disk({ uuid: "8261aaaa" })], 1_000);
  for (const host of [undefined, "beta"]) {
    const { verdict, rows } = await site.find("8261", host);
    assert.equal(verdict.kind, "ambiguous");
    assert.deepEqual(verdict.uuids, ["8261f666", "8261aaaa"]);
    assert.equal(rows.length, 2);
  }
});

Deno.test("find() takes a part of one serial number for the drive, whatever is on it", async () => {
  using site = await started();
  const on = (device: string, uuid: string, serial: string) =>
    disk({ device, uuid, serial });
  site.scan(
    [on("/dev/sda1", "a", "WX-0001"), on("/dev/sda2", "b", "WX-0001")],
    1_000,
  );
  assert.equal((await site.find("0001")).verdict.kind, "attached");
  site.hear([on("/dev/sda1", "c", "ZX-0001")], 1_000);
  const { verdict, rows } = await site.find("0001");
  assert.deepEqual([verdict.kind, rows.length], ["ambiguous", 3]);
  assert.deepEqual(verdict.matches, ["a", "b", "c"]);
});

Deno.test("find() names what a part may mean by the first name that no other has", async () => {
  using site = await started();
  const serial = (last: string) => `WX-0001${last}`;
  site.scan([
    disk({ device: "/dev/a", serial: serial("a"), uuid: "a", label: "photos" }),
    disk({ device: "/dev/b", serial: serial("b"), uuid: "b", label: "root" }),
    disk({ device: "/dev/c", serial: serial("c"), uuid: "c", label: "root" }),
    disk({ device: "/dev/d", serial: serial("d"), kind: "disk" }),
    disk({ device: "/dev/e", serial: serial("e"), partlabel: "new" }),
    disk({ device: "/dev/f", serial: serial("f"), uuid: "p", uuid_sub: "1" }),
    disk({ device: "/dev/g", serial: serial("f"), uuid: "p", uuid_sub: "2" }),
  ], 1_000);
  const { verdict } = await site.find("WX-0001");
  assert.deepEqual(verdict.matches, [
    ...["photos", "b", "c", "WX-0001d", "new", "alpha:/dev/f", "alpha:/dev/g"],
  ]);
  assert.deepEqual(verdict.uuids, ["a", "b", "c", "p"]);
});

Deno.test("find() takes a part of the serial numbers of members of a pool for several, a pattern for the pool", async () => {
  using site = await started();
  site.scan(
    ["X1G01", "X1G02"].map((serial, index) =>
      disk({
        device: `/dev/${serial}`,
        serial,
        type: "zfs_member",
        label: "tank",
        uuid: "1",
        uuid_sub: `${index}`,
      })
    ),
    1_000,
  );
  const judged = async (name: string) => {
    const { kind, matches } = (await site.find(name)).verdict;
    return [kind, matches];
  };
  assert.deepEqual(await judged("X1G0"), ["ambiguous", ["X1G01", "X1G02"]]);
  assert.deepEqual(await judged("tank*"), ["attached", []]);
});

Deno.test("find() lists each disk of a pattern, where it is or was", async () => {
  using site = await started();
  const labelled = ["backup-1", "backup-2", "photos"].map((label) =>
    disk({ device: `/dev/${label}`, label })
  );
  site.scan(labelled, 1_000);
  site.scan(labelled.slice(1), 2_000);
  const view = await site.find("BACKUP-*");
  assert.deepEqual(view.rows.map(({ label, state }) => [label, state]), [
    ["backup-2", "attached"],
    ["backup-1", "detached"],
  ]);
  assert.equal(view.verdict.kind, "attached");
  assert.deepEqual(view.verdict.matches, ["backup-2", "backup-1"]);
});

Deno.test("find() tells what a disk is called that had this label before", async () => {
  using site = await started();
  site.scan([disk({ uuid: "u", label: "backup-2019" })], 1_000);
  const now = disk({ uuid: "u", label: "backup-2020", mounts: ["/mnt"] });
  site.scan([now], 2_000);
  const { rows, verdict } = await site.find("backup-2019");
  assert.deepEqual(rows, site.where("u"));
  assert.equal(verdict.kind, "attached");
  assert.deepEqual(verdict.calledNow, ["backup-2020"]);
  const asked = { name: "backup-2019", now: 0 };
  assert.deepEqual(sayVerdict(verdict, asked), [
    "backup-2019 is now called backup-2020.",
  ]);
  assert.deepEqual((await site.find("backup-2020")).verdict.calledNow, []);
  const member = (label: string, uuid_sub: string) =>
    disk({ device: `/dev/${uuid_sub}`, uuid: "btrfs", label, uuid_sub });
  site.scan([member("old", "1"), member("old", "2")], 3_000);
  site.scan([member("new", "1"), member("new", "2")], 4_000);
  assert.equal((await site.find("old")).rows.length, 2);
});

Deno.test("find() suggests names that may have been meant by an unknown one", async () => {
  using site = await started();
  const labels = ["backup-2018", "My Disk", "disk 2", "old disk", "disk"];
  site.scan(
    labels.map((label) => disk({ label, device: `/dev/${label}` })),
    1_000,
  );
  const suggested = async (name: string) => {
    const { rows, verdict } = await site.find(name);
    assert.deepEqual([rows, verdict.kind], [[], "not-known"]);
    return verdict.suggestions;
  };
  assert.deepEqual(await suggested("backup-2081"), ["backup-2018"]);
  assert.deepEqual(await suggested("isk"), ["My Disk", "disk", "disk 2"]);
  assert.deepEqual(await suggested("photographs"), []);
});

Deno.test("find() shows disks by the words of their notes where nothing is named so, and a command is refused", async () => {
  using site = await started();
  site.scan(
    [
      disk({ uuid: "u1", label: "one", device: "/dev/sda" }),
      disk({ uuid: "u2", label: "two", device: "/dev/sdb" }),
      disk({ uuid: "u3", label: "three", device: "/dev/sdc" }),
    ],
    1_000,
  );
  const { remarks } = site.inventory;
  const note = (subject: string, value: string) =>
    remarks.take(madeUpRemark("id-beta", { subject, field: "note", value }));
  note("uuid u1", "in Drawer 3, top shelf");
  note("uuid u2", "three, lent");
  note("uuid u9", "drawer 3");
  const found = await site.find("drawer 3");
  assert.deepEqual(found.rows.map(({ label }) => label), ["one"]);
  assert.equal(found.verdict.kind, "by-note");
  assert.deepEqual(found.verdict.noted?.map(({ uuid }) => uuid), ["u9"]);
  const choosing = { name: "drawer 3", host: undefined, now: 0 };
  assert.throws(() => chooseDisk(found, choosing), {
    message: "No disk is named drawer 3; it is in these notes.",
  });
  assert.deepEqual(
    (await site.find("three")).rows.map(({ label }) => label),
    ["three"],
  );
  assert.equal((await site.find("rawer")).verdict.kind, "not-known");
  assert.equal((await site.find("*top shelf")).rows.length, 1);
});

Deno.test("the text side of the socket says of find what diskd where says", async () => {
  using site = await started();
  site.scan([BACKUP], 1_000);
  site.hear([BACKUP], 1_000);
  const style = textStyle(() => START + 2_000);
  const said = async (name: string) =>
    style.answer("find", await site.find(name), { name }).split("\n");
  const [title, , , ...sentences] = await said("backup");
  assert.match(title!, /^HOST +DEVICE/);
  assert.deepEqual(sentences, [
    "Attached to several hosts at once: alpha, beta",
    "It is a copy, such as a clone or a snapshot, or storage that these hosts share.",
  ]);
  assert.deepEqual(await said("bakup"), [
    "No disk is named bakup. Did you mean Backup?",
  ]);
});

/** The kind of the verdict, then `host device` of each row. */
function shown({ rows, verdict }: FindView): string[] {
  assert.ok(Object.hasOwn(VERDICTS, verdict.kind));
  return [
    verdict.kind,
    ...rows.map(({ host, device }) => `${host} ${device}`),
  ];
}

async function started() {
  const site = await startHistorySite();
  const { finder } = site;
  return {
    ...site,
    find: (name: string, host?: string) =>
      finder.find({ name, ...(host !== undefined && { host }) }),
    where: (name: string) => finder.where(name),
  };
}

function disk(known: Partial<Disk>): Disk {
  return makeDisk({ device: "/dev/sda", ...known });
}
