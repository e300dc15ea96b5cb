import assert from "node:assert/strict";
import { checkCommands } from "../support/check_outcome.ts";
import { Daemon, SHORT_INTERVALS } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, lanTest, type LoopDisk } from "../support/lan.ts";
import { attachNew } from "../support/plug.ts";

const ARGS = { args: SHORT_INTERVALS };

lanTest({
  name: "diskd note, name and tag are known on every host",
  hosts: ["alpha", "beta", "gamma"],
}, async ({ alpha, beta, gamma }, t) => {
  const disk = await attachNew(alpha, { type: "ext4", label: "backup-2019" });
  const other = await attachNew(alpha, { type: "ext4", label: "photos" });
  const daemon = await Daemon.start(alpha, ARGS);
  const second = await Daemon.start(beta, ARGS);
  await t.step("said on one, known on the other", () => says(alpha, beta));
  await t.step("a label wins", () => labelWins(alpha, other));
  await t.step("what cannot be said", () => refuses(alpha));
  await t.step("a restart forgets nothing", async () => {
    await second.stop();
    await using again = await Daemon.start(beta, ARGS);
    await hasNote(beta, "backup-2019", "drawer 3, top shelf");
    await again.stop();
  });
  await using _second = await Daemon.start(beta, ARGS);
  await hasNote(beta, "backup-2019", "drawer 3, top shelf");
  await alpha.detach(disk);
  await daemon.call("refresh", {});
  await t.step(
    "of a disk that is gone the note comes first",
    () =>
      eventually(() =>
        checkCommands(beta, [
          ["where backup-2019", {
            code: 4,
            stdout:
              /^backup-2019 is in drawer 3, top shelf; last seen on alpha, \d+ s ago\n/,
          }],
        ])
      ),
  );
  await daemon.stop();
  await t.step("a host that was off learns it from a third", async () => {
    await using _third = await Daemon.start(gamma, ARGS);
    await hasNote(gamma, disk.uuid!, "drawer 3, top shelf");
  });
});

async function says(alpha: Host, beta: Host): Promise<void> {
  await checkCommands(alpha, [
    ["note backup-2019", {
      stdout: /^backup-2019 has no note, name or tag\n$/,
    }],
    ["note backup-2019 drawer 3, top shelf", {
      stdout:
        /^backup-2019\n {2}note {2}drawer 3, top shelf\n {2}said .* alpha\n$/,
    }],
    ["name backup-2019 the red one", { stdout: /name {2}the red one\n/ }],
    ["tag backup-2019 +offsite old", { stdout: /tags {2}offsite old\n/ }],
    ["tag backup-2019 -old", { stdout: /tags {2}offsite\n/ }],
    ["note backup-2019", { stdout: /note {2}drawer 3, top shelf\n/ }],
  ]);
  await eventually(() =>
    checkCommands(beta, [
      ["where the red one", {
        stdout: /note +drawer 3, top shelf\n.*tags +offsite\n.*said .*alpha\n/s,
      }],
      ["list --tag offsite", {
        stdout: /^HOST .*ALIAS.*TAGS.*NOTE.*\nalpha .* the red one .*\n$/,
      }],
      ["list --tag old", { stderr: /^No disk is like that/ }],
    ])
  );
  const { stdout } = await beta.run([
    "diskd",
    "where",
    "--json",
    "the red one",
  ]);
  const [row] = JSON.parse(stdout);
  const { alias, note, tags, remarks } = row;
  assert.deepEqual({ alias, note, tags }, {
    alias: "the red one",
    note: "drawer 3, top shelf",
    tags: ["offsite"],
  });
  assert.deepEqual(
    remarks.map(({ field, host }: { field: string; host: string }) => [
      field,
      host,
    ]),
    [["name", "alpha"], ["note", "alpha"], ["tag:offsite", "alpha"]],
  );
}

async function labelWins(alpha: Host, other: LoopDisk): Promise<void> {
  await checkCommands(alpha, [
    ["name backup-2019 photos", {
      stdout: /name {2}photos\n/,
      stderr:
        /^photos is also a label, .* of \/dev\/\S+ on alpha: commands find that one by it\n$/,
    }],
    ["where photos", {
      stdout: new RegExp(`uuid +${other.uuid}`),
      stderr:
        /^photos is also the name that somebody gave another disk, \S{36}: labels and the like win\.\n$/,
    }],
    ["name backup-2019 the red one", { stdout: /name {2}the red one\n/ }],
  ]);
}

async function refuses(alpha: Host): Promise<void> {
  const refused = (stderr: RegExp) => ({ code: 2, stderr });
  await checkCommands(alpha, [
    ["note nothing x", { code: 1, stderr: /^No disk is named nothing\./ }],
    [
      ["note", "photos", "x".repeat(257)],
      refused(/a note has at most 256 bytes, this one 257/),
    ],
    [["note", "photos", "a\x1b[31m"], refused(/without control characters/)],
    [["tag", "photos", "+not a tag"], refused(/a tag consists of letters/)],
    ...["backup-*", "/dev/sdx", "alpha:/dev/sda", "LABEL=x", "x-part1", "x..."]
      .map((alias): [string[], { code: number; stderr: RegExp }] => [
        ["name", "photos", alias],
        refused(/a name looks neither like a pattern, a path, HOST:DEVICE/),
      ]),
    [["name", "photos", " "], { code: 2, stderr: /./ }],
    [["name", "*", "all"], refused(/means 2 disks: uuid /)],
  ]);
}

async function hasNote(
  host: Host,
  name: string,
  note: string,
): Promise<void> {
  await eventually(() =>
    checkCommands(host, [
      [["note", name], { stdout: new RegExp(`note {2}${note}\\n`) }],
    ])
  );
}
