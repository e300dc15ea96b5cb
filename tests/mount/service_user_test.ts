import assert from "node:assert/strict";
import type { DiskRow, HostRow } from "../../src/control/views.ts";
import { type FalseAnswers, FalseDaemon } from "../support/false_daemon.ts";
import { asRoot } from "../support/host.ts";
import { configure } from "../support/keys.ts";
import { type Host, inSteps, type LoopDisk } from "../support/lan.ts";
import { type MountSite, mountTest } from "../support/mount_site.ts";
import { PYTHON } from "../support/needs.ts";
import { Terminal } from "../support/terminal.ts";
import { User } from "../support/user.ts";

/** The user of the service, taken over. */
const SERVICE = 30_048;
/** Somebody else. */
const MALLORY = 30_049;

const PRECIOUS = "/run/precious";
const PRIVATE = "/run/private";
const PWNED = "/run/pwned";

interface TakenOver {
  readonly site: MountSite;
  readonly beta: Host;
  readonly mallory: User;
  readonly daemon: FalseDaemon;
  /** What beta's daemon said before: `backup` is on alpha. */
  readonly answers: FalseAnswers;
  readonly backup: DiskRow;
  /** On alpha too. */
  readonly secret: DiskRow;
  /** On beta itself. */
  readonly near: DiskRow;
  readonly nearDisk: LoopDisk;
}

mountTest({
  name:
    "who controls the user of the service gains nothing from root's clients",
  programs: ["setpriv", "script", PYTHON],
}, async (site, t) => {
  await using resources = new AsyncDisposableStack();
  const taken = await takeOver(site, resources);
  await inSteps(t, taken, {
    "history of the prompt": keepsHistory,
    "directory of open": opensElsewhere,
    "directory of --at": refusesDirectory,
    "another disk": refusesOtherDisk,
    "fields": refusesFields,
    "disk of this host": refusesLocal,
    "mount.allow": refusesCaller,
    "mount.allow by the drive": refusesHardware,
    "configuration": refusesConfiguration,
    "socket of another user": refusesSocket,
  });
  assert.equal(await asRoot(site.host("beta"), `ls ${PWNED} || true`), "");
});

async function takeOver(
  site: MountSite,
  resources: AsyncDisposableStack,
): Promise<TakenOver> {
  const beta = site.host("beta");
  await site.plug("alpha", "backup");
  await site.plug("alpha", "secret");
  const nearDisk = await site.plug("beta", "near");
  const honest = site.daemon("beta");
  const rowOf = async (name: string) =>
    (await honest.call("where", { name }))[0]!;
  const [backup, secret, near] = [
    await rowOf("backup"),
    await rowOf("secret"),
    await rowOf("near"),
  ];
  const answers: FalseAnswers = {
    find: await honest.call("find", { name: "backup" }),
    localhost: await honest.call("localhost", {}),
    hosts: await honest.call("hosts", {}),
    list: await honest.call("list", {}),
    status: await honest.call("status", {}),
  };
  await honest.stop();
  const lines = "for i in $(seq 2500); do echo line $i; done";
  await asRoot(
    beta,
    `${lines} >${PRECIOUS}; mkdir -m 700 ${PRIVATE}; ` +
      `ln -s ${PRECIOUS} /var/lib/diskd/history; ` +
      `ln -s ${PRIVATE} /run/diskd/open; ` +
      `chown -Rh ${SERVICE}:${SERVICE} /run/diskd /var/lib/diskd`,
  );
  const mallory = await User.create(beta, { uid: MALLORY });
  const socket = "/run/diskd/control.sock";
  const options = { uid: SERVICE, socket, answers };
  const daemon = resources.use(await FalseDaemon.start(beta, options));
  return {
    ...{ site, beta, mallory, daemon, answers },
    ...{ backup, secret, near, nearDisk },
  };
}

async function keepsHistory({ beta }: TakenOver): Promise<void> {
  const before = await Deno.readTextFile(beta.path(PRECIOUS));
  {
    await using prompt = Terminal.open(beta, ["diskd"]);
    await prompt.shows(/=> $/);
    await prompt.enter("hosts", /alpha +up/);
    await prompt.enter("quit", /$/);
    await prompt.end();
  }
  assert.equal(await Deno.readTextFile(beta.path(PRECIOUS)), before);
  const kept = beta.path("/run/lan/home/.local/state/diskd/history");
  assert.equal(await Deno.readTextFile(kept), "hosts\nquit\n");
  assert.equal(Deno.lstatSync(kept).mode! & 0o777, 0o600);
}

/** A daemon that says the truth serves root also as that user. */
async function opensElsewhere({ site, beta }: TakenOver): Promise<void> {
  await site.check("beta", "open backup", {
    stdout: /^\/run\/diskd-open\/backup\n$/,
  });
  const { uid, mode } = Deno.lstatSync(beta.path("/run/diskd-open"));
  assert.deepEqual([uid, mode! & 0o7777], [0, 0o755]);
  assert.deepEqual([...Deno.readDirSync(beta.path(PRIVATE))], []);
  await site.check("beta", "unmount backup", { stdout: /^/ });
  await site.hasMounts([]);
}

async function refusesDirectory({ site, beta, mallory }: TakenOver) {
  await asRoot(beta, "mkdir -m 777 /mnt/open && mkdir /mnt/open/b");
  for (
    const [at, why] of [
      ["/run/diskd/open/b", `/run/diskd belongs to user ${SERVICE}`],
      ["/run/diskd/b", `/run/diskd belongs to user ${SERVICE}`],
      [`${mallory.home}/b`, `${mallory.home} belongs to user ${MALLORY}`],
      ["/mnt/open/b", "/mnt/open has mode 0777"],
    ]
  ) {
    await site.refuses("beta", `mount backup --at ${at}`, {
      code: 6,
      stderr: new RegExp(`^diskd: ${why}.* could exchange what is at`),
    });
  }
  assert.deepEqual([...Deno.readDirSync(beta.path(PRIVATE))], []);
}

/** The daemon has another disk mounted than was meant. */
async function refusesOtherDisk(taken: TakenOver): Promise<void> {
  const { site, backup, secret } = taken;
  await says(taken, [secret]);
  await site.refuses("beta", "open backup", {
    code: 6,
    stderr: /^diskd: alpha has secret, which is not called backup\n/,
  });
  for (const uuid of [secret.uuid!, secret.uuid!.toUpperCase()]) {
    await says(taken, [{ ...backup, uuid }]);
    const { code } = await site.host("beta").run(["diskd", "open", "backup"]);
    assert.ok([1, 6, 7].includes(code), `${uuid}: ${code}`);
    await site.hasMounts([]);
  }
  await says(taken, [{ ...backup, uuid: secret.uuid }]);
  await site.refuses("beta", "open backup", {
    code: 6,
    stderr: /the label of .* on alpha is secret, expected backup\n/,
  });
  await says(taken, [{ ...backup, hostId: "0".repeat(32) }]);
  await site.refuses("beta", "open backup", {
    code: 6,
    stderr: /ssh alpha leads to alpha/,
  });
}

/** What would be an option, several words or a command. */
async function refusesFields(taken: TakenOver): Promise<void> {
  const { site, backup, answers } = taken;
  const words = [
    `-oProxyCommand=touch ${PWNED}`,
    `a;touch ${PWNED}`,
    `$(touch ${PWNED})`,
    `a\nProxyCommand=touch ${PWNED}`,
    "--",
    "",
  ];
  for (const word of words) {
    for (const field of ["host", "uuid"] as const) {
      await says(taken, [{ ...backup, [field]: word }]);
      await site.refuses("beta", "open backup", { code: 6, stderr: /^/ });
    }
    // Where nothing else says where alpha is.
    const hosts = answers.hosts!.map((row: HostRow) => ({
      ...row,
      host: row.host === "alpha" ? "elsewhere" : row.host,
      addresses: [word],
    }));
    const row = { ...backup, host: "elsewhere" };
    await says(taken, [row], { hosts });
    const { code } = await site.host("beta").run(["diskd", "open", "backup"]);
    assert.notEqual(code, 0);
    await site.hasMounts([]);
  }
  // They are for display alone.
  const shown = { type: words[0]!, mounts: words, device: `/dev/${words[1]}` };
  await says(taken, [{ ...backup, ...shown }]);
  await site.check("beta", "open backup", { stdout: /^\/run\/diskd-open\// });
  await site.check("beta", "unmount backup", { stdout: /^/ });
}

/** A disk of beta itself, or what is none. */
async function refusesLocal(taken: TakenOver): Promise<void> {
  const { site, beta, near, nearDisk } = taken;
  await asRoot(
    beta,
    `cp ${nearDisk.device} /run/diskd/image && chown ${SERVICE} /run/diskd/image`,
  );
  for (
    const [lie, code, why] of [
      [{ label: "backup" }, 4, /its label is near, expected backup/],
      [{ label: "backup", uuid: "1234-ABCD" }, 4, /its UUID is/],
      [{ device: "/run/diskd/image" }, 6, /expected a path in \/dev/],
      [{ device: "/dev/../run/diskd/image" }, 6, /expected a path in \/dev/],
      [{ device: "/dev/shm/image" }, 4, /no longer there/],
      [{ device: "--all" }, 6, /expected a path in \/dev/],
    ] as const
  ) {
    await asRoot(beta, "cp /run/diskd/image /dev/shm/image");
    const row: DiskRow = { ...near, ...lie };
    await says(taken, [row]);
    const name = row.label!;
    await site.refuses("beta", `mount ${name}`, { code, stderr: why });
  }
  await says(taken, [near]);
  await site.check("beta", "mount near", { stdout: /^beta:/ });
  await site.check("beta", "unmount near", { stdout: /^/ });
}

/** A caller of another host, with whom the service conspires. */
async function refusesCaller(taken: TakenOver): Promise<void> {
  const { site, beta, near } = taken;
  await configure(beta, "mount: {allow: [backup]}\n");
  for (const label of ["near", "backup"]) {
    const row = { ...near, label };
    await says(taken, [row], { list: [row] });
    await site.refuses("beta", `mount --here ${near.uuid}`, {
      code: label === "near" ? 6 : 4,
      stderr: /mount\.allow|another disk/,
    });
    await asRoot(beta, `mkdir -p /mnt/near && mount ${near.device} /mnt/near`);
    const env = { SSH_ORIGINAL_COMMAND: "internal-sftp" };
    await site.check("beta", "ssh-command", {
      ...{ code: 6, stderr: /no disk is mounted/, env },
    });
    await asRoot(beta, "umount /mnt/near");
  }
}

/** Names of its drive and partition, which the medium does not have. */
async function refusesHardware(taken: TakenOver): Promise<void> {
  const { site, beta, near } = taken;
  const lie = { serial: "WD-42", wwn: "0x5000c5000001", port: "ata1" };
  await configure(
    beta,
    'mount: {allow: ["serial:WD-42", "wwn:0x5000c5000001", "port:ata1"]}\n',
  );
  await asRoot(beta, `mkdir -p /mnt/near && mount ${near.device} /mnt/near`);
  for (const [field, value] of Object.entries(lie)) {
    const row = { ...near, [field]: value };
    await says(taken, [row], { list: [row] });
    for (const words of [`mount --here ${near.uuid}`, "ssh-command"]) {
      await site.refuses("beta", words, {
        ...{ code: 6, stderr: /mount\.allow/ },
        env: { SSH_ORIGINAL_COMMAND: "internal-sftp" },
      });
    }
  }
  await asRoot(beta, "umount /mnt/near");
}

/** The keys of the service may be beside it, and so the directory may be its. */
async function refusesConfiguration(taken: TakenOver): Promise<void> {
  const { site, beta, near } = taken;
  await says(taken, [near], { list: [near] });
  for (
    const [spoil, mend] of [
      [`chown ${SERVICE} /etc/diskd`, "chown root /etc/diskd"],
      ["chmod 666 /etc/diskd/config.yaml", "chmod 644 /etc/diskd/config.yaml"],
    ]
  ) {
    await asRoot(beta, spoil!);
    for (const words of [`mount --here ${near.uuid}`, "ssh-command"]) {
      await site.refuses("beta", words, {
        ...{ code: 6, stderr: /could change \/etc\/diskd\/config\.yaml/ },
        env: { SSH_ORIGINAL_COMMAND: "internal-sftp" },
      });
    }
    await asRoot(beta, mend!);
  }
}

/** It is neither the service nor root, wherever a link leads. */
async function refusesSocket(taken: TakenOver): Promise<void> {
  const { site, beta, mallory, answers } = taken;
  const socket = `${mallory.home}/d.sock`;
  const options = { uid: MALLORY, socket, answers };
  await using _daemon = await FalseDaemon.start(beta, options);
  await asRoot(beta, `ln -s ${socket} /run/link.sock`);
  const why = new RegExp(
    `^diskd: ${mallory.home} belongs to user ${MALLORY}, who could answer on .* ` +
      `in place of diskd; expected root or the user of the service \\(${SERVICE}\\)`,
  );
  for (const path of [socket, "/run/link.sock"]) {
    for (
      const words of [
        "mount backup",
        "open backup",
        "unmount backup",
        `mount --here ${taken.near.uuid}`,
      ]
    ) {
      await site.refuses("beta", `${words} --socket ${path}`, {
        code: 6,
        stderr: why,
      });
    }
    await site.check("beta", `hosts --socket ${path}`, {
      stdout: /^HOST/,
      stderr: why,
    });
  }
}

/** Has the false daemon find these rows. */
async function says(
  { daemon, answers }: TakenOver,
  rows: readonly DiskRow[],
  others: FalseAnswers = {},
): Promise<void> {
  await daemon.say({
    ...answers,
    ...others,
    find: { ...answers.find!, rows },
  });
}
