import assert from "node:assert/strict";
import {
  Backoff,
  HOLD_BACK_MS,
  HOLD_BACK_PER_SECOND,
  LanLoad,
  START_WAIT_MS,
} from "../../../src/peer/timing.ts";

const never = () => Infinity;

Deno.test("Turn comes at once on a quiet LAN", () => {
  const turn = new Backoff(new LanLoad(), () => 0.5);
  assert.ok(turn.take(0, { isNews: false, latest: never }));
  assert.ok(turn.take(0, { isNews: false, latest: never }));
});

Deno.test("Turn waits a random while after the start", () => {
  const turn = new Backoff(new LanLoad(), () => 0.5);
  turn.start(1_000);
  assert.equal(turn.retryAt, 1_000 + START_WAIT_MS / 2);
  assert.equal(turn.take(1_100, { isNews: true, latest: never }), false);
  assert.equal(turn.take(turn.retryAt, { isNews: true, latest: never }), true);
});

Deno.test("Turn waits on a busy LAN, twice as long each time up to a maximum", () => {
  for (
    const [isNews, max] of [
      [true, HOLD_BACK_MS.news],
      [false, HOLD_BACK_MS.other],
    ] as const
  ) {
    const waits = waitsOn(busyAir(), { isNews, random: () => 1 });
    assert.deepEqual(waits.slice(0, 3), [100, 200, 400]);
    assert.equal(waits.at(-1), max);
  }
});

Deno.test("Turn waits at least half of what it may", () => {
  const waits = waitsOn(busyAir(), { isNews: false, random: () => 0 });
  assert.deepEqual(waits.slice(0, 3), [50, 100, 200]);
});

Deno.test("Turn begins anew with short waits once it came", () => {
  const air = busyAir();
  const turn = new Backoff(air, () => 1);
  const asked = { isNews: false, latest: never };
  for (let now = 0; now < 10_000; now = turn.retryAt) {
    assert.equal(turn.take(now, asked), false);
  }
  assert.equal(turn.take(1e9, asked), true);
  for (let i = 0; i < HOLD_BACK_PER_SECOND; i++) air.note(1e9);
  assert.equal(turn.take(1e9, asked), false);
  assert.equal(turn.retryAt - 1e9, HOLD_BACK_MS.first);
});

Deno.test("Turn comes when it may not be put off any longer, counted from when it was first wanted", () => {
  const turn = new Backoff(busyAir(), () => 1);
  const asked = { isNews: true, latest: (since: number) => since + 700 };
  let now = 5;
  while (!turn.take(now, asked)) now = turn.retryAt;
  assert.equal(now, 5 + 700);
});

/** So full that it stays so. */
function busyAir(): LanLoad {
  const air = new LanLoad();
  for (let i = 0; i < HOLD_BACK_PER_SECOND; i++) air.note(1e6);
  return air;
}

function waitsOn(
  air: LanLoad,
  { isNews, random }: { isNews: boolean; random: () => number },
): number[] {
  const turn = new Backoff(air, random);
  let now = 0;
  return Array.from({ length: 12 }, () => {
    turn.take(now, { isNews, latest: never });
    const waitMs = turn.retryAt - now;
    now = turn.retryAt;
    return waitMs;
  });
}
