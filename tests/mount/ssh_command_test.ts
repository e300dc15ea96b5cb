import assert from "node:assert/strict";
import { ANYTHING } from "../support/check_outcome.ts";
import { eventually } from "../support/eventually.ts";
import { asRoot } from "../support/host.ts";
import { type Host, inSteps, type LoopDisk } from "../support/lan.ts";
import { PYTHON } from "../support/needs.ts";
import type { Outcome } from "../support/process.ts";
import { mountTest, type Plugged, plugged } from "../support/mount_site.ts";
import { AUTHORIZED_KEYS } from "../support/ssh_lan.ts";
import { User } from "../support/user.ts";

const THERE = "/run/media/diskd/backup-1";
const OPENED = "/run/diskd-open/backup-1";

/** Whoever is neither root nor anybody else. */
const STRANGER = 4321;

/** The second socket is for users who may not use root's. */
const CONFIG =
  'mount: {allow: ["backup-*"]}\nreadSocket: /run/diskd/read.sock\n';

mountTest({
  name: "a key for diskd ssh-command opens what mount.allow names alone",
  programs: ["bwrap", "sftp", PYTHON],
  config: CONFIG,
}, async (site, t) => {
  const fenced = await plugged(site, "backup-1");
  // Root of beta may come to alpha for this alone.
  const fence = `restrict,command="diskd ssh-command"`;
  await Deno.writeTextFile(
    fenced.alpha.path(AUTHORIZED_KEYS),
    `${fence} ${site.ssh.key("beta")}\n`,
  );
  await inSteps(t, fenced, {
    "nothing is mounted": hasNothing,
    "says what is allowed": saysWhatIsAllowed,
    "forwards nothing": forwardsNothing,
    "files of others": servesFilesOfOthers,
    "nothing beside the disk": hidesTheRest,
    "the system's own disk": hidesTheSystem,
    "unmounted there": endsWithTheMount,
    "killed": diesWhole,
    "a user": servesUser,
    "no bwrap": needsBwrap,
  });
});

function ssh(
  { beta }: Plugged,
  ...words: readonly string[]
): Promise<Outcome> {
  return beta.run(["ssh", "-o", "BatchMode=yes", ...words]);
}

/** Runs commands of sftp(1), a line each, and says how that ended. */
function sftp({ beta }: Plugged, ...lines: string[]): Promise<Outcome> {
  const argv = ["sftp", "-o", "BatchMode=yes", "-b", "-", "alpha"];
  return beta.run(argv, { input: `${lines.join("\n")}\n` });
}

async function hasNothing(fenced: Plugged): Promise<void> {
  const { code, stderr } = await sftp(fenced, "ls /");
  assert.notEqual(code, 0, stderr);
  // What a subsystem says sshd does not pass on, so it is asked for at home.
  const asked = await fenced.alpha.run(["diskd", "ssh-command"], {
    env: { SSH_ORIGINAL_COMMAND: "internal-sftp" },
  });
  assert.equal(asked.code, 6);
  assert.match(asked.stderr, /no disk is mounted that mount\.allow .* names/);
}

async function saysWhatIsAllowed(fenced: Plugged): Promise<void> {
  for (const words of [[], ["id"], ["diskd", "list"]]) {
    const { code, stdout, stderr } = await ssh(fenced, "-T", "alpha", ...words);
    assert.deepEqual([code, stdout], [6, ""], stderr);
    assert.equal(
      stderr,
      "diskd: over ssh only these are allowed: " +
        "diskd mount --here UUID [--read-only] --json, " +
        "diskd unmount --here UUID --json, " +
        "diskd locate --here NAME [--for TIME] --json, and sftp\n",
    );
  }
}

async function forwardsNothing(fenced: Plugged): Promise<void> {
  const forward = ["-o", "ExitOnForwardFailure=yes", "-N"];
  const remote = await ssh(fenced, ...forward, "-R", "9999:alpha:22", "alpha");
  assert.notEqual(remote.code, 0);
  assert.match(remote.stderr, /remote port forwarding failed/);
  const local = await ssh(fenced, "-W", "alpha:22", "alpha");
  assert.notEqual(local.code, 0);
  assert.match(local.stderr, /stdio forwarding failed/);
  const terminal = await ssh(fenced, "-tt", "alpha");
  assert.match(terminal.stderr, /PTY allocation request failed/);
}

async function servesFilesOfOthers(fenced: Plugged): Promise<void> {
  const { site, alpha, beta } = fenced;
  await site.check("beta", "open backup-1", ANYTHING);
  await asRoot(
    alpha,
    `cd ${THERE} && echo mine >others && chown ${STRANGER} others && ` +
      `chmod 600 others && mkdir -m 700 folder && chown ${STRANGER} folder`,
  );
  await asRoot(
    beta,
    `cd ${OPENED} && grep mine others && echo more >>others && ` +
      "echo new >folder/new && chown 77:78 folder/new && mv folder/new moved",
  );
  assert.equal(await asRoot(alpha, `cat ${THERE}/others`), "mine\nmore\n");
  const owner = await asRoot(alpha, `stat -c %u:%g ${THERE}/moved`);
  assert.equal(owner, "77:78\n");
  await isCopiedWhole(fenced);
  await site.check("beta", "unmount backup-1", ANYTHING);
  await site.hasMounts([]);
}

/** 4 MB there and back. */
async function isCopiedWhole({ alpha, beta }: Plugged): Promise<void> {
  await asRoot(
    beta,
    `cd /mnt && head -c 4000000 /dev/urandom >a && cp a ${OPENED}/a && ` +
      `cmp a ${OPENED}/a && rm a`,
  );
  await asRoot(alpha, `rm ${THERE}/a`);
}

async function hidesTheRest(fenced: Plugged): Promise<void> {
  const { site, alpha, beta } = fenced;
  const secret = await site.plug("alpha", "secret");
  await site.check("beta", "mount backup-1", ANYTHING);
  await asRoot(
    alpha,
    `mkdir ${THERE}/inner && mount ${secret.device} ${THERE}/inner && ` +
      `ln -s /etc/shadow ${THERE}/link && touch /run/lan/not-for-beta`,
  );
  const root = ["/dev", "/etc", "/lib", "/lib64", "/run", "/usr"];
  const seen = await list(fenced, "/");
  assert.deepEqual(seen.filter((path) => !root.includes(path)), []);
  assert.deepEqual(await list(fenced, "/etc"), ["/etc/passwd"]);
  assert.deepEqual(await list(fenced, "/dev"), ["/dev/null"]);
  assert.deepEqual(await list(fenced, "/run"), ["/run/media"]);
  assert.deepEqual(await list(fenced, "/run/media/diskd"), [THERE]);
  assert.deepEqual(await list(fenced, `${THERE}/inner`), []);
  const tries = [
    ...["get /etc/shadow", `get ${THERE}/link`, `get ${THERE}/inner/hello`],
    ...["get /proc/1/environ", "get /run/lan/not-for-beta", "ls /run/lan"],
    ...[`ls ${THERE}/../secret`, "ls /bin", "ls /usr/bin", "ls /root"],
    ...["mkdir /new", "mkdir /etc/new", `mkdir ${THERE}/inner/new`],
    ...["put /etc/hostname /usr/lib/new", "put /etc/hostname /dev/new"],
    ...["rename /etc/passwd /etc/new", "chmod 777 /usr/lib"],
  ];
  // The hyphen has sftp go on after what fails.
  const lines = tries.map((line) => `-${line}`);
  const { stdout, stderr } = await sftp(fenced, "lcd /mnt", ...lines);
  const failed = stderr.split("\n").filter((line) => line.trim() !== "");
  assert.equal(failed.length, tries.length, stdout + stderr);
  assert.deepEqual(await asRoot(beta, "ls /mnt"), "");
  await sftp(fenced, "get /etc/passwd /mnt/passwd");
  assert.equal(
    await asRoot(beta, "cat /mnt/passwd && rm /mnt/passwd"),
    "diskd:x:0:65534::/:/\n",
  );
  await asRoot(alpha, `umount ${THERE}/inner && rmdir ${THERE}/inner`);
  await site.check("beta", "unmount backup-1", ANYTHING);
  await site.pull("alpha", secret);
}

/** What sftp lists of a directory. */
async function list(fenced: Plugged, path: string): Promise<string[]> {
  const { code, stdout, stderr } = await sftp(fenced, `ls -1 ${path}`);
  assert.equal(code, 0, stderr);
  return stdout.split("\n").filter((line) => line.startsWith("/"));
}

/** Whatever `mount.allow` names. */
async function hidesTheSystem(fenced: Plugged): Promise<void> {
  const { site, alpha, disk } = fenced;
  await asRoot(alpha, `mkdir /etc/own && mount ${disk.device} /etc/own`);
  await site.check("beta", "mount backup-1", ANYTHING);
  await hasNothing(fenced);
  await asRoot(alpha, `umount /etc/own && rmdir /etc/own`);
}

/** A session would hold the disk where nobody sees it. */
async function endsWithTheMount(fenced: Plugged): Promise<void> {
  const { site, alpha, beta, disk } = fenced;
  await site.check("beta", "open backup-1", ANYTHING);
  await asRoot(beta, `cat ${OPENED}/hello`);
  assert.equal(await isHeld(alpha, disk), true);
  await site.check("alpha", "unmount backup-1", ANYTHING);
  await eventually(async () => {
    assert.equal(await isHeld(alpha, disk), false);
  });
  await site.check("beta", "unmount backup-1", ANYTHING);
  await site.hasMounts([]);
}

/** Whether it is mounted, in whichever namespace: open(2) of a block device with `O_EXCL`. */
async function isHeld(host: Host, { device }: LoopDisk): Promise<boolean> {
  const script = `import os; os.open("${device}", os.O_RDONLY | os.O_EXCL)`;
  const { code, stderr } = await host.run([PYTHON, "-c", script]);
  if (code !== 0) assert.match(stderr, /EBUSY|busy/);
  return code !== 0;
}

async function diesWhole(fenced: Plugged): Promise<void> {
  const { site, alpha, beta } = fenced;
  await site.check("beta", "open backup-1", ANYTHING);
  await asRoot(beta, `cat ${OPENED}/hello`);
  assert.equal((await processes(alpha, "sftp-server")).length > 0, true);
  const diskd = await processes(alpha, "ssh-command");
  // One may end with the other.
  await asRoot(alpha, `kill -9 ${diskd.join(" ")} || true`);
  await eventually(async () => {
    assert.deepEqual(await processes(alpha, "sftp-server"), []);
  });
  await site.check("beta", "unmount backup-1", ANYTHING);
  await site.hasMounts([]);
}

/** Ids of the processes of a host that have that word in their command line. */
async function processes(host: Host, word: string): Promise<string[]> {
  // The pattern does not match the command line that it is in.
  const pattern = `[${word[0]}]${word.slice(1)}`;
  const text = await asRoot(
    host,
    `cd /proc && grep -l '${pattern}' [0-9]*/cmdline 2>/dev/null || true`,
  );
  return [...text.matchAll(/^\d+/gm)].map(([pid]) => pid);
}

/** Not root, so bwrap makes a namespace of users, and files keep their rights. */
async function servesUser(fenced: Plugged): Promise<void> {
  const { site, alpha } = fenced;
  const user = await User.create(alpha, { uid: 1000 });
  await site.check("alpha", "mount backup-1", ANYTHING);
  await asRoot(
    alpha,
    `cd ${THERE} && echo own >own && chown 1000 own && chmod 600 own && ` +
      "chmod 644 hello",
  );
  const sftp = (line: string) =>
    user.run(["sftp", "-b", "-", "-D", "diskd ssh-command"], {
      env: { SSH_ORIGINAL_COMMAND: "internal-sftp" },
      input: `lcd ${user.home}\n${line}\n`,
    });
  for (const name of ["hello", "own"]) {
    const { code, stderr } = await sftp(`get ${THERE}/${name}`);
    assert.equal(code, 0, stderr);
  }
  const put = await sftp(`put own ${THERE}/own`);
  assert.equal(put.code, 0, put.stderr);
  for (const path of [`${THERE}/others`, "/etc/shadow", "/etc/hostname"]) {
    const { code } = await sftp(`get ${path}`);
    assert.notEqual(code, 0, path);
  }
  await site.check("alpha", "unmount backup-1", ANYTHING);
}

async function needsBwrap(fenced: Plugged): Promise<void> {
  const { site } = fenced;
  await site.programs("alpha").remove("bwrap");
  await site.refuses("beta", "open backup-1", {
    code: 7,
    stderr: /^diskd: alpha serves no files: .* bubblewrap\n/m,
  });
  await site.programs("alpha").restore("bwrap");
}
