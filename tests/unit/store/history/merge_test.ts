import assert from "node:assert/strict";
import fc from "fast-check";
import type { History } from "../../../../src/store/history/history.ts";
import type { SightingRecord } from "../../../../src/store/history/records.ts";
import { ALPHA, at, BETA, madeUpDisk, madeUpSighting } from "./made_up.ts";
import { NOW, TemporaryHistory } from "./temporary_history.ts";

Deno.test("merge() adds what is new, and the same again changes nothing", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  const records = [
    madeUpSighting(),
    madeUpSighting({ device: "/dev/sdc1" }),
    madeUpSighting({ label: null }),
    madeUpSighting({ from: NOW + 5_000, until: NOW + 6_000 }),
  ];
  assert.deepEqual(history.merge(records), { added: 4, extended: 0, known: 0 });
  assert.deepEqual(history.merge(records), { added: 0, extended: 0, known: 4 });
  assert.deepEqual(everything(history), records.map(asText).sort());
});

Deno.test("merge() makes one of sightings that overlap or touch", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  history.merge([
    madeUpSighting({ from: NOW + 10, until: NOW + 20, mounts: ["/old"] }),
    madeUpSighting({ from: NOW + 30, until: NOW + 40, mounts: ["/new"] }),
    madeUpSighting({ from: NOW + 42, until: NOW + 50 }),
  ]);
  const bridge = madeUpSighting({ from: NOW + 20, until: NOW + 35 });
  assert.deepEqual(history.merge([bridge]), {
    added: 0,
    extended: 1,
    known: 0,
  });
  assert.deepEqual(
    history.sightings({ limit: 9 }).map(({ from, until, mounts }) => [
      from - NOW,
      until! - NOW,
      mounts,
    ]),
    [[42, 50, []], [10, 40, ["/new"]]],
  );
});

Deno.test("merge() keeps the mount points that were known last, in any order", async () => {
  const records = [
    madeUpSighting({ from: NOW, until: NOW + 10, mounts: ["/early"] }),
    madeUpSighting({ from: NOW + 20, until: NOW + 30, mounts: ["/late"] }),
    madeUpSighting({ from: NOW + 5, until: NOW + 100 }),
  ];
  for (const order of [[0, 1, 2], [0, 2, 1], [1, 2, 0], [2, 0, 1]]) {
    using temporary = new TemporaryHistory();
    const history = await temporary.open();
    for (const index of order) history.merge([records[index]!]);
    const [sighting] = history.sightings({ limit: 9 });
    assert.deepEqual(sighting?.mounts, ["/late"], order.join());
  }
});

Deno.test("merge() takes in all of its records or none", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  // @ts-expect-error Not text, as the types promise.
  const odd = madeUpSighting({ host: { ...BETA, state: null } });
  assert.throws(() => history.merge([madeUpSighting(), odd]), {
    name: "HistoryError",
    kind: "refused",
  });
  assert.deepEqual(everything(history), []);
  assert.equal(history.merge([madeUpSighting()]).added, 1);
});

Deno.test("merge() leaves what goes on here as it is, and makes it longer", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  history.began(
    ALPHA,
    madeUpDisk("backup"),
    at("backup", { mounts: ["/here"] }),
  );
  const old = madeUpSighting({
    disk: madeUpDisk("backup", { size: 1 }),
    host: { ...ALPHA, name: "old name", heardAt: NOW + 9, state: "gone" },
    from: NOW - 10,
    until: null,
    mounts: ["/there"],
  });
  assert.equal(history.merge([old]).extended, 1);
  assert.equal(history.merge([old]).known, 1);
  const [sighting] = history.sightings({ limit: 9 });
  assert.equal(sighting?.from, NOW - 10);
  assert.equal(sighting.until, null);
  assert.deepEqual(sighting.mounts, ["/here"]);
  assert.equal(sighting.disk.size, madeUpDisk("backup").size);
  assert.equal(sighting.host.name, "alpha");
  assert.equal(sighting.host.state, "up");
});

Deno.test("merge() ends what had not ended there when its host was heard last", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  const host = { ...BETA, heardAt: NOW + 77 };
  history.merge([madeUpSighting({ host, until: null })]);
  const [sighting] = history.sightings({ limit: 9 });
  assert.equal(sighting?.until, NOW + 77);
  assert.equal(sighting.host.state, "stale");
  assert.deepEqual(history.restore().hosts[0]?.sightings, []);
});

Deno.test("merge() takes the fields of a disk and a host from whoever knew them last", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  const [early, late] = [NOW + 10, NOW + 20].map((until) =>
    madeUpSighting({
      disk: madeUpDisk("backup", { size: until }),
      host: { ...BETA, name: `beta ${until}`, heardAt: until, state: "stale" },
      until,
    })
  );
  history.merge([late!, early!]);
  const [sighting] = history.sightings({ limit: 9 });
  assert.equal(sighting?.disk.size, NOW + 20);
  assert.equal(sighting.host.name, `beta ${NOW + 20}`);
});

Deno.test("what one history exports, another takes in, and back", async () => {
  using here = new TemporaryHistory();
  using there = new TemporaryHistory();
  const [first, second] = [await here.open(), await there.open()];
  first.merge([madeUpSighting(), madeUpSighting({ label: "x" })]);
  first.began(BETA, madeUpDisk("stick"), at("stick"));
  const before = everything(first);
  second.merge(first.page(0, 100).records);
  assert.equal(everything(second).length, 3);
  assert.equal(first.merge(second.page(0, 100).records).known, 3);
  assert.deepEqual(everything(first), before);
});

Deno.test("merge() gives the same in any order, some at a time or all at once, and twice", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open();
  fc.assert(
    fc.property(
      fc.array(anySighting(), { minLength: 1, maxLength: 12 })
        .chain((records) =>
          fc.tuple(
            fc.constant(records),
            fc.shuffledSubarray(records, { minLength: records.length }),
          )
        ),
      ([records, shuffled]) => {
        const once = mergedAlone(history, [records]);
        const byOne = shuffled.map((record) => [record]);
        assert.deepEqual(mergedAlone(history, byOne), once);
        assert.deepEqual(mergedAlone(history, [shuffled, records]), once);
      },
    ),
    { numRuns: 150 },
  );
});

/** Few values of each, so that they meet. */
function anySighting(): fc.Arbitrary<SightingRecord> {
  const moment = fc.integer({ min: 0, max: 30 }).map((ms) => NOW + ms);
  const host = fc.record({
    hostId: fc.constantFrom("id of one", "id of two"),
    name: fc.constantFrom("one", "two"),
    state: fc.constantFrom("up", "stale", "gone"),
    heardAt: moment,
  });
  return fc.record({
    disk: fc.record({
      name: fc.constantFrom("x", "y"),
      size: fc.constantFrom(1, 2, null),
    }).map((known) => madeUpDisk("made up", known)),
    host,
    device: fc.constantFrom("/dev/sdb1", "/dev/sdc1"),
    label: fc.constantFrom("a", null),
    mounts: fc.constantFrom([], ["/a"], ["/b"], ["/a", "/b"]),
    place: fc.constantFrom({}, { inUse: true }, { inUse: false })
      .map((circumstances) => ({ circumstances, drives: [] })),
    from: moment,
    until: fc.option(moment, { freq: 5 }),
  });
}

/** What an empty history holds after these imports; it is empty again afterwards. */
function mergedAlone(
  history: History,
  imports: readonly (readonly SightingRecord[])[],
): string[] {
  for (const records of imports) history.merge(records);
  const all = everything(history);
  const hosts = history.restore().hosts.map(({ host }) => asText(host));
  for (const disk of ["x", "y"]) history.forgetDisk(disk);
  for (const host of ["id of one", "id of two"]) history.forgetHost(host);
  return [...all, ...hosts.sort()];
}

function everything(history: History): string[] {
  return history.page(0, 1_000).records.map(asText).sort();
}

function asText(value: unknown): string {
  return JSON.stringify(value);
}
