import assert from "node:assert/strict";
import { checkCommands, checkOutcome } from "../support/check_outcome.ts";
import { Daemon } from "../support/daemon.ts";
import { parseDocument } from "../support/json_contract.ts";
import { type Host, lanTest, type LoopDisk } from "../support/lan.ts";
import { attachNew, knowsDisksOf } from "../support/plug.ts";

lanTest({
  name: "diskd where tells by its exit code how it stands with a disk",
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  const disk = await attachNew(alpha, { type: "ext4", label: "backup-2019" });
  const original = await attachNew(alpha, { type: "ext4", label: "clone" });
  const copy = await copyOf(original, alpha);
  await copy.moveTo(beta);
  const pulled = await attachNew(beta, { type: "ext4", label: "pulled" });
  await using daemon = await Daemon.start(alpha);
  await using other = await Daemon.start(beta);
  await knowsDisksOf(daemon, ["alpha", "alpha", "beta", "beta"]);
  await unmountAndPull(beta, { disk: pulled, daemon: other });
  await knowsDisksOf(daemon, ["alpha", "alpha", "beta"]);

  await t.step("0: attached", () => isAttached(alpha, disk));
  await t.step("1: not known", () => isNotKnown(alpha));
  await t.step("4: not attached now", () => isNotAttached(alpha, pulled));
  await t.step("5: on several hosts", () => isTwice(alpha, original));
});

async function isAttached(host: Host, disk: LoopDisk): Promise<void> {
  const expected = {
    stdout: /^backup-2019 is on alpha, \/dev\/\w+, not mounted\n/,
  };
  await checkCommands(host, [
    ["where backup-2019", expected],
    [["where", disk.uuid!], expected],
    [["where", disk.uuid!.toUpperCase()], expected],
    [["where", disk.uuid!.slice(0, 8)], expected],
    ["where BackUp-2019", expected],
    [["where", disk.device], expected],
  ]);
}

async function isNotKnown(host: Host): Promise<void> {
  await checkCommands(host, [
    ["where nothing", {
      code: 1,
      stderr: /^No disk is named nothing\. See: diskd list\n$/,
    }],
    ["where nothing --json", {
      code: 1,
      stdout: /^\[\]\n$/,
      stderr: /^No disk is named nothing\./,
    }],
    ["where backup-2918", {
      code: 1,
      stderr: /^No disk .* backup-2918\. Did you mean backup-2019\?\n$/,
    }],
    ["where 2019", { code: 1, stderr: /Did you mean backup-2019\?\n$/ }],
  ]);
}

async function isNotAttached(host: Host, disk: LoopDisk): Promise<void> {
  const expected = {
    code: 4,
    stdout: new RegExp(
      "^pulled is unplugged; until today \\d\\d:\\d\\d.* it was in beta, " +
        `${disk.device}\n(.+\n)*` +
        "  mount +last on /mnt/pulled, and unmounted before it left\n" +
        "(.+\n)*  from +today .* \\(.*\\)\n(.+\n)*$",
    ),
  };
  await checkCommands(host, [
    ["where pulled", expected],
    [["where", disk.uuid!], expected],
  ]);
  const outcome = await host.run(["diskd", "where", "pulled", "--json"]);
  checkOutcome(outcome, { code: 4, stdout: /./ }, "where pulled --json");
  const rows = parseDocument("where", outcome.stdout);
  assert.deepEqual(
    rows.map(({ host, device, uuid, state, mounts }) => [
      host,
      device,
      uuid,
      state,
      mounts,
    ]),
    [["beta", disk.device, disk.uuid, "detached", ["/mnt/pulled"]]],
  );
  assert.ok(rows[0]!.since! < rows[0]!.seenAt);
}

async function isTwice(host: Host, original: LoopDisk): Promise<void> {
  const expected = {
    code: 5,
    stdout: /^HOST .*\nalpha .* clone .*\nbeta .* clone .*\n$/,
    stderr:
      /^Attached to several hosts at once: alpha, beta\nIt is a copy, .*\n$/,
  };
  await checkCommands(host, [
    ["where clone", expected],
    [["where", original.uuid!], expected],
    // The other one is another device.
    [["where", original.device], { stdout: /^clone is on alpha, / }],
  ]);
  const outcome = await host.run(["diskd", "where", "clone", "--json"]);
  const { stderr } = expected;
  checkOutcome(outcome, { code: 5, stdout: /./, stderr }, "where clone --json");
  const rows = parseDocument("where", outcome.stdout);
  assert.deepEqual(
    rows.map(({ host, uuid, state }) => [host, uuid, state]),
    ["alpha", "beta"].map((name) => [name, original.uuid, "attached"]),
  );
}

/** As people do it, after a while of use. */
async function unmountAndPull(
  host: Host,
  { disk, daemon }: { readonly disk: LoopDisk; readonly daemon: Daemon },
): Promise<void> {
  const run = async (command: string) =>
    checkOutcome(await host.run(command.split(" ")), {}, command);
  await run("mkdir -p /mnt/pulled");
  await run(`mount ${disk.device} /mnt/pulled`);
  await daemon.call("refresh", {});
  await run("umount /mnt/pulled");
  await daemon.call("refresh", {});
  await host.detach(disk);
  await daemon.call("refresh", {});
}

/** A disk that is the same as another, to the last byte. */
async function copyOf(disk: LoopDisk, host: Host): Promise<LoopDisk> {
  const copy = await attachNew(host, { type: "raw" });
  const files = [`if=${disk.device}`, `of=${copy.device}`];
  const dd = ["dd", ...files, "bs=1M", "status=none"];
  checkOutcome(await host.run(dd), {}, dd.join(" "));
  return copy;
}
