import assert from "node:assert/strict";
import { Daemon, Watcher } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { type Host, lanTest, type LoopDisk } from "../support/lan.ts";
import { PYTHON } from "../support/needs.ts";
import { attachNew, knowsDisksOf } from "../support/plug.ts";
import type { Process } from "../support/process.ts";

const STATE = "/var/lib/diskd";
const IN_1970 = 20_000;
const IN_2099 = Date.UTC(2099, 0);
const HOUR_MS = 3_600_000;
/** For what the daemon tries each minute. */
const HEALED_MS = 150_000;

lanTest({
  name: "a wrong clock, a locked history and a full disk leave a right history",
  hosts: ["alpha", "beta", "gamma"],
  programs: ["faketime"],
}, async ({ alpha, beta, gamma }, t) => {
  await attachNew(beta, { type: "swap", label: "music" });
  await using lock = await lockHistory(beta);
  await fillUp(gamma);
  await using locked = await Daemon.start(beta);
  await using full = await Daemon.start(gamma);
  await t.step("a history that cannot be opened is a problem", async () => {
    await hasProblem(locked, /history\.db is in use by another process/);
    await hasProblem(full, /^No space is left for .*history\.db/);
  });

  const site = new ClockSite(alpha);
  const backup = await attachNew(alpha, { type: "ext4", label: "backup" });
  await attachNew(alpha, { type: "swap", label: "stays" });
  site.clock.set(IN_1970);
  await t.step("set right in 1970", () =>
    site.run(async (daemon) => {
      await using watcher = await Watcher.start(daemon);
      await knowsDisksOf(daemon, ["alpha", "alpha", "beta"]);
      await unplug(daemon, backup);
      await site.check(daemon);
      site.clock.set(Date.now());
      await site.check(daemon);
      await plug(daemon, backup);
      await eventually(() => {
        assert.equal(watcher.events.at(-1)?.event, "attached");
      });
      site.checkTimes(watcher.events.slice(-1));
      await site.check(daemon);
    }));
  await t.step("to 2099 and back", () =>
    site.run(async (daemon) => {
      await knowsDisksOf(daemon, ["alpha", "alpha", "beta"]);
      site.clock.set(IN_2099);
      await site.check(daemon);
      await unplug(daemon, backup);
      await site.check(daemon);
      site.clock.set(Date.now());
      await site.check(daemon);
    }));
  site.clock.set(IN_1970);
  await t.step(
    "started again in 1970, and set right",
    () =>
      site.run(async (daemon) => {
        await site.check(daemon);
        site.clock.set(Date.now());
        await site.check(daemon);
      }),
  );
  site.clock.set(Date.now() + 2 * HOUR_MS);
  await t.step(
    "started again two hours ahead, and set back",
    () =>
      site.run(async (daemon) => {
        await plug(daemon, backup);
        await unplug(daemon, backup);
        site.clock.set(Date.now());
        await site.check(daemon);
      }),
  );
  site.clock.set(IN_2099);
  await t.step("a run in 2099, and then a right one", async () => {
    await site.run((daemon) => site.check(daemon));
    site.clock.set(Date.now());
    await site.run(async (daemon) => {
      await site.check(daemon);
      const rows = await daemon.json("history", "backup");
      assert.equal(rows.length, 3, JSON.stringify(rows));
      // A run after one in 2099 is not taken for an older one.
      await knowsDisksOf(locked, ["alpha", "beta"]);
    });
  });

  await t.step("a history that can be opened again is kept", async () => {
    await lock.stop("SIGKILL");
    Deno.removeSync(gamma.path(`${STATE}/ballast`));
    for (const daemon of [locked, full]) {
      await daemon.process.waitForLog(/history is kept again/, HEALED_MS);
      const { history } = await daemon.call("status", {});
      assert.deepEqual([history.on, history.problem], [true, null]);
      const rows = await daemon.json("history", "music");
      assert.deepEqual(
        rows.map(({ host, until }) => [host, until]),
        [["beta", null]],
      );
      const [place] = await daemon.call("where", { name: "music" });
      assert.equal(rows[0]!.from, place!.since);
      assert.doesNotMatch(daemon.process.log, / detached .*label=music/);
    }
  });
});

async function plug(daemon: Daemon, disk: LoopDisk): Promise<void> {
  await daemon.host.attach(disk);
  await daemon.call("refresh", {});
}

async function unplug(daemon: Daemon, disk: LoopDisk): Promise<void> {
  await daemon.host.detach(disk);
  await daemon.call("refresh", {});
}

/** A host with a clock that is set, and what its daemon shows of times. */
class ClockSite {
  readonly clock: FakeClock;
  readonly #host: Host;
  readonly #startedAt = performance.now();

  constructor(host: Host) {
    this.#host = host;
    this.clock = new FakeClock(host);
  }

  /** Runs a daemon from its start to its stop. */
  async run(act: (daemon: Daemon) => Promise<void>): Promise<void> {
    const { env } = this.clock;
    const spawn = (argv: readonly string[]) => this.#host.spawn(argv, { env });
    await using daemon = await Daemon.start(this.#host, { spawn });
    await act(daemon);
    await daemon.stop();
  }

  /** All times that people, scripts and exports see lie in the time of this test. */
  async check(daemon: Daemon): Promise<void> {
    // Nothing is 0 s old any more.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await eventually(async () => {
      for (const words of ["list --all", "where backup", "hosts", "history"]) {
        this.checkTimes(JSON.parse(await this.#run(`${words} --json`)));
        assert.doesNotMatch(
          await this.#run(words),
          /\b\d+ ?(days|y|years)\b/,
        );
      }
      const { sightings } = JSON.parse(await this.#run("export"));
      this.checkTimes(sightings);
      for (const { from, until, seenAt } of sightings) {
        assert.ok(from <= (until ?? seenAt) && from <= seenAt);
      }
      const where = await this.#run("where backup");
      assert.doesNotMatch(where.split("\n", 1)[0]!, /\b0 s/);
      assert.equal((await daemon.call("status", {})).history.problem, null);
    }, { timeoutMs: 30_000 });
  }

  checkTimes(document: unknown): void {
    const testMs = performance.now() - this.#startedAt;
    const text = JSON.stringify(document);
    const times = text.match(/"[-+]?\d{4,6}-\d\d-\d\dT[^"]*"/g) ?? [];
    assert.ok(times.length > 0, text);
    for (const time of times) {
      const ageMs = this.clock.now() - Date.parse(JSON.parse(time));
      assert.ok(-1_500 < ageMs && ageMs < testMs + 60_000, `${time}: ${text}`);
    }
  }

  async #run(words: string): Promise<string> {
    const { env } = this.clock;
    const argv = ["diskd", ...words.split(" ")];
    const { stdout, stderr } = await this.#host.run(argv, { env });
    return stdout + stderr;
  }
}

async function lockHistory(host: Host): Promise<Process> {
  Deno.mkdirSync(host.path(STATE), { recursive: true });
  const process = host.spawn([
    PYTHON,
    "-c",
    `import sqlite3, time
database = sqlite3.connect("${STATE}/history.db")
database.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(600)`,
  ]);
  await process.waitForLog(/locked/);
  return process;
}

async function fillUp(host: Host): Promise<void> {
  Deno.mkdirSync(host.path(STATE), { recursive: true });
  const { code } = await host.run([
    "sh",
    "-c",
    `mount -t tmpfs -o size=2m none ${STATE} &&
    { head -c 4m /dev/zero > ${STATE}/ballast || true; }`,
  ]);
  assert.equal(code, 0);
}

async function hasProblem(daemon: Daemon, expected: RegExp): Promise<void> {
  const { history, problems } = await daemon.call("status", {});
  assert.equal(history.on, false);
  assert.match(history.problem ?? "", expected);
  assert.ok(problems.includes(history.problem!));
  const { code, stderr } = await daemon.run(["history", "music"]);
  assert.equal(code, 1);
  assert.match(stderr, /history\.db/);
}
