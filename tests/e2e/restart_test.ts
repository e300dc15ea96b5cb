import assert from "node:assert/strict";
import type { HostRow } from "../../src/control/views.ts";
import {
  Daemon,
  DEFAULT_SOCKET,
  IDENTITY_FILE,
  SHORT_INTERVALS,
} from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, inSteps, lanTest } from "../support/lan.ts";

/** What the daemon promises; it takes about a hundredth of that. */
const STOP_WITHIN_MS = 1_000;

/** `--announce-interval` of alpha, and so what it claims as `every`. */
const EVERY_MS = 1_000;

interface Site {
  readonly alpha: Host;
  readonly observer: Daemon;
  /** Starts the daemon on alpha. */
  readonly start: () => Promise<Daemon>;
}

lanTest({
  name: "diskd ends and starts again as the same host",
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  await alpha.attach(await alpha.disk({ type: "swap", label: "first" }));
  await using observer = await Daemon.start(beta, {
    args: SHORT_INTERVALS,
  });
  const start = () => Daemon.start(alpha, { args: SHORT_INTERVALS });
  const site: Site = { alpha, observer, start };

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    await t.step(
      `${signal} ends it at once, with a goodbye`,
      () => goodbye(site, signal),
    );
  }
  await inSteps(t, site, {
    "kill -9 leaves a host that goes stale, and a restart just works":
      killedAndRestarted,
    "a second one on the same socket gives way": secondGivesWay,
    "it is believed after its clock went back": clockWentBack,
  });
});

async function goodbye(
  site: Site,
  signal: "SIGTERM" | "SIGINT",
): Promise<void> {
  await using daemon = await site.start();
  await seesAlpha(site, "up");
  const startedAt = performance.now();
  const { code } = await daemon.stop(signal);
  const tookMs = performance.now() - startedAt;
  assert.equal(code, 0, daemon.process.log);
  assert.ok(tookMs < STOP_WITHIN_MS, `it took ${tookMs} ms`);
  assert.throws(
    () => Deno.lstatSync(site.alpha.path(DEFAULT_SOCKET)),
    Deno.errors.NotFound,
  );
  // Without the goodbye it would be stale, never gone.
  await seesAlpha(site, "gone");
  const rows = await site.observer.call("list", {});
  assert.deepEqual(rows, []);
}

async function killedAndRestarted(site: Site): Promise<void> {
  await using killed = await site.start();
  const before = await seesAlpha(site, "up");
  await killed.process.stop("SIGKILL");
  assert.ok(Deno.lstatSync(site.alpha.path(DEFAULT_SOCKET)).isSocket);
  const { heardAt } = await seesAlpha(site, "stale");
  const staleAt = await logTime(
    site.observer,
    /^(\S+) info +host-stale host=alpha$/m,
  );
  const silentMs = staleAt - Date.parse(heardAt);
  assert.ok(silentMs >= 3 * EVERY_MS - 100, `stale after ${silentMs} ms`);
  const [row] = await site.observer.call("where", { name: "first" });
  assert.equal(row?.state, "stale");

  await using again = await site.start();
  const after = await seesAlpha(site, "up");
  assert.equal(after.hostId, before.hostId);
  const [mine] = await again.json("where", "first");
  assert.equal(mine?.state, "attached");
  await again.stop();
}

async function secondGivesWay(site: Site): Promise<void> {
  await using first = await site.start();
  const bootBefore = readBoot(site);
  const second = await site.alpha.run(["diskd", "--daemon"]);
  assert.equal(second.code, 1, second.stderr);
  assert.match(
    second.stderr,
    /another diskd already answers on \/run\/diskd\/control\.sock; stop it, or give this one another --socket/,
  );
  assert.equal(second.stdout, "");
  assert.ok(first.process.running);
  assert.equal((await first.json("list")).length, 1);
  assert.equal(readBoot(site), bootBefore, "the second one changed the state");
  await seesAlpha(site, "up");
  await first.stop();
}

/** As others see it: the run before was an hour later than this one. */
async function clockWentBack(site: Site): Promise<void> {
  const { hostId } = await lifeOf(site);
  const boot = readBoot(site) + 3_600_000;
  writeBoot(site, boot);
  await lifeOf(site);
  assert.equal(readBoot(site), boot + 1);

  await site.alpha.attach(
    await site.alpha.disk({ type: "swap", label: "second" }),
  );
  const last = await lifeOf(site);
  assert.equal(readBoot(site), boot + 2);
  assert.equal(last.hostId, hostId);
  assert.equal(last.disks, 2, "what the last life said was not believed");
}

/** Starts the daemon, has it heard, and stops it. */
async function lifeOf(site: Site): Promise<HostRow> {
  await using daemon = await site.start();
  const seen = await seesAlpha(site, "up");
  await daemon.stop();
  await seesAlpha(site, "gone");
  return seen;
}

/** Waits until beta has alpha in that state. */
function seesAlpha(
  { observer }: Site,
  state: HostRow["state"],
): Promise<HostRow> {
  return eventually(async () => {
    const rows = await observer.call("hosts", {});
    const [alpha, ...others] = rows.filter(({ host }) => host === "alpha");
    assert.deepEqual(others, []);
    assert.equal(alpha?.state, state);
    return alpha!;
  });
}

function readBoot({ alpha }: Site): number {
  const { boot } = JSON.parse(Deno.readTextFileSync(alpha.path(IDENTITY_FILE)));
  assert.ok(Number.isSafeInteger(boot));
  return boot;
}

function writeBoot({ alpha }: Site, boot: number): void {
  const path = alpha.path(IDENTITY_FILE);
  const kept = JSON.parse(Deno.readTextFileSync(path));
  Deno.writeTextFileSync(path, JSON.stringify({ ...kept, boot }));
}

/** When the daemon logged the line. */
async function logTime({ process }: Daemon, line: RegExp): Promise<number> {
  const [, time = ""] = await process.waitForLog(line);
  return Date.parse(time);
}
