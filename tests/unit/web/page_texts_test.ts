import assert from "node:assert/strict";
import { NOTHING_MORE } from "../../../src/daemon/list_rows.ts";
import { renderEvent } from "../../../src/render/event.ts";
import { UTC } from "../../../src/render/format.ts";
import {
  counted,
  exactText,
  momentText,
  typedWord,
} from "../../../src/web/page/format.js";
import {
  diskAddress,
  hostAddress,
  nameIn,
} from "../../../src/web/page/router.js";
import { duplicateText } from "../../../src/web/page/status_page.js";
import {
  conditionOf,
  eventDetail,
  eventText,
  hostStateText,
  portText,
  stateText,
  useText,
} from "../../../src/web/page/words.js";

// deno-lint-ignore no-explicit-any
type Made = any;

const NOW = new Date(2026, 10, 22, 12).getTime();
const at = (daysAgo: number) =>
  new Date(2026, 10, 22 - daysAgo, 9, 5, 7).toISOString();

Deno.test("momentText() names today and yesterday, and the year if it is another", () => {
  const texts = [0, 1, 2, 365].map((days) =>
    momentText(at(days), NOW).replace("Z", "")
  );
  assert.deepEqual(texts, [
    "today 09:05",
    "yesterday 09:05",
    "Fri 20 Nov 09:05",
    "Sat 22 Nov 2025 09:05",
  ]);
});

Deno.test("exactText() has all of a time, by the reader's clock", () => {
  assert.equal(exactText(at(0)), "2026-11-22 09:05:07");
  assert.equal(exactText("never"), "?");
});

Deno.test("counted() has one thing, or several", () => {
  assert.deepEqual([0, 1, 2].map((number) => counted(number, "disk")), [
    "0 disks",
    "1 disk",
    "2 disks",
  ]);
});

Deno.test("each condition has its own sign; the gravest wins", () => {
  const disk = { state: "attached", mounts: [], inUse: false, health: null };
  assert.deepEqual(
    [
      disk,
      { ...disk, inUse: true },
      { ...disk, mounts: ["/mnt"], inUse: true },
      { ...disk, mounts: ["/mnt"], state: "detached" },
      { ...disk, mounts: ["/mnt"], state: "stale" },
      { ...disk, mounts: ["/mnt"], state: "stale", health: "unreadable" },
    ].map(conditionOf),
    ["free", "used", "mounted", "gone", "silent", "failing"],
  );
});

Deno.test("states of disks and hosts are said with their age", () => {
  const seen: Made = { unplugged: false, seenAt: at(2), health: null };
  const rows: Made[] = [
    { ...seen, state: "attached" },
    { ...seen, state: "stale" },
    { ...seen, state: "detached" },
    { ...seen, state: "detached", unplugged: true },
    { ...seen, state: "stale", health: "unreadable" },
  ];
  assert.deepEqual(rows.map((row) => stateText(row, NOW)), [
    "",
    "silent 2d",
    "shut down 2d",
    "unplugged 2d",
    "silent 2d, cannot be read",
  ]);
  const hosts: Made[] = ["up", "stale", "gone"]
    .map((state) => ({ state, heardAt: at(0) }));
  assert.deepEqual(
    hosts.map((host) => hostStateText(host, NOW).replace("Z", "")),
    ["up", "silent since today 09:05", "shut down today 09:05"],
  );
});

Deno.test("portText() has the bay and the port, or what is known of them", () => {
  assert.equal(portText({ slot: "bay 3", port: "ata-3" }), "bay 3 (ata-3)");
  assert.equal(portText({ slot: "bay 3", port: null }), "bay 3");
  assert.equal(portText({ slot: null, port: "a\u202eb" }), "a\\u202eb");
  assert.equal(portText({ slot: null, port: null }), null);
});

Deno.test("useText() counts the places that it does not name", () => {
  const row: Made = { mounts: ["/a", "/b"], mounts_ro: [], binds: 2 };
  assert.equal(useText(row), "mounted on /a +3");
});

/** As `EventRow` has them, and one of a later version. */
const EVENTS = [
  "attached",
  "detached",
  "renamed",
  "moved",
  "changed",
  "failing",
  "recovered",
  "mounted",
  "unmounted",
  "host-up",
  "host-stale",
  "host-gone",
  "newcomer",
  "remarked",
  "left-out",
  "a\u202eb",
];

const PLACE = { at: at(0), host: "beta", hostId: "1", uniqueHost: "beta" };

const EVENT: Made = {
  event: "attached",
  mount: null,
  uniqueFrom: null,
  fromDevice: null,
  changes: [],
  leftOut: 0,
  remark: null,
};

Deno.test("an event has the word that the terminal has for it", () => {
  for (const event of EVENTS) {
    const row = { ...NOTHING_MORE, ...PLACE, event };
    const words = renderEvent(row, { zone: UTC }).trim().split(/ {2,}/);
    assert.equal(eventText(row), words[1], event);
  }
});

Deno.test("an event says what it changed", () => {
  const details: readonly (readonly [object, string])[] = [
    [{}, ""],
    [{ event: "mounted", mount: "/mnt" }, "on /mnt"],
    [{ event: "unmounted", mount: "/mnt" }, "from /mnt"],
    [{ uniqueFrom: "beta" }, "from beta"],
    [{ fromDevice: "/dev/sdx" }, "was /dev/sdx"],
    [{ event: "left-out", leftOut: 7 }, "7 events"],
    [{ remark: { field: "note", value: "a shelf" } }, "note: a shelf"],
    [{ remark: { field: "note", value: null } }, "no note now"],
    [{ remark: { field: "tag:old", value: "" } }, "tag old"],
    [{ remark: { field: "tag:old", value: null } }, "tag old removed"],
  ];
  for (const [event, text] of details) {
    assert.equal(eventDetail({ ...EVENT, ...event }), text);
  }
});

Deno.test("changes are said with their values, three of them", () => {
  const changes = [
    { field: "size", from: 1024, to: 2048 },
    { field: "ro", from: false, to: true },
    { field: "label", from: null, to: "a\u202eb" },
    { field: "types", from: [], to: ["x", "y"] },
  ];
  assert.equal(
    eventDetail({ ...EVENT, changes }),
    "size: 1K -> 2K, ro: no -> yes, label: none -> a\\u202eb, 1 more",
  );
  assert.equal(
    eventDetail({ ...EVENT, changes: changes.slice(3) }),
    "types: none -> x+y",
  );
});

Deno.test("duplicates are named by their kind, and counted by drives", () => {
  const disk = (device: string, drives: readonly string[]): Made => ({
    hostId: "aa",
    device,
    drives: drives.map((drive) => ({ device: drive })),
  });
  const row: Made = { kind: "uuid_sub", value: "1-2", reason: "clone" };
  const texts = [[[], []], [["/dev/sda"], ["/dev/sda"]]].map((drives) =>
    duplicateText({
      ...row,
      disks: drives.map((names, i) => disk(`/dev/dm-${i}`, names)),
    })
  );
  assert.deepEqual(texts, [
    "A clone on 2 drives: UUID_SUB 1-2",
    "A clone on 1 drives: UUID_SUB 1-2",
  ]);
});

Deno.test("any name survives its address", () => {
  for (const name of ["a/b", "50%", "my disk", "?q=#x", "..", ".", "ä\u202e"]) {
    for (const address of [diskAddress(name), hostAddress(`${name}-`)]) {
      const { pathname, searchParams } = new URL(address, "http://alpha");
      const read = searchParams.get("q") ??
        nameIn(pathname.replace(/^\/(?:disk|host)\//, ""));
      assert.ok([name, `${name}-`].includes(read), address);
    }
  }
  assert.equal(nameIn("%E0%A4%A"), "%E0%A4%A");
});

Deno.test("typedWord() has no character in it that hides", () => {
  assert.equal(typedWord("a\u202eb"), null);
  assert.equal(typedWord(""), null);
});
