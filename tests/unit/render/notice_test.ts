import assert from "node:assert/strict";
import { overdueRow } from "./rows.ts";
import type { OverdueRow } from "../../../src/control/notify_views.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import {
  type DiskNews,
  diskNotice,
  leftOutNotice,
  messageOf,
  type Notice,
  overdueNotice,
  sayPeriod,
  testNotice,
} from "../../../src/render/notice.ts";

const NOW = Date.UTC(2026, 11, 9, 12);
const AT = new Date(NOW).toISOString();
const NOBODY = { alias: null, note: null, tags: [], remarks: [] };
const ALPHA = { host: "alpha", hostId: "1f0c", uniqueHost: "alpha" };

const DISK = makeDisk({
  device: "/dev/sdb1",
  label: "backup-2019",
  uuid: "8261f666",
  size: 4_000_787_030_016,
});

function news(
  event: DiskNews["event"],
  changes: Partial<DiskNews["disk"]> = {},
): Notice {
  return diskNotice({
    event,
    at: AT,
    disk: { ...DISK, ...NOBODY, ...changes },
    ...ALPHA,
    uniqueFrom: event === "moved" ? "beta" : null,
    site: null,
    fromSite: null,
  });
}

function overdue(changes: Partial<OverdueRow>): string {
  return overdueOf(changes).text;
}

function overdueOf(changes: Partial<OverdueRow>): Notice {
  return overdueNotice(overdueRow(NOW, changes), NOW);
}

Deno.test("a notice says what happened, where, and what somebody noted", () => {
  const texts = [
    news("gone"),
    news("gone", { note: "drawer 3, top shelf", mounts: ["/mnt/b"] }),
    news("gone", { note: "lent to the neighbours" }),
    news("attached", { note: "drawer 3, top shelf" }),
    news("moved", { label: null, alias: "the red one", size: null }),
    news("failing"),
  ].map(({ text }) => text);
  assert.deepEqual(texts, [
    "backup-2019 (3.6T) was unplugged from alpha",
    "backup-2019 (3.6T) was unplugged from alpha, while it was mounted on /mnt/b; it is in drawer 3, top shelf",
    "backup-2019 (3.6T) was unplugged from alpha; note: lent to the neighbours",
    "backup-2019 (3.6T) was attached to alpha; note: drawer 3, top shelf",
    "the red one moved from beta to alpha",
    "backup-2019 on alpha cannot be read: reads of /dev/sdb1 fail",
  ]);
});

Deno.test("a notice of an overdue disk says where and when it was seen last, and where it is", () => {
  const every = "it should be seen every 8 days";
  assert.deepEqual([
    overdue({ note: "drawer 3, top shelf" }),
    overdue({ unplugged: false }),
    overdue({ state: "stale" }),
    overdue({ uniqueHost: null, seenAt: null, state: null }),
  ], [
    `backup-2019 was unplugged from alpha 8 days ago: ${every}; it is in drawer 3, top shelf`,
    `backup-2019 was last seen 8 days ago on alpha: ${every}`,
    `backup-2019 was last seen on alpha, which has been silent for 8 days: ${every}`,
    `backup-2019 has been expected for 30 days and was never seen: ${every}`,
  ]);
});

Deno.test("sayPeriod() says a period as it was written", () => {
  const said = [1, 90, 60, 5_400, 129_600, 86_400, 8 * 86_400].map(sayPeriod);
  assert.deepEqual(said, [
    "every 1 s",
    "every 90 s",
    "every 1 min",
    "every 90 min",
    "every 36 h",
    "every day",
    "every 8 days",
  ]);
});

Deno.test("a message of one event has what ntfy, Gotify, Home Assistant and Slack read", () => {
  const message = messageOf([news("gone")], { id: "1", sender: "alpha" });
  const text = "backup-2019 (3.6T) was unplugged from alpha";
  assert.deepEqual(message, {
    title: "backup-2019 was unplugged",
    message: text,
    text,
    priority: 3,
    event: "gone",
    count: 1,
    sender: "alpha",
    id: "1",
    events: [{
      event: "gone",
      at: AT,
      text,
      ...ALPHA,
      from: null,
      device: "/dev/sdb1",
      label: "backup-2019",
      uuid: "8261f666",
      serial: null,
      wwn: null,
      alias: null,
      note: null,
      tags: [],
      mounts: [],
    }],
  });
});

Deno.test("a message of several events has a line for each, and the highest priority", () => {
  const notices = [news("gone"), news("gone"), overdueOf({})];
  const { title, message, priority, event, count } = messageOf(notices, {
    id: "1",
    sender: "alpha",
  });
  assert.equal(title, "diskd: 2 unplugged, 1 overdue");
  assert.equal(String(message).split("\n").length, 3);
  assert.deepEqual([priority, event, count], [4, "several", 3]);
});

Deno.test("a message is never long, and what disks are called cannot steer who reads it", () => {
  const evil = "<!channel> & <https://evil.example|click>\x1b[31m\u202e\n";
  const long = "x".repeat(255);
  const notices = [
    news("attached", { label: evil, note: evil }),
    ...Array.from(
      { length: 500 },
      () => news("gone", { label: long, note: long, mounts: [long] }),
    ),
    leftOutNotice({ ...ALPHA, uniqueHost: long, at: AT, events: 1_000 }),
    testNotice("alpha", AT),
  ];
  const body = messageOf(notices, { id: "1", sender: "alpha" });
  const text = String(body["text"]);
  for (const char of "<>\x1b\u202e") assert.ok(!text.includes(char));
  assert.match(text, /^&lt;!channel&gt; &amp; /);
  assert.match(
    String(body["message"]),
    /^<!channel> & .*\\x1b\[31m\\u202e\\x0a/,
  );
  assert.match(
    String(body["message"]),
    /\nand 49\d more; see: diskd list --all$/,
  );
  assert.ok(String(body["message"]).length < 4_000);
  assert.ok(JSON.stringify(body).length < 32_768);
});
