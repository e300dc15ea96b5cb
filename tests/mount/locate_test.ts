import assert from "node:assert/strict";
import { ANYTHING } from "../support/check_outcome.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, inSteps } from "../support/lan.ts";
import { HotDisk } from "../support/hot_disk.ts";
import { asRoot } from "../support/host.ts";
import { mountTest, type Plugged, plugged } from "../support/mount_site.ts";
import { SYSTEM_PATH } from "../support/holder.ts";
import { makeNode } from "../support/loop_disk.ts";
import { type Process, runOrThrow } from "../support/process.ts";
import { AUTHORIZED_KEYS } from "../support/ssh_lan.ts";
import { Terminal } from "../support/terminal.ts";
import { User } from "../support/user.ts";

const CONFIG =
  'locate: {allow: ["backup-*", "dying"]}\nreadSocket: /run/diskd/read.sock\n';

const CTRL_C = "\x03";

const LOG = "/run/ledctl.log";
const RECORDER = `echo "$@" >>${LOG}`;

const READS = /No locate light is known: diskd reads in pulses/;
const LIT = /The locate light blinks, switched on with ledctl\./;

mountTest({
  name: "diskd locate reads the drive in pulses, here and from another host",
  programs: ["ledctl", "dd", "sfdisk", "partx", "mkfs.btrfs"],
  config: CONFIG,
}, async (site, t) => {
  await inSteps(t, await plugged(site, "backup-1"), {
    "by the disk": (there) => hasPulses(there, there.alpha),
    "from afar": (there) => hasPulses(there, there.beta),
    "what it would do": saysWhatItWouldDo,
    "not allowed": isNotAllowed,
    "a key of its own": isFenced,
    "a user": servesNoUser,
    "without a UUID": hasNoName,
    "a partition": blinksWhole,
    "two drives": blinksBoth,
    "the real ledctl": (there) => knowsNoLight(there),
    "pulled out": isPulledOut,
    "a dying drive": stopsWhenItFails,
  });
});

/** Requests of reads, and sectors written, so far. */
function counters(device: string): { reads: number; written: number } {
  const kname = device.slice("/dev/".length);
  const stat = Deno.readTextFileSync(`/sys/block/${kname}/stat`);
  const fields = stat.trim().split(/\s+/).map(Number);
  return { reads: fields[0]!, written: fields[6]! };
}

/** How long reads came, or did not, one after the other, until a process ends; in ms. */
async function rhythmOf(
  device: string,
  locating: Process,
): Promise<{ isOn: boolean; ms: number }[]> {
  const phases: { isOn: boolean; ms: number }[] = [];
  let last = { ...counters(device), at: performance.now() };
  while (locating.running) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { reads, written } = counters(device);
    const at = performance.now();
    const isOn = reads > last.reads;
    const phase = phases.at(-1);
    if (phase?.isOn === isOn) phase.ms += at - last.at;
    else phases.push({ isOn, ms: at - last.at });
    last = { reads, written, at };
  }
  return phases;
}

async function hasPulses({ disk }: Plugged, host: Host): Promise<void> {
  const before = counters(disk.device);
  await using locating = host.spawn(
    ["diskd", "locate", "backup-1", "--for", "5s"],
  );
  await locating.waitForLog(READS);
  const phases = await rhythmOf(disk.device, locating);
  const { code, stdout, stderr } = await locating.outcome;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^backup-1 is on alpha\n {2}drive +\/dev\/loop\d+, 16M/);
  assert.match(stderr, /is an image in a file, so it has no light/);
  // A busy machine makes a pause longer, never a pulse without one.
  const pulses = phases.filter(({ isOn }) => isOn);
  const pauses = phases.slice(1, -1).filter(({ isOn }) => !isOn);
  const shown = JSON.stringify(phases);
  assert.ok(pulses.length >= 2 && pauses.length >= 1, shown);
  assert.ok(pauses.some(({ ms }) => ms > 400), shown);
  const after = counters(disk.device);
  assert.ok(after.reads > before.reads);
  assert.equal(after.written, before.written);
}

async function saysWhatItWouldDo(there: Plugged): Promise<void> {
  const { site, disk: { device, uuid } } = there;
  await site.check("alpha", "locate backup-1 --dry-run", {
    stdout: new RegExp(
      `^ledctl --listed-only locate=${device}\n` +
        `dd if=${device} of=/dev/null .* iflag=direct\n` +
        `ledctl --listed-only locate_off=${device}\n$`,
    ),
  });
  await site.check("beta", "locate backup-1 --for 1.5m --dry-run", {
    stdout: new RegExp(
      `^ssh .* -- alpha diskd locate --here ${uuid} --for 90s --json\n$`,
    ),
  });
  const json = await site.check("beta", "locate backup-1 --for 1s --json", {
    ...ANYTHING,
  });
  const view = JSON.parse(json);
  assert.deepEqual([view.host, view.uuid], ["alpha", uuid]);
  assert.deepEqual(view.drives[0].device, device);
}

async function isNotAllowed(there: Plugged): Promise<void> {
  const { site } = there;
  // The swap of alpha is there, and another setting does not count.
  await site.check("beta", "locate alpha", {
    code: 6,
    stderr: new RegExp(
      "alpha does not let other hosts locate alpha: locate.allow in its " +
        "configuration does not name it\n[^]*" +
        'locate: \\{allow: \\["backup-\\*", "dying", "[-0-9a-f]+"\\]\\}\n',
    ),
  });
  // Whoever is there may.
  await site.check("alpha", "locate alpha --for 1s", ANYTHING);
  await site.check("beta", "mount backup-1", {
    code: 6,
    stderr: /mount\.allow in its configuration does not name it/,
  });
  await site.check("beta", "locate backup-1 --for 0s", {
    code: 2,
    stderr: /expected a time from 1s to 24h/,
  });
}

/** Runs with a key that is for `diskd ssh-command` alone. */
async function isFenced({ site, alpha, beta, disk }: Plugged): Promise<void> {
  const file = alpha.path(AUTHORIZED_KEYS);
  const open = await Deno.readTextFile(file);
  const fence = `restrict,command="diskd ssh-command"`;
  await Deno.writeTextFile(file, `${fence} ${site.ssh.key("beta")}\n`);
  await site.check("beta", "locate backup-1 --for 1s", ANYTHING);
  await site.check("beta", "locate alpha --for 1s", {
    code: 6,
    stderr: /locate\.allow in its configuration does not name it/,
  });
  const asked = await beta.run(
    ["ssh", "alpha", `diskd locate --here ${disk.uuid} --for 1s`],
  );
  assert.equal(asked.code, 6);
  assert.match(asked.stderr, /only these are allowed: .*diskd locate --here/);
  await Deno.writeTextFile(file, open);
}

async function servesNoUser({ alpha }: Plugged): Promise<void> {
  const user = await User.create(alpha, { uid: 1000 });
  const { code, stderr } = await user.run(["diskd", "locate", "backup-1"]);
  assert.equal(code, 6, stderr);
  assert.match(stderr, /this user may not read \/dev\/loop\d+\nRun it as root/);
}

async function hasNoName({ site, alpha }: Plugged): Promise<void> {
  await using blank = await HotDisk.create({ type: "raw" });
  await blank.plugInto(alpha);
  await site.daemon("alpha").call("refresh", {});
  const { device } = blank;
  await eventually(() =>
    site.check("beta", `locate alpha:${device}`, {
      code: 6,
      stderr: /has no UUID, WWN or serial number, so it cannot be identified/,
    })
  );
  await site.check("alpha", `locate ${device} --for 1s`, ANYTHING);
  await site.check("alpha", "locate nothing", {
    code: 1,
    stderr: /No disk is named nothing/,
  });
}

async function blinksWhole({ site, alpha }: Plugged): Promise<void> {
  await using disk = await HotDisk.create({ type: "raw" });
  await disk.plugInto(alpha);
  const { device } = disk;
  const part = `${device}p1`;
  await runOrThrow(["sfdisk", "--quiet", device], {
    env: { PATH: SYSTEM_PATH },
    input: "label: gpt\n,,,\n",
  });
  await runOrThrow(["partx", "--add", device], { env: { PATH: SYSTEM_PATH } });
  try {
    await makeNode(alpha.path(part), part);
    await site.daemon("alpha").call("refresh", {});
    const before = disk.reads();
    const json = await site.check("alpha", `locate ${part} --for 1s --json`, {
      stdout: /./,
      stderr: READS,
    });
    const { device: named, drives } = JSON.parse(json);
    assert.deepEqual([named, drives.length], [part, 1]);
    assert.equal(drives[0].device, device);
    assert.ok(disk.reads() > before);
  } finally {
    await runOrThrow(["partx", "--delete", device], {
      env: { PATH: SYSTEM_PATH },
    });
  }
}

async function blinksBoth({ site, alpha }: Plugged): Promise<void> {
  const disks = [
    await alpha.disk({ type: "raw", sizeMb: 128 }),
    await alpha.disk({ type: "raw", sizeMb: 128 }),
  ];
  for (const disk of disks) await alpha.attach(disk);
  const devices = disks.map(({ device }) => device);
  await asRoot(
    alpha,
    `mkfs.btrfs -q -L backup-3 -d raid1 -m raid1 ${devices.join(" ")}`,
  );
  await site.daemon("alpha").call("refresh", {});
  await eventually(() => site.check("beta", "where backup-3", ANYTHING));
  const before = devices.map((device) => counters(device));
  const json = await site.check("beta", "locate backup-3 --for 1s --json", {
    stdout: /./,
    stderr: /No locate light of \/dev\/loop\d+, \/dev\/loop\d+ is known/,
  });
  const drives: readonly { device: string }[] = JSON.parse(json).drives;
  assert.deepEqual(
    drives.map(({ device }) => device).sort(),
    devices.toSorted(),
  );
  devices.forEach((device, index) => {
    const { reads, written } = counters(device);
    assert.ok(reads > before[index]!.reads + 10, device);
    assert.equal(written, before[index]!.written);
  });
  for (const disk of disks) await alpha.detach(disk);
}

/** What Debian's ledctl says of a drive without a light. */
async function knowsNoLight({ alpha, disk }: Plugged): Promise<void> {
  const { code, stderr } = await alpha.run(
    ["ledctl", "--listed-only", `locate=${disk.device}`],
  );
  assert.notEqual(code, 0);
  assert.match(stderr, /not supported|pattern ignored|missing block device/);
}

async function isPulledOut({ site, alpha, beta }: Plugged): Promise<void> {
  for (const host of [alpha, beta]) {
    const disk = await site.plug("alpha", "backup-2");
    await using locating = host.spawn(["diskd", "locate", "backup-2"]);
    await locating.waitForLog(READS);
    await site.pull("alpha", disk);
    const { code, stderr } = await locating.outcome;
    assert.equal(code, 4, stderr);
    assert.match(stderr, new RegExp(`diskd: ${disk.device} is gone`));
  }
}

async function stopsWhenItFails({ site, alpha, beta }: Plugged): Promise<void> {
  await using disk = await HotDisk.create({ type: "ext4", label: "dying" });
  await disk.plugInto(alpha);
  await site.daemon("alpha").call("refresh", {});
  await eventually(() => site.check("beta", "where dying", ANYTHING));
  await using locating = beta.spawn(["diskd", "locate", "dying"]);
  await locating.waitForLog(READS);
  await disk.fail();
  const { code, stderr } = await locating.outcome;
  assert.equal(code, 7, stderr);
  assert.match(
    stderr,
    new RegExp(
      `diskd: ${disk.device} fails, so diskd reads it no more: error reading`,
    ),
  );
  await site.daemon("alpha").call("refresh", {});
  await site.check("alpha", "locate dying", {
    code: 7,
    stdout: /cannot be read/,
    stderr: /is failing: reads of it fail[^]*reads it no more/,
  });
}

mountTest({
  name: "diskd locate switches a light on with ledctl, and off at every end",
  programs: ["ledctl"],
  config: CONFIG,
}, async (site, t) => {
  const there = await plugged(site, "backup-1");
  await site.programs("alpha").replace("ledctl", RECORDER);
  await inSteps(t, there, {
    "the time is over": isOver,
    "signals": endsWithSignals,
    "Ctrl-C": endsWithCtrlC,
    "a closed terminal": endsWithTerminal,
    "signals, from afar": endsWithSignalsThere,
    "lost connections": endsWithConnection,
    "the prompt": endsAtPrompt,
    "off fails": saysWhatIsLeft,
  });
});

async function logged(host: Host): Promise<string[]> {
  try {
    const text = await Deno.readTextFile(host.path(LOG));
    return text.trim().split("\n");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return [];
  }
}

/** The light was switched on and off again; twice, if Ctrl-C hit ledctl too. */
async function wasOnAndOff({ alpha, disk: { device } }: Plugged) {
  await eventually(async () =>
    assert.deepEqual([...new Set(await logged(alpha))], [
      `--listed-only locate=${device}`,
      `--listed-only locate_off=${device}`,
    ])
  );
  await Deno.remove(alpha.path(LOG));
}

async function isOver(there: Plugged): Promise<void> {
  const { site, disk } = there;
  const { reads } = counters(disk.device);
  for (const host of ["alpha", "beta"]) {
    await site.check(host, "locate backup-1 --for 2s", {
      stdout: /^backup-1 is on alpha\n/,
      stderr: LIT,
    });
    await wasOnAndOff(there);
  }
  // The daemon's scans apart.
  assert.ok(counters(disk.device).reads - reads < 100);
}

async function endsWithSignals(there: Plugged): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    await using locating = there.alpha.spawn(["diskd", "locate", "backup-1"]);
    await locating.waitForLog(LIT);
    const { code, stderr } = await locating.stop(signal);
    assert.equal(code, 0, `${signal} ${stderr}`);
    await wasOnAndOff(there);
  }
}

async function endsWithCtrlC(there: Plugged): Promise<void> {
  for (const host of [there.alpha, there.beta]) {
    await using terminal = Terminal.open(host, ["diskd", "locate", "backup-1"]);
    await terminal.shows(LIT);
    // Impatience is no reason to leave it on.
    await terminal.type(CTRL_C);
    await terminal.type(CTRL_C);
    assert.equal((await terminal.end()).code, 0, terminal.text);
    await wasOnAndOff(there);
  }
}

async function endsWithTerminal(there: Plugged): Promise<void> {
  for (const host of [there.alpha, there.beta]) {
    const terminal = Terminal.open(host, ["diskd", "locate", "backup-1"]);
    await terminal.shows(LIT);
    await terminal[Symbol.asyncDispose]();
    await wasOnAndOff(there);
  }
}

async function endsWithSignalsThere(there: Plugged): Promise<void> {
  for (const signal of ["SIGTERM", "SIGHUP"] as const) {
    await using locating = there.beta.spawn(["diskd", "locate", "backup-1"]);
    await locating.waitForLog(LIT);
    const { code, stderr } = await locating.stop(signal);
    assert.equal(code, 0, `${signal} ${stderr}`);
    await wasOnAndOff(there);
  }
  await using locating = there.beta.spawn(["diskd", "locate", "backup-1"]);
  await locating.waitForLog(LIT);
  await locating.stop("SIGKILL");
  await wasOnAndOff(there);
}

async function endsWithConnection(there: Plugged): Promise<void> {
  const { alpha, beta } = there;
  for (
    const [host, pattern] of [
      [beta, "[-]-here"],
      [alpha, "[s]shd: .*@notty"],
    ] as const
  ) {
    await using locating = beta.spawn(["diskd", "locate", "backup-1"]);
    await locating.waitForLog(LIT);
    const found = `grep -la -- '${pattern}' [0-9]*/cmdline | cut -d/ -f1`;
    await asRoot(host, `cd /proc && kill -KILL $(${found})`);
    const { code, stderr } = await locating.outcome;
    assert.equal(code, 7, stderr);
    if (host === alpha) assert.match(stderr, /the connection to alpha ended/);
    await wasOnAndOff(there);
  }
}

async function endsAtPrompt(there: Plugged): Promise<void> {
  await using terminal = Terminal.open(there.alpha, ["diskd"]);
  await terminal.shows(/=> /);
  await terminal.enter("locate backup-1", LIT);
  await terminal.type(CTRL_C);
  await terminal.shows(/=> /);
  await wasOnAndOff(there);
}

async function saysWhatIsLeft({ site, disk }: Plugged): Promise<void> {
  const script = `case "$*" in *locate_off*) exit 1;; esac`;
  await site.programs("alpha").replace("ledctl", script);
  await site.check("beta", "locate backup-1 --for 1s", {
    stdout: /^backup-1 is on alpha/,
    stderr: new RegExp(
      `may still blink. To switch it off, as root: ` +
        `ledctl --listed-only locate_off=${disk.device}\n`,
    ),
  });
}
