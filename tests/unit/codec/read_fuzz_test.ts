import fc from "fast-check";
import assert from "node:assert/strict";
import { readDatagram, readDisks } from "../../../src/codec/read_datagram.ts";
import { writeAnnouncement } from "../../../src/codec/write_datagram.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { announcement } from "../../support/announcements.ts";
import { inTime } from "../../support/eventually.ts";
import { encode, wholeDisk } from "./support.ts";

const FIXTURES = new URL("../../fixtures/v1/", import.meta.url);

const REAL: readonly Uint8Array[] = [
  ...["01-one-disk", "05-mixed-missing", "07-number-like", "s10-number-like"]
    .map((name) => Deno.readFileSync(new URL(`${name}.bin`, FIXTURES))),
  ...writeAnnouncement(announcement({ disks: [wholeDisk(), wholeDisk()] })),
  ...writeAnnouncement(announcement({
    disks: [
      makeDisk({ device: "/dev/sda", size: 1, hidden: "parts" }),
      makeDisk({ device: "/dev/sda1", label: "a", parents: ["/dev/sda"] }),
    ],
  })),
  ...writeAnnouncement(announcement({ id: null, ask: true })),
];

/** Reads whatever it is, and checks that the answer is one of those there are, and no longer than what it was read from. */
function assertReadOrRejected(bytes: Uint8Array): void {
  const datagram = readDatagram(bytes);
  assert.ok([1, 2, "rejected"].includes(datagram.format));
  const disks = inTime(() => readDisks(datagram));
  const texts = datagram.format === 2
    ? [datagram.header.host ?? "", datagram.header.version ?? ""]
    : [];
  for (const disk of disks.format === "rejected" ? [] : disks.disks) {
    assert.notEqual(disk.device, "");
    texts.push(...Object.values(disk).flat().filter(isText));
  }
  assert.ok(texts.every((text) => text.isWellFormed()));
  assert.ok(texts.join("").length <= bytes.length);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** A real datagram with some bytes written over, put in or taken out. */
function damaged(): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    at: fc.nat(3000),
    remove: fc.nat(3),
    insert: fc.uint8Array({ maxLength: 3 }),
  });
  return fc.tuple(
    fc.constantFrom(...REAL),
    fc.array(change, { minLength: 1, maxLength: 5 }),
  ).map(([bytes, changes]) => {
    const damage = [...bytes];
    for (const { at, remove, insert } of changes) {
      damage.splice(at % damage.length, remove, ...insert);
    }
    return new Uint8Array(damage);
  });
}

function headed(prefix: string): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ maxLength: 200 })
    .map((bytes) => new Uint8Array([...encode(prefix), ...bytes]));
}

Deno.test("readDatagram() and readDisks() read or reject any bytes", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    headed("diskd:"),
    headed("diskd:#{"),
    headed('diskd:#{"v":2,"id":"a","boot":5,"seq":7,"every":30}\n'),
  );
  fc.assert(fc.property(bytes, assertReadOrRejected), { numRuns: 2000 });
});

Deno.test("readDatagram() and readDisks() read or reject a damaged datagram", () => {
  fc.assert(fc.property(damaged(), assertReadOrRejected), { numRuns: 2000 });
});

Deno.test("readDatagram() and readDisks() read or reject a datagram cut off anywhere", () => {
  for (const bytes of REAL) {
    for (let end = 0; end < bytes.length; end++) {
      assertReadOrRejected(bytes.subarray(0, end));
    }
  }
});

Deno.test("readDatagram() and readDisks() read or reject any JSON", () => {
  const header = fc.dictionary(
    fc.constantFrom("id", "boot", "seq", "rev", "part", "every", "ask", "bye"),
    fc.jsonValue(),
  );
  const row = fc.array(fc.oneof(fc.string(), fc.jsonValue()));
  const body = fc.oneof(fc.jsonValue(), fc.array(row));
  fc.assert(
    fc.property(header, body, (header, body) => {
      const good = { id: "a", boot: 1, seq: 1, every: 30 };
      for (const head of [good, { ...good, ...header }]) {
        const line = JSON.stringify({ v: 2, ...head });
        for (const start of ["", "[]\n#", "[]\n# comment\n#"]) {
          assertReadOrRejected(
            encode(`diskd:#${line}\n${start}${JSON.stringify(body)}\n`),
          );
        }
      }
    }),
    { numRuns: 500 },
  );
});
