import assert from "node:assert/strict";
import type { History } from "../../../../src/store/history/history.ts";
import type { SightingRecord } from "../../../../src/store/history/records.ts";
import { ALPHA, at, BETA, madeUpDisk, madeUpSighting } from "./made_up.ts";
import { NOW, TemporaryHistory } from "./temporary_history.ts";

Deno.test("sightings() gives those that have not ended first, then by their end, then by their beginning", async () => {
  using temporary = new TemporaryHistory();
  const history = await filled(temporary);
  assert.deepEqual(told(history.sightings({ limit: 10 })), [
    "backup beta 40-",
    "stick alpha 0-",
    "photos alpha 30-50",
    "photos beta 10-50",
    "backup alpha 0-20",
  ]);
});

Deno.test("sightings() takes disks, a host, a time and a limit", async () => {
  using temporary = new TemporaryHistory();
  const history = await filled(temporary);
  const both = ["uuid of backup", "uuid of photos", "uuid of nothing"];
  assert.deepEqual(told(history.sightings({ disks: both, limit: 3 })), [
    "backup beta 40-",
    "photos alpha 30-50",
    "photos beta 10-50",
  ]);
  assert.deepEqual(
    told(history.sightings({ disks: both, hostId: ALPHA.hostId, limit: 9 })),
    ["photos alpha 30-50", "backup alpha 0-20"],
  );
  assert.deepEqual(
    told(history.sightings({ hostId: BETA.hostId, limit: 1 })),
    ["backup beta 40-"],
  );
  assert.deepEqual(
    told(history.sightings({ since: NOW + 20, limit: 9 })).at(-1),
    "photos beta 10-50",
  );
  assert.deepEqual(history.sightings({ hostId: "nobody", limit: 9 }), []);
  assert.deepEqual(history.sightings({ disks: [], limit: 9 }), []);
});

Deno.test("restore() gives each host with what it has, and where each other disk was last", async () => {
  using temporary = new TemporaryHistory();
  (await filled(temporary)).close();
  const { hosts, past } = (await temporary.open()).restore();
  assert.deepEqual(
    hosts.map(({ host, sightings }) => [host.name, told(sightings)]),
    [["alpha", ["stick alpha 0-"]], ["beta", ["backup beta 40-"]]],
  );
  assert.deepEqual(past.map(({ label }) => label), ["photos"]);
});

Deno.test("restore() gives a copy that has left, though the other one stays, and no former place of a disk", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  const place = (from: number) => at("a", { from: NOW + from });
  const [copied, moved] = [madeUpDisk("copied"), madeUpDisk("moved")];
  history.began(ALPHA, copied, place(0));
  history.began(BETA, copied, place(10));
  history.ended(BETA.hostId, "/dev/sdb1", NOW + 30);
  history.began(BETA, moved, place(40));
  history.ended(BETA.hostId, "/dev/sdb1", NOW + 50);
  history.began(ALPHA, moved, at("a", { device: "/dev/sdc1", from: NOW + 50 }));
  assert.deepEqual(
    history.restore().past.map(({ disk, host }) => [disk.label, host.name]),
    [["copied", "beta"]],
  );
});

Deno.test("count() counts the sightings of a disk, and on a host", async () => {
  using temporary = new TemporaryHistory();
  const history = await filled(temporary);
  assert.equal(history.count({ disk: "uuid of backup" }), 2);
  assert.equal(history.count({ hostId: ALPHA.hostId }), 3);
  assert.equal(history.count({ disk: "nothing" }), 0);
});

Deno.test("page() gives every sighting once", async () => {
  using temporary = new TemporaryHistory();
  const history = await filled(temporary);
  const records: SightingRecord[] = [];
  for (let next: number | null = 0; next !== null;) {
    const page = history.page(next, 2);
    assert.ok(page.records.length <= 2);
    records.push(...page.records);
    next = page.next;
  }
  assert.deepEqual(
    told(records).sort(),
    told(history.sightings({ limit: 10 })).sort(),
  );
  assert.deepEqual(history.page(5, 2), { records: [], next: null });
});

for (
  const [name, what, found] of [
    ["Backup", "the label as written before any other", ["a"]],
    ["BACKUP", "the label without case, where none is as written", ["a", "b"]],
    ["\u00dcBER", "the label without case, beyond ASCII", ["c"]],
    ["beef", "a label before the beginning of a UUID", ["d"]],
    ["SERIAL-1", "a serial number", ["a"]],
    ["serial-1", "a serial number in another case", ["a"]],
    ["SERIA", "the beginning of a serial number", ["a"]],
    ["al-1", "the end of a serial number", ["a"]],
    ["eria", "no other part of a serial number", []],
    ["pl", "a partition label in another case", ["b"]],
    ["PL", "a partition label", ["b"]],
    ["PART-U", "a partition UUID in any case", ["b"]],
    ["SUB-U", "a member UUID in any case", ["b"]],
    ["0X5000", "a WWN in any case", ["b"]],
    ["5000", "a WWN without its type", ["b"]],
    ["wwn-0x5000", "a WWN as a link", ["b"]],
    ["ata-Disk_SERIAL-1", "a serial number in a link", ["a"]],
    ["wwn-0x5000-part2", "a partition of a drive", ["b"]],
    ["wwn-0x5000-part1", "no other partition of it", []],
    ["LABEL=backup", "a label as in fstab", ["b"]],
    ["sdb2", "a device without its folder", ["b"]],
    ["alpha:/dev/sdb2", "a device of a host", ["b"]],
    ["beta:/dev/sdb2", "no device of another host", []],
    ["group", "the members of a volume group", ["d"]],
    ["archive", "the members of an array", ["e"]],
    ["b*p", "a pattern of labels", ["a", "b"]],
    ["?ead*", "a pattern of UUIDs", ["b"]],
    ["sdb?", "a pattern of devices", ["b"]],
    ["10_0%", "an underscore and a percent sign as they are", []],
    ["cafe0...", "a UUID that was cut", ["a"]],
    ["Red Pro", "a model", ["c"]],
    ["Pro-2", "a word of a model", ["c"]],
    ["ed Pro", "no part of a word", []],
    ["before", "a label that it had", ["e"]],
    ["Cafe", "the beginning of a UUID in any case", ["a", "c"]],
    ["cafe1", "a longer beginning", ["c"]],
    ["caf", "no beginning shorter than four characters", []],
    ["cafe%", "no pattern", []],
    ["", "nothing", []],
  ] as const
) {
  Deno.test(`disks() finds ${what}: ${JSON.stringify(name)}`, async () => {
    using temporary = new TemporaryHistory();
    const history = await temporary.open();
    for (const disk of NAMED) {
      const device = disk.name === "b" ? "/dev/sdb2" : disk.name;
      const label = disk.name === "e" ? "before" : disk.label;
      history.began(ALPHA, disk, at(label, { device }));
    }
    assert.deepEqual(history.disks(name).found.map((disk) => disk.name), found);
  });
}

const NAMED = [
  madeUpDisk("Backup", { name: "a", uuid: "cafe0-1", serial: "SERIAL-1" }),
  madeUpDisk("backup", {
    name: "b",
    uuid: "dead-1",
    partlabel: "PL",
    partuuid: "part-u",
    uuid_sub: "Sub-u",
    wwn: "0x5000",
  }),
  madeUpDisk("\u00fcber", { name: "c", uuid: "cafe1-2", model: "Red Pro-24" }),
  madeUpDisk("beef", {
    name: "d",
    uuid: null,
    type: "LVM2_member",
    vg: "group",
    model: "1000%",
  }),
  madeUpDisk("nas:archive", {
    name: "e",
    uuid: "beef-3",
    type: "linux_raid_member",
  }),
];

Deno.test("disks() finds a label as typed among thousands in another case", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  const labelled = (label: string, name: string) =>
    madeUpSighting({ disk: madeUpDisk(label, { name, uuid: name }) });
  history.merge([
    ...Array.from({ length: 2_000 }, (_, i) => labelled("DATA", `a${i}`)),
    labelled("data", "b"),
  ]);
  const { found } = history.disks("data");
  assert.deepEqual(found.map(({ name }) => name), ["b"]);
});

Deno.test("forgetDisk() drops a disk and where it was", async () => {
  using temporary = new TemporaryHistory();
  const history = await filled(temporary);
  assert.equal(history.forgetDisk("uuid of backup"), 2);
  assert.equal(history.forgetDisk("uuid of backup"), 0);
  assert.deepEqual(history.disks("backup").found, []);
  assert.equal(history.sightings({ limit: 10 }).length, 3);
  assert.equal(history.restore().hosts.length, 2);
});

Deno.test("forgetHost() drops a host, what was there, and the disks that were nowhere else", async () => {
  using temporary = new TemporaryHistory();
  const history = await filled(temporary);
  assert.equal(history.forgetHost(ALPHA.hostId), 3);
  assert.equal(history.forgetHost(ALPHA.hostId), 0);
  assert.deepEqual(history.disks("stick").found, []);
  assert.equal(history.disks("photos").found.length, 1);
  assert.deepEqual(
    history.restore().hosts.map(({ host }) => host.name),
    ["beta"],
  );
});

/** Every index that a query on a long history needs is used: none reads all sightings. */
Deno.test("no query reads all sightings", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  const records = Array.from({ length: 20_000 }, (_, i) =>
    madeUpSighting({
      disk: madeUpDisk(`disk ${i % 20}`),
      label: `disk ${i % 20}`,
      from: NOW + i * 10,
      until: NOW + i * 10 + 5,
    }));
  for (let i = 0; i < records.length; i += 1_000) {
    history.merge(records.slice(i, i + 1_000));
  }
  const all = timeOf(() => history.page(0, 20_000));
  for (
    const [what, query] of Object.entries({
      restore: () => history.restore(),
      disk: () => history.sightings({ disks: ["uuid of disk 7"], limit: 9 }),
      host: () => history.sightings({ hostId: ALPHA.hostId, limit: 9 }),
      since: () => history.sightings({ since: NOW + 199_900, limit: 1_000 }),
      page: () => history.page(19_000, 9),
      label: () => history.disks("DISK 7"),
      device: () => history.disks("/dev/sdb1"),
      unknown: () => history.disks("unknown"),
    })
  ) {
    assert.ok(timeOf(query) < all / 4, what);
  }
});

function timeOf(query: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    query();
    return performance.now() - start;
  });
  return Math.min(...times);
}

async function filled(temporary: TemporaryHistory): Promise<History> {
  const history = await temporary.open();
  function stay(
    host: typeof ALPHA,
    label: string,
    [from, until]: [number, number?],
  ) {
    const device = `/dev/${label}`;
    history.began(
      host,
      madeUpDisk(label),
      at(label, { device, from: NOW + from }),
    );
    if (until !== undefined) history.ended(host.hostId, device, NOW + until);
  }
  stay(ALPHA, "backup", [0, 20]);
  stay(ALPHA, "stick", [0]);
  stay(ALPHA, "photos", [30, 50]);
  stay(BETA, "photos", [10, 50]);
  stay(BETA, "backup", [40]);
  return history;
}

/** `LABEL HOST FROM-UNTIL`, in ms from `NOW`. */
function told(records: readonly SightingRecord[]): string[] {
  return records.map(({ label, host, from, until }) =>
    `${label} ${host.name} ${from - NOW}-${until === null ? "" : until - NOW}`
  );
}
