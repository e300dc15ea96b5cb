import assert from "node:assert/strict";
import type { ExpectEntry } from "../../../src/config/expect_setting.ts";
import { Clock } from "../../../src/daemon/clocks.ts";
import { MAX_EXPECTED } from "../../../src/daemon/expected_disks.ts";
import { ListRows } from "../../../src/daemon/list_rows.ts";
import { Log } from "../../../src/daemon/log.ts";
import {
  OVERDUE_INTERVAL_MS,
  OverdueWatch,
} from "../../../src/daemon/overdue.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { NOTE, subjectOf, tagField } from "../../../src/inventory/remark.ts";
import { NOTHING_FOUND } from "../../../src/inventory/resolve.ts";
import { MockedTime } from "../../support/mocked_time.ts";

const START = Date.UTC(2026, 11, 1);
const DAY_MS = 86_400_000;
const ANNOUNCE_MS = 30_000;

const BACKUP = makeDisk({
  device: "/dev/sdb1",
  label: "backup-2019",
  uuid: "b19",
});
const OTHER = makeDisk({
  device: "/dev/sdc1",
  label: "backup-2020",
  uuid: "b20",
});
const PHOTOS = makeDisk({ device: "/dev/sdd1", label: "photos", uuid: "ph" });

const WEEKLY: readonly ExpectEntry[] = [
  { disks: ["backup-*"], seenEveryMs: 8 * DAY_MS },
];

/** A directory for the file, and time. */
class Site implements Disposable {
  readonly time = new MockedTime();
  readonly path = `${Deno.makeTempDirSync()}/expected.jsonl`;
  /** Ms that the wall clock is ahead. */
  aheadMs = START;
  /** Ms that all hosts slept, which the monotonic clock does not count. */
  sleptMs = 0;

  [Symbol.dispose](): void {
    this.time[Symbol.dispose]();
    Deno.removeSync(this.path.slice(0, this.path.lastIndexOf("/")), {
      recursive: true,
    });
  }

  /** A run of the daemon, with nothing in memory. */
  run(
    expect = WEEKLY,
    { isTaken = true }: { readonly isTaken?: boolean } = {},
  ) {
    const inventory = new Inventory({
      id: "alpha",
      name: "alpha",
      version: null,
      everyMs: ANNOUNCE_MS,
    });
    const { now } = this.time;
    const wallClock = () => this.aheadMs + this.sleptMs + now();
    const uptime = () => this.sleptMs + now();
    const clock = new Clock({ now, wallClock, uptime });
    const told: string[] = [];
    const lines: string[] = [];
    const watch = new OverdueWatch({
      expect,
      announceIntervalMs: ANNOUNCE_MS,
      inventory,
      rows: new ListRows(inventory, clock),
      past: { find: () => NOTHING_FOUND },
      clock,
      path: this.path,
      readText: (path) => {
        try {
          return Deno.readTextFileSync(path);
        } catch {
          return null;
        }
      },
      tell: (_, { notice, onTaken }) => {
        told.push(notice.text);
        if (isTaken) onTaken();
        return true;
      },
      log: new Log({ level: "warn", format: "text" }, {
        write: (line) => lines.push(line),
        timeOfDay: () => new Date(0),
      }),
    });
    watch.start();
    return { inventory, watch, told, lines };
  }

  async passDays(days: number) {
    const stepMs = OVERDUE_INTERVAL_MS;
    for (let ms = 0; ms < days * DAY_MS; ms += 60 * stepMs) {
      await this.time.pass(60 * stepMs, 60 * stepMs);
    }
  }

  announce(inventory: Inventory, disks: readonly Disk[] | null, name = "beta") {
    const info = { id: name, name, version: null, everyMs: ANNOUNCE_MS };
    const at = { address: "10.0.0.2", now: this.time.now() };
    return inventory.applyAnnouncement(info, disks, at);
  }
}

async function namesOf(watch: OverdueWatch, all = false): Promise<string[]> {
  return (await watch.list({ all })).map(({ name }) => name);
}

Deno.test("OverdueWatch tells once of a disk that was unplugged for too long, and again when it came back", async () => {
  using site = new Site();
  const { inventory, watch, told } = site.run();
  inventory.applyScan([BACKUP, PHOTOS], site.time.now());
  await site.passDays(9);
  assert.deepEqual(told, []);
  assert.deepEqual(await namesOf(watch, true), ["backup-2019"]);
  inventory.applyScan([PHOTOS], site.time.now());
  await site.passDays(7.9);
  assert.deepEqual([told, await namesOf(watch)], [[], []]);
  await site.passDays(10);
  const text =
    "backup-2019 was unplugged from alpha 8 days ago: it should be seen every 8 days";
  assert.deepEqual(told, [text]);
  assert.deepEqual(await namesOf(watch), ["backup-2019"]);
  inventory.applyScan([BACKUP, PHOTOS], site.time.now());
  watch.changed();
  await site.time.pass(5_000, 1_000);
  assert.deepEqual(watch.overdue, []);
  inventory.applyScan([PHOTOS], site.time.now());
  await site.passDays(9);
  assert.deepEqual(told, [text, text]);
  watch.stop();
});

Deno.test("OverdueWatch counts from when a silent host was heard last, or one was shut down", async () => {
  using site = new Site();
  const { inventory, watch, told } = site.run();
  site.announce(inventory, [BACKUP]);
  site.announce(inventory, [OTHER], "gamma");
  inventory.expire(site.time.now() + 10 * ANNOUNCE_MS);
  inventory.applyGoodbye("gamma", site.time.now());
  await site.passDays(9);
  assert.deepEqual(told.sort(), [
    "backup-2019 was last seen on beta, which has been silent for 8 days: it should be seen every 8 days",
    "backup-2020 was last seen 8 days ago on gamma: it should be seen every 8 days",
  ]);
  site.announce(inventory, null);
  watch.changed();
  await site.time.pass(2_000, 1_000);
  assert.deepEqual(watch.overdue.map(({ name }) => name), ["backup-2020"]);
  watch.stop();
});

Deno.test("OverdueWatch tells nothing again after a restart without a history, and knows the place still", async () => {
  using site = new Site();
  const first = site.run();
  first.inventory.applyScan([BACKUP], site.time.now());
  await site.passDays(1);
  first.inventory.applyScan([], site.time.now());
  await site.passDays(9);
  assert.equal(first.told.length, 1);
  first.watch.stop();
  const second = site.run();
  await site.passDays(1);
  assert.deepEqual(second.told, []);
  const [row] = await second.watch.list({});
  assert.equal(row?.name, "backup-2019");
  assert.deepEqual([row.host, row.unplugged, row.state], [
    "alpha",
    true,
    "detached",
  ]);
  second.watch.stop();
});

Deno.test("OverdueWatch tells again after a restart what nobody took before", async () => {
  using site = new Site();
  const first = site.run(WEEKLY, { isTaken: false });
  first.inventory.applyScan([BACKUP], site.time.now());
  await site.passDays(1);
  first.inventory.applyScan([], site.time.now());
  await site.passDays(12);
  assert.equal(first.told.length, 1, "and once in a run");
  first.watch.stop();
  const second = site.run();
  await site.passDays(1);
  assert.equal(second.told.length, 1);
  second.watch.stop();
});

Deno.test("OverdueWatch expects a name that nobody has seen from the first time on, whatever restarts", async () => {
  using site = new Site();
  const expect = [{ disks: ["never", "none-*"], seenEveryMs: 8 * DAY_MS }];
  const first = site.run(expect);
  await site.passDays(5);
  assert.deepEqual([first.told, await namesOf(first.watch, true)], [[], [
    "never",
  ]]);
  first.watch.stop();
  const second = site.run(expect);
  await site.passDays(4);
  assert.deepEqual(second.told, [
    "never has been expected for 8 days and was never seen: it should be seen every 8 days",
  ]);
  const disk = makeDisk({ device: "/dev/sdz1", label: "never" });
  second.inventory.applyScan([disk], site.time.now());
  assert.deepEqual(await namesOf(second.watch), []);
  const rows = await second.watch.list({ all: true });
  assert.deepEqual(rows.map(({ name, state }) => [name, state]), [
    ["never", "attached"],
  ]);
  second.watch.stop();
});

Deno.test("OverdueWatch means by a glob no name that nothing has", async () => {
  using site = new Site();
  const { watch } = site.run([
    { disks: ["never", "ne*"], seenEveryMs: DAY_MS },
  ]);
  assert.deepEqual(await namesOf(watch, true), ["never"]);
  watch.configure({
    expect: [{ disks: ["ne*"], seenEveryMs: DAY_MS }],
    announceIntervalMs: ANNOUNCE_MS,
  });
  assert.deepEqual(await namesOf(watch, true), []);
  watch.stop();
});

Deno.test("OverdueWatch knows disks by tag and by the name that somebody gave them, also those that only remarks know", async () => {
  using site = new Site();
  const expect = [
    { disks: [{ tag: "offsite" }], seenEveryMs: DAY_MS },
    { disks: ["the red one"], seenEveryMs: 2 * DAY_MS },
  ];
  const { inventory, watch, told } = site.run(expect);
  const subject = subjectOf(BACKUP)!;
  say(inventory, subject, tagField("offsite"), "");
  say(inventory, subject, NOTE, "lent to the neighbours");
  say(inventory, "uuid elsewhere", tagField("offsite"), "");
  say(inventory, "uuid elsewhere", "label", "safe");
  say(inventory, subjectOf(PHOTOS)!, "name", "the red one");
  inventory.applyScan([BACKUP, PHOTOS], site.time.now());
  assert.deepEqual((await namesOf(watch, true)).sort(), [
    "backup-2019",
    "photos",
    "safe",
  ]);
  inventory.applyScan([], site.time.now());
  await site.passDays(3);
  assert.deepEqual(told.sort(), [
    "backup-2019 was unplugged from alpha 1 day ago: it should be seen every day; note: lent to the neighbours",
    "photos was unplugged from alpha 2 days ago: it should be seen every 2 days",
    "safe has been expected for 1 day and was never seen: it should be seen every day",
  ]);
  watch.stop();
});

Deno.test("OverdueWatch gives other hosts time to be heard after a start and after sleep", async () => {
  using site = new Site();
  const first = site.run();
  site.announce(first.inventory, [BACKUP]);
  await site.time.pass(5_000, 1_000);
  first.watch.stop();
  site.aheadMs += 9 * DAY_MS;
  const { inventory, watch, told } = site.run();
  await site.time.pass(3 * ANNOUNCE_MS - 1_000, 1_000);
  assert.deepEqual([told, await namesOf(watch)], [[], []]);
  site.announce(inventory, [BACKUP]);
  await site.time.pass(4 * ANNOUNCE_MS, 1_000);
  assert.deepEqual([told, await namesOf(watch)], [[], []]);
  site.sleptMs += 9 * DAY_MS;
  watch.awoken();
  inventory.expire(site.time.now() + DAY_MS);
  await site.time.pass(2 * ANNOUNCE_MS, 1_000);
  assert.deepEqual(told, []);
  await site.time.pass(2 * ANNOUNCE_MS, 1_000);
  assert.equal(told.length, 1);
  watch.stop();
});

Deno.test("OverdueWatch judges nothing by a clock that is not set yet, and nothing twice if it is set back a little", async () => {
  using site = new Site();
  site.aheadMs = 0;
  const { inventory, watch, told } = site.run([
    { disks: ["never"], seenEveryMs: 8 * DAY_MS },
  ]);
  await site.time.pass(4 * ANNOUNCE_MS, 1_000);
  site.aheadMs = START;
  await site.passDays(1);
  assert.deepEqual(told, []);
  await site.passDays(8);
  assert.equal(told.length, 1);
  site.aheadMs -= 1.3 * DAY_MS;
  await site.passDays(2);
  assert.equal(told.length, 1);
  assert.equal(inventory.self.name, "alpha");
  watch.stop();
});

Deno.test("OverdueWatch expects a disk once, in its shortest period, and forgets it with the user", async () => {
  using site = new Site();
  const { inventory, watch, told } = site.run([
    { disks: ["backup-*"], seenEveryMs: 8 * DAY_MS },
    { disks: ["backup-2019"], seenEveryMs: DAY_MS },
    { disks: ["B19", "UUID=b19"], seenEveryMs: 3 * DAY_MS },
  ]);
  inventory.applyScan([BACKUP], site.time.now());
  inventory.applyScan([], site.time.now());
  await site.passDays(2);
  assert.equal(told.length, 1);
  assert.match(told[0]!, /every day$/);
  inventory.forgetDisk("uuid b19 ");
  watch.forget("backup-2019", { hosts: [] });
  watch.configure({ expect: WEEKLY, announceIntervalMs: ANNOUNCE_MS });
  assert.deepEqual(await namesOf(watch, true), []);
  watch.stop();
});

Deno.test("OverdueWatch means one disk by a name that several have, the one that was seen last", async () => {
  using site = new Site();
  const { inventory, watch } = site.run([
    { disks: ["twin"], seenEveryMs: DAY_MS },
  ]);
  const twin = (uuid: string) =>
    makeDisk({ device: `/dev/${uuid}`, label: "twin", uuid });
  inventory.applyScan([twin("one")], site.time.now());
  inventory.applyScan([], site.time.now());
  await site.passDays(3);
  inventory.applyScan([twin("two")], site.time.now());
  inventory.applyScan([], site.time.now());
  const rows = await watch.list({ all: true });
  assert.deepEqual(rows.map(({ uuid, overdue }) => [uuid, overdue]), [
    ["two", false],
  ]);
  watch.stop();
});

Deno.test("OverdueWatch reads what is left of a damaged file, and writes none that is not needed", async () => {
  using site = new Site();
  const idle = site.run([]);
  await site.passDays(1);
  idle.watch.stop();
  assert.throws(() => Deno.statSync(site.path), Deno.errors.NotFound);
  Deno.writeTextFileSync(
    site.path,
    '{"key":1}\n\x00garbage\n[]\n{"key":"x"}\n',
  );
  const { watch, lines } = site.run();
  assert.deepEqual(await namesOf(watch, true), []);
  assert.deepEqual(lines, []);
  watch.stop();
});

Deno.test("OverdueWatch watches a limited number of disks, and says that there are more", async () => {
  using site = new Site();
  const many = (name: string, count: number) =>
    Array.from(
      { length: count },
      (_, i) =>
        makeDisk({ device: `/dev/${name}${i}`, label: name, uuid: name + i }),
    );
  const expect = (...disks: string[]) => ({
    expect: [{ disks, seenEveryMs: DAY_MS }],
    announceIntervalMs: ANNOUNCE_MS,
  });
  const { inventory, watch } = site.run();
  inventory.applyScan(
    [...many("a", 600), ...many("b", 600)],
    site.time.now(),
  );
  watch.configure(expect("a*"));
  assert.equal((await namesOf(watch, true)).length, 600);
  assert.deepEqual(watch.problems, []);
  for (const disks of [["a*", "b*"], ["*"]]) {
    watch.configure(expect(...disks));
    assert.equal((await namesOf(watch, true)).length, MAX_EXPECTED);
    assert.match(watch.problems.join(), /^expect means more than 1000 disks/);
  }
  watch.stop();
});

let said = 0;

function say(
  { remarks }: Inventory,
  subject: string,
  ...[field, value]: readonly [field: string, value: string]
): void {
  const signature = `${++said}`.padStart(86, "A");
  const by = "0".repeat(32);
  const remark = {
    subject,
    field,
    value,
    at: said,
    by,
    host: "alpha",
    key: "",
  };
  assert.ok(remarks.take({ ...remark, signature }));
}
