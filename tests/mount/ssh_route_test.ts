import assert from "node:assert/strict";
import { ANYTHING } from "../support/check_outcome.ts";
import { eventually } from "../support/eventually.ts";
import { asRoot, type Host } from "../support/host.ts";
import { configure } from "../support/keys.ts";
import { inSteps } from "../support/lan.ts";
import {
  ALLOW_ALL,
  mountTest,
  type Plugged,
  plugged,
} from "../support/mount_site.ts";
import {
  AUTHORIZED_KEYS,
  KNOWN_HOSTS,
  makeSshKey,
  SSH_FOLDER,
} from "../support/ssh_lan.ts";
import { Login } from "../support/user.ts";

const MOUNTED = "alpha:/run/media/diskd/backup";
const FOLDER = "/run/diskd-open/backup";
const OPENED = `beta:${FOLDER}`;

/** Numbers that nobody has. */
const ANNA = { name: "anna", uid: 30_037 };
const ADMIN = { name: "admin", uid: 30_038 };

mountTest(
  {
    name: "diskd mount finds the way to a host",
    programs: ["sudo", "fish", "zsh"],
  },
  async (site, t) => {
    await inSteps(t, await plugged(site, "backup"), {
      "a name that nobody knows": isInNoDns,
      "a name that leads elsewhere": leadsElsewhere,
      "commands of ssh_config": hasCommands,
      "ProxyJump": jumps,
      "shells": hasShells,
      "a banner": hasBanner,
      "closed streams": hasClosedStreams,
      "the configuration": isConfigured,
      "sudo": needsSudo,
      "a user behind sudo": isBehindSudo,
    });
  },
);

mountTest({
  name: "diskd mount reaches a host that has a link-local address alone",
  hosts: [
    { name: "alpha", families: ["IPv6"] },
    { name: "beta", families: ["IPv4", "IPv6"] },
  ],
}, async (site) => {
  const there = await plugged(site, "backup");
  const { alpha, beta } = there;
  await nameAlpha(beta, null);
  const address = `${alpha.ports[0]!.ipv6}%eth0`;
  const way = `HostName=${address.replace("%", "%%")}`;
  await site.check("beta", "open backup --dry-run", {
    stdout: new RegExp(`-o ${way} -o HostKeyAlias=alpha [^]*${way}`),
    stderr: /^/,
  });
  await opens(there);
  await configure(beta, `${ALLOW_ALL}ssh: {alpha: {host: "${address}"}}\n`);
  const known = site.ssh.knownHosts([alpha]).replace("alpha", address);
  await Deno.writeTextFile(beta.path(KNOWN_HOSTS), known);
  await opens(there);
});

/** Opens the disk, reads it, and unmounts it again. */
async function opens({ site, beta }: Plugged): Promise<void> {
  await site.check("beta", "open backup", {
    stdout: new RegExp(`^${FOLDER}\n$`),
    stderr: /^/,
  });
  await site.hasMounts([MOUNTED, OPENED]);
  assert.equal(await asRoot(beta, `cat ${FOLDER}/hello`), "from alpha\n");
  await site.check("beta", "unmount backup", { stdout: /^/, stderr: /^/ });
  await site.hasMounts([]);
}

/** Gives alpha another address in `/etc/hosts`; `null`: none. */
async function nameAlpha(host: Host, address: string | null): Promise<void> {
  const file = host.path("/etc/hosts");
  const text = await Deno.readTextFile(file);
  const others = text.replace(/^\S+ alpha\n/m, "");
  const line = address === null ? "" : `${address} alpha\n`;
  await Deno.writeTextFile(file, others + line);
}

async function isInNoDns(plugged: Plugged): Promise<void> {
  const { site, alpha, beta } = plugged;
  await nameAlpha(beta, null);
  const way = `-o HostName=${alpha.address} -o HostKeyAlias=alpha `;
  await site.check("beta", "open backup --dry-run", {
    stdout: new RegExp(`^ssh .*${way}.* alpha diskd[^]*\nsshfs .*${way}`),
    stderr: /^/,
  });
  await site.check("beta", "unmount backup --dry-run", {
    stdout: new RegExp(`^ssh .*${way}`),
  });
  await opens(plugged);
  // It is the host's key that counts, by its name.
  const { ssh } = site;
  const wrong = ssh.knownHosts([beta]).replace("beta", "alpha");
  await Deno.writeTextFile(beta.path(KNOWN_HOSTS), wrong);
  await site.refuses("beta", "mount backup", {
    code: 7,
    stderr: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
  });
  const known = ssh.knownHosts([alpha, beta]);
  await Deno.writeTextFile(beta.path(KNOWN_HOSTS), known);
}

async function leadsElsewhere(plugged: Plugged): Promise<void> {
  const { site, alpha, beta } = plugged;
  // There is a sshd, too.
  await nameAlpha(beta, beta.address);
  await site.check("beta", "mount backup", {
    stdout: new RegExp(`^${MOUNTED}\n$`),
    stderr: new RegExp(
      `^alpha is ${beta.address} by name, but is heard at ${alpha.address}; `,
    ),
  });
  await site.check("beta", "unmount backup", { ...ANYTHING, stderr: /^/ });
  // What ssh_config says counts.
  await sshConfig(beta, [`HostName ${beta.address}`]);
  await site.refuses("beta", "mount backup", {
    code: 7,
    stderr: /HOST IDENTIFICATION HAS CHANGED|Host key verification failed/,
  });
  await sshConfig(beta, []);
}

async function sshConfig(
  host: Host,
  lines: readonly string[],
): Promise<void> {
  const text = ["Host alpha", ...lines].join("\n  ");
  await Deno.writeTextFile(host.path(`${SSH_FOLDER}/config`), `${text}\n`);
}

/** They are for people who type `ssh alpha`. */
async function hasCommands(plugged: Plugged): Promise<void> {
  const { alpha, beta } = plugged;
  await nameAlpha(beta, alpha.address);
  await sshConfig(beta, [
    "RemoteCommand touch /run/remote-ran; tmux attach",
    "RequestTTY force",
    "PermitLocalCommand yes",
    "LocalCommand touch /run/local-ran",
    "SessionType none",
    "StdinNull yes",
    "ForkAfterAuthentication yes",
    "ForwardAgent yes",
    "ForwardX11 yes",
    "ExitOnForwardFailure yes",
    "LocalForward 22 localhost:22",
    "RemoteForward 22 localhost:22",
    "ControlMaster auto",
    "ControlPersist 2",
    `ControlPath ${SSH_FOLDER}/%C`,
  ]);
  await opens(plugged);
  await asRoot(alpha, "! test -e /run/remote-ran");
  await asRoot(beta, "! test -e /run/local-ran");
  await sshConfig(beta, []);
}

/** The name is looked up there. */
async function jumps(plugged: Plugged): Promise<void> {
  const { site, alpha, beta } = plugged;
  await sshConfig(beta, ["ProxyJump beta"]);
  await opens(plugged);
  // Where that cannot be reached, ssh takes no other way.
  await nameAlpha(beta, null);
  await site.refuses("beta", "mount backup", { code: 7, stderr: /alpha/ });
  await nameAlpha(beta, alpha.address);
  await sshConfig(beta, []);
}

/** What root logs in to, there. */
async function hasShells(plugged: Plugged): Promise<void> {
  const { alpha } = plugged;
  const file = alpha.path("/etc/passwd");
  const text = await Deno.readTextFile(file);
  for (const shell of ["/usr/bin/fish", "/usr/bin/zsh"]) {
    const changed = text.replace(/^(root:.*:)\/bin\/sh$/m, `$1${shell}`);
    assert.notEqual(changed, text);
    await Deno.writeTextFile(file, changed);
    await opens(plugged);
  }
  await Deno.writeTextFile(file, text);
}

/** sshd sends it on the way of errors. */
async function hasBanner(plugged: Plugged): Promise<void> {
  const { site, alpha, beta } = plugged;
  await asRoot(
    alpha,
    "echo 'Authorized use only' >/run/banner && " +
      "echo 'Banner /run/banner' >>/run/lan/sshd/sshd_config && kill -HUP $(cat /run/lan/sshd/pid)",
  );
  await eventually(async () => {
    const login = await beta.run(["ssh", "alpha", "true"]);
    assert.match(login.stderr, /Authorized use only/);
  });
  await site.check("beta", "open backup", {
    stdout: new RegExp(`^${FOLDER}\n$`),
    stderr: /^Authorized use only/,
  });
  await site.check("beta", "unmount backup", ANYTHING);
  await site.hasMounts([]);
}

async function hasClosedStreams({ site, beta }: Plugged): Promise<void> {
  const run = (line: string) => beta.run(["sh", "-c", line]);
  for (const streams of ["<&-", "2>&-", "<&- 2>&-"]) {
    const opened = await run(`diskd open backup ${streams}`);
    assert.deepEqual([opened.code, opened.stdout], [0, `${FOLDER}\n`]);
    await site.hasMounts([MOUNTED, OPENED]);
    const { code, stderr } = await run(`diskd unmount backup ${streams}`);
    assert.equal(code, 0, stderr);
    await site.hasMounts([]);
  }
}

async function isConfigured(plugged: Plugged): Promise<void> {
  const { site, alpha, beta } = plugged;
  await nameAlpha(beta, null);
  const identityFile = `${SSH_FOLDER}/other`;
  const key = await makeSshKey(beta, identityFile);
  const keys = alpha.path(AUTHORIZED_KEYS);
  // No other key is tried then.
  const others = await Deno.readTextFile(keys);
  await Deno.writeTextFile(keys, `${key}\n`);
  const entry = `{host: ${alpha.address}, port: 22, ` +
    `identityFile: ${identityFile}}`;
  await configure(beta, `${ALLOW_ALL}ssh: {alpha: ${entry}}\n`);
  await site.check("beta", "mount backup --dry-run", {
    stdout: new RegExp(
      `-o Port=22 -o IdentityFile=${identityFile} .* -- ${alpha.address} diskd`,
    ),
  });
  await asRoot(
    beta,
    `echo '${site.ssh.knownHosts([alpha]).replace("alpha", alpha.address)}' ` +
      `>>${KNOWN_HOSTS}`,
  );
  await opens(plugged);
  await Deno.writeTextFile(keys, others);
  await configure(beta, `${ALLOW_ALL}ssh: {alpha: {usr: root}}\n`);
  await site.refuses("beta", "mount backup", {
    code: 2,
    stderr: /ssh\.alpha has the unknown key "usr", did you mean user\?/,
  });
}

/** Whoever may log in there is not root, but may become root for this. */
async function needsSudo(plugged: Plugged): Promise<void> {
  const { site, alpha, beta } = plugged;
  const admin = await Login.create(alpha, ADMIN);
  await admin.prepareSsh("");
  const keys = `${admin.user.home}/.ssh/authorized_keys`;
  await Deno.writeTextFile(alpha.path(keys), `${site.ssh.key("beta")}\n`);
  await configure(
    beta,
    `${ALLOW_ALL}ssh: {alpha: {user: admin, sudo: true}}\n`,
  );
  const line = "admin ALL=(root) NOPASSWD: " +
    "/usr/local/bin/diskd ssh-command -- *";
  await site.refuses("beta", "mount backup", {
    code: 7,
    stderr: new RegExp(
      `sudo: a password is required[^]*\n${line.replace(/[()*]/g, "\\$&")}\n`,
    ),
  });
  await sudoers(alpha, line.replace("/usr/local", "/run/lan"));
  await sshConfig(beta, ["RequestTTY force"]);
  await opens(plugged);
  // As root, it also reads what is root's alone.
  await site.check("beta", "open backup", ANYTHING);
  await asRoot(alpha, "cd /run/media/diskd/backup && chmod 600 hello");
  assert.equal(await asRoot(beta, `cat ${FOLDER}/hello`), "from alpha\n");
  await site.check("beta", "unmount backup", ANYTHING);
  await site.hasMounts([]);
  await configure(alpha, `${ALLOW_ALL}locate: {allow: [backup]}\n`);
  await site.check("beta", "locate backup --for 1s", {
    stdout: /^backup is on alpha\n/,
    stderr: /reads in pulses/,
  });
  await onlyThat(plugged);
}

/** Adds a line, and has sudo find diskd where it is in a test. */
async function sudoers(host: Host, line: string): Promise<void> {
  const lines = [
    'Defaults secure_path="/run/lan/bin:/usr/sbin:/usr/bin:/sbin:/bin"',
    'Defaults env_keep+="DENO_DIR"',
    line,
  ];
  await Deno.writeTextFile(
    host.path("/etc/sudoers.d/diskd"),
    lines.map((line) => `${line}\n`).join(""),
    { mode: 0o440 },
  );
}

/** Who typed it uses the files, as far as those allow. */
async function isBehindSudo({ site, alpha, beta }: Plugged): Promise<void> {
  await configure(beta, ALLOW_ALL);
  const anna = await Login.create(beta, ANNA);
  await sudoers(beta, "anna ALL=(ALL) NOPASSWD: ALL");
  const sudo = (words: string) =>
    anna.user.run(["sudo", "-n", "diskd", ...words.split(" ")]);
  const reads = async (path: string) =>
    (await anna.user.run(["cat", path])).stdout;
  const there = "/run/media/diskd/backup";
  // It was open for root alone.
  await site.check("beta", "open backup", ANYTHING);
  await asRoot(
    alpha,
    `cd ${there} && chmod 644 hello && cp hello own && chmod 600 own`,
  );
  assert.equal(await reads(`${FOLDER}/hello`), "");
  const opened = await sudo("open backup");
  assert.equal(opened.code, 0, opened.stderr);
  assert.doesNotMatch(opened.stderr, /may not read/);
  assert.equal(opened.stdout, `${FOLDER}\n`);
  assert.equal(await reads(`${FOLDER}/hello`), "from alpha\n");
  assert.equal(await reads(`${FOLDER}/own`), "");
  assert.equal((await sudo("unmount backup")).code, 0);
  await site.hasMounts([]);

  await site.check("alpha", "mount backup", ANYTHING);
  await asRoot(alpha, `chmod 700 ${there}`);
  const closed = await sudo("mount backup --at /mnt/b");
  assert.deepEqual([closed.code, closed.stdout], [0, "/mnt/b\n"]);
  assert.match(
    closed.stderr,
    new RegExp(
      `^anna may not read it: /mnt/b is .* As root on alpha: chmod o\\+rx ${there}$`,
      "m",
    ),
  );
  assert.equal((await sudo("unmount backup")).code, 0);
  await site.hasMounts([]);

  // A disk of the host itself.
  await site.plug("beta", "own");
  const own = await sudo("open own");
  assert.deepEqual([own.code, own.stderr], [0, ""]);
  const file = `${own.stdout.trim()}/hello`;
  await asRoot(beta, `chmod 644 ${file}`);
  assert.equal(await reads(file), "from beta\n");
  assert.equal((await sudo("unmount own")).code, 0);
  await site.hasMounts([]);
}

/** The line in sudoers gives nothing more. */
async function onlyThat({ alpha }: Plugged): Promise<void> {
  const tries = [
    ["diskd", "list"],
    ["diskd", "ssh-command"],
    ["diskd", "ssh-command", "--socket", "/tmp/x", "--", "internal-sftp"],
  ];
  const su = ["setpriv", `--reuid=${ADMIN.uid}`, "--clear-groups", "--"];
  for (const words of tries) {
    const { code, stderr } = await alpha.run([...su, "sudo", "-n", ...words]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /password is required/);
  }
  const command = ["diskd", "ssh-command", "--"];
  for (const words of ["diskd list", "sh", "--version", ""]) {
    const argv = [...su, "sudo", "-n", ...command, ...words.split(" ")];
    const { code, stderr } = await alpha.run(argv);
    assert.equal(code, 6, stderr);
    assert.match(stderr, /over ssh only these are allowed/);
  }
}
