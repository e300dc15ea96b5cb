import assert from "node:assert/strict";
import { checkOutcome } from "../support/check_outcome.ts";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Documents, parseDocument } from "../support/json_contract.ts";
import { type Host, inSteps, lanTest, type LoopDisk } from "../support/lan.ts";
import { attachNew, hasWatchers, knowsDisksOf } from "../support/plug.ts";

lanTest({
  name: "diskd's commands with --json print what is promised to scripts",
  hosts: ["alpha", "beta"],
}, async ({ alpha: host, beta: other }, t) => {
  const whole = await attachNew(host, { type: "ext4", label: "two words" });
  const mount = ["mount", whole.device, "/mnt"];
  checkOutcome(await host.run(mount), {}, mount.join(" "));
  const labelOnly = await attachNew(host, {
    type: "ext4",
    label: "no uuid",
    uuid: "clear",
  });
  const uuidOnly = await attachNew(other, { type: "swap" });
  await using alpha = await Daemon.start(host);
  await using beta = await Daemon.start(other);
  await knowsDisksOf(alpha, ["alpha", "alpha", "beta"]);

  await t.step("list, where, scan", () => printsDisks(host, whole));
  await t.step("null for what is not known", async () => {
    await printsNull(host, { labelOnly, uuidOnly });
  });
  await inSteps(t, host, {
    "hosts, localhost, status": printsHosts,
    "reload, refresh, announce, ping": printsWhatWasDone,
    "config check": printsConfig,
  });
  await t.step("label, note, name, tag", () => printsSaid(host, whole));
  await t.step("watch", () => printsEvents(alpha, beta, uuidOnly));
});

async function printsDisks(host: Host, disk: LoopDisk): Promise<void> {
  const list = await document(host, "list");
  const where = await document(host, "where", "two words");
  await eventually(async () => {
    const scan = await document(host, "scan");
    assert.deepEqual(scan.map(timeless), list.map(timeless));
  });
  assert.deepEqual(where.map(({ since }) => since), [
    list.find(({ device }) => device === disk.device)?.since,
  ]);
  const { device, uuid, size } = disk;
  const row = list.find((row) => row.device === device);
  assert.deepEqual(where.map(timeless), [timeless(row!)]);
  assert.deepEqual(timeless(row!), {
    ...timeless(row!),
    host: "alpha",
    address: host.address,
    device,
    uuid,
    label: "two words",
    type: "ext4",
    size,
    mounts: ["/mnt"],
    mounts_ro: [],
    holders: [],
    state: "attached",
  });
}

async function printsNull(
  host: Host,
  { labelOnly, uuidOnly }: Record<"labelOnly" | "uuidOnly", LoopDisk>,
): Promise<void> {
  const [one] = await document(host, "where", labelOnly.device);
  assert.deepEqual([one?.uuid, one?.label], [null, "no uuid"]);
  assert.deepEqual(one?.mounts, []);
  const [other] = await document(host, "where", uuidOnly.device);
  assert.deepEqual([other?.uuid, other?.label], [uuidOnly.uuid, null]);
  assert.deepEqual([other?.serial, other?.partuuid], [null, null]);
}

async function printsSaid(host: Host, { uuid }: LoopDisk): Promise<void> {
  await document(host, "note", "two words", "drawer 3");
  await document(host, "name", "two words", "red");
  const [row] = await document(host, "tag", "two words", "offsite");
  const { alias, note, tags } = row!;
  assert.deepEqual({ alias, note, tags }, {
    alias: "red",
    note: "drawer 3",
    tags: ["offsite"],
  });
  const { name, label, code } = await document(host, "label", "red");
  assert.deepEqual([name, label, code], ["red", "two words", uuid]);
}

async function printsHosts(host: Host): Promise<void> {
  const hosts = await document(host, "hosts");
  const self = await document(host, "localhost");
  const status = await document(host, "status");
  assert.deepEqual(
    hosts.map(({ host, disks, state }) => [host, disks, state]),
    [["alpha", 2, "up"], ["beta", 1, "up"]],
  );
  for (const view of [self, status]) {
    assert.deepEqual(
      [view.host, view.hostId, view.version],
      ["alpha", hosts[0]!.hostId, hosts[0]!.version],
    );
  }
  assert.deepEqual(self.interfaces, [
    { name: "eth0", address: host.address, joined: true, problem: null },
  ]);
  assert.ok(status.scan.ok);
  assert.deepEqual([status.hosts, status.disks, status.scan.disks], [2, 3, 2]);
}

async function printsWhatWasDone(host: Host): Promise<void> {
  const same = { file: null, changed: [], restart: [], problem: null };
  assert.deepEqual(await document(host, "reload"), same);
  const { durationMs: _, ...rest } = await document(host, "refresh");
  const unchanged = { attached: 0, detached: 0, changed: 0 };
  const whole = { ok: true, disks: 2, problems: [] };
  assert.deepEqual(rest, { ...whole, ...unchanged });
  const sent = { interfaces: 1, datagrams: 1, disks: 2 };
  assert.deepEqual(await document(host, "announce"), sent);
  await eventually(async () => {
    const { answers, silent } = await document(host, "ping");
    assert.deepEqual(answers.map(({ host }) => host), ["beta"]);
    assert.deepEqual(silent, []);
  });
}

async function printsConfig(host: Host): Promise<void> {
  const { ok, file, config, problems } = await document(host, "config check");
  assert.deepEqual([ok, file, problems], [true, null, []]);
  assert.equal(config?.["port"], 32003);
}

/** A line each, also of what happens on another host. */
async function printsEvents(
  alpha: Daemon,
  beta: Daemon,
  disk: LoopDisk,
): Promise<void> {
  await using watch = alpha.host.spawn(["diskd", "watch", "--json"]);
  await hasWatchers(alpha, 1);
  await beta.host.detach(disk);
  await beta.call("refresh", {});
  await beta.stop();
  await watch.waitForLog(/"host-gone".*\n/);
  const { code, stdout, stderr } = await watch.stop("SIGINT");
  assert.deepEqual([code, stderr], [0, ""]);
  const events = stdout.trimEnd().split("\n")
    .map((line) => parseDocument("watch", line));
  assert.deepEqual(
    events.map(({ event, host, device, uuid, label }) => ({
      event,
      host,
      device,
      uuid,
      label,
    })),
    [
      { event: "detached", device: disk.device, uuid: disk.uuid },
      { event: "host-gone", device: null, uuid: null },
    ].map((event) => ({ ...event, host: "beta", label: null })),
  );
}

/** What `diskd COMMAND --json` prints, checked for all that is promised. */
async function document<Command extends keyof Documents>(
  host: Host,
  command: Command,
  ...words: string[]
): Promise<Documents[Command]> {
  const argv = ["diskd", ...command.split(" "), "--json", ...words];
  const outcome = await host.run(argv);
  checkOutcome(outcome, { stdout: /./ }, argv.join(" "));
  return parseDocument(command, outcome.stdout);
}

/** `scan` remembers nothing, and so says not since when. */
function timeless<
  Row extends { readonly seenAt: string; readonly since: unknown },
>(
  { seenAt: _, since: __, ...rest }: Row,
): Omit<Row, "seenAt" | "since"> {
  return rest;
}
