import assert from "node:assert/strict";
import type { History } from "../../../../src/store/history/history.ts";
import { MAX_ROWS_A_TRIM } from "../../../../src/store/history/trim.ts";
import { ALPHA, at, BETA, madeUpDisk, madeUpSighting } from "./made_up.ts";
import { NOW, TemporaryHistory } from "./temporary_history.ts";

const DAY_MS = 86_400_000;

Deno.test("trim() drops what ended too long ago, with its disk and its host", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open({ keepDays: 10 });
  const host = { ...BETA, state: "gone", heardAt: NOW - 20 * DAY_MS } as const;
  history.merge([
    sighting("old", -11 * DAY_MS, { host }),
    sighting("young", -10 * DAY_MS),
  ]);
  assert.equal(trimAll(history), 1);
  assert.deepEqual(labels(history), ["young"]);
  assert.deepEqual(history.disks("old").found, []);
  assert.deepEqual(hostNames(history), ["alpha"]);
});

Deno.test("trim() keeps a host that is up, and a disk for as long as it is there", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open({ keepDays: 10 });
  const from = NOW - 900 * DAY_MS;
  history.began(ALPHA, madeUpDisk("stays"), at("stays", { from }));
  history.host({ ...BETA, heardAt: from });
  history.began(BETA, madeUpDisk("left"), at("left", { from }));
  history.ended(BETA.hostId, "/dev/sdb1", from + 1);
  trimAll(history);
  assert.deepEqual(labels(history), ["stays"]);
  assert.deepEqual(hostNames(history), ["alpha", "beta"]);
});

Deno.test("trim() drops a host that was heard too long ago, with what it had", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open({ keepDays: 10 });
  const silent = { state: "stale", heardAt: NOW - 11 * DAY_MS } as const;
  history.began(ALPHA, madeUpDisk("lost"), at("lost", { from: 1 }));
  history.host({ ...ALPHA, ...silent });
  history.host({ ...BETA, ...silent });
  trimAll(history);
  assert.deepEqual(labels(history), []);
  assert.deepEqual(hostNames(history), []);
});

Deno.test("trim() believes a clock that is far ahead little by little", async () => {
  using temporary = new TemporaryHistory();
  let history = await temporary.open({ keepDays: 10 });
  history.merge([sighting("old", -DAY_MS)]);
  history.alive(NOW);
  const hour = DAY_MS / 24;
  const ahead = NOW + 3_000 * DAY_MS;
  let hours = 0;
  for (; labels(history).length > 0; hours++) {
    trimAll(history, ahead + hours * hour);
    history.close();
    history = await temporary.open({ keepDays: 10 });
    history.alive(ahead + hours * hour);
  }
  // From 1 to 10 days, in steps of half a day.
  assert.equal(hours, 19);
  history.merge([sighting("back", -DAY_MS)]);
  trimAll(history);
  assert.deepEqual(labels(history), ["back"]);
});

Deno.test("trim() goes in small steps", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open({ keepDays: 10 });
  const count = 2 * MAX_ROWS_A_TRIM + 1;
  history.merge(
    Array.from(
      { length: count },
      (_, i) => sighting("old", -11 * DAY_MS - i * 10_000),
    ),
  );
  assert.equal(history.trim(NOW), true);
  assert.equal(labels(history).length, MAX_ROWS_A_TRIM + 1);
  assert.equal(history.trim(NOW), true);
  assert.equal(history.trim(NOW), true);
  assert.deepEqual(labels(history), []);
});

Deno.test("trim() makes a file that is too large smaller: the oldest go, and the file shrinks", async () => {
  using temporary = new TemporaryHistory();
  const first = await temporary.open();
  const label = "x".repeat(200);
  for (let i = 0; i < 10; i++) {
    first.merge(
      Array.from(
        { length: 1_000 },
        (_, j) => sighting(label, -(i * 1_000 + j) * 10_000),
      ),
    );
  }
  first.close();
  const before = Deno.statSync(temporary.path).size;
  const history = await temporary.open({ maxMegabytes: 1 });
  trimAll(history);
  const kept = history.sightings({ limit: 10_000 });
  assert.equal(kept[0]?.until, NOW);
  assert.equal(kept.at(-1)?.until, NOW - (kept.length - 1) * 10_000);
  history.close();
  const after = Deno.statSync(temporary.path).size;
  assert.ok(before > 3_000_000, `${before}`);
  assert.ok(after > 800_000 && after <= 1_000_000, `${after}`);
});

Deno.test("trim() comes to an end where nothing is left to drop", async () => {
  using temporary = new TemporaryHistory();
  const history = await temporary.open({ maxMegabytes: 0 });
  history.began(ALPHA, madeUpDisk("up"), at("up"));
  history.began(BETA, madeUpDisk("stale"), at("stale"));
  history.host({ ...BETA, state: "stale" });
  trimAll(history);
  assert.deepEqual(labels(history), []);
  assert.deepEqual(hostNames(history), []);
});

function sighting(
  label: string,
  until: number,
  {
    host = { ...ALPHA, state: "stale" } as Pick<
      typeof ALPHA,
      "hostId" | "name" | "state" | "heardAt"
    >,
  } = {},
) {
  return madeUpSighting({
    disk: madeUpDisk(label),
    host,
    label,
    from: NOW + until - 1_000,
    until: NOW + until,
  });
}

/** Returns how many steps had more to do. */
function trimAll(history: History, now = NOW): number {
  while (history.flush());
  let steps = 0;
  while (history.trim(now)) steps++;
  return steps;
}

function labels(history: History): (string | null)[] {
  return history.sightings({ limit: 1_000 }).map(({ label }) => label);
}

function hostNames(history: History): string[] {
  return history.restore().hosts.map(({ host }) => host.name).sort();
}
