import assert from "node:assert/strict";
import { connectControl } from "../../src/control/client.ts";
import { cpuSeconds } from "../bench/process_figures.ts";
import { checkOutcome } from "../support/check_outcome.ts";
import { Daemon, DEFAULT_SOCKET } from "../support/daemon.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { attachNew } from "../support/plug.ts";
import { User } from "../support/user.ts";

const READ_SOCKET = "/run/diskd/read.sock";
const CONFIG_FILE = "/etc/diskd/config.yaml";
const GROUP = { name: "disk-readers", gid: 30_101 };

const REFUSED = {
  code: 3,
  stderr:
    /^diskd: (\w+) changes something, but this socket is read-only; use \/run\/diskd\/control\.sock, as its owner or as root\n$/,
};
const DENIED = { code: 3, stderr: /\(permission denied\)/ };

interface Site {
  readonly alpha: Host;
  readonly member: User;
  readonly stranger: User;
}

lanTest({
  name: "diskd lets others read on a socket of their own",
  programs: ["setpriv", "socat"],
  hosts: ["alpha"],
}, async ({ alpha }, t) => {
  await attachNew(alpha, { type: "ext4", label: "near" });
  await Deno.mkdir(alpha.path("/etc/diskd"), { recursive: true });
  const group = `${GROUP.name}:x:${GROUP.gid}:\n`;
  await Deno.writeTextFile(alpha.path("/etc/group"), group, { append: true });
  const site: Site = {
    alpha,
    member: await User.create(alpha, { uid: 30_037, groups: [GROUP.gid] }),
    stranger: await User.create(alpha, { uid: 30_038 }),
  };
  await configure(alpha, `readSocket: ${READ_SOCKET}\n`);
  await t.step("everybody", () => servesEverybody(site));
  await t.step("one who asks all the time", () => bearsAsking(site));
  await t.step("a group", async () => {
    await configure(
      alpha,
      `readSocket: ${READ_SOCKET}\nreadSocketGroup: ${GROUP.name}\n`,
    );
    await servesGroup(site);
  });
  await t.step("no such group", async () => {
    await configure(
      alpha,
      `readSocket: ${READ_SOCKET}\nreadSocketGroup: nobody-there\n`,
    );
    checkOutcome(await alpha.run(["diskd", "--daemon"]), {
      code: 1,
      stderr: /no group "nobody-there" .*, or set readSocketGroup to another/,
    }, "a daemon without that group");
    assert.deepEqual(sockets(alpha), []);
  });
});

async function servesEverybody({ alpha, stranger }: Site): Promise<void> {
  await using daemon = await Daemon.start(alpha);
  assert.deepEqual(modeOf(alpha, DEFAULT_SOCKET), [0o600, 0]);
  assert.deepEqual(modeOf(alpha, READ_SOCKET), [0o666, 0]);
  const commands = ["list", "where near", "hosts", "localhost", "status"];
  for (const command of [...commands, "history near", "export"]) {
    const argv = ["diskd", ...command.split(" ")];
    checkOutcome(await stranger.run(argv), { stdout: /./ }, command);
  }
  for (const command of ["refresh", "announce", "ping", "forget near --yes"]) {
    const argv = ["diskd", ...command.split(" ")];
    checkOutcome(await stranger.run(argv), REFUSED, command);
  }
  const typed = await stranger.run(
    ["socat", "-t5", "STDIO", `UNIX-CONNECT:${READ_SOCKET}`],
    { input: "scan\nwhere near\nquit\n" },
  );
  assert.match(
    typed.stdout,
    /^diskd .*\nerror: refresh changes something, .*\n\nHOST .*\nalpha .* near .*\n\n$/,
  );
  await using watching = stranger.spawn(["diskd", "watch", "--json"]);
  // The one that watches is a client of the daemon, whichever socket it came by.
  for (let watchers = 0; watchers === 0;) {
    const { clients } = await daemon.call("status", {});
    watchers = clients.watching;
    if (watchers === 1) assert.equal(clients.now, 2);
  }
  await watching.stop();
  const outcome = await daemon.stop();
  assert.equal(outcome.code, 0, outcome.stderr);
  assert.deepEqual(sockets(alpha), []);
}

const CLIENTS = 8;
const ASKING_MS = 4_000;
/** A fifth, with what a process does besides, on a machine that is slow. */
const MAX_CPU_SHARE = 0.45;
const MAX_ANSWER_MS = 1_000;

/** Connects and asks as fast as it is answered, again and again. */
async function askAllTheTime(path: string, until: number): Promise<void> {
  while (performance.now() < until) {
    await using client = await connectControl([path]);
    for (let i = 0; i < 20; i++) {
      await client.call("list", {});
      await client.call("history", { name: "near" });
      await client.call("duplicates", {});
    }
  }
}

async function bearsAsking({ alpha }: Site): Promise<void> {
  await using daemon = await Daemon.start(alpha);
  const pid = await daemon.process.pid();
  const until = performance.now() + ASKING_MS;
  const before = cpuSeconds(pid);
  const asking = Array.from(
    { length: CLIENTS },
    () => askAllTheTime(alpha.path(READ_SOCKET), until),
  );
  const answersMs: number[] = [];
  while (performance.now() < until) {
    const startedAt = performance.now();
    assert.equal((await daemon.call("where", { name: "near" })).length, 1);
    answersMs.push(performance.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const share = (cpuSeconds(pid) - before) / (ASKING_MS / 1_000);
  await Promise.all(asking);
  const { clients } = await daemon.call("status", {});
  assert.ok(clients.delayed > 0);
  assert.ok(share < MAX_CPU_SHARE, `${share} of a processor`);
  const slowest = Math.max(...answersMs);
  assert.ok(slowest < MAX_ANSWER_MS, `the owner waited for ${slowest} ms`);
}

async function servesGroup({ alpha, member, stranger }: Site): Promise<void> {
  await using daemon = await Daemon.start(alpha);
  assert.deepEqual(modeOf(alpha, DEFAULT_SOCKET), [0o600, 0]);
  assert.deepEqual(modeOf(alpha, READ_SOCKET), [0o660, GROUP.gid]);
  const argv = ["diskd", "list"];
  checkOutcome(await member.run(argv), { stdout: /near/ }, "a member's list");
  checkOutcome(await stranger.run(argv), DENIED, "a stranger's list");
  const refresh = ["diskd", "refresh"];
  checkOutcome(await member.run(refresh), REFUSED, "a member's refresh");
  checkOutcome(await alpha.run(refresh), { stdout: /./ }, "root's refresh");
  await daemon.stop();
}

async function configure(host: Host, text: string): Promise<void> {
  await Deno.writeTextFile(host.path(CONFIG_FILE), text);
}

function modeOf(host: Host, path: string): [mode: number, gid: number] {
  const { isSocket, mode, gid } = Deno.lstatSync(host.path(path));
  assert.ok(isSocket);
  return [mode! & 0o777, gid!];
}

function sockets(host: Host): string[] {
  return [...Deno.readDirSync(host.path("/run/diskd"))]
    .map(({ name }) => name)
    .filter((name) => name.endsWith(".sock"));
}
