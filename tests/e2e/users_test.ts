import assert from "node:assert/strict";
import { checkOutcome } from "../support/check_outcome.ts";
import { Daemon, DEFAULT_SOCKET } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, lanTest, type Process } from "../support/lan.ts";
import { attachNew } from "../support/plug.ts";
import { User } from "../support/user.ts";

/** Of this name in the host's `/etc/group`. */
const GROUP = { name: "disk-watchers", gid: 30_100 };

const ROOTS_DISK = { stdout: /^HOST .*\nalpha .* near .*\n/ };
const DENIED = {
  code: 3,
  stderr:
    /^diskd: a diskd may be there, but you may not use \/run\/diskd\/control\.sock \(permission denied\); .*sudo.*\nWithout a daemon: diskd scan\n$/,
};

interface Site {
  readonly alpha: Host;
  readonly member: User;
  readonly stranger: User;
}

lanTest({
  name: "diskd's socket is for its owner, and for a group that is named",
  programs: ["setpriv"],
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  await attachNew(alpha, { type: "ext4", label: "near" });
  await attachNew(beta, { type: "ext4", label: "far" });
  await Deno.writeTextFile(
    alpha.path("/etc/group"),
    `${GROUP.name}:x:${GROUP.gid}:\n`,
    { append: true },
  );
  const member = await User.create(alpha, {
    uid: 30_034,
    groups: [GROUP.gid],
  });
  const stranger = await User.create(alpha, { uid: 30_035 });
  const site: Site = { alpha, member, stranger };
  await using _beta = await Daemon.start(beta);

  await t.step("the owner alone", () => servesOwner(site));
  for (const group of [GROUP.name, `${GROUP.gid}`]) {
    await t.step(`group ${group}`, () => servesGroup(site, group));
  }
  await t.step("no such group", () => refusesGroup(site));
  await t.step("a user's own daemon", () => servesUser(site));
});

async function servesOwner({ alpha, member }: Site): Promise<void> {
  await using _daemon = await Daemon.start(alpha);
  const { mode, gid } = socketOf(alpha, DEFAULT_SOCKET);
  assert.deepEqual([mode, gid], [0o600, 0]);
  checkOutcome(await alpha.run(["diskd", "list"]), ROOTS_DISK, "root's list");
  for (const command of ["list", "where near", "status --json", "watch"]) {
    const argv = ["diskd", ...command.split(" ")];
    checkOutcome(await member.run(argv), DENIED, command);
  }
}

async function servesGroup(site: Site, group: string): Promise<void> {
  const { alpha, member, stranger } = site;
  const args = ["--socket-group", group];
  await using _daemon = await Daemon.start(alpha, { args });
  const { mode, uid, gid } = socketOf(alpha, DEFAULT_SOCKET);
  assert.deepEqual([mode, uid, gid], [0o660, 0, GROUP.gid]);
  const argv = ["diskd", "list"];
  checkOutcome(await member.run(argv), ROOTS_DISK, "a member's list");
  checkOutcome(await stranger.run(argv), DENIED, "a stranger's list");
}

async function refusesGroup({ alpha }: Site): Promise<void> {
  const argv = ["diskd", "--daemon", "--socket-group", "nobody-there"];
  checkOutcome(await alpha.run(argv), {
    code: 1,
    stderr: /There is no group "nobody-there" in \/etc\/group .*groupadd/,
  }, argv.join(" "));
}

/** Without the rights to read a disk it hears of those of others. */
async function servesUser({ alpha, member }: Site): Promise<void> {
  await using own = member.spawn(["diskd", "--daemon"]);
  const socket = `${member.runtimeDir}/diskd/control.sock`;
  await isReady(own, socket);
  const { mode, uid } = socketOf(alpha, socket);
  assert.deepEqual([mode, uid], [0o600, member.uid]);
  const identity = `${member.home}/.local/state/diskd/identity.json`;
  const file = await Deno.stat(alpha.path(identity));
  assert.deepEqual([file.mode! & 0o777, file.uid], [0o600, member.uid]);

  await eventually(async () => {
    checkOutcome(await member.run(["diskd", "list"]), {
      stdout: /^HOST .*\nbeta .* far .*\n$/,
    }, "a user's list");
  });
  const { code } = await alpha.run(["diskd", "list"]);
  assert.equal(code, 3, "root does not ask the daemon of somebody else");
  const named = await alpha.run(["diskd", "list", "--socket", socket]);
  assert.equal(named.code, 0, named.stderr);

  await prefersOwn(alpha, member);
  assert.equal((await own.stop()).code, 0);
  assert.throws(
    () => Deno.lstatSync(alpha.path(socket)),
    Deno.errors.NotFound,
  );
}

/** Who may use root's daemon too asks the own one first. */
async function prefersOwn(alpha: Host, user: User): Promise<void> {
  await using _daemon = await Daemon.start(alpha, {
    // On a LAN of its own: here the user's daemon would give way to it.
    args: [
      ...["--port", "32004", "--host-name", "roots"],
      ...["--socket-group", GROUP.name],
    ],
  });
  const argv = ["diskd", "localhost"];
  checkOutcome(await user.run(argv), { stdout: /^host +alpha\n/ }, "user");
  checkOutcome(await alpha.run(argv), { stdout: /^host +roots\n/ }, "root");
}

async function isReady(daemon: Process, socket: string): Promise<void> {
  await daemon.waitForLog(new RegExp(` ready .*socket=${socket} `), 30_000);
}

function socketOf(host: Host, path: string) {
  const { isSocket, mode, uid, gid } = Deno.lstatSync(host.path(path));
  assert.ok(isSocket);
  return { mode: mode! & 0o777, uid, gid };
}
