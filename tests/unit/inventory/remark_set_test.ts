import fc from "fast-check";
import assert from "node:assert/strict";
import type { Remark } from "../../../src/inventory/remark.ts";
import { fairShare, RemarkSet } from "../../../src/inventory/remark_set.ts";
import { madeUpRemark } from "../../support/made_up_remarks.ts";

const ROOM = 6;

/** Few values, so that most remarks meet others in a set. */
const REMARK = fc.record({
  by: fc.constantFrom("id-a", "id-b", "id-c"),
  subject: fc.constantFrom("uuid 1", "uuid 2", "uuid 3", "serial 4"),
  field: fc.constantFrom("note", "name", "tag:old"),
  value: fc.constantFrom("", "x", null),
  at: fc.integer({ min: 0, max: 5 }),
}).map(({ by, ...said }) => madeUpRemark(by, said));

const REMARKS = fc.array(REMARK, { maxLength: 30 });

Deno.test("a set is the same in whichever order the remarks came, and how often", () => {
  fc.assert(fc.property(
    REMARKS.chain((all) =>
      fc.tuple(
        fc.constant(all),
        fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length }),
      )
    ),
    ([some, shuffled]) => {
      const [one, other] = [setOf(some), setOf(shuffled)];
      assert.deepEqual(textOf(one.all()), textOf(other.all()));
      assert.equal(one.digest, other.digest);
      assert.deepEqual(one.table, other.table);
    },
  ));
});

Deno.test("what was dropped on the way changes nothing of what is left in the end", () => {
  fc.assert(fc.property(REMARKS, REMARKS, REMARKS, (a, b, c) => {
    const ab = setOf([...setOf(a).all(), ...setOf(b).all()]);
    const bc = setOf([...setOf(b).all(), ...setOf(c).all()]);
    const left = textOf(setOf([...ab.all(), ...setOf(c).all()]).all());
    const right = textOf(setOf([...setOf(a).all(), ...bc.all()]).all());
    assert.deepEqual(left, right);
    assert.deepEqual(left, textOf(setOf([...a, ...b, ...c]).all()));
    assert.deepEqual(
      left,
      textOf(setOf(setOf([...a, ...b, ...c]).all()).all()),
    );
  }));
});

Deno.test("every host keeps its latest remarks, as many as there is room for all alike", () => {
  fc.assert(fc.property(REMARKS, (all) => {
    const whole = new RemarkSet(Infinity);
    for (const remark of all) whole.take(remark);
    const kept = setOf(all);
    assert.equal(kept.count, Math.min(whole.count, ROOM));
    const counts = whole.authors().map(({ by, count }) => ({
      count,
      kept: kept.of(by).length,
    }));
    for (const { by } of whole.authors()) {
      const own = whole.of(by);
      assert.deepEqual(
        textOf(kept.of(by)),
        textOf(own.slice(own.length - kept.of(by).length)),
      );
    }
    // Who lost anything has no less than any other, but for one.
    const most = Math.max(0, ...counts.map(({ kept }) => kept));
    for (const { count, kept } of counts) {
      assert.ok(kept === count || kept >= most - 1);
    }
  }));
});

Deno.test("isNews() says what take() does", () => {
  fc.assert(fc.property(REMARKS, REMARK, (all, remark) => {
    const set = setOf(all);
    const before = textOf(set.all());
    const isNews = set.isNews(remark);
    assert.equal(set.take(remark), isNews);
    assert.equal(set.holds(remark), isNews || before.includes(nameOf(remark)));
    assert.equal(textOf(set.all()).join() !== before.join(), isNews);
  }));
});

Deno.test("two sets differ in a bucket exactly if they have other remarks in it", () => {
  fc.assert(fc.property(REMARKS, REMARKS, (a, b) => {
    const [one, other] = [setOf(a), setOf(b)];
    const differing = one.differing(other.table);
    assert.deepEqual(differing, other.differing(one.table));
    const same = textOf(one.all()).join() === textOf(other.all()).join();
    assert.equal(differing.size === 0, same);
    assert.equal(one.digest === other.digest, same);
    for (const remark of one.inBuckets(differing)) other.take(remark);
    for (const remark of other.inBuckets(differing)) one.take(remark);
    assert.deepEqual(textOf(one.all()), textOf(other.all()));
  }));
});

Deno.test("a host with 10,000 remarks pushes out nothing of another host", () => {
  const set = new RemarkSet();
  const honest = Array.from(
    { length: 4_096 },
    (_, i) => madeUpRemark("id-honest", { subject: `uuid ${i}`, at: i }),
  );
  for (const remark of honest) set.take(remark);
  for (let i = 0; i < 20_000; i++) {
    set.take(madeUpRemark("id-liar", {
      subject: `uuid ${i}`,
      field: "name",
      at: Number.MAX_SAFE_INTEGER - i,
    }));
  }
  assert.ok(honest.every((remark) => set.holds(remark)));
  assert.equal(set.count, 16_384);
  assert.ok(set.dropped > 0 || !set.isNews(madeUpRemark("id-liar")));
});

Deno.test("a thousand hosts leave each other the same, and push out no host with little", () => {
  const set = new RemarkSet();
  const honest = Array.from(
    { length: 16 },
    (_, i) => madeUpRemark("id-honest", { subject: `uuid ${i}`, at: i }),
  );
  for (const remark of honest) set.take(remark);
  for (let i = 0; i < 20_000; i++) {
    set.take(madeUpRemark(`id-liar-${i % 1_000}`, { subject: `uuid ${i}` }));
  }
  assert.ok(honest.every((remark) => set.holds(remark)));
  const counts = set.authors().filter(({ by }) => by !== "id-honest")
    .map(({ count }) => count);
  assert.ok(Math.max(...counts) - Math.min(...counts) <= 1);
});

Deno.test("fairShare() keeps of each host the latest", () => {
  const tags = (by: string, count: number) =>
    Array.from(
      { length: count },
      (_, i) => madeUpRemark(by, { field: `tag:${by}${i}`, value: "", at: i }),
    );
  const kept = fairShare([...tags("id-liar", 40), ...tags("id-a", 3)], 16);
  assert.equal(kept.length, 16);
  assert.deepEqual(
    kept.filter(({ by }) => by === "id-a").map(({ at }) => at),
    [0, 1, 2],
  );
  assert.equal(kept.find(({ by }) => by === "id-liar")?.at, 27);
});

function setOf(remarks: Iterable<Remark>): RemarkSet {
  const set = new RemarkSet(ROOM);
  for (const remark of remarks) set.take(remark);
  return set;
}

function textOf(remarks: Iterable<Remark>): string[] {
  return Array.from(remarks, nameOf).sort();
}

function nameOf({ subject, field, value, at, by }: Remark): string {
  return `${subject} ${field} ${value} ${at} ${by}`;
}
