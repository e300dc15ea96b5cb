import assert from "node:assert/strict";
import { checkOutcome } from "../support/check_outcome.ts";
import { Daemon, DEFAULT_SOCKET } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { asRoot } from "../support/host.ts";
import { inSteps, lanTest, type LoopDisk } from "../support/lan.ts";
import { VERSION } from "../../src/version.ts";
import { attachNew, knowsDisksOf, pullAndPlug } from "../support/plug.ts";

const FILE = "/etc/diskd/config.yaml";

/** More announcements than a change alone brings: it is said four times. */
const MANY = 20;

interface Site {
  /** Reads its configuration again. */
  readonly alpha: Daemon;
  readonly observer: Daemon;
  /** On alpha. */
  readonly disk: LoopDisk;
}

lanTest({
  name: "diskd reads its configuration again at SIGHUP",
  hosts: ["alpha", "beta"],
}, async ({ alpha: host, beta }, t) => {
  const disk = await attachNew(host, { type: "ext4", label: "near" });
  await Deno.mkdir(host.path("/etc/diskd"));
  await Deno.writeTextFile(host.path(FILE), "hostName: one\n");
  await using alpha = await Daemon.start(host, { args: ["--ttl", "1"] });
  await using observer = await Daemon.start(beta);
  await knowsDisksOf(observer, ["one"]);
  const site: Site = { alpha, observer, disk };
  await inSteps(t, site, {
    "hostName": takesName,
    "announceInterval": takesInterval,
    "logFormat": takesLogFormat,
    "logLevel, and back": takesLogLevel,
    "a wrong file changes nothing": keepsWhatItHad,
    "what needs a restart is named": namesRestart,
    "without hostName, the machine's name, whenever it changes":
      followsMachineName,
  });
});

async function takesName(site: Site): Promise<void> {
  const before = await hostSeen(site);
  await reload(site, "hostName: two\n");
  await eventually(async () => {
    const after = await hostSeen(site);
    assert.deepEqual(
      [after.host, after.hostId, after.state],
      ["two", before.hostId, "up"],
    );
  });
}

async function takesInterval(site: Site): Promise<void> {
  const { sent } = (await site.alpha.call("status", {})).datagrams;
  await reload(site, "hostName: two\nannounceInterval: 100ms\n");
  await eventually(async () => {
    const { datagrams } = await site.alpha.call("status", {});
    assert.ok(datagrams.sent > sent + MANY);
  });
}

async function takesLogFormat(site: Site): Promise<void> {
  const log = await reload(site, "hostName: two\nlogFormat: json\n");
  const { level, message, time } = JSON.parse(log);
  assert.equal(level, "info");
  assert.equal(message, "configuration read again");
  assert.ok(!Number.isNaN(Date.parse(time)));
}

async function takesLogLevel(site: Site): Promise<void> {
  const { alpha, disk } = site;
  const logged = alpha.process.log.length;
  await configure(site, "hostName: three\nlogLevel: error\n");
  // The log is silent about it, so it shows elsewhere.
  await eventually(async () => {
    assert.equal((await alpha.call("localhost", {})).host, "three");
  });
  await pullAndPlug(alpha, disk);
  await reload(site, "hostName: three\nlogLevel: info\n");
  await pullAndPlug(alpha, disk);
  await alpha.process.waitForLog(/ attached .*host=three .*\n$/);
  const events = alpha.process.log.slice(logged).match(/ attached /g);
  assert.equal(events?.length, 1, "the first time was logged as well");
}

async function keepsWhatItHad(site: Site): Promise<void> {
  const { alpha } = site;
  const text = "hostName: four\nport: 0\nttl: 0\n";
  await Deno.writeTextFile(alpha.host.path(FILE), text);
  checkOutcome(await alpha.run(["reload"]), {
    code: 2,
    stdout: /^Nothing changed\n$/,
    stderr: /config\.yaml line 2: port is 0, expected .* line 3: ttl is 0, /,
  }, "reload of a wrong file");
  const { config } = await alpha.json("status");
  assert.match(config.problem!, /2 problems: .*port is 0/);
  await alpha.process.waitForLog(
    /^\S+ error .* 2 problems: .*config\.yaml line 2: port is 0, expected .*; .* line 3: ttl is 0, .*; keeping the previous configuration\n$/m,
  );
  assert.equal((await alpha.call("localhost", {})).host, "three");
  assert.equal((await hostSeen(site)).host, "three");
}

async function namesRestart(site: Site): Promise<void> {
  const { alpha } = site;
  const socket = "/run/diskd/other.sock";
  const text = `hostName: five\nsocket: ${socket}\nttl: 7\n`;
  await Deno.writeTextFile(alpha.host.path(FILE), text);
  const found = {
    file: FILE,
    changed: ["hostName"],
    restart: ["socket"],
    problem: null,
  };
  assert.deepEqual((await alpha.json("status")).config, found);
  checkOutcome(await alpha.run(["status"]), {
    stdout:
      /\nconfig +\/etc\/diskd\/config.yaml; diskd reload applies hostName; a restart applies socket\n/,
  }, "status");
  assert.deepEqual(await alpha.json("reload"), found);
  checkOutcome(await alpha.run(["reload"]), {
    stdout:
      /^Read \/etc\/diskd\/config\.yaml: no change; restart diskd for socket\n$/,
  }, "reload");
  // The flag for the ttl holds.
  assert.match(
    alpha.process.log,
    /^\S+ warn .*takes effect only at the next start keys=socket\n/m,
  );
  assert.equal((await alpha.call("localhost", {})).host, "five");
  assert.ok(Deno.lstatSync(alpha.host.path(DEFAULT_SOCKET)).isSocket);
  assert.throws(
    () => Deno.lstatSync(alpha.host.path(socket)),
    Deno.errors.NotFound,
  );
}

/** The interval of announcements is long, and nothing else happens. */
async function followsMachineName(site: Site): Promise<void> {
  const { alpha } = site;
  await reload(site, "announceInterval: 1h\n");
  assert.equal((await alpha.call("localhost", {})).host, "alpha");
  const { hostId } = await hostSeen(site);
  await asRoot(alpha.host, "echo renamed > /proc/sys/kernel/hostname");
  await eventually(async () => {
    const { host, hostId: id, state } = await hostSeen(site);
    assert.deepEqual([host, id, state], ["renamed", hostId, "up"]);
  }, { timeoutMs: 30_000 });
  const { stdout } = await site.observer.run(["list", "--host", "renamed"]);
  assert.match(stdout, /near/);
  assert.equal(
    await greetingOf(alpha),
    `diskd ${VERSION} on renamed; type help\n`,
  );
  assert.match(alpha.process.log, / info .*another name host=renamed\n/);
}

async function greetingOf({ host, socket }: Daemon): Promise<string> {
  using conn = await Deno.connect({
    transport: "unix",
    path: host.path(socket),
  });
  const buffer = new Uint8Array(1_000);
  const read = await conn.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, read ?? 0));
}

/** Gives the line of the log that says that it was done. */
async function reload(site: Site, text: string): Promise<string> {
  const { process } = site.alpha;
  const logged = process.log.length;
  await configure(site, text);
  return await eventually(() => {
    const line = /.*configuration read again.*\n/.exec(
      process.log.slice(logged),
    );
    assert.ok(line, process.log);
    return line[0];
  });
}

async function configure({ alpha }: Site, text: string): Promise<void> {
  await Deno.writeTextFile(alpha.host.path(FILE), text);
  await alpha.process.kill("SIGHUP");
}

async function hostSeen({ observer }: Site) {
  const hosts = await observer.call("hosts", {});
  const [other, ...more] = hosts.filter(({ host }) => host !== "beta");
  assert.ok(other);
  assert.deepEqual(more, []);
  return other;
}
