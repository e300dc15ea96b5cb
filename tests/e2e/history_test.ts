import assert from "node:assert/strict";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { checkCommands, checkOutcome } from "../support/check_outcome.ts";
import { Daemon } from "../support/daemon.ts";
import { type Documents, parseDocument } from "../support/json_contract.ts";
import { type Host, lanTest, type LoopDisk } from "../support/lan.ts";
import { attachNew, knowsDisksOf } from "../support/plug.ts";
import { Terminal } from "../support/terminal.ts";

const HISTORY_FILE = "/var/lib/diskd/history.db";

lanTest({
  name:
    "diskd history tells where a disk has been, on every host and after a restart",
  hosts: ["alpha", "beta", "gamma"],
}, async ({ alpha, beta, gamma }, t) => {
  const disk = await attachNew(beta, { type: "ext4", label: "backup-2019" });
  await using first = await Daemon.start(alpha);
  await using other = await Daemon.start(beta);
  await knowsDisksOf(first, ["beta"]);

  await t.step("a disk that wanders", async () => {
    await beta.detach(disk);
    await other.call("refresh", {});
    await knowsDisksOf(first, []);
    await alpha.attach(disk);
    await first.call("refresh", {});
    await wandered(alpha, disk);
  });
  await t.step("in a terminal also who had it when", () => drawn(alpha));
  await t.step("nothing known: exit code 1", () => notKnown(alpha));

  await other.stop();
  await first.stop();
  await t.step(
    "a daemon that starts knows it all before it hears anybody",
    async () => {
      await using again = await Daemon.start(alpha);
      const hosts = await again.call("hosts", {});
      assert.deepEqual(
        hosts.map(({ host, state }) => [host, state]),
        [["alpha", "up"], ["beta", "gone"]],
      );
      await wandered(alpha, disk);
    },
  );
  await t.step(
    "export, and import on a host that heard of nothing",
    async () => {
      await using again = await Daemon.start(alpha);
      await exported(again, gamma);
    },
  );
});

async function wandered(host: Host, disk: LoopDisk): Promise<void> {
  const rows = await document(host, "history", "BACKUP-2019");
  assert.deepEqual(
    rows.map(({ host, device, uuid, state }) => [host, device, uuid, state]),
    [
      ["alpha", disk.device, disk.uuid, "attached"],
      ["beta", disk.device, disk.uuid, "detached"],
    ],
  );
  const [now, before] = rows;
  assert.equal(now!.until, null);
  assert.ok(before!.from < before!.until! && before!.until! <= now!.from);
  const onBeta = await document(host, "history", "--host", "beta");
  assert.deepEqual(onBeta, [before]);
  const prefix = await document(host, "history", disk.uuid!.slice(0, 8));
  assert.equal(prefix.length, 2);
  assert.deepEqual(
    (await document(host, "history", "--since", "1h")).length,
    2,
  );
}

async function drawn(host: Host): Promise<void> {
  await using terminal = Terminal.open(
    host,
    ["diskd", "history", "backup-2019"],
    { columns: 80 },
  );
  await terminal.shows(/WHEN \(.*\) +FOR +HOST +DEVICE +LAST MOUNTED ON/);
  await terminal.shows(/beta {3}[#\u2588]+/);
  await terminal.shows(/alpha {3,}[#\u2588]+/);
}

async function notKnown(host: Host): Promise<void> {
  await checkCommands(host, [
    ["history nothing", { code: 1, stderr: /^Nothing is known of nothing\./ }],
    ["history backup-2019 --since soon", {
      code: 2,
      stderr: /--since is soon, expected how long ago/,
    }],
  ]);
}

async function exported(from: Daemon, to: Host): Promise<void> {
  const { stdout: text, code } = await from.run(["export"]);
  assert.equal(code, 0);
  const whole = parseDocument("export", text);
  assert.deepEqual(whole.hosts.map(({ host }) => host), ["alpha", "beta"]);
  assert.equal(whole.sightings.length, 2);
  Deno.writeTextFileSync(to.path("/run/export.json"), text);
  await using daemon = await Daemon.start(to, {
    args: ["--interface", "no-such-interface"],
  });
  const imported = await document(to, "import", "/run/export.json");
  const remarks = { added: 0, known: 0, skipped: 0 };
  assert.deepEqual(imported, { added: 2, extended: 0, known: 0, remarks });
  const again = await document(to, "import", "/run/export.json");
  assert.deepEqual(again, { added: 0, extended: 0, known: 2, remarks });
  const rows = await document(to, "history", "backup-2019");
  assert.deepEqual(
    rows.map(({ host, state }) => [host, state]),
    [["alpha", "detached"], ["beta", "detached"]],
  );
  const [row, ...others] = await daemon.call("where", { name: "backup-2019" });
  assert.deepEqual([row!.host, row!.state, others], ["alpha", "detached", []]);
  assert.deepEqual([row!.since, row!.seenAt], [rows[0]!.from, rows[0]!.seenAt]);
  const { code: whereCode } = await daemon.run(["where", "backup-2019"]);
  assert.equal(whereCode, 4);
  const hosts = await daemon.call("hosts", {});
  assert.ok(
    hosts.every(({ host, state }) => host === "gamma" || state !== "up"),
  );
}

lanTest({
  name: "diskd works without a history, and says so",
  hosts: ["alpha"],
}, async ({ alpha }, t) => {
  await attachNew(alpha, { type: "swap", label: "one" });

  await t.step("switched off: no file, and history says why", async () => {
    await using daemon = await Daemon.start(alpha, {
      args: ["--no-history"],
    });
    await knowsDisksOf(daemon, ["alpha"]);
    for (const command of ["history one", "export"]) {
      await checkCommands(alpha, [[command, {
        code: 1,
        stderr: /^diskd: The history is switched off \(noHistory\)\n$/,
      }]]);
    }
    const { history, problems } = await daemon.call("status", {});
    assert.deepEqual(
      [history.on, history.problem, problems],
      [false, null, []],
    );
    assert.throws(
      () => Deno.lstatSync(alpha.path(HISTORY_FILE)),
      Deno.errors.NotFound,
    );
  });
  await t.step("broken: it is put aside, and a new one begun", async () => {
    const file = alpha.path(HISTORY_FILE);
    Deno.writeTextFileSync(file, "no database at all\n".repeat(1_000));
    await using daemon = await Daemon.start(alpha);
    await knowsDisksOf(daemon, ["alpha"]);
    const { history, problems } = await daemon.call("status", {});
    assert.equal(history.on, true);
    assert.match(problems.join(), /history\.db/);
    const aside = [...Deno.readDirSync(dirname(file))]
      .filter(({ name }) => name.startsWith("history.db.broken-20"));
    assert.equal(aside.length, 1);
    assert.match(
      Deno.readTextFileSync(`${dirname(file)}/${aside[0]!.name}`),
      /^no database at all\n/,
    );
    assert.equal((await document(alpha, "history", "one")).length, 1);
    await daemon.stop();
    Deno.removeSync(file);
  });
  await t.step(
    "of a later version: a warning, a problem, and the rest goes on",
    async () => {
      makeLaterFile(alpha.path(HISTORY_FILE));
      await using daemon = await Daemon.start(alpha);
      await knowsDisksOf(daemon, ["alpha"]);
      const { history, problems } = await daemon.call("status", {});
      assert.equal(history.on, false);
      assert.deepEqual(problems, [history.problem]);
      assert.match(
        problems[0]!,
        /history\.db was written by a later version/,
      );
      const warnings = daemon.process.log.match(/ warn .*history\.db/g) ?? [];
      assert.equal(warnings.length, 1, daemon.process.log);
      await checkCommands(alpha, [["history one", {
        code: 1,
        stderr: /^diskd: .*history\.db was written by a later version/,
      }]]);
    },
  );
});

/** SQLite opens nothing through the /proc of another process, so it is made elsewhere. */
function makeLaterFile(path: string): void {
  const temporary = Deno.makeTempFileSync({ suffix: ".db" });
  const database = new DatabaseSync(temporary);
  database.exec("PRAGMA user_version = 9999");
  database.close();
  Deno.mkdirSync(dirname(path), { recursive: true });
  Deno.writeFileSync(path, Deno.readFileSync(temporary));
  Deno.removeSync(temporary);
}

/** What `diskd COMMAND --json` prints, checked for all that is promised. */
async function document<Command extends keyof Documents>(
  host: Host,
  command: Command,
  ...words: string[]
): Promise<Documents[Command]> {
  const argv = ["diskd", command, "--json", ...words];
  const outcome = await host.run(argv);
  checkOutcome(outcome, { stdout: /./ }, argv.join(" "));
  return parseDocument(command, outcome.stdout);
}
