import assert from "node:assert/strict";
import { checkCommands, checkOutcome } from "../support/check_outcome.ts";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { parseDocument } from "../support/json_contract.ts";
import { type Host, lanTest, type LoopDisk } from "../support/lan.ts";
import { attachNew, knowsDisksOf } from "../support/plug.ts";
import { Terminal } from "../support/terminal.ts";

const CTRL_C = "\x03";
const CTRL_D = "\x04";

lanTest({
  name: "diskd duplicates tells clones, and diskd forget drops what has left",
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  const original = await attachNew(alpha, { type: "ext4", label: "photos" });
  const pulled = await attachNew(alpha, { type: "ext4", label: "pulled" });
  const away = await attachNew(beta, { type: "ext4", label: "away" });
  await using daemon = await Daemon.start(alpha);
  await using other = await Daemon.start(beta);
  await knowsDisksOf(daemon, ["alpha", "alpha", "beta"]);

  await t.step("no duplicates", () => hasNoDuplicates(alpha));
  await t.step("a clone is one", () => isCloned(alpha, original, other));
  await t.step("forget refuses what is there", () => refusesToForget(alpha));
  await t.step("forget a host that is up", () => forgetsWhatIsUp(alpha));
  await alpha.detach(pulled);
  await daemon.call("refresh", {});
  await t.step("forget asks", () => asksBeforeItForgets(alpha));
  await t.step("forget --yes", () => forgets(alpha, pulled));
  await other.stop();
  await t.step("forget a host", () => forgetsHost(alpha, away));
});

async function hasNoDuplicates(host: Host): Promise<void> {
  await checkCommands(host, [
    ["duplicates", { stderr: /^No two devices share/ }],
    ["duplicates --json", { stdout: /^\[\]\n$/, stderr: /^No two/ }],
  ]);
}

async function isCloned(
  host: Host,
  { uuid, device }: LoopDisk,
  other: Daemon,
): Promise<void> {
  const copy = await attachNew(host, { type: "raw" });
  const dd = [
    "dd",
    `if=${device}`,
    `of=${copy.device}`,
    "bs=1M",
    "status=none",
  ];
  checkOutcome(await host.run(dd), {}, dd.join(" "));
  await copy.moveTo(other.host);
  await other.call("refresh", {});
  await eventually(async () => {
    const { stdout } = await host.run(["diskd", "duplicates", "--json"]);
    assert.deepEqual(
      parseDocument("duplicates", stdout).map(({ kind, value, disks }) => [
        kind,
        value,
        disks.map(({ host, device }) => [host, device]),
      ]),
      [["uuid", uuid, [["alpha", device], ["beta", copy.device]]]],
    );
  });
  await checkCommands(host, [
    ["duplicates", {
      stdout:
        /^2 copies, or one drive seen 2 times: UUID .*\nHOST .*\nalpha .* photos .*\nbeta .* photos .*\n$/,
    }],
  ]);
}

async function refusesToForget(host: Host): Promise<void> {
  const refused = (stderr: RegExp) => ({ code: 2, stderr });
  await checkCommands(host, [
    ["forget pulled", refused(/there is no terminal; .* --yes\n$/)],
    ["forget pulled --yes", refused(/: pulled is attached to alpha; a disk /)],
    ["forget alpha --yes", refused(/: alpha is this host/)],
    ["forget nothing --yes", {
      code: 1,
      stderr: /^No disk and no host is named nothing\./,
    }],
  ]);
}

async function forgetsWhatIsUp(host: Host): Promise<void> {
  // It may speak at any time.
  await eventually(() =>
    checkCommands(host, [
      ["forget beta --yes", {
        stdout:
          /^Forgot the host beta with \d+ disks, up, so it comes back when it speaks again\n/,
      }],
      ["hosts", { stdout: /^HOST .*\nalpha .*\n$/ }],
    ])
  );
  await checkCommands(host, [
    ["ping", { stdout: /beta/ }],
    ["hosts", { stdout: /^HOST .*\nalpha .*\nbeta .*\n$/ }],
  ]);
}

const QUESTION =
  /Forget pulled, last seen on alpha \d+ s ago, with 1 sighting\? \[y\/N\] $/;
const NOTHING_DONE = /Nothing was forgotten\.\n/;

async function asksBeforeItForgets(host: Host): Promise<void> {
  for (const answer of ["n\r", CTRL_C, CTRL_D]) {
    await using terminal = Terminal.open(host, ["diskd", "forget", "pulled"]);
    await terminal.shows(QUESTION);
    await terminal.type(answer);
    await terminal.shows(NOTHING_DONE);
    assert.equal((await terminal.end()).code, 1);
  }
  await using prompt = Terminal.open(host, ["diskd"]);
  await prompt.shows(/=> $/);
  for (const answer of ["n\r", CTRL_C]) {
    await prompt.enter("forget pulled", QUESTION);
    await prompt.type(answer);
    await prompt.shows(NOTHING_DONE);
    await prompt.shows(/=> $/);
  }
  await prompt.enter("where pulled", /pulled is unplugged/);
  await prompt.shows(/=> $/);
  await prompt.enter("quit", /quit\n/);
  assert.equal((await prompt.end()).code, 0);
}

/** The Tab key proposes it until then. */
async function forgets(host: Host, disk: LoopDisk): Promise<void> {
  const completion = "complete-line -- zsh forget pu";
  await checkCommands(host, [
    [completion, { stdout: /^words\npulled\n$/ }],
    ["complete-line -- zsh forget pho", { stdout: /^words\n$/ }],
  ]);
  const argv = ["diskd", "forget", "pulled", "--yes", "--json"];
  const outcome = await host.run(argv);
  checkOutcome(outcome, { stdout: /./ }, argv.join(" "));
  const { hosts, disks } = parseDocument("forget", outcome.stdout);
  assert.deepEqual(hosts, []);
  assert.deepEqual(
    disks.map(({ uuid, host, device }) => [uuid, host, device]),
    [[disk.uuid, "alpha", disk.device]],
  );
  await checkCommands(host, [
    ["where pulled", { code: 1, stderr: /^No disk is named pulled/ }],
    [completion, { stdout: /^words\n$/ }],
  ]);
}

async function forgetsHost(host: Host, disk: LoopDisk): Promise<void> {
  await eventually(() =>
    checkCommands(host, [["where away", {
      code: 4,
      stdout: /^away is in beta, which was shut down /,
    }]])
  );
  await checkCommands(host, [
    ["forget beta --yes", {
      stdout: /^Forgot the host beta with 2 disks, shut down \d+ s ago\n/,
    }],
    ["hosts", { stdout: /^HOST .*\nalpha .*\n$/ }],
    [["where", disk.uuid!], { code: 1, stderr: /^No disk is named/ }],
  ]);
}
