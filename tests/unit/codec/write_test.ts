import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_DATAGRAM_BYTES } from "../../../src/codec/announcement.ts";
import { readDatagram } from "../../../src/codec/read_datagram.ts";
import { writeAnnouncement } from "../../../src/codec/write_datagram.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { anyText } from "./hostile.ts";
import { announcement } from "../../support/announcements.ts";
import { hostKey } from "../../support/host_keys.ts";
import { decode, disksOf, roundTrip, wholeDisk } from "./support.ts";

function headersOf(datagrams: readonly Uint8Array[]) {
  return datagrams.map((bytes) => {
    const datagram = readDatagram(bytes);
    assert.ok(datagram.format === 2, JSON.stringify(datagram));
    return datagram.header;
  });
}

function manyDisks(count: number): Disk[] {
  return Array.from(
    { length: count },
    (_, i) => wholeDisk({ device: `/dev/disk${i}`, label: `label ${i}` }),
  );
}

Deno.test("writeAnnouncement() writes a header in a comment and the list as JSON", () => {
  const disks = [
    makeDisk({
      device: "/dev/sdb1",
      uuid: "8261f666",
      label: "backup-2019",
      type: "ext4",
      size: 4000787030016,
      mounts: ["/mnt/b"],
      rm: false,
    }),
    makeDisk({ device: "/dev/sdc1", label: "SCRATCH" }),
  ];
  const [bytes, ...others] = writeAnnouncement(announcement({ disks }));
  assert.deepEqual(others, []);
  assert.equal(
    decode(bytes!),
    `diskd:#{"v":2,"id":"9f0c2a7be4d14f6b","key":"${
      hostKey("9f0c2a7be4d14f6b").publicKey
    }","host":"alpha","version":"0.1.0",` +
      '"boot":1790000000123,"seq":17,"rev":3,"part":[1,1],"every":30}\n' +
      '[["8261f666","backup-2019","/dev/sdb1",{"type":"ext4","size":4000787030016,"mounts":["/mnt/b"],"rm":false}],' +
      '[null,"SCRATCH","/dev/sdc1",{}]]\n',
  );
});

Deno.test("writeAnnouncement() writes all that is known of a disk", () => {
  assert.deepEqual(roundTrip([wholeDisk()]), [wholeDisk()]);
});

Deno.test("writeAnnouncement() writes a header that reads the same", () => {
  const sent = announcement({ ask: true, rev: 9, every: 45.5 });
  const { disks: _, ...sender } = sent;
  const expected = { ...sender, part: 1, parts: 1 };
  assert.deepEqual(headersOf(writeAnnouncement(sent)), [expected]);
});

Deno.test("writeAnnouncement() writes an empty list when there are no disks", () => {
  const [bytes] = writeAnnouncement(announcement());
  assert.match(decode(bytes!), /\n\[\]\n$/);
});

Deno.test("writeAnnouncement() writes a goodbye with an empty list", () => {
  const sent = announcement({ bye: true, disks: manyDisks(30) });
  const datagrams = writeAnnouncement(sent);
  assert.equal(datagrams.length, 1);
  assert.match(decode(datagrams[0]!), /"bye":true\}\n\[\]\n$/);
});

Deno.test("writeAnnouncement() writes a question without id", () => {
  const sent = announcement({ id: null, host: null, version: null, ask: true });
  const datagrams = writeAnnouncement(sent);
  assert.doesNotMatch(decode(datagrams[0]!), /"id"|"host"|"version"|null/);
  const [header] = headersOf(datagrams);
  assert.equal(header!.id, null);
  assert.equal(header!.ask, true);
});

Deno.test("writeAnnouncement() refuses an announcement of nobody", () => {
  assert.throws(() => writeAnnouncement(announcement({ id: null })), TypeError);
});

Deno.test("writeAnnouncement() leaves out a disk without device", () => {
  const [bytes] = writeAnnouncement(
    announcement({ disks: [makeDisk({ device: "", label: "x" })] }),
  );
  assert.match(decode(bytes!), /\n\[\]\n$/);
});

Deno.test("writeAnnouncement() writes 1,000 disks in full parts, in order", () => {
  const disks = manyDisks(1000);
  const datagrams = writeAnnouncement(announcement({ disks }));
  assert.deepEqual(disksOf(datagrams), disks);
  const headers = headersOf(datagrams);
  const parts = datagrams.length;
  assert.deepEqual(
    headers.map((header) => [header.part, header.parts]),
    headers.map((_, i) => [i + 1, parts]),
  );
  const longestRow = 460;
  for (const bytes of datagrams.slice(0, -1)) {
    assert.ok(bytes.length <= MAX_DATAGRAM_BYTES);
    assert.ok(bytes.length > MAX_DATAGRAM_BYTES - longestRow);
  }
});

Deno.test("writeAnnouncement() cuts a list at the same places in every repeat", () => {
  const disks = fc.array(fc.string({ maxLength: 60 }), {
    minLength: 20,
    maxLength: 60,
  }).map((labels) =>
    labels.map((label, i) => makeDisk({ device: `/dev/sd${i}`, label }))
  );
  const repeat = fc.record({
    seq: fc.maxSafeNat(),
    every: fc.integer({ min: 1, max: 86400 }),
    ask: fc.boolean(),
  });
  fc.assert(fc.property(disks, repeat, (disks, changes) => {
    const bodies = (datagrams: Uint8Array[]) =>
      datagrams.map((bytes) => decode(bytes).split("\n")[1]);
    const first = writeAnnouncement(announcement({ disks, seq: 1 }));
    const later = writeAnnouncement(announcement({ disks, ...changes }));
    assert.deepEqual(bodies(later), bodies(first));
  }));
});

/** The header is as long as can be, also in the number of parts. */
const LARGE = {
  boot: Number.MAX_SAFE_INTEGER,
  seq: Number.MAX_SAFE_INTEGER,
  rev: Number.MAX_SAFE_INTEGER,
  every: 86400,
  ask: true,
};

const PAIRS: readonly [what: string, labels: readonly (string | null)[]][] = [
  ["rows", ["l", "l"]],
  ["a row and one in a comment", ["l", null]],
  ["a row in a comment and one before it", [null, "l"]],
  ["rows in a comment", [null, null]],
];

for (const [what, labels] of PAIRS) {
  Deno.test(`writeAnnouncement() keeps within a datagram when every number is large: ${what}`, () => {
    const pairs = 1050;
    let fullest = 0;
    for (let bytes = 840; bytes < 880; bytes++) {
      const halves = [Math.floor(bytes / 2), Math.ceil(bytes / 2)];
      const disks = Array.from({ length: 2 * pairs }, (_, i) =>
        makeDisk({
          device: "d".repeat(halves[i % 2]!),
          label: labels[i % 2]!,
        }));
      const datagrams = writeAnnouncement(announcement({ ...LARGE, disks }));
      const longest = Math.max(...datagrams.map((each) => each.length));
      assert.ok(longest <= MAX_DATAGRAM_BYTES, `${longest}`);
      if (datagrams.length === pairs) fullest = Math.max(fullest, longest);
    }
    assert.ok(fullest >= MAX_DATAGRAM_BYTES - 2, `${fullest}`);
  });
}

Deno.test("writeAnnouncement() keeps within a datagram when every number is large: rows that were cut", () => {
  for (const label of ["l", null]) {
    const disk = makeDisk({ device: "d".repeat(2000), label });
    const disks = new Array<Disk>(1050).fill(disk);
    const datagrams = writeAnnouncement(announcement({ ...LARGE, disks }));
    assert.equal(datagrams.length, 1050);
    const longest = Math.max(...datagrams.map((each) => each.length));
    assert.ok(longest <= MAX_DATAGRAM_BYTES, `${longest}`);
    assert.ok(longest >= MAX_DATAGRAM_BYTES - 3, `${longest}`);
  }
});

Deno.test("writeAnnouncement() sends no more than 4,096 parts", () => {
  const disk = wholeDisk({ label: "l".repeat(900) });
  const disks = new Array<Disk>(4100).fill(disk);
  const datagrams = writeAnnouncement(announcement({ disks }));
  assert.equal(datagrams.length, 4096);
  assert.equal(headersOf(datagrams.slice(-1))[0]!.parts, 4096);
});

Deno.test("writeAnnouncement() cuts a long host name and version", () => {
  const sent = announcement({
    host: "\x9b".repeat(255),
    version: "9".repeat(99),
  });
  const [bytes] = writeAnnouncement(sent);
  assert.ok(bytes!.length < 600);
  const [header] = headersOf([bytes!]);
  assert.match(header!.host!, /^\x9b{40,}\u2026$/);
  assert.match(header!.version!, /^9{59}\u2026$/);
});

Deno.test("writeAnnouncement() brings any text across", () => {
  const disk = fc.record({
    label: anyText(),
    uuid: anyText(),
    device: anyText(),
    model: anyText(),
    mounts: fc.array(anyText(), { maxLength: 3 }),
    mounts_ro: fc.array(anyText(), { maxLength: 1 }),
    holders: fc.array(anyText(), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(disk, { maxLength: 6 }), anyText(), (known, host) => {
      const disks = known.map((each) => wholeDisk(each));
      const sent = announcement({ disks, host });
      const datagrams = writeAnnouncement(sent);
      assert.deepEqual(
        inNoOrder(disksOf(datagrams)),
        inNoOrder(disks.flatMap(asRead)),
      );
      for (const header of headersOf(datagrams)) {
        assert.equal(header.host, host.toWellFormed() || null);
      }
    }),
    { numRuns: 500 },
  );
});

/** Rows without UUID and label come after the others of a datagram. */
function inNoOrder(disks: readonly Disk[]): string[] {
  return disks.map((disk) => JSON.stringify(disk)).sort();
}

/** What documented replacements make of a disk with the fields of the property above. */
function asRead(disk: Disk): Disk[] {
  if (disk.device === "") return [];
  return [{
    ...disk,
    device: disk.device.toWellFormed(),
    uuid: disk.uuid!.toWellFormed() || null,
    label: disk.label!.toWellFormed() || null,
    model: disk.model!.toWellFormed() || null,
    mounts: textsAsRead(disk.mounts),
    mounts_ro: textsAsRead(disk.mounts_ro),
    holders: textsAsRead(disk.holders),
  }];
}

function textsAsRead(texts: readonly string[]): string[] {
  return texts.filter((text) => text !== "").map((text) => text.toWellFormed());
}

Deno.test("writeAnnouncement() loses no disk and makes no long datagram, however long the texts", () => {
  const long = fc.tuple(anyText(), fc.nat(300))
    .map(([text, times]) => text.repeat(times));
  const disk = fc.record({
    device: long.map((text) => "/" + text),
    uuid: fc.option(long),
    label: fc.option(long),
    model: fc.option(long),
    mounts: fc.array(long, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(fc.array(disk, { maxLength: 5 }), long, (known, host) => {
      const disks = known.map((each) => makeDisk(each));
      const datagrams = writeAnnouncement(announcement({ disks, host }));
      for (const bytes of datagrams) {
        assert.ok(bytes.length <= MAX_DATAGRAM_BYTES);
      }
      const read = disksOf(datagrams);
      assert.equal(read.length, disks.length);
      const sent = disks.map(({ device }) => device.toWellFormed());
      for (const { device } of read) {
        const start = device.replace(/\u2026$/, "");
        assert.ok(sent.some((whole) => whole.startsWith(start)));
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("writeAnnouncement() keeps rows without UUID and label from readers of YAML", () => {
  const blank = makeDisk({ device: "/dev/sdz", kind: "disk" });
  const named = makeDisk({ device: "/dev/sda1", label: "x" });
  const [bytes] = writeAnnouncement(announcement({ disks: [blank, named] }));
  assert.equal(
    decode(bytes!).split("\n").slice(1).join("\n"),
    '[[null,"x","/dev/sda1",{}]]\n#[[null,null,"/dev/sdz",{"kind":"disk"}]]\n',
  );
  assert.deepEqual(disksOf([bytes!]), [named, blank]);
});

Deno.test("writeAnnouncement() fills datagrams with blank disks too, and never beyond", () => {
  const disks = Array.from(
    { length: 200 },
    (_, i) => makeDisk({ device: `/dev/sd${"x".repeat(i)}` }),
  );
  const datagrams = writeAnnouncement(announcement({ disks }));
  assert.deepEqual(disksOf(datagrams), disks);
  for (const bytes of datagrams) {
    assert.ok(bytes.length <= MAX_DATAGRAM_BYTES, `${bytes.length}`);
  }
  assert.ok(datagrams.length < 32, `${datagrams.length}`);
});

Deno.test("writeAnnouncement() brings 300 members with 60 volumes each, which say that they are in use", () => {
  const disks = Array.from({ length: 300 }, (_, i) =>
    makeDisk({
      device: `/dev/sd${i}`,
      uuid: `lvmPV-${i}`,
      type: "LVM2_member",
      inUse: true,
      holders: Array.from(
        { length: 60 },
        (_, j) => `/dev/mapper/cinder--volumes-volume--${i}--${j}`.padEnd(65),
      ),
    }));
  const datagrams = writeAnnouncement(announcement({ disks }));
  const read = disksOf(datagrams);
  assert.deepEqual(
    read.map(({ device, inUse }) => [device, inUse]),
    disks.map(({ device }) => [device, true]),
  );
  assert.ok(read.every(({ holders }) => holders.length > 5));
});
