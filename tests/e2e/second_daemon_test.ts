import assert from "node:assert/strict";
import { checkOutcome } from "../support/check_outcome.ts";
import { Daemon, Watcher } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { asRoot } from "../support/host.ts";
import { type Host, lanTest } from "../support/lan.ts";
import type { LoopDisk } from "../support/loop_disk.ts";
import type { Process } from "../support/process.ts";
import { seesUp } from "../support/site.ts";
import { User } from "../support/user.ts";

const SOON = ["--announce-interval", "1"];

/** What a daemon says that does not go on. */
const IS_THERE =
  /diskd already runs on this host.*sudo ss -ulnp sport = :32003/;

interface Site {
  readonly alpha: Host;
  readonly disk: LoopDisk;
  readonly user: User;
  readonly observer: Daemon;
  readonly watcher: Watcher;
}

lanTest({
  name: "diskd speaks once for a host, whoever starts it again there",
  programs: ["setpriv"],
  hosts: ["alpha", "beta", { name: "gamma", families: ["IPv6"] }],
}, async ({ alpha, beta, gamma }, t) => {
  const disk = await alpha.disk({ type: "ext4", label: "shared" });
  await alpha.attach(disk);
  // So that a user's daemon reads the same of it as root's.
  await asRoot(alpha, `chmod a+r ${disk.device}`);
  const user = await User.create(alpha, { uid: 30_036 });
  await using observer = await Daemon.start(beta, { args: SOON });
  await using watcher = await Watcher.start(observer);
  const site = { alpha, disk, user, observer, watcher };
  await t.step("root's daemon is there", () => staysFirst(site));
  await t.step("a user's daemon is there", () => givesWay(site));
  await t.step("without IPv4", () => worksWithoutIpv4(gamma));
  await t.step("another port is another LAN", () => sharesHost(site));
});

/** Others of root and of a user say so and end, and beta is told nothing. */
async function staysFirst(site: Site): Promise<void> {
  const { alpha, user, watcher } = site;
  await using first = await Daemon.start(alpha, { args: SOON });
  await isSeenOnce(site);
  watcher.events.length = 0;
  for (const own of ["second", "third"]) {
    const paths = [
      "--socket",
      `/run/${own}.sock`,
      "--state-dir",
      `/run/${own}`,
    ];
    const argv = ["diskd", "--daemon", ...SOON, ...paths];
    checkOutcome(await alpha.run(argv), { code: 1, stderr: IS_THERE }, own);
    await isSeenOnce(site);
  }
  const users = await user.run(["diskd", "--daemon", ...SOON]);
  checkOutcome(users, { code: 1, stderr: IS_THERE }, "a user's");
  assert.match(users.stderr, /for the whole system/);
  await isSeenOnce(site);

  await first.process.stop("SIGKILL");
  await using again = await Daemon.start(alpha, { args: SOON });
  await isHeard(site);
  await isSeenOnce(site);
  assert.deepEqual(watcher.events, []);
  await again.stop();
}

/** It ends once root's is there, and beta is told nothing. */
async function givesWay(site: Site): Promise<void> {
  const { alpha, user, watcher } = site;
  await using users = user.spawn(["diskd", "--daemon", ...SOON]);
  await isReady(users);
  await isSeenOnce(site);
  watcher.events.length = 0;
  await using _roots = await Daemon.start(alpha, { args: SOON });
  const { code, stderr } = await users.outcome;
  assert.equal(code, 1);
  assert.match(stderr, IS_THERE);
  await isHeard(site);
  await isSeenOnce(site);
  assert.deepEqual(
    watcher.events.map(({ event, host }) => `${host} ${event}`)
      .filter((told) => told !== "alpha newcomer"),
    ["alpha host-up", "alpha host-gone"],
  );
}

/** With another port, or another group, a daemon of the same host is alone with itself. */
async function sharesHost(site: Site): Promise<void> {
  const { alpha, user } = site;
  await using roots = await Daemon.start(alpha, { args: SOON });
  for (const other of [["--port", "32004"], ["--group", "230.1.2.4"]]) {
    await using users = user.spawn(["diskd", "--daemon", ...SOON, ...other]);
    await isReady(users);
    await isHeard(site);
    await isSeenOnce(site);
    const { stdout } = await user.run(["diskd", "hosts", "--json"]);
    const hosts: { host: string; state: string }[] = JSON.parse(stdout);
    const heard = hosts.filter(({ state }) => state === "up");
    assert.deepEqual(heard.map(({ host }) => host), ["alpha"], `${other}`);
    await seesUp(roots, ["alpha", "beta"]);
    assert.equal((await users.stop()).code, 0);
  }
}

/** Root's daemon is known as such over IPv6 too. */
async function worksWithoutIpv4(gamma: Host): Promise<void> {
  const user = await User.create(gamma, { uid: 30_037 });
  await using users = user.spawn(["diskd", "--daemon", ...SOON]);
  await isReady(users);
  await using _roots = await Daemon.start(gamma, { args: SOON });
  const { code, stderr } = await users.outcome;
  assert.equal(code, 1);
  assert.match(stderr, /for the whole system/);
  const second = ["--socket", "/run/second.sock", "--state-dir", "/run/second"];
  const outcome = await gamma.run(["diskd", "--daemon", ...second]);
  checkOutcome(outcome, { code: 1, stderr: IS_THERE }, "a second one of root");
}

async function isSeenOnce({ observer, disk }: Site): Promise<void> {
  await seesUp(observer, ["alpha", "beta"]);
  await eventually(async () => {
    const rows = await observer.call("where", { name: "shared" });
    assert.deepEqual(
      rows.map(({ host, state, device }) => ({ host, state, device })),
      [{ host: "alpha", state: "attached", device: disk.device }],
    );
  });
}

/** Waits until the daemon that runs on alpha now has announced itself to beta. */
async function isHeard(site: Site): Promise<void> {
  const since = Date.now();
  await eventually(async () => {
    const [alpha] = await hostsNamedAlpha(site);
    assert.ok(Date.parse(alpha!.heardAt) > since + 1_500);
  });
}

async function hostsNamedAlpha({ observer }: Site) {
  const hosts = await observer.call("hosts", {});
  // A user's daemon that gave way had an identity of its own.
  const named = hosts.filter(({ host, state }) =>
    host === "alpha" && state !== "gone"
  );
  assert.equal(named.length, 1, "no phantom hosts stay");
  return named;
}

async function isReady(daemon: Process): Promise<void> {
  await daemon.waitForLog(/ ready /, 30_000);
}
