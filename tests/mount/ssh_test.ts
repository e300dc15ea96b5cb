import assert from "node:assert/strict";
import { inSteps } from "../support/lan.ts";
import { ANYTHING } from "../support/check_outcome.ts";
import { asRoot } from "../support/host.ts";
import { ALLOW_ALL, type MountSite, mountTest } from "../support/mount_site.ts";
import {
  Gate,
  REAL_DISKD,
  replaceDiskd,
  restoreDiskd,
} from "../support/replaced_programs.ts";
import {
  AUTHORIZED_KEYS,
  KNOWN_HOSTS,
  setPassword,
} from "../support/ssh_lan.ts";
import { Terminal } from "../support/terminal.ts";
import { Login } from "../support/user.ts";

/** A number that nobody has. */
const ANNA = { name: "anna", uid: 30_037 };

const MOUNTED = "alpha:/run/media/diskd/backup";

mountTest({
  name: "diskd mount asks with ssh, and says why that did not work",
  programs: ["script"],
  config: `${ALLOW_ALL}readSocket: /run/diskd-read.sock\n`,
}, async (site, t) => {
  await site.plug("alpha", "backup");
  await inSteps(t, site, {
    "--ssh-option, --user": takesOptions,
    "an ordinary user": isOrdinary,
    "no ssh": hasNoSsh,
    "no diskd there": hasNoDiskd,
    "an old diskd there": hasOldDiskd,
    "no answer of diskd": answersNonsense,
    "a host that is slow": isSlow,
    "an unknown host key": hostIsUnknown,
    "a wrong key": keyIsRefused,
    "a password": asksForPassword,
    "unreachable": isUnreachable,
  });
});

async function takesOptions(site: MountSite): Promise<void> {
  const mount = (...words: string[]) => ["mount", "backup", ...words];
  // The user's own come first, and so they count.
  await site.refuses("beta", mount("--ssh-option", "Port=1"), {
    code: 7,
    stderr: /refused[^]*ssh could not connect to alpha/,
  });
  await site.refuses("beta", mount("--user", "nobody-there"), {
    code: 7,
    stderr: /nobody-there@alpha: Permission denied/,
  });
  for (const user of ["-oProxyCommand=x", "a b", "a;id", ""]) {
    await site.refuses("beta", mount(`--user=${user}`), {
      code: 2,
      stderr: /--user/,
    });
  }
  const options = ["--user", "root", "--ssh-option", "Compression yes"];
  await site.check("beta", mount(...options), {
    stdout: new RegExp(`^${MOUNTED}\n$`),
  });
  await site.check("beta", ["open", "backup", ...options], ANYTHING);
  await site.hasMounts([MOUNTED, "beta:/run/diskd-open/backup"]);
  await site.check("beta", ["unmount", "backup", ...options], ANYTHING);
  await site.hasMounts([]);
}

/** Who may log in over there, and is nobody in particular here. */
async function isOrdinary(site: MountSite): Promise<void> {
  const anna = await Login.create(site.host("beta"), ANNA);
  const key = await anna.prepareSsh(site.ssh.knownHosts([site.host("alpha")]));
  await site.refuses("beta", "mount backup --user anna", {
    code: 7,
    stderr: /anna@alpha: Permission denied/,
  });
  const keys = site.host("alpha").path(AUTHORIZED_KEYS);
  await Deno.writeTextFile(keys, `${key}\n`, { append: true });
  const folder = `${anna.user.runtimeDir}/diskd/open/backup`;
  await anna.check("open backup --user root", {
    stdout: new RegExp(`^${folder}\n$`),
    stderr: /^/,
  });
  await site.hasMounts([MOUNTED, `beta:${folder}`]);
  const read = await anna.user.run(["cat", `${folder}/hello`]);
  assert.equal(read.stdout, "from alpha\n");
  // What another user made is left alone, even by root.
  await site.check("beta", "open backup", ANYTHING);
  await site.hasMounts([
    MOUNTED,
    "beta:/run/diskd-open/backup",
    `beta:${folder}`,
  ]);
  await anna.check("unmount backup --user root --dry-run", {
    stdout: new RegExp(`^fusermount3 -u .*${folder}\nssh .*\n$`),
    stderr: /^/,
  });
  await anna.check("unmount backup --user root", ANYTHING);
  await site.hasMounts(["beta:/run/diskd-open/backup"]);
  await site.check("beta", "unmount backup", ANYTHING);
  await site.hasMounts([]);
}

async function hasNoSsh(site: MountSite): Promise<void> {
  await site.programs("beta").remove("ssh");
  await site.refuses("beta", "mount backup", {
    code: 7,
    stderr: /there is no ssh on this host[^]*openssh-client/,
  });
  await site.programs("beta").restore("ssh");
}

async function hasNoDiskd(site: MountSite): Promise<void> {
  await replaceDiskd(site.host("alpha"), null);
  await site.refuses("beta", "mount backup", {
    code: 7,
    stderr: /there is no diskd on alpha/,
  });
  await restoreDiskd(site.host("alpha"));
}

async function hasOldDiskd(site: MountSite): Promise<void> {
  const script = 'echo "diskd: Unknown command mount" >&2; exit 2';
  await replaceDiskd(site.host("alpha"), script);
  await site.refuses("beta", "mount backup", {
    code: 2,
    stderr: /Unknown command mount[^]*alpha is too old/,
  });
  await restoreDiskd(site.host("alpha"));
}

async function answersNonsense(site: MountSite): Promise<void> {
  const alpha = site.host("alpha");
  const refused = {
    code: 7,
    stderr: /the answer of alpha is not from diskd/,
  };
  const { hostId } = await site.daemon("alpha").call("localhost", {});
  const [row] = await site.daemon("beta").call("where", { name: "backup" });
  const honest = {
    ...{ host: "alpha", hostId, device: row!.device, uuid: row!.uuid },
    ...{ label: "backup", type: "ext4", path: "/mnt", at: null },
    ...{ readOnly: false, wasMounted: true },
  };
  const answers = [
    "",
    "welcome to alpha\n{}",
    "[]",
    JSON.stringify({ ...honest, path: `/${"x".repeat(5_000)}` }),
    JSON.stringify({ ...honest, uuid: crypto.randomUUID() }),
    "x".repeat(100_000),
  ];
  await Deno.writeTextFile(alpha.path("/run/answer"), "");
  await replaceDiskd(alpha, "cat /run/answer");
  for (const answer of answers) {
    await Deno.writeTextFile(alpha.path("/run/answer"), answer);
    await site.refuses("beta", "open backup", refused);
  }
  await restoreDiskd(alpha);
}

/** It says what it waits for. */
async function isSlow(site: MountSite): Promise<void> {
  const gate = new Gate(site.host("alpha"), "diskd");
  await replaceDiskd(
    site.host("alpha"),
    `${gate.lines}; exec ${REAL_DISKD} "$@"`,
  );
  const mounting = site.host("beta").spawn(["diskd", "mount", "backup"]);
  await gate.reached();
  await mounting.waitForLog(/alpha over ssh/);
  await gate.open();
  const { code, stdout, stderr } = await mounting.end(30_000);
  assert.deepEqual([code, stdout], [0, `${MOUNTED}\n`], stderr);
  await restoreDiskd(site.host("alpha"));
  await site.check("beta", "unmount backup", ANYTHING);
  await site.hasMounts([]);
}

async function hostIsUnknown(site: MountSite): Promise<void> {
  const [alpha, beta] = [site.host("alpha"), site.host("beta")];
  await Deno.writeTextFile(beta.path(KNOWN_HOSTS), "");
  await site.refuses("beta", "mount backup", {
    code: 7,
    stderr: /Host key verification failed[^]*a known host key/,
  });
  // At a terminal it asks.
  await using no = Terminal.open(beta, ["diskd", "mount", "backup"]);
  await no.shows(/Are you sure you want to continue connecting/);
  await no.type("no\r");
  assert.equal((await no.end()).code, 7);
  await site.hasMounts([]);
  await using yes = Terminal.open(beta, ["diskd", "mount", "backup"]);
  await yes.shows(/Are you sure you want to continue connecting/);
  await yes.type("yes\r");
  assert.equal((await yes.end()).code, 0);
  await site.hasMounts([MOUNTED]);
  await site.check("beta", "unmount backup", ANYTHING);

  const beta2 = site.ssh.knownHosts([beta]).replace("beta", "alpha");
  await Deno.writeTextFile(beta.path(KNOWN_HOSTS), beta2);
  await site.refuses("beta", "mount backup", {
    code: 7,
    stderr: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
  });
  const known = site.ssh.knownHosts([alpha, beta]);
  await Deno.writeTextFile(beta.path(KNOWN_HOSTS), known);
}

async function keyIsRefused(site: MountSite): Promise<void> {
  const alpha = site.host("alpha");
  await Deno.writeTextFile(alpha.path(AUTHORIZED_KEYS), "");
  const refused = {
    code: 7,
    stderr:
      /Permission denied[^]*ssh could not connect to alpha[^]*needs a key or an agent/,
  };
  await site.refuses("beta", "mount backup", refused);
  await site.refuses("beta", "open backup", refused);
}

async function asksForPassword(site: MountSite): Promise<void> {
  await setPassword(site.host("alpha"));
  const beta = site.host("beta");
  await using wrong = Terminal.open(beta, ["diskd", "mount", "backup"]);
  for (let tries = 0; tries < 3; tries++) {
    await wrong.shows(/root@alpha's password: $/);
    await wrong.type("wrong\r");
  }
  await wrong.shows(/ssh could not connect to alpha/);
  assert.equal((await wrong.end()).code, 7);
  await site.hasMounts([]);

  // Once for ssh, once for sshfs.
  await using right = Terminal.open(beta, ["diskd", "open", "backup"]);
  for (let times = 0; times < 2; times++) {
    await right.shows(/root@alpha's password: $/);
    await right.type("secret\r");
  }
  await right.shows(/\/run\/diskd-open\/backup\n/);
  assert.equal((await right.end()).code, 0);
  const opened = "beta:/run/diskd-open/backup";
  await site.hasMounts([MOUNTED, opened]);
  assert.doesNotMatch(right.text, /secret/);
  await using unmount = Terminal.open(beta, ["diskd", "unmount", "backup"]);
  await unmount.shows(/root@alpha's password: $/);
  await unmount.type("secret\r");
  assert.equal((await unmount.end()).code, 0);
  await site.hasMounts([]);
  const keys = `${site.ssh.key("beta")}\n`;
  await Deno.writeTextFile(site.host("alpha").path(AUTHORIZED_KEYS), keys);
}

async function isUnreachable(site: MountSite): Promise<void> {
  const beta = site.host("beta");
  await site.check("beta", "open backup", ANYTHING);
  const opened = [MOUNTED, "beta:/run/diskd-open/backup"];
  await site.hasMounts(opened);
  // Packets get lost, as if it were switched off.
  const drop = "table ip lost { chain output { type filter hook output " +
    "priority 0; tcp dport 22 drop; }; }";
  await asRoot(beta, `nft '${drop}'`);
  const soon = ["--ssh-option", "ConnectTimeout=1"];
  const lost = {
    code: 7,
    stderr: /timed out[^]*ssh could not connect to alpha/,
  };
  await site.refuses("beta", ["mount", "backup", ...soon], lost);
  // What is here goes, and it says what is left there.
  await site.check("beta", ["unmount", "backup", ...soon], {
    ...{ code: 7, stdout: /^/ },
    stderr: /timed out[^]*alpha/,
  });
  await site.hasMounts([MOUNTED]);
  await asRoot(beta, "nft delete table ip lost");
  await site.ssh.sshd("alpha")[Symbol.asyncDispose]();
  const refused = {
    code: 7,
    stderr: /refused[^]*ssh could not connect to alpha/,
  };
  await site.refuses("beta", "mount backup", refused);
  await site.refuses("beta", "unmount backup", refused);
  await site.check("alpha", "unmount backup", ANYTHING);
  await site.hasMounts([]);
}
