import type { Environment } from "../config/default_paths.ts";

/** Of the time that systemd waits for a sign of life, so that two may be late. */
const SHARE = 1 / 3;

/**
 * How often systemd wants to hear that we live, in ms; `null`: it does not ask.
 * `WATCHDOG_USEC` says how long it waits, and `WATCHDOG_PID`, where it is set,
 * for which process. @see sd_watchdog_enabled(3)
 */
export function watchdogIntervalMs(
  env: Environment,
  pid: number,
): number | null {
  const { WATCHDOG_USEC: usec = "", WATCHDOG_PID: of } = env;
  if (of !== undefined && of !== "" && of !== String(pid)) return null;
  if (!/^[1-9]\d{0,15}$/.test(usec)) return null;
  return Math.max(1, Math.floor(Number(usec) / 1_000 * SHARE));
}

/**
 * Calls `beat` every so often from the loop that does all work of the daemon:
 * a loop that hangs gives no sign of life. Ends when the function that it
 * returns is called.
 */
export function startWatchdog(
  intervalMs: number | null,
  beat: () => Promise<void>,
): () => void {
  if (intervalMs === null) return () => {};
  const timer = setInterval(beat, Math.min(intervalMs, MAX_TIMER_MS));
  return () => clearInterval(timer);
}

/** Timers count in 32 bits. */
const MAX_TIMER_MS = 2 ** 31 - 1;
