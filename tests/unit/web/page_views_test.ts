import assert from "node:assert/strict";
import { page } from "../../support/page_dom.ts";
import "../../../src/web/page/app.js";
import { go } from "../../../src/web/page/router.js";

// deno-lint-ignore no-explicit-any
type Made = any;

const SEEN = "2026-11-22T11:00:00Z";
const DRIVE: Made = {
  ...{ device: "/dev/sdb", slot: "bay 3", port: "ata-3", model: "EFRX" },
  ...{ serial: "WD-1", wwn: "0x5", tran: "sata", size: 2048, health: null },
};
const ROW: Made = {
  ...{ host: "alpha", hostId: "aa", uniqueHost: "alpha", address: "10.0.0.1" },
  ...{ device: "/dev/sdb1", label: "photos", uuid: "1-2", type: "ext4" },
  ...{ kind: "part", hidden: null, health: null, inUse: false, size: 1024 },
  ...{ mounts: [], mounts_ro: [], types: [], holders: [], tags: [] },
  ...{ drives: [DRIVE], layers: [], remarks: [], alias: null, note: null },
  ...{ state: "attached", unplugged: false, since: "2026-11-20T12:00:00Z" },
  ...{ seenAt: SEEN, uuid_sub: null, partlabel: null, partuuid: null },
  ...{ vg: null, rm: true, ro: false, wwn: null, serial: null, model: null },
};
const WHOLE: Made = {
  ...ROW,
  ...{ ...DRIVE, kind: "disk", label: null, uuid: null, type: null },
  volumes: [ROW],
};
const VERDICT: Made = {
  ...{ kind: "attached", hosts: [], from: [], silent: [], devices: [] },
  ...{ uuids: [], matches: [], calledNow: [], suggestions: [] },
};
const HOST: Made = {
  ...{ uniqueHost: "alpha", hostId: "aa", state: "up", heardAt: SEEN },
  ...{ addresses: ["10.0.0.1"], version: "2.0.0", disks: 2 },
  ...{ fingerprint: null, nameHolder: null },
};
const STATUS: Made = {
  ...{ uniqueHost: "alpha", version: "2.0.0", uptimeSeconds: 7_200, hosts: 3 },
  ...{ disks: 9, interfaces: [], problems: [], silent: [] },
  scan: { at: SEEN, ok: true },
  datagrams: { received: 5, sent: 6 },
  keys: { mode: "off", encrypt: false },
  history: { on: true, bytes: 2048 },
};
const SIGHTING: Made = {
  ...{ hostId: "aa", uniqueHost: "alpha", device: "/dev/sdb1", mounts: [] },
  ...{ label: "photos", from: "2026-11-20T12:00:00Z", until: null },
};

const EVENT: Made = {
  ...{ event: "remarked", at: SEEN, hostId: "aa", uniqueHost: "alpha" },
  ...{ device: null, uuid: "1-2", label: "photos", serial: null },
  ...{ mount: null, uniqueFrom: null, fromDevice: null, changes: [] },
  ...{ leftOut: 0, remark: null, fromId: null },
};

/** What each document is; those of one name come from the beginning of their address. */
let documents: Record<string, Made> = {};
page.answer = (path) => {
  const known = Object.keys(documents).filter((one) => path.startsWith(one));
  const longest = known.sort((a, b) => b.length - a.length)[0];
  return longest === undefined
    ? [404, { error: "nothing" }]
    : [200, documents[longest]];
};
const USUAL = {
  "/api/status.json": STATUS,
  "/api/hosts.json": [HOST],
  "/api/overdue.json": [],
  "/api/duplicates.json": [],
  "/api/history.json": [],
  "/api/list.json": [],
};

/** Opens an address with these documents, and waits until all of it is there. */
async function open(address: string, more: Record<string, Made> = {}) {
  go("/events");
  await page.pass(100);
  documents = { ...USUAL, ...more };
  page.source.say("daemon", { problem: "for a moment" });
  page.source.say("daemon", { problem: null });
  go(address);
  await page.pass(3_000);
}

/** Opens the page of a disk that is found so. */
const openFound = (rows: readonly Made[], more: Made = {}) =>
  open("/disk/photos", {
    "/api/find.json": {
      rows,
      contents: more.contents ?? [],
      verdict: { ...VERDICT, ...more },
    },
    "/api/history.json": more.history ?? [],
  });

/** The texts in an element, apart from one another as on the screen. */
function textsIn(element: Made): string[] {
  return element.nodeType === 3
    ? [element.data]
    : [...element.childNodes].flatMap(textsIn);
}

const all = (selector: string): string[] =>
  [...page.root.querySelectorAll(selector)].map((one) =>
    textsIn(one).join(" ").replace(/\s+/g, " ").replaceAll(" ,", ",").trim()
  );
const hrefs = (selector: string): string[] =>
  [...page.root.querySelectorAll(selector)].map((one) =>
    one.getAttribute("href")
  );

/** The facts of a list: `size` to `1K (1024 bytes)`. */
function facts(): Record<string, string> {
  const names = all(".facts dt");
  const values = all(".facts dd");
  return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
}

Deno.test("a disk that is there: place, bay, facts, the command that shows its files", async () => {
  await openFound([ROW]);
  assert.equal(page.document.title, "photos: alpha, /dev/sdb1 · diskd");
  assert.deepEqual(all("h1"), ["photos"]);
  assert.deepEqual(all(".whereabouts"), ["alpha /dev/sdb1 bay 3"]);
  assert.deepEqual(all(".copy code"), ["diskd open photos"]);
  const { address, since, size, port, removable, "read-only": ro } = facts();
  assert.deepEqual([address, size, port, removable, ro], [
    "10.0.0.1",
    "2K",
    "bay 3 (ata-3)",
    "yes",
    undefined,
  ]);
  assert.match(since!, /\(2 days\)$/);
  const [spoken] = all("[role=status]");
  assert.equal(spoken, "photos is on alpha, /dev/sdb1, not mounted");
  assert.doesNotMatch(page.text, /History and all else/, "it is below");
});

Deno.test("what a disk is called, and for how long it was there", async () => {
  await openFound([{
    ...{ ...ROW, alias: "holidays", rm: false, state: "detached" },
    label: "a\u202eb",
  }]);
  assert.deepEqual(all("h1"), ["a\\u202eb"]);
  assert.equal(facts().alias, "holidays");
  assert.equal(facts().removable, undefined);
  assert.match(facts().from!, /\(1 day\)$/);
  await openFound([{ ...ROW, label: "a\u202eb" }]);
  assert.deepEqual(all(".copy code"), ["diskd open 1-2"]);
  await openFound([{ ...ROW, label: null, alias: "holidays" }]);
  assert.equal(facts().alias, undefined, "it is above");
  await open("/disk/unknown");
  assert.deepEqual(all(".answer .problem"), ["nothing"]);
});

Deno.test("an answer on the page of all disks leads to the page of the disk", async () => {
  await open("/?q=photos", {
    "/api/find.json": { rows: [ROW], contents: [], verdict: VERDICT },
  });
  assert.ok(hrefs(".answer .actions a").includes("/disk/1-2"));
  await open("/");
  assert.equal(page.document.title, "diskd");
});

Deno.test("no command is proposed for what has no files to show", async () => {
  for (
    const row of [
      { state: "detached" },
      { type: null },
      { type: "swap" },
      { types: ["ext4", "xfs"] },
      { hidden: "guest" },
      { health: "unreadable" },
      { holders: ["/dev/md0"] },
      { type: "crypto_LUKS" },
      { label: "a\u202eb", uuid: null },
    ]
  ) {
    await openFound([{ ...ROW, ...row }]);
    assert.deepEqual(all(".copy"), [], JSON.stringify(row));
  }
});

Deno.test("titles say how a disk is gone, and where several are", async () => {
  for (
    const [row, title] of [
      [{ state: "stale" }, "photos: alpha, /dev/sdb1 (silent)"],
      [{ state: "detached" }, "photos: alpha, /dev/sdb1 (shut down)"],
      [
        { state: "detached", unplugged: true },
        "photos: alpha, /dev/sdb1 (unplugged)",
      ],
    ] as const
  ) {
    await openFound([{ ...ROW, ...row }]);
    assert.equal(page.document.title, `${title} · diskd`);
  }
  await openFound([ROW, { ...ROW, hostId: "bb", uniqueHost: "beta" }]);
  assert.equal(page.document.title, "photos: alpha, beta · diskd");
  assert.deepEqual(all(".places li").length, 2);
  await openFound([], { kind: "not-known" });
  assert.equal(page.document.title, "photos · diskd");
  assert.deepEqual(all(".said"), ["No disk is named photos."]);
});

Deno.test("an unplugged disk with a note: the note is where it is", async () => {
  const row = { ...ROW, state: "detached", unplugged: true, note: "drawer 3" };
  await openFound([row]);
  assert.deepEqual(all(".whereabouts"), ["drawer 3"]);
  assert.equal(facts().note, undefined);
  await openFound([{ ...row, unplugged: false, tags: ["old", "a\u202eb"] }]);
  assert.equal(facts().note, "drawer 3");
  assert.equal(facts().tags, "old, a\\u202eb");
});

Deno.test("a disk of which there is only a note", async () => {
  const noted = {
    ...{ label: "gone", note: "drawer 3", tags: ["old"], uuid: "9-9" },
    remarks: [
      { at: "2026-11-22T10:00:00Z", host: "alpha" },
      { at: "2026-11-22T11:00:00Z", host: "beta" },
    ],
  };
  await openFound([], { kind: "noted", noted: [noted] });
  assert.match(page.text, /gone is in drawer 3; last seen on no host/);
  assert.match(facts().said!, /on beta$/);
  await openFound([], { kind: "noted", noted: [{ ...noted, note: null }] });
  assert.match(page.text, /gone was on no host that is known here/);
});

Deno.test("what lies on a disk, what it lies on, and what was said of it", async () => {
  const row = {
    ...{ ...ROW, vg: "vg0", holders: ["/dev/md0"], mounts: ["/a", "/b"] },
    layers: [
      { device: "/dev/md0", type: null, kind: "raid1" },
      { device: "/dev/sda", type: "ext4", kind: "disk" },
    ],
    remarks: [
      { field: "note", value: "x", at: SEEN, host: "beta" },
      { field: "tag:old", value: "", at: SEEN, host: "beta" },
    ],
  };
  await openFound([row], { contents: [{ ...ROW, label: "inside" }] });
  const said = facts();
  assert.equal(said.holds, "inside, not mounted");
  assert.equal(said.mounted, "/a, /b");
  assert.equal(said["part of"], "volume group vg0, /dev/md0");
  assert.equal(said["lies on"], "/dev/md0, raid1 › /dev/sda, ext4");
  const [note, tag] = all(".details .plain li");
  assert.match(note!, /^note: x, .* on beta$/);
  assert.match(tag!, /^tag old, /);
});

Deno.test("the timeline zooms and moves by keys, and its table has exact times", async () => {
  const old = {
    ...SIGHTING,
    ...{ hostId: "bb", uniqueHost: "beta", unplugged: true },
    ...{ from: "2026-11-12T12:00:00Z", until: "2026-11-12T14:00:00Z" },
  };
  await openFound([ROW], { history: [SIGHTING, old] });
  const bars = () => all("rect.bar title").map((text) => text.split(" ")[0]);
  const key = async (name: string) => {
    const isLeft = page.send(page.root.querySelector(".frame"), "keydown", {
      key: name,
    });
    await page.pass(60);
    return isLeft;
  };
  assert.deepEqual(bars(), ["alpha", "beta"]);
  assert.match(all("rect.bar title")[0]!, /to now \(2 days\)$/);
  assert.match(all("rect.bar title")[1]!, /\d\d:00:00 \(2 h\)$/);
  assert.equal(await key("+"), false);
  await key("ArrowRight");
  await key("ArrowRight");
  assert.deepEqual(bars(), ["alpha"]);
  await key("0");
  assert.deepEqual(bars(), ["alpha", "beta"]);
  await key("=");
  await key("ArrowLeft");
  await key("ArrowLeft");
  assert.deepEqual(bars(), ["beta"]);
  await key("-");
  assert.deepEqual(bars(), ["alpha", "beta"]);
  assert.equal(await key("Tab"), true);
  const [now, then] = all("tbody tr");
  assert.match(now!, /^alpha .* now 2 days$/);
  assert.match(then!, /^beta .* unplugged 2 h$/);
  await openFound([ROW]);
  assert.match(page.text, /No history of it/);
});

Deno.test("a host: what it has, what was unplugged, who it is", async () => {
  await open("/host/alpha", {
    "/api/list.json?host=aa&drives=1": [WHOLE],
    "/api/list.json?host=aa&all=1": [
      ROW,
      { ...ROW, label: "stick", unplugged: true, state: "detached" },
    ],
    "/api/history.json?host=aa": [SIGHTING],
  });
  assert.equal(page.document.title, "alpha · diskd");
  assert.equal(facts().fingerprint, "unproven");
  assert.match(all(".drive")[0]!, /^sdb EFRX WD-1 bay 3 2K photos/);
  assert.equal(all("#unplugged").length, 1);
  assert.match(all(".places li").join(), /^alpha \/dev\/sdb1 stick/);
  assert.equal(all("tbody tr").length, 1);
  await open("/host/nobody");
  assert.match(page.text, /No host is named so/);
  await open("/host/aa", { "/api/hosts.json": [{ ...HOST, state: "gone" }] });
  assert.deepEqual(all("h1"), ["alpha"], "found by its id");
  assert.ok(page.news().includes("/api/list.json?host=aa&drives=1&all=1"));
});

Deno.test("the LAN: how many, and each condition of a host and a volume", async () => {
  const host = (hostId: string, more: object): Made => ({
    ...HOST,
    ...{ hostId, uniqueHost: hostId, ...more },
  });
  await open("/", {
    "/api/hosts.json": [
      host("up", { cut: 2 }),
      host("stale", { state: "stale", cut: 2 }),
      host("gone", { state: "gone" }),
      host("bare", { disks: 1 }),
      host("new", { nameHolder: { since: SEEN }, disks: 1 }),
    ],
    "/api/list.json?host=up&drives=1": [
      {
        ...WHOLE,
        volumes: [
          { ...ROW, mounts: ["/mnt"], tags: ["old"], note: "a note" },
          { ...ROW, device: "/dev/sdb2", label: "used", inUse: true },
        ],
      },
      { ...WHOLE, device: "/dev/sdc", volumes: [], health: "unreadable" },
    ],
    "/api/list.json?host=gone&drives=1&all=1": [WHOLE],
    "/api/list.json?host=bare&drives=1": [],
    "/api/list.json?host=bare": [{ ...ROW, kind: null }],
  });
  assert.deepEqual(all("#lan"), ["5 hosts, 6 disks; 1 silent, 1 shut down"]);
  const [up, stale, gone, bare, newcomer] = all(".card");
  assert.match(up!, /list cut at 2 disks/);
  assert.match(up!, /photos old \/mnt ext4 1K a note/);
  assert.match(up!, /used in use/);
  assert.match(up!, /cannot be read blank/);
  assert.doesNotMatch(stale!, /list cut/);
  assert.match(stale!, /silent since .* no disks$/);
  assert.match(gone!, /shut down .* photos/);
  assert.equal(gone!.split("shut down").length, 2, "once");
  assert.match(bare!, /1 disk .* photos/, "it tells nothing of drives");
  assert.match(newcomer!, /newcomer: this name is known of another host/);
});

Deno.test("drives and volumes lead to pages by what is theirs alone", async () => {
  const { health: _, ...volume } = ROW;
  const drive = { ...WHOLE, health: "unreadable", volumes: [volume] };
  await open("/", { "/api/list.json?host=aa&drives=1": [drive] });
  assert.deepEqual(hrefs(".drive-line a"), ["/disk/0x5"]);
  assert.deepEqual(hrefs(".volume a"), ["/disk/1-2"]);
  assert.equal(all(".volume.free").length, 1, "the drive is bad, not it");
});

Deno.test("all hosts are drawn, however many", async () => {
  const hosts = Array.from({ length: 60 }, (_, i) => ({
    ...HOST,
    hostId: `h${i}`,
  }));
  await open("/", { "/api/hosts.json": hosts });
  assert.equal(all(".card").length, 60);
});

Deno.test("a drive that comes is marked for a while, and one that goes is seen to go", async () => {
  const list = "/api/list.json?host=aa&drives=1";
  const plug = async (...rows: Made[]) => {
    documents = { ...documents, [list]: rows };
    page.source.say("event", { ...EVENT, event: "attached" });
    await page.pass(200);
  };
  const other = { ...WHOLE, device: "/dev/sdc" };
  await open("/", { [list]: [WHOLE] });
  await page.pass(9_000);
  assert.equal(all(".drive.new").length, 0);
  await plug(WHOLE, other);
  assert.match(all(".drive.new").join(), /^sdc/);
  await page.pass(9_000);
  assert.equal(all(".drive.new").length, 0);
  await plug(WHOLE);
  assert.match(all(".drive.leaving").join(), /^sdc .*unplugged/);
  await plug(WHOLE, other);
  assert.equal(all(".drive.leaving").length, 0);
  await plug(WHOLE);
  await page.pass(4_000);
  assert.equal(all(".drive").length, 1);
});

Deno.test("events come on top, each once, with links", async () => {
  await open("/events");
  const before = all(".event").length;
  const remark = { field: "note", value: "first" };
  page.source.say("event", { ...EVENT, remark });
  page.source.say("event", { ...EVENT, remark: { field: "tag:x", value: "" } });
  await page.pass(100);
  const [latest, first] = all(".event");
  assert.equal(all(".event").length, before + 2);
  assert.match(latest!, /remarked alpha photos tag x$/);
  assert.match(first!, /note: first$/);
  assert.deepEqual(hrefs(".event:first-child a"), ["/host/alpha", "/disk/1-2"]);
  assert.equal(page.document.title, "Events · diskd");
});

Deno.test("the daemon's problems, overdue disks, silent hosts, and their number", async () => {
  page.news();
  await open("/status");
  assert.ok(page.news().includes("/api/overdue.json?all=1"));
  assert.match(page.text, /No problems/);
  assert.equal(all(".count").length, 0);
  const { interfaces, "last scan": scan, history, keys } = facts();
  assert.equal(interfaces, "none");
  assert.match(scan!, /, ok$/);
  assert.deepEqual([history, keys], ["2K", "off"]);
  await open("/status", {
    "/api/status.json": {
      ...STATUS,
      problems: ["a\u202eb", "another"],
      interfaces: [{ name: "eth0", address: "10.0.0.1", joined: false }],
      scan: { at: SEEN, ok: false },
      keys: { mode: "require", encrypt: true },
      history: { on: false, bytes: null },
      silent: [{ uniqueHost: "beta", heardAt: SEEN }],
    },
    "/api/overdue.json": [
      { name: "a/b", overdue: true, text: "not seen" },
      { name: "photos", overdue: false, text: "seen" },
    ],
  });
  assert.deepEqual(all(".problems li"), ["a\\u202eb", "another"]);
  assert.deepEqual(all(".count"), ["2 problems"]);
  const [late, seen, silent] = all(".plain li");
  assert.match(late!, /^overdue a\/b : not seen/);
  assert.match(seen!, /^in time photos/);
  assert.match(silent!, /^beta, for 1h|^beta, for/);
  assert.ok(hrefs(".plain a").includes("/disk/a%2Fb"));
  const bad = facts();
  assert.equal(bad.interfaces, "eth0 10.0.0.1, not joined");
  assert.match(bad["last scan"]!, /incomplete$/);
  assert.deepEqual([bad.history, bad.keys], [
    "not kept",
    "require, encrypted",
  ]);
});

Deno.test("a history of unknown size is kept", async () => {
  const history = { on: true, bytes: null };
  await open("/status", { "/api/status.json": { ...STATUS, history } });
  assert.equal(facts().history, "kept");
});

Deno.test("duplicates, with how many are left out, or that there are none", async () => {
  await open("/duplicates");
  assert.match(page.text, /No two devices share/);
  const duplicate = { kind: "uuid", value: "1-2", reason: "clone", more: 3 };
  await open("/duplicates", {
    "/api/duplicates.json": [{ ...duplicate, disks: [ROW, ROW] }],
  });
  assert.match(page.text, /A clone on 1 drives: UUID 1-2/);
  assert.match(page.text, /and 3 more/);
  assert.equal(all(".places li").length, 2);
});

Deno.test("the banner says that the daemon is not there, and goes", async () => {
  await open("/");
  page.source.say("daemon", { problem: "no\u202esocket" });
  await page.pass(100);
  assert.match(
    all("[role=alert]")[0]!,
    /has not answered since .*no\\u202esocket/,
  );
  page.source.say("daemon", { problem: null });
  await page.pass(100);
  assert.deepEqual(all("[role=alert]"), [""]);
});

Deno.test("links of the page load nothing; those of others, and with keys held, are the browser's", async () => {
  await open("/");
  const link = page.root.querySelector("nav a[href='/duplicates']");
  const click = (more: object) => page.send(link, "click", more);
  for (const key of ["metaKey", "ctrlKey", "shiftKey", "altKey"]) {
    assert.equal(click({ button: 0, [key]: true }), true, key);
  }
  assert.equal(click({ button: 1 }), true);
  const skip = page.root.querySelector(".skip");
  assert.equal(page.send(skip, "click", { button: 0 }), true);
  assert.equal(page.location.pathname, "/");
  assert.equal(click({ button: 0 }), false);
  await page.pass(100);
  assert.equal(page.location.pathname, "/duplicates");
  assert.deepEqual(all("h1"), ["Duplicates"]);
  assert.deepEqual(all("[aria-current=page]"), ["Duplicates"]);
  page.leadTo("/status");
  await page.pass(100);
  assert.deepEqual(all("h1"), ["Status of alpha"]);
  link.setAttribute("href", "http://elsewhere/duplicates");
  assert.equal(click({ button: 0 }), true);
});
