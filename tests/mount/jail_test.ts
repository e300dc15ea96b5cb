import assert from "node:assert/strict";
import { ANYTHING } from "../support/check_outcome.ts";
import { eventually } from "../support/eventually.ts";
import { asRoot } from "../support/host.ts";
import { isHeld, processes } from "../support/in_use.ts";
import { inSteps } from "../support/lan.ts";
import { type LoopDisk, writeOnto } from "../support/loop_disk.ts";
import { PYTHON } from "../support/needs.ts";
import type { Outcome } from "../support/process.ts";
import { mountTest, type Plugged, plugged } from "../support/mount_site.ts";
import { AUTHORIZED_KEYS } from "../support/ssh_lan.ts";
import { User } from "../support/user.ts";

const THERE = "/run/media/diskd/backup-1";
const INNER = `${THERE}/inner`;

/** Where beta keeps what it gets. */
const GOT = "/mnt/got";

const CONFIG =
  'mount: {allow: ["backup-*"]}\nreadSocket: /run/diskd/read.sock\n';

interface Jailed extends Plugged {
  /** A disk that callers may not see. */
  readonly secret: LoopDisk;
}

mountTest({
  name: "the jail of diskd ssh-command never shows what is mounted later",
  programs: ["bwrap", "sftp", PYTHON],
  config: CONFIG,
}, async (site, t) => {
  const fenced = await plugged(site, "backup-1");
  const { alpha } = fenced;
  await Deno.writeTextFile(
    alpha.path(AUTHORIZED_KEYS),
    `restrict,command="diskd ssh-command" ${site.ssh.key("beta")}\n`,
  );
  const secret = await site.plug("alpha", "secret");
  await writeOnto(secret, { name: "only-here", text: "secret\n" });
  await site.check("alpha", "mount backup-1", ANYTHING);
  // systemd makes all mounts so: what is mounted within comes to other
  // namespaces too.
  await asRoot(
    alpha,
    `mount --make-shared ${THERE} && chmod 644 ${THERE}/hello && ` +
      `mkdir ${INNER} /srv/other`,
  );
  await inSteps(t, { ...fenced, secret }, {
    "while a session runs": hidesWhatComes,
    "while a user's session runs": hidesFromUsers,
    "while sessions begin": hidesAtTheStart,
    "mounted for a moment": checksTheJail,
    "over the disk": endsWhenCovered,
    "unmounted": holdsNothing,
    "no unshare": needsUnshare,
  });
});

/** Ways to mount something with a file `hello` within the disk. */
function waysToMount({ device }: LoopDisk): string[] {
  return [
    `mount ${device} ${INNER}`,
    `mount -t tmpfs tmpfs ${INNER} && echo secret >${INNER}/hello`,
    `mount ${device} /srv/other && mount --bind /srv/other ${INNER}`,
  ];
}

async function hidesWhatComes(jailed: Jailed): Promise<void> {
  const { alpha, beta, secret } = jailed;
  for (const command of waysToMount(secret)) {
    const reading = await readAgainAndAgain(jailed);
    await asRoot(alpha, command);
    const { code, stderr } = await reading.ended;
    assert.notEqual(code, 0, stderr.slice(-500));
    assert.equal(await asRoot(beta, "ls /mnt"), "first\n", command);
    await asRoot(alpha, `umount ${INNER}; umount /srv/other || true`);
  }
}

/** Reads what is not there, in the hope that it will be, until the session ends. */
async function readAgainAndAgain(
  { beta }: Plugged,
): Promise<{ readonly ended: Promise<Outcome> }> {
  await asRoot(beta, "rm -f /mnt/*");
  const lines = [
    `get ${THERE}/hello /mnt/first`,
    ...Array.from({ length: 50_000 }, () => `-get ${INNER}/hello ${GOT}`),
  ];
  const argv = ["sftp", "-q", "-o", "BatchMode=yes", "-b", "-", "alpha"];
  const ended = beta.run(argv, { input: `${lines.join("\n")}\n` });
  await eventually(() => asRoot(beta, "test -s /mnt/first"));
  return { ended };
}

async function hidesFromUsers(jailed: Jailed): Promise<void> {
  const { alpha, secret } = jailed;
  const user = await User.create(alpha, { uid: 1000 });
  const lines = [
    `lcd ${user.home}`,
    `get ${THERE}/hello first`,
    ...Array.from({ length: 50_000 }, () => `-get ${INNER}/hello got`),
  ];
  const ended = user.run(
    ["sftp", "-q", "-b", "-", "-D", "diskd ssh-command"],
    {
      env: { SSH_ORIGINAL_COMMAND: "internal-sftp" },
      input: `${lines.join("\n")}\n`,
    },
  );
  await eventually(() => asRoot(alpha, `test -s ${user.home}/first`));
  await asRoot(alpha, `mount ${secret.device} ${INNER}`);
  await ended;
  assert.equal(await asRoot(alpha, `ls ${user.home}`), "first\n");
  await asRoot(alpha, `umount ${INNER}`);
}

/** Sessions begin while mounts come and go. */
async function hidesAtTheStart(jailed: Jailed): Promise<void> {
  const { alpha, beta, secret } = jailed;
  await asRoot(beta, "rm -f /mnt/*");
  const mounting = alpha.spawn([
    "sh",
    "-c",
    [
      "while test ! -e /srv/stop; do",
      `mount ${secret.device} ${INNER}; umount ${INNER};`,
      `mount ${secret.device} ${THERE}; umount ${THERE};`,
      "sleep 0.0$(($$ % 7)); done",
    ].join(" "),
  ]);
  for (let session = 0; session < 6; session++) {
    await readsNothing(jailed);
  }
  await asRoot(alpha, "touch /srv/stop");
  await mounting.end(10_000);
}

async function readsNothing({ beta }: Jailed): Promise<void> {
  const lines = Array.from({ length: 100 }, () => [
    `-get ${INNER}/hello ${GOT}`,
    `-get ${THERE}/only-here ${GOT}`,
  ]).flat();
  const argv = ["sftp", "-q", "-o", "BatchMode=yes", "-b", "-", "alpha"];
  await beta.run(argv, { input: `${lines.join("\n")}\n` });
  assert.equal(await asRoot(beta, "ls /mnt"), "");
}

/** Something was mounted after diskd looked, when bwrap did, and is gone when diskd looks again. */
async function checksTheJail(jailed: Jailed): Promise<void> {
  const { site, alpha, secret } = jailed;
  const bwrap = site.programs("alpha");
  for (const place of [INNER, THERE]) {
    await bwrap.replace(
      "bwrap",
      [
        'case "$*" in *--as-pid-1*)',
        "exec unshare --mount --propagation slave sh -c",
        `'mount ${secret.device} ${place} && exec bwrap.real "$@"' sh "$@";;`,
        'esac; exec bwrap.real "$@"',
      ].join(" "),
    );
    await Deno.copyFile("/usr/bin/bwrap", alpha.path("/usr/bin/bwrap.real"));
    await readsNothing(jailed);
    assert.deepEqual(await processes(alpha, "bwrap"), []);
  }
  await bwrap.restore("bwrap");
}

async function endsWhenCovered(jailed: Jailed): Promise<void> {
  const { alpha, secret } = jailed;
  const reading = await readAgainAndAgain(jailed);
  await asRoot(alpha, `mount ${secret.device} ${THERE}`);
  const { code, stderr } = await reading.ended;
  assert.notEqual(code, 0, stderr.slice(-500));
  await asRoot(alpha, `umount ${THERE}`);
}

/** A session keeps no disk from being unmounted, nor in use where nobody sees it. */
async function holdsNothing(jailed: Jailed): Promise<void> {
  const { alpha, secret, site } = jailed;
  await asRoot(alpha, `mount ${secret.device} /srv/other`);
  const reading = await readAgainAndAgain(jailed);
  await asRoot(alpha, "umount /srv/other");
  assert.equal(await isHeld(alpha, secret), false);
  assert.equal((await processes(alpha, "sftp-server")).length > 0, true);
  await asRoot(alpha, `umount ${THERE}`);
  await reading.ended;
  await eventually(async () => {
    assert.equal(await isHeld(alpha, jailed.disk), false);
  });
  await site.check("alpha", "mount backup-1", ANYTHING);
  await asRoot(alpha, `mount ${secret.device} ${INNER}`);
  const second = await readAgainAndAgain(jailed);
  await asRoot(alpha, `umount ${INNER}`);
  await second.ended;
  await eventually(async () => {
    assert.equal(await isHeld(alpha, secret), false);
  });
}

async function needsUnshare({ site }: Jailed): Promise<void> {
  await site.programs("alpha").remove("unshare");
  await site.refuses("beta", "open backup-1", {
    code: 7,
    stderr: /^diskd: alpha serves no files: .* util-linux\n/m,
  });
  await site.programs("alpha").restore("unshare");
}
