import assert from "node:assert/strict";
import type { DiskChoice } from "../../../src/config/expect_setting.ts";
import {
  NOTICE_KINDS,
  type NoticeKind,
} from "../../../src/config/notify_setting.ts";
import { Clock } from "../../../src/daemon/clocks.ts";
import type { Endpoint } from "../../../src/daemon/endpoints.ts";
import { EVENTS_AT_ONCE } from "../../../src/daemon/event_budget.ts";
import { SUMMARY_INTERVAL_MS } from "../../../src/daemon/left_out.ts";
import { Log } from "../../../src/daemon/log.ts";
import { Notices } from "../../../src/daemon/notices.ts";
import { GATHER_MS } from "../../../src/daemon/outgoing.ts";
import type { PostJson } from "../../../src/daemon/post_json.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { datagram } from "../../support/announcements.ts";
import { MockedTime } from "../../support/mocked_time.ts";
import { madeEngine } from "./made_engine.ts";

const BACKUP = makeDisk({
  device: "/dev/sdb1",
  label: "backup-2019",
  uuid: "b",
});
const PHOTOS = makeDisk({ device: "/dev/sdc1", label: "photos", uuid: "p" });
const MUSIC = makeDisk({ device: "/dev/sdd1", label: "music", uuid: "m" });

function endpoint(
  name: string,
  { on = NOTICE_KINDS, disks = null }: {
    readonly on?: readonly NoticeKind[];
    readonly disks?: readonly DiskChoice[] | null;
  } = {},
): Endpoint {
  const origin = `http://${name}`;
  return {
    origin,
    url: `${origin}/SECRET`,
    headers: [],
    on: new Set(on),
    disks,
  };
}

/** An engine whose news go to these, and what each got. */
function setUp(time: MockedTime, endpoints: readonly Endpoint[]) {
  const { now } = time;
  const clock = new Clock({ now, wallClock: now });
  const got: Record<string, string[]> = {};
  const post: PostJson = ({ origin }, body) => {
    const { message } = body as { readonly message: string };
    (got[origin.slice("http://".length)] ??= []).push(...message.split("\n"));
    return Promise.resolve({ ok: true, status: 200 });
  };
  const inventory = new Inventory({
    id: "alpha",
    name: "alpha",
    version: null,
    everyMs: 1,
  });
  const notices = new Notices({
    endpoints,
    inventory,
    clock,
    system: { now, random: () => 0.5 },
    post,
    log: new Log({ level: "error", format: "text" }, {
      write: assert.fail,
      timeOfDay: () => new Date(0),
    }),
  });
  const engine = madeEngine({
    now,
    clock,
    onTold: (change, isListed) => notices.changed(change, isListed),
    onSummary: (host, events) => notices.leftOut(host, events),
  });
  let seq = 0;
  /** One of them says that it has these. */
  const hear = (id: string, disks: readonly Disk[]) => {
    seq++;
    engine.receive(
      datagram({ id, host: id, seq, rev: seq, disks: [...disks] }),
      "10.0.0.2",
    );
  };
  const end = () => {
    engine.stop();
    notices.stop();
  };
  return { engine, notices, inventory, got, hear, [Symbol.dispose]: end };
}

Deno.test("Notices tells what happens to disks of all hosts, but not what a host has at first", async () => {
  using time = new MockedTime();
  using site = setUp(time, [endpoint("all")]);
  const slow = makeDisk({ device: "/dev/sdz", label: "slow", uuid: "s" });
  const disks = [PHOTOS, slow];
  site.engine.scanned([PHOTOS], { goesOn: true });
  site.engine.scanned(disks);
  site.hear("beta", [BACKUP, MUSIC]);
  await time.pass(2 * GATHER_MS);
  assert.deepEqual(site.got, {});
  site.hear("beta", [{ ...BACKUP, health: "unreadable" }, MUSIC]);
  await time.pass(2 * GATHER_MS);
  site.hear("beta", [MUSIC]);
  await time.pass(2 * GATHER_MS);
  site.engine.scanned([...disks, BACKUP]);
  await time.pass(2 * GATHER_MS);
  site.engine.scanned([slow, BACKUP]);
  site.hear("beta", [MUSIC, makeDisk({ device: "/dev/x", label: "new" })]);
  await time.pass(2 * GATHER_MS);
  assert.deepEqual(site.got["all"], [
    "backup-2019 on beta cannot be read: reads of /dev/sdb1 fail",
    "backup-2019 was unplugged from beta",
    "backup-2019 moved from beta to alpha",
    "photos was unplugged from alpha",
    "new was attached to beta",
  ]);
});

Deno.test("Notices tells the site of a host to which a disk moved", async () => {
  using time = new MockedTime();
  using site = setUp(time, [endpoint("all")]);
  site.inventory.siteName = "home";
  site.engine.scanned([PHOTOS]);
  site.hear("beta", [BACKUP]);
  site.hear("beta", []);
  site.engine.scanned([PHOTOS, BACKUP]);
  await time.pass(2 * GATHER_MS);
  assert.match(
    site.got["all"]!.join("\n"),
    /backup-2019 moved from beta to alpha at home$/m,
  );
});

Deno.test("Notices tells each address what it wants to know, of the disks that it names", async () => {
  using time = new MockedTime();
  using site = setUp(time, [
    endpoint("gone", { on: ["gone"] }),
    endpoint("attached", { on: ["attached"] }),
    endpoint("backups", { disks: ["Backup-*", { tag: "offsite" }] }),
    endpoint("uuid", { disks: ["UUID=p"] }),
    endpoint("place", { disks: ["alpha:/dev/sdc1"] }),
    endpoint("host", { on: ["gone"], disks: ["alpha:*"] }),
    endpoint("beta", { disks: ["beta:*"] }),
    endpoint("overdue", { on: ["overdue"] }),
  ]);
  site.engine.scanned([MUSIC]);
  site.engine.scanned([MUSIC, BACKUP]);
  await time.pass(2 * GATHER_MS);
  site.engine.scanned([MUSIC, BACKUP, PHOTOS]);
  site.engine.scanned([MUSIC, PHOTOS]);
  await time.pass(2 * GATHER_MS);
  assert.deepEqual(site.got, {
    attached: [
      "backup-2019 was attached to alpha",
      "photos was attached to alpha",
    ],
    backups: [
      "backup-2019 was attached to alpha",
      "backup-2019 was unplugged from alpha",
    ],
    gone: ["backup-2019 was unplugged from alpha"],
    host: ["backup-2019 was unplugged from alpha"],
    uuid: ["photos was attached to alpha"],
    place: ["photos was attached to alpha"],
  });
});

Deno.test("Notices tells nothing of the disks of a host that falls silent or is shut down", async () => {
  using time = new MockedTime();
  using site = setUp(time, [endpoint("all")]);
  const disks = Array.from(
    { length: 20 },
    (_, i) =>
      makeDisk({ device: `/dev/d${i}`, label: `disk ${i}`, uuid: `${i}` }),
  );
  site.hear("beta", disks);
  await time.pass(600_000, 1_000);
  site.hear("beta", disks);
  await time.pass(600_000, 1_000);
  assert.deepEqual(site.got, {});
  site.hear("beta", []);
  await time.pass(600_000, 1_000);
  const told = site.got["all"] ?? [];
  assert.equal(told.length, 11, told.join("\n"));
  assert.equal(told.at(-1), "and 10 more; see: diskd list --all");
});

Deno.test("Notices tells in a sentence of a host that changes more than is told one by one", async () => {
  using time = new MockedTime();
  using site = setUp(time, [
    endpoint("all"),
    endpoint("overdue", { on: ["overdue"] }),
  ]);
  const many = (name: string) =>
    Array.from(
      { length: 20 },
      (_, i) => makeDisk({ device: `/dev/${i}`, uuid: `${name} ${i}` }),
    );
  site.hear("beta", [BACKUP]);
  for (let i = 0; i < 2 * EVENTS_AT_ONCE / 20; i++) {
    site.hear("beta", many(`${i}`));
  }
  await time.pass(SUMMARY_INTERVAL_MS + 10_000, 1_000);
  const told = site.got["all"] ?? [];
  assert.ok(told.length < 40, `${told.length}`);
  assert.ok(
    told.some((line) =>
      /^\d+ changes of disks on beta were not told one by one; see: diskd list$/
        .test(line)
    ),
    told.join("\n"),
  );
  assert.equal(site.got["overdue"], undefined);
});

Deno.test("Notices keeps what waits for an address that is still there after a reload", async () => {
  using time = new MockedTime();
  const [kept, dropped] = [endpoint("kept"), endpoint("dropped")];
  using site = setUp(time, [kept, dropped, endpoint("kept")]);
  site.engine.scanned([BACKUP]);
  site.engine.scanned([]);
  const waiting = () => site.notices.view.map(({ waiting }) => waiting);
  assert.deepEqual(waiting(), [1, 1, 1]);
  site.notices.configure([endpoint("new"), { ...kept, headers: [["a", "b"]] }]);
  assert.deepEqual(waiting(), [0, 1]);
  await time.pass(2 * GATHER_MS);
  assert.deepEqual(site.got, {
    kept: ["backup-2019 was unplugged from alpha"],
  });
});

Deno.test("Notices tests each address at once, and says what each answers", async () => {
  using time = new MockedTime();
  using site = setUp(time, [endpoint("one"), endpoint("two")]);
  const [answers, same] = [site.notices.test(), site.notices.test()];
  assert.equal(answers, same);
  const ok = { ok: true, status: 200, problem: null, afterMs: 0 };
  assert.deepEqual(await answers, [
    { to: "http://one", ...ok },
    { to: "http://two", ...ok },
  ]);
  const text = "This is a test: messages of diskd on alpha arrive here";
  assert.deepEqual(site.got, { one: [text], two: [text] });
});
