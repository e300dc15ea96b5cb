import assert from "node:assert/strict";
import type { DiskRow, EventRow } from "../../src/control/views.ts";
import { Daemon, SHORT_INTERVALS } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import {
  type Host,
  inSteps,
  type Lan,
  lanTest,
  type LoopDisk,
  type Process,
} from "../support/lan.ts";

/** What the three hosts have, besides a btrfs of two members. Labels of ext4 and swap have at most 16 bytes. */
const DISKS = [
  { host: "alpha", type: "ext4", label: "backup-2019" },
  { host: "alpha", type: "vfat", label: "USB STICK" },
  { host: "alpha", type: "ext4", label: '"quoted" \u{1f4be}' },
  { host: "beta", type: "xfs", label: "scratch" },
  { host: "beta", type: "swap", label: "swap space" },
] as const;

const POOL = { host: "gamma", label: 'it\'s a "pool" \u{1f4be} of\\two' };

/** What a test compares of a row; the rest depends on time. */
type Seen = Pick<
  DiskRow,
  "host" | "device" | "uuid" | "label" | "type" | "size" | "state"
>;

interface Site {
  readonly lan: Lan;
  readonly daemons: readonly Daemon[];
  readonly expected: readonly Seen[];
  /** The one labelled `backup-2019`. */
  readonly backup: LoopDisk;
}

lanTest({
  name: "diskd on three hosts knows where every disk is",
  hosts: ["alpha", "beta", "gamma"],
}, async ({ lan }, t) => {
  const { disks, expected } = await furnish(lan);
  const backup = disks[0]!;
  const start = (name: string, args: readonly string[]) =>
    Daemon.start(lan.host(name), { args });
  await using alpha = await start("alpha", SHORT_INTERVALS);
  await using beta = await start("beta", SHORT_INTERVALS);
  // Looks at its disks at start and when told to, and not for a minute then.
  await using gamma = await start("gamma", []);
  const site = { lan, daemons: [alpha, beta, gamma], expected, backup };

  await inSteps(t, site, {
    "list is whole, and the same on each host": listIsTheSame,
    "where names the host of each label and UUID": whereNamesTheHost,
    "where shows both members of a btrfs": whereShowsBothMembers,
    "where and debug follow a disk that moves": moveIsFollowed,
    "refresh finds a disk without waiting": refreshFinds,
  });
});

async function listIsTheSame({ daemons, expected }: Site): Promise<void> {
  for (const daemon of daemons) {
    await eventually(async () => {
      assert.deepEqual(seen(await daemon.call("list", {})), expected);
    });
    assert.deepEqual(seen(await daemon.json("list")), expected);
    const hosts = await daemon.json("hosts");
    assert.deepEqual(
      hosts.map(({ host, disks, state }) => ({ host, disks, state })),
      [
        { host: "alpha", disks: 3, state: "up" },
        { host: "beta", disks: 2, state: "up" },
        { host: "gamma", disks: 2, state: "up" },
      ],
    );
  }
}

async function whereNamesTheHost({ daemons, expected }: Site): Promise<void> {
  for (const daemon of daemons) {
    for (const { host, label } of [...DISKS, POOL]) {
      const rows = await daemon.json("where", label);
      assert.deepEqual(
        seen(rows),
        expected.filter((row) => row.host === host && row.label === label),
      );
    }
    const { uuid } = expected[0]!;
    const byUuid = await daemon.json("where", uuid!.toUpperCase());
    assert.deepEqual(seen(byUuid), expected.slice(0, 1));
  }
}

async function whereShowsBothMembers({ daemons, lan }: Site): Promise<void> {
  for (const daemon of daemons) {
    const [one, other, ...more] = await daemon.json("where", POOL.label);
    assert.ok(one && other);
    assert.deepEqual(more, []);
    assert.equal(one.uuid, other.uuid);
    assert.match(`${one.uuid_sub}`, /^[0-9a-f-]{36}$/);
    assert.match(`${other.uuid_sub}`, /^[0-9a-f-]{36}$/);
    assert.notEqual(one.uuid_sub, other.uuid_sub);
    assert.notEqual(one.device, other.device);
    assert.equal(one.address, lan.host("gamma").address);
  }
}

async function moveIsFollowed(site: Site): Promise<void> {
  const { lan, daemons, backup } = site;
  const watcher = daemons[2]!;
  await using debug = await follow(watcher);
  await lan.host("alpha").detach(backup);
  // Known, but nowhere now: exit code 4, and the place that it left.
  await eventually(async () => {
    const { code, stdout } = await watcher.run(["where", "backup-2019"]);
    assert.equal(code, 4, stdout);
    assert.match(stdout, /alpha/);
  });
  await lan.host("beta").attach(backup);
  for (const daemon of daemons) {
    await eventually(async () => {
      const rows = await daemon.json("where", "backup-2019");
      assert.deepEqual(
        rows.map(({ host, state, device }) => ({ host, state, device })),
        [{ host: "beta", state: "attached", device: backup.device }],
      );
    });
  }
  await debug.waitForLog(/"moved"/);
  const told = events(debug).filter(({ uuid }) => uuid === backup.uuid);
  assert.deepEqual(
    told.map(({ event, host, label }) => ({ event, host, label })),
    [
      { event: "detached", host: "alpha", label: "backup-2019" },
      { event: "moved", host: "beta", label: "backup-2019" },
    ],
  );
}

async function refreshFinds({ lan, daemons, backup }: Site): Promise<void> {
  const [, beta, gamma] = daemons;
  await lan.host("beta").detach(backup);
  assert.equal((await beta!.json("refresh")).disks, 2);
  await lan.host("gamma").attach(backup);
  const { ok, disks, problems } = await gamma!.json("refresh");
  assert.deepEqual({ ok, disks, problems }, {
    ok: true,
    disks: 3,
    problems: [],
  });
  await eventually(async () => {
    const rows = await beta!.json("where", "backup-2019");
    assert.deepEqual(rows.map(({ host }) => host), ["gamma"]);
  });
}

/** Plugs in all disks; `expected` is what `list` must make of them. */
async function furnish(lan: Lan) {
  const disks: LoopDisk[] = [];
  for (const { host, ...options } of DISKS) {
    const disk = await lan.host(host).disk(options);
    await lan.host(host).attach(disk);
    disks.push(disk);
  }
  const pool = await makePool(lan.host(POOL.host));
  const expected = [...disks.map(rowOf), ...pool].sort(byHostAndDevice);
  return { disks, expected };
}

function rowOf({ host, device, uuid, label, type, size }: LoopDisk): Seen {
  assert.ok(host);
  return {
    host: host.name,
    device,
    uuid,
    label,
    type,
    size,
    state: "attached",
  };
}

/** One btrfs on two devices. */
async function makePool(host: Host): Promise<Seen[]> {
  const members: LoopDisk[] = [];
  for (let i = 0; i < 2; i++) {
    const disk = await host.disk({ type: "raw", sizeMb: 128 });
    await host.attach(disk);
    members.push(disk);
  }
  const uuid = crypto.randomUUID();
  const devices = members.map(({ device }) => device);
  const { code, stderr } = await host.run(
    ["mkfs.btrfs", "-q", "-U", uuid, "-L", POOL.label, ...devices],
  );
  assert.equal(code, 0, stderr);
  return members.map((disk) => ({
    ...rowOf(disk),
    uuid,
    label: POOL.label,
    type: "btrfs",
  }));
}

/** In a fixed order: which device comes first within a host is of no concern here. */
function seen(rows: readonly DiskRow[]): Seen[] {
  return rows.map(({ host, device, uuid, label, type, size, state }) => ({
    host,
    device,
    uuid,
    label,
    type,
    size,
    state,
  })).sort(byHostAndDevice);
}

function byHostAndDevice(a: Seen, b: Seen): number {
  const [first, second] = [a, b].map(({ host, device }) => `${host} ${device}`);
  return first! < second! ? -1 : 1;
}

/** `diskd debug --json`, from when it really listens. */
async function follow(daemon: Daemon): Promise<Process> {
  const process = daemon.host.spawn(["diskd", "debug", "--json"]);
  await eventually(async () => {
    const { clients } = await daemon.call("status", {});
    // It, and this question.
    assert.equal(clients.now, 2, process.log);
  });
  return process;
}

function events(process: Process): EventRow[] {
  return process.log.trim().split("\n").map((line) => JSON.parse(line));
}
