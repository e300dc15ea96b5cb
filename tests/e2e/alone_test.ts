import assert from "node:assert/strict";
import {
  checkCommands,
  checkOutcome,
  type CommandCase,
} from "../support/check_outcome.ts";
import { Daemon, DEFAULT_SOCKET } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { parseDocument } from "../support/json_contract.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { attachNew } from "../support/plug.ts";
import { User } from "../support/user.ts";

const USER = { uid: 30_033 };

const DAEMON_COMMANDS = [
  "list",
  "list --json",
  "where x",
  "hosts",
  "localhost",
  "status --json",
  "watch",
  "debug",
  "refresh",
  "announce",
  "ping",
] as const;

const NO_DAEMON = DAEMON_COMMANDS.map((command): CommandCase => [command, {
  code: 3,
  stderr: new RegExp(
    `^diskd: no diskd answers on ${DEFAULT_SOCKET}; ` +
      "start it with: diskd --daemon .*\nWithout a daemon: diskd scan\n$",
  ),
}]);

lanTest({
  name: "diskd without a daemon says so, and can scan all the same",
  programs: ["setpriv", "socat"],
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  await attachNew(alpha, { type: "ext4", label: "near" });
  await attachNew(beta, { type: "ext4", label: "far" });

  await t.step("no daemon on the LAN", () => findsOwn(alpha));
  await using daemon = await Daemon.start(beta);
  await t.step("commands", () => checkCommands(alpha, NO_DAEMON));
  await t.step("commands, after a crash", async () => {
    await leaveSocket(alpha);
    await checkCommands(alpha, NO_DAEMON.slice(0, 2));
  });
  await t.step("scan", () => scans(alpha, daemon));
  await t.step("scan as another user", () => scansWithoutRights(alpha));
  await t.step("scan beside a daemon", () => scansBeside(daemon));
});

async function findsOwn(host: Host): Promise<void> {
  await checkCommands(host, [
    ["scan", {
      stdout: /^HOST .*\nalpha .* near .*\n$/,
      stderr: /^No other host answered\.\n/,
    }],
  ]);
}

/** As a daemon does that is killed. */
async function leaveSocket(host: Host): Promise<void> {
  await host.run(["mkdir", "-p", "/run/diskd"]);
  const listen = `UNIX-LISTEN:${DEFAULT_SOCKET}`;
  await using socat = host.spawn(["socat", listen, "STDOUT"]);
  await eventually(() => Deno.lstatSync(host.path(DEFAULT_SOCKET)));
  await socat.stop("SIGKILL");
  assert.ok(Deno.lstatSync(host.path(DEFAULT_SOCKET)).isSocket);
}

/** It sees everything, and nobody gets to see it. */
async function scans(host: Host, daemon: Daemon): Promise<void> {
  await eventually(() =>
    checkCommands(host, [
      ["scan", { stdout: /^HOST .*\nalpha .* near .*\nbeta .* far .*\n$/ }],
    ])
  );
  const hosts = await daemon.call("hosts", {});
  assert.deepEqual(hosts.map(({ host }) => host), ["beta"]);
}

/** Who may not read the disks sees those of others, and is told why not the own ones. */
async function scansWithoutRights(host: Host): Promise<void> {
  const user = await User.create(host, USER);
  await eventually(async () => {
    checkOutcome(await user.run(["diskd", "scan"]), {
      stdout: /^HOST .*\nbeta .* far .*\n$/,
      stderr: /^No permission to read \/dev\/loop\d+, .*: run diskd as root/,
    }, "scan as another user");
  });
  const { code, stdout } = await user.run(["diskd", "scan", "--json"]);
  assert.equal(code, 0);
  parseDocument("scan", stdout);
}

/** What the daemon of this host knows is taken from it, so that nothing is twice. */
async function scansBeside({ host }: Daemon): Promise<void> {
  const user = await User.create(host, USER);
  for (const who of [host, user]) {
    await eventually(async () => {
      const { code, stdout } = await who.run(["diskd", "scan", "--json"]);
      assert.equal(code, 0);
      assert.deepEqual(
        parseDocument("scan", stdout).map(({ host, label }) => [host, label]),
        [["beta", "far"]],
      );
    });
  }
}
