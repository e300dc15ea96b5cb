import assert from "node:assert/strict";
import { checkCommands, type CommandCase } from "../support/check_outcome.ts";
import { Daemon, SHORT_INTERVALS } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, inSteps, lanTest, type LoopDisk } from "../support/lan.ts";
import { attachNew, knowsDisksOf } from "../support/plug.ts";
import { type Received, Webhook } from "../support/webhook.ts";

const PORT = 8_080;
const SECRETS = /SECRET/;
const ARGS = { args: SHORT_INTERVALS };

interface Site {
  readonly alpha: Host;
  readonly beta: Host;
  readonly disk: LoopDisk;
  readonly webhook: Webhook;
  /** Of alpha, which is started again in between. */
  daemon: Daemon;
  readonly other: Daemon;
}

lanTest({
  name: "diskd tells people of disks, and of those that are overdue",
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  await configure(alpha, beta.address);
  const disk = await attachNew(beta, { type: "ext4", label: "backup-2019" });
  await attachNew(alpha, { type: "ext4", label: "photos" });
  await using webhook = await Webhook.start(beta, PORT);
  await using other = await Daemon.start(beta, ARGS);
  const daemon = await Daemon.start(alpha, ARGS);
  await knowsDisksOf(daemon, ["alpha", "beta"]);
  const site = { alpha, beta, disk, webhook, daemon, other };
  await inSteps(t, site, {
    "the setting is shown without its secrets": showsNoSecret,
    "a file that others can read is refused": refusesOpenFile,
    "a test arrives": sendsTest,
    "an unplugged disk is told once, and overdue once": tellsGoneAndOverdue,
    "a restart tells nothing again": tellsNothingAgain,
    "a disk that came back can be overdue again": tellsAgain,
    "what does not answer is shown": showsProblem,
  });
  await site.daemon.stop();
});

async function configure(alpha: Host, address: string): Promise<void> {
  await Deno.mkdir(alpha.path("/etc/diskd"));
  const write = (name: string, text: string, mode: number) =>
    Deno.writeTextFile(alpha.path(`/etc/diskd/${name}`), text, { mode });
  await write(
    "url",
    `http://${address}:${PORT}/hook/SECRET?key=SECRET\n`,
    0o600,
  );
  await write("headers", "Authorization: Bearer SECRET\n", 0o600);
  await write(
    "config.yaml",
    `expect: [{disks: ["backup-*", tag: offsite, never], seenEvery: 5s}]
notify:
  - urlFile: /etc/diskd/url
    headersFile: /etc/diskd/headers
    on: [gone, failing, overdue, moved]
    disks: ["backup-*"]
`,
    0o644,
  );
}

async function showsNoSecret({ alpha, beta }: Site): Promise<void> {
  const shown =
    /\n {2}notify +the address in \/etc\/diskd\/url on .*overdue.*of backup-\*\n/;
  await checkCommands(alpha, [
    ["config check", { stdout: shown }],
    ["notify", {
      stdout: new RegExp(`\nhttp://${beta.address}:${PORT} +fail`),
    }],
    ["overdue --all", {
      stdout: /\nbackup-2019 +- +\d+s +beta +attached +every 5 s +-\n/,
    }],
  ]);
}

async function refusesOpenFile({ alpha }: Site): Promise<void> {
  const path = alpha.path("/etc/diskd/url");
  await Deno.chmod(path, 0o644);
  const wrong =
    /\/etc\/diskd\/url:? has mode 0644, so other users can access it; expected 0600/;
  await checkCommands(alpha, [
    ["config check", { code: 2, stderr: wrong }],
    ["reload", { code: 2, stdout: /^Nothing changed\n$/, stderr: wrong }],
  ]);
  await Deno.chmod(path, 0o600);
  await checkCommands(alpha, [["config check", { stdout: /is valid/ }]]);
}

async function sendsTest({ alpha, beta, webhook }: Site): Promise<void> {
  const origin = `http://${beta.address}:${PORT}`;
  await checkCommands(alpha, [
    ["notify --test", {
      stdout: new RegExp(`^${origin} took it: 200, after \\d+ ms\n$`),
    }],
  ]);
  const [test] = webhook.received;
  assert.equal(test?.method, "POST");
  assert.equal(test.path, "/hook/SECRET");
  assert.equal(test.token, "Bearer SECRET");
  assert.equal(test.type, "application/json");
  assert.equal(test.body.event, "test");
}

async function tellsGoneAndOverdue(site: Site): Promise<void> {
  const { alpha, beta, disk, webhook } = site;
  await checkCommands(alpha, [
    ["note backup-2019 drawer 3, top shelf", { stdout: /./ }],
  ]);
  await beta.detach(disk);
  const gone = await nextOf(webhook, "gone");
  assert.match(
    gone.body.message,
    /^backup-2019 \(.*\) was unplugged from beta; it is in drawer 3, top shelf$/,
  );
  assert.equal(gone.body.title, "backup-2019 was unplugged");
  assert.equal(gone.body.sender, "alpha");
  assert.equal(gone.body.events[0]?.["uuid"], disk.uuid);
  const overdue = await nextOf(webhook, "overdue");
  const text =
    /backup-2019 was unplugged from beta \d+ \w+ ago: it should be seen every 5 s; it is in drawer 3, top shelf/;
  assert.match(overdue.body.message, text);
  await checkCommands(alpha, overdueNow(text));
  const [row] = await site.daemon.call("overdue", {});
  assert.equal(row?.name, "never", "what was never seen is due first");
}

function overdueNow(text: RegExp): readonly CommandCase[] {
  return [
    ["overdue", {
      code: 8,
      stdout:
        /\nbackup-2019 +\d+\w +\d+\w +beta +unplugged +every 5 s +drawer 3, top shelf\n/,
    }],
    ["status", { code: 8, stdout: new RegExp(`\n! ${text.source}\n`) }],
  ];
}

/** Nor without a history. */
async function tellsNothingAgain(site: Site): Promise<void> {
  await tellsOf(site, ["gone", "overdue"]);
  for (const args of [SHORT_INTERVALS, [...SHORT_INTERVALS, "--no-history"]]) {
    await site.daemon.stop();
    site.daemon = await Daemon.start(site.alpha, { args });
    await eventually(async () => {
      const [, row] = await site.daemon.call("overdue", {});
      assert.equal(row?.name, "backup-2019");
      assert.equal(row.host, "beta");
    });
    await becomesOverdue(site, `other-${args.length}`);
  }
  await tellsOf(site, ["gone", "overdue"]);
}

/** What is overdue is told by then, as this is, which is expected from now on. */
async function becomesOverdue(
  { alpha, daemon }: Site,
  name: string,
): Promise<void> {
  const path = alpha.path("/etc/diskd/config.yaml");
  const text = await Deno.readTextFile(path);
  const more = `{disks: ${name}, seenEvery: 1s}`;
  await Deno.writeTextFile(
    path,
    text.replace("]\nnotify", `, ${more}]\nnotify`),
  );
  await checkCommands(alpha, [["reload", { stdout: /: expect\n/ }]]);
  await daemon.process.waitForLog(
    new RegExp(`overdue disk=${name} `),
    30_000,
  );
  await Deno.writeTextFile(path, text);
  await checkCommands(alpha, [["reload", { stdout: /: expect\n/ }]]);
}

async function tellsAgain(site: Site): Promise<void> {
  const { beta, disk, webhook, daemon } = site;
  await beta.attach(disk);
  await eventually(async () => {
    const rows = await daemon.call("overdue", {});
    assert.deepEqual(rows.map(({ name }) => name), ["never"]);
  });
  await beta.detach(disk);
  await eventually(() => {
    const kinds = ofDisk(webhook).map(({ body: { event } }) => event);
    assert.deepEqual(kinds, ["gone", "overdue", "gone", "overdue"]);
  }, { timeoutMs: 60_000 });
}

async function showsProblem(site: Site): Promise<void> {
  const { alpha, beta, webhook, daemon } = site;
  await webhook[Symbol.asyncDispose]();
  await checkCommands(alpha, [
    ["notify --test", {
      code: 8,
      stdout: new RegExp(
        `^http://${beta.address}:${PORT} cannot be reached: .*[Rr]efused`,
      ),
    }],
  ]);
  assert.doesNotMatch(daemon.process.log, SECRETS);
  const status = await daemon.call("status", {});
  assert.doesNotMatch(JSON.stringify(status), SECRETS);
  for (const command of ["config check", "config check --json", "notify"]) {
    const { stdout, stderr } = await alpha.run([
      "diskd",
      ...command.split(" "),
    ]);
    assert.doesNotMatch(stdout + stderr, SECRETS);
  }
}

function ofDisk({ received }: Webhook): Received[] {
  return received.filter(({ body: { message } }) =>
    message.includes("backup-2019")
  );
}

async function nextOf(webhook: Webhook, event: string): Promise<Received> {
  return await eventually(() => {
    const found = ofDisk(webhook).findLast(({ body }) => body.event === event);
    assert.ok(found, event);
    return found;
  }, { timeoutMs: 60_000 });
}

function tellsOf({ webhook }: Site, events: readonly string[]): Promise<void> {
  return eventually(() => {
    const told = ofDisk(webhook).map(({ body }) => body.event);
    assert.deepEqual(told, events);
  });
}
