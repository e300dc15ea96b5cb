import assert from "node:assert/strict";
import type { DiskRow, SightingRow } from "../../src/control/views.ts";
import { checkCommands } from "../support/check_outcome.ts";
import { Daemon, SHORT_INTERVALS, Watcher } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, lanTest, type LoopDisk } from "../support/lan.ts";
import { attachNew, knowsDisksOf } from "../support/plug.ts";

const OPTIONS = { args: SHORT_INTERVALS };

lanTest({
  name:
    "diskd tells apart what is off, silent and unplugged, also after a restart",
  hosts: ["alpha", "off", "crashed", "up"],
}, async ({ alpha, off, crashed, up }, t) => {
  for (const host of [off, crashed, up]) {
    await attachNew(host, { type: "swap", label: `disk-${host.name}` });
  }
  const pulled = await attachNew(up, { type: "swap", label: "pulled" });
  await using daemon = await Daemon.start(alpha, OPTIONS);
  const others = await Promise.all(
    [off, crashed, up].map((host) => Daemon.start(host, OPTIONS)),
  );
  await knowsDisksOf(daemon, ["crashed", "off", "up", "up"]);

  await others[0]!.stop();
  await others[1]!.process.stop("SIGKILL");
  await up.detach(pulled);
  await others[2]!.call("refresh", {});
  await eventually(async () => {
    const rows = await daemon.call("list", { all: true });
    assert.deepEqual(rows.map(stateOf).toSorted(), STATES);
  });

  await t.step("before the restart", () => eventually(() => tellsApart(alpha)));
  await daemon.stop();
  await using again = await Daemon.start(alpha, OPTIONS);
  await eventually(async () => {
    const [row] = await again.call("where", { name: "disk-up" });
    assert.equal(row?.state, "attached");
  });
  await t.step("after it", () => eventually(() => tellsApart(alpha)));
  for (const other of others) await other[Symbol.asyncDispose]();
});

const STATES = [
  "disk-crashed stale false",
  "disk-off detached false",
  "disk-up attached false",
  "pulled detached true",
];

function stateOf(
  { label, state, unplugged }: Pick<
    DiskRow | SightingRow,
    "label" | "state" | "unplugged"
  >,
): string {
  return `${label} ${state} ${unplugged}`;
}

async function tellsApart(alpha: Host): Promise<void> {
  const json = async (command: string): Promise<(DiskRow | SightingRow)[]> => {
    const { stdout } = await alpha.run(["sh", "-c", `diskd ${command} --json`]);
    return JSON.parse(stdout);
  };
  for (const command of ["list --all", "history"]) {
    const rows = await json(command);
    assert.deepEqual(rows.map(stateOf).toSorted(), STATES, command);
  }
  await checkCommands(alpha, [
    ["where disk-up", { stdout: /^disk-up is on up, / }],
    ["where disk-crashed", {
      stdout: /^disk-crashed was in crashed, silent for \d+ s /,
    }],
    ["where disk-off", {
      code: 4,
      stdout:
        /^disk-off is in off, which was shut down .* \(or only its diskd was stopped\)\n/,
    }],
    ["where pulled", {
      code: 4,
      stdout: /^pulled is unplugged; until today .* it was in up, /,
    }],
    ["list --all", {
      stdout:
        /^HOST .*\ncrashed .* silent \d+s\noff .* shut down \d+s\nup .* -\nup .* unplugged \d+s\n$/,
    }],
    ["where disk-*", {
      stdout:
        /^HOST .*\nup .*\ncrashed .* silent \d+s\noff .* shut down \d+s\n$/,
    }],
    ["history disk-up", { stdout: /\n.* - now {2}.*\n$/ }],
    ["history disk-crashed", { stdout: /\n.* \(silent\) {2}.*\n$/ }],
    ["history disk-off", { stdout: /\n.* \(shut down\) {2}.*\n$/ }],
    ["history pulled", { stdout: /\n.* \(unplugged\) {2}.*\n$/ }],
    ["hosts", {
      stdout: /\ncrashed +silent since .*\noff +shut down .*\nup +up .*\n$/,
    }],
  ]);
}

lanTest({
  name: "restarts alarm nobody, and split no sighting",
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta, lan }) => {
  const disk = await attachNew(beta, { type: "ext4", label: "backup" });
  await using daemon = await Daemon.start(alpha, OPTIONS);
  await using first = await Daemon.start(beta, OPTIONS);
  await knowsDisksOf(daemon, ["beta"]);
  const since = await sinceOf(daemon);
  const watcher = await Watcher.start(daemon);
  const goes = async (event: string) => {
    const seen = watcher.events.length;
    await eventually(() => {
      const now = watcher.events.slice(seen).map(({ event }) => event);
      assert.ok(now.includes(event), now.join());
    });
  };

  const up = [goes("host-up")];
  await first.stop();
  await using second = await Daemon.start(beta, OPTIONS);
  await Promise.all(up);
  await Promise.all([goes("host-stale"), second.process.stop("SIGKILL")]);
  const back = goes("host-up");
  // After a power cut, a USB disk appears later than diskd.
  await beta.detach(disk);
  await using third = await Daemon.start(beta, OPTIONS);
  await back;
  await eventually(async () => {
    const rows = await daemon.call("history", { name: "backup" });
    assert.deepEqual(rows.map(stateOf), ["backup detached true"]);
  });
  await beta.attach(disk);
  await eventually(async () => assert.equal(await sinceOf(daemon), since));
  const [port] = beta.ports;
  for (const [state, event] of [["down", "host-stale"], ["up", "host-up"]]) {
    const gone = goes(event!);
    await lan.network.ip([`link set ${port!.cable} ${state}`]);
    await gone;
  }
  assert.deepEqual(
    watcher.events.filter(({ device }) => device !== null),
    [],
    "no event of a disk",
  );

  await watcher[Symbol.asyncDispose]();
  await third.stop();
  await daemon.stop();
  await using alone = await Daemon.start(alpha, OPTIONS);
  await using fourth = await Daemon.start(beta, OPTIONS);
  await eventually(async () => {
    for (const one of [alone, fourth]) {
      const rows = await one.call("history", { name: "backup" });
      assert.deepEqual(rows.map(stateOf), ["backup attached false"]);
    }
  });
  assert.equal(await sinceOf(alone), since);
  await unplugged(alone, { beta, disk, fourth });
});

async function sinceOf(daemon: Daemon): Promise<string | null | undefined> {
  return (await daemon.call("where", { name: "backup" }))[0]?.since;
}

/** What left while its host was off is no longer in it. */
async function unplugged(
  daemon: Daemon,
  { beta, disk, fourth }: { beta: Host; disk: LoopDisk; fourth: Daemon },
): Promise<void> {
  await fourth.stop();
  await beta.detach(disk);
  await using _last = await Daemon.start(beta, OPTIONS);
  await eventually(async () => {
    const rows = await daemon.call("history", { name: "backup" });
    assert.deepEqual(rows.map(stateOf), ["backup detached true"]);
  });
}
