import assert from "node:assert/strict";
import {
  startWatchdog,
  watchdogIntervalMs,
} from "../../../src/daemon/systemd.ts";
import { until } from "../../support/eventually.ts";

const PID = 42;

Deno.test("watchdogIntervalMs() is a third of what systemd waits", () => {
  assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: "30000000" }, PID), 10_000);
  assert.equal(
    watchdogIntervalMs({ WATCHDOG_USEC: "3000", WATCHDOG_PID: "42" }, PID),
    1,
  );
  assert.equal(
    watchdogIntervalMs({ WATCHDOG_USEC: "1", WATCHDOG_PID: "" }, PID),
    1,
  );
});

const NONE: readonly Record<string, string>[] = [
  {},
  { WATCHDOG_USEC: "" },
  { WATCHDOG_USEC: "0" },
  { WATCHDOG_USEC: "-1" },
  { WATCHDOG_USEC: "30s" },
  { WATCHDOG_USEC: "1".repeat(17) },
  { WATCHDOG_USEC: "30000000", WATCHDOG_PID: "43" },
  { WATCHDOG_PID: "42" },
];

for (const env of NONE) {
  Deno.test(`watchdogIntervalMs() is null for ${JSON.stringify(env)}`, () => {
    assert.equal(watchdogIntervalMs(env, PID), null);
  });
}

Deno.test("startWatchdog() beats while the loop turns, and not while it hangs", async () => {
  let beats = 0;
  const beat = () => {
    beats++;
    return Promise.resolve();
  };
  const stop = startWatchdog(20, beat);
  try {
    await until(() => beats >= 3);
    const before = beats;
    hang(300);
    assert.equal(beats, before);
    await until(() => beats > before);
  } finally {
    stop();
  }
  const last = beats;
  await pause(100);
  assert.equal(beats, last);
});

Deno.test("startWatchdog() does nothing where nobody asks", async () => {
  const stop = startWatchdog(null, () => assert.fail("it beats"));
  await pause(20);
  stop();
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** As a mistake of ours would: nothing else runs meanwhile. */
function hang(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
