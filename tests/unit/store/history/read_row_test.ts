import assert from "node:assert/strict";
import { readSighting } from "../../../../src/store/history/rows.ts";

const ROW = {
  disk_name: "uuid of backup",
  uuid: null,
  label: "backup",
  type: null,
  size: 7,
  partuuid: null,
  partlabel: null,
  uuid_sub: null,
  model: null,
  serial: null,
  wwn: null,
  tran: null,
  rm: 0,
  ro: null,
  host_id: "id of alpha",
  host_name: "alpha",
  state: "up",
  heard_at: 5,
  device: "/dev/sdb1",
  sighting_label: null,
  kind: "part",
  vg: null,
  mounts: '["/mnt"]',
  place: null,
  from_at: 3,
  until_at: 4,
};

for (
  const [column, value] of [
    ["device", null],
    ["device", 7],
    ["label", new Uint8Array(1)],
    ["size", "7"],
    ["rm", "x"],
    ["from_at", null],
    ["until_at", "4"],
    ["until_at", undefined],
  ] as const
) {
  Deno.test(`readSighting() finds a file broken that has ${String(value)} as ${column}`, () => {
    assert.equal(readSighting(ROW).device, "/dev/sdb1");
    assert.throws(() => readSighting({ ...ROW, [column]: value }), {
      name: "HistoryError",
      kind: "broken",
      message: new RegExp(`in column ${column}$`),
    });
  });
}

Deno.test("readSighting() makes the best of what is damaged but of the right type", () => {
  for (const mounts of ["", "[", "{}", "[7]"]) {
    assert.deepEqual(readSighting({ ...ROW, mounts }).mounts, []);
  }
  const odd = '{"inUse":7,"holders":["/dev/md0"],"drives":[{"serial":7},1]}';
  for (const place of ["", "[", "[]", odd]) {
    const { circumstances, drives } = readSighting({ ...ROW, place }).place;
    const isOdd = place === odd;
    assert.deepEqual(circumstances, isOdd ? { holders: ["/dev/md0"] } : {});
    assert.equal(drives.length, isOdd ? 1 : 0);
    assert.equal(drives[0]?.serial ?? null, null);
  }
  assert.equal(readSighting({ ...ROW, state: "vp" }).host.state, "gone");
  assert.equal(readSighting({ ...ROW, until_at: 1 }).until, 3);
});
