import assert from "node:assert/strict";
import { ANYTHING } from "../support/check_outcome.ts";
import { asRoot } from "../support/host.ts";
import { configure } from "../support/keys.ts";
import { eventually } from "../support/eventually.ts";
import { inSteps, type LoopDisk, type Outcome } from "../support/lan.ts";
import { type MountSite, mountsOn, mountTest } from "../support/mount_site.ts";
import { AUTHORIZED_KEYS, makeSshKey, SSH_FOLDER } from "../support/ssh_lan.ts";

/** What others may have mounted. */
const CONFIG = 'mount: {allow: ["backup-*"]}\n';

/** Where the disk is on alpha, and where `open` shows it on beta. */
const THERE = "/run/media/diskd/backup-2019";
const OPENED = "/run/diskd-open/backup-2019";

interface Reached {
  readonly site: MountSite;
  /** `backup-2019`, of alpha. */
  readonly disk: LoopDisk;
}

mountTest({
  name: "a disk of another host is one command away",
  programs: ["bwrap"],
  config: CONFIG,
}, async (site, t) => {
  const disk = await site.plug("alpha", "backup-2019");
  const reached = { site, disk };
  await inSteps(t, reached, {
    "open": opens,
    "mount": mounts,
    "mount --json": mountsAsJson,
    "mount --at": mountsAt,
    "--dry-run": dryRuns,
    "on its own host": mountsAtHome,
  });
  await t.step("mount.allow", () => allows(site));
  await t.step("a label like a UUID", () => comparesUuids(site));
  await t.step("a key for nothing else", () => isRestricted(reached));
});

async function opens({ site, disk }: Reached): Promise<void> {
  const beta = site.host("beta");
  const opened = { stdout: new RegExp(`^${OPENED}\n$`), stderr: /^/ };
  const folder = (await site.check("beta", "open backup-2019", opened)).trim();
  assert.equal(await asRoot(beta, `cat ${folder}/hello`), "from alpha\n");
  await site.hasMounts([`alpha:${THERE}`, `beta:${OPENED}`]);
  await site.check("beta", "open backup-2019", opened);
  await site.check("beta", ["open", disk.uuid!], opened);
  await site.hasMounts([`alpha:${THERE}`, `beta:${OPENED}`]);
  await containsLinks(site);
  await unmounts(site, "unmount backup-2019");
}

/** A link on the disk must not lead to a file of beta. */
async function containsLinks(site: MountSite): Promise<void> {
  const [alpha, beta] = [site.host("alpha"), site.host("beta")];
  await asRoot(beta, "echo of beta >/srv/secret");
  await asRoot(
    alpha,
    `cd ${THERE} && ln -s hello within && mkdir folder && ` +
      "ln -s /srv/secret absolute && ln -s /srv folder/directory && " +
      "ln -s ../../../../../srv/secret relative && " +
      "ln -s folder/../../../../../srv/secret between",
  );
  assert.equal(await asRoot(beta, `cat ${OPENED}/within`), "from alpha\n");
  const escapes = [
    "absolute",
    "relative",
    "between",
    "folder/directory/secret",
  ];
  for (const path of escapes) {
    const { code, stdout } = await beta.run(["cat", `${OPENED}/${path}`]);
    assert.deepEqual([code, stdout], [1, ""], path);
  }
  await asRoot(
    alpha,
    `cd ${THERE} && rm -r within absolute relative between folder`,
  );
}

async function mounts({ site, disk }: Reached): Promise<void> {
  const mounted = { stdout: new RegExp(`^alpha:${THERE}\n$`) };
  await site.check("beta", "mount backup-2019", mounted);
  await site.hasMounts([`alpha:${THERE}`]);
  const [mount] = await mountsOn(site.host("alpha"));
  assert.equal(mount!.source, disk.device);
  hasOptions(mount!.options, ["rw", "nosuid", "nodev"]);
  await site.check("beta", ["mount", disk.uuid!.slice(0, 8)], {
    ...mounted,
    stderr: /^/,
  });
  await site.hasMounts([`alpha:${THERE}`]);
  await unmounts(site, ["unmount", disk.uuid!]);
  await site.check("beta", "unmount backup-2019", ANYTHING);

  await site.check("beta", "mount backup-2019 --read-only", mounted);
  const [readOnly] = await mountsOn(site.host("alpha"));
  hasOptions(readOnly!.options, ["ro", "nosuid", "nodev"]);
  await unmounts(site, "unmount backup-2019");
}

async function mountsAsJson({ site, disk }: Reached): Promise<void> {
  const { hostId } = await site.daemon("alpha").call("localhost", {});
  const view = {
    host: "alpha",
    hostId,
    device: disk.device,
    uuid: disk.uuid,
    label: "backup-2019",
    type: "ext4",
    path: THERE,
    at: null,
    readOnly: false,
    wasMounted: false,
  };
  const json = async (words: string) =>
    JSON.parse(
      await site.check("beta", `${words} backup-2019 --json`, {
        stdout: /^\{\n[^]*\}\n$/,
        stderr: /^/,
      }),
    );
  assert.deepEqual(await json("mount"), view);
  assert.deepEqual(await json("mount"), { ...view, wasMounted: true });
  assert.deepEqual(await json("mount --at /mnt/b"), { ...view, at: "/mnt/b" });
  const { uuid, label } = view;
  assert.deepEqual(await json("unmount"), {
    ...{ host: "alpha", hostId, uuid, label },
    unmounted: [
      { host: "beta", path: "/mnt/b" },
      { host: "alpha", path: THERE },
    ],
  });
  assert.deepEqual(
    await json("unmount"),
    { host: "alpha", hostId, uuid, label, unmounted: [] },
  );
  await site.hasMounts([]);
}

async function mountsAt({ site, disk }: Reached): Promise<void> {
  const beta = site.host("beta");
  const mounted = { stdout: /^\/mnt\/b\n$/, stderr: new RegExp(THERE) };
  await site.check("beta", "mount backup-2019 --at /mnt/b", mounted);
  await site.hasMounts([`alpha:${THERE}`, "beta:/mnt/b"]);
  const [mount] = await mountsOn(beta);
  assert.match(mount!.source, new RegExp(`^diskd:${disk.uuid}:alpha`));
  hasOptions(mount!.options, ["rw", "nosuid", "nodev"]);
  await asRoot(beta, "echo from beta >/mnt/b/answer");
  const answer = await asRoot(site.host("alpha"), `cat ${THERE}/answer`);
  assert.equal(answer, "from beta\n");
  await site.check("beta", "mount backup-2019 --at /mnt/b", mounted);
  // A second place, by a path that begins where it is typed.
  const inMnt = `cd /mnt && diskd mount backup-2019 --at c`;
  assert.equal(await asRoot(beta, inMnt), "/mnt/c\n");
  await site.hasMounts([`alpha:${THERE}`, "beta:/mnt/b", "beta:/mnt/c"]);
  await unmounts(site, "unmount backup-2019");
}

/** What it prints does by hand what it does by itself. */
async function dryRuns({ site }: Reached): Promise<void> {
  const beta = site.host("beta");
  const printed = async (words: string) =>
    await site.check("beta", `${words} --dry-run`, { stdout: /^(.+\n)+$/ });
  const mount = await printed("mount backup-2019");
  assert.match(
    mount,
    /^ssh .* -- alpha diskd mount --here [0-9a-f-]{36} --json\n$/,
  );
  await site.hasMounts([]);
  assert.equal(JSON.parse(await asRoot(beta, mount)).path, THERE);
  await site.hasMounts([`alpha:${THERE}`]);
  // Now that it is mounted there, it is known where.
  const at = await eventually(() => printed("mount backup-2019 --at /mnt/b"));
  await asRoot(beta, at);
  await site.hasMounts([`alpha:${THERE}`, "beta:/mnt/b"]);
  const unmount = await printed("unmount backup-2019");
  await site.hasMounts([`alpha:${THERE}`, "beta:/mnt/b"]);
  await asRoot(beta, unmount);
  await site.hasMounts([]);
}

async function mountsAtHome({ site }: Reached): Promise<void> {
  const alpha = site.host("alpha");
  const mounted = { stdout: new RegExp(`^alpha:${THERE}\n$`), stderr: /^/ };
  await site.check("alpha", "mount backup-2019", mounted);
  await site.check("alpha", "open backup-2019", {
    stdout: new RegExp(`^${THERE}\n$`),
    stderr: /^/,
  });
  assert.equal(await asRoot(alpha, `cat ${THERE}/hello`), "from alpha\n");
  const at = { stdout: /^\/mnt\/here\n$/, stderr: /./ };
  await site.check("alpha", "mount backup-2019 --at /mnt/here", at);
  await site.hasMounts([`alpha:/mnt/here`, `alpha:${THERE}`]);
  const there = (await mountsOn(alpha))
    .find(({ target }) => target === "/mnt/here");
  hasOptions(there!.options, ["nosuid", "nodev"]);
  await unmounts(site, "unmount backup-2019", "alpha");

  await site.check("alpha", "mount backup-2019 --at /mnt/here", at);
  await site.hasMounts([`alpha:/mnt/here`]);
  await unmounts(site, "unmount backup-2019", "alpha");
}

/** Root at home may mount any, whatever others may. */
async function allows(site: MountSite): Promise<void> {
  const disk = await site.plug("alpha", "private");
  const line = `mount: \\{allow: \\["backup-\\*", ?"${disk.uuid}"\\]\\}`;
  const refused = { code: 6, stderr: new RegExp(line) };
  await site.refuses("beta", "mount private", refused);
  await site.refuses("alpha", ["mount", "--here", disk.uuid!], refused);
  await site.check("alpha", "mount private", {
    stdout: /^alpha:\/run\/media\/diskd\/private\n$/,
  });
  await site.refuses("beta", "unmount private", refused);
  await unmounts(site, "unmount private", "alpha");
  await site.pull("alpha", disk);
}

/** Whoever formats a stick chooses its label: it may be the UUID that is allowed. */
async function comparesUuids(site: MountSite): Promise<void> {
  const alpha = site.host("alpha");
  const forged = await site.plug("alpha", "A1B2-C3D4");
  for (const word of ["A1B2-C3D4", "a1b2-*", "uuid:A1B2-C3D4"]) {
    await configure(alpha, `mount: {allow: ["${word}"]}\n`);
    await site.refuses("beta", "mount A1B2-C3D4", { code: 6, stderr: /./ });
  }
  await configure(alpha, `mount: {allow: ["uuid:${forged.uuid}"]}\n`);
  await site.check("beta", "mount A1B2-C3D4", ANYTHING);
  await site.check("beta", "unmount A1B2-C3D4", ANYTHING);
  await configure(alpha, CONFIG);
  await site.pull("alpha", forged);
}

/** The key does what diskd needs, and opens nothing else. */
async function isRestricted({ site, disk }: Reached): Promise<void> {
  const [alpha, beta] = [site.host("alpha"), site.host("beta")];
  const identity = `${SSH_FOLDER}/restricted`;
  const key = await makeSshKey(beta, identity);
  const command = 'restrict,command="diskd ssh-command"';
  await Deno.writeTextFile(
    alpha.path(AUTHORIZED_KEYS),
    `${command} ${key}\n`,
  );
  const secret = await site.plug("alpha", "secret");
  await site.check("alpha", "mount secret", { stdout: /secret/ });
  await asRoot(alpha, "touch /run/lan/not-for-beta");

  const options = [`IdentityFile=${identity}`, "IdentitiesOnly=yes"]
    .flatMap((option) => ["--ssh-option", option]);
  await site.check("beta", ["open", "backup-2019", ...options], {
    stdout: new RegExp(`^${OPENED}\n$`),
    stderr: /^/,
  });
  assert.equal(await asRoot(beta, `cat ${OPENED}/hello`), "from alpha\n");
  await asRoot(beta, `echo by key >${OPENED}/key`);
  assert.equal(await asRoot(alpha, `cat ${THERE}/key`), "by key\n");

  const asks = (...argv: string[]) =>
    beta.run([
      argv[0]!,
      "-i",
      identity,
      "-o",
      "BatchMode=yes",
      ...argv.slice(1),
    ]);
  await isTurnedAway(asks("ssh", "alpha"));
  await isTurnedAway(asks("ssh", "alpha", "cat", "/etc/passwd"));
  await isTurnedAway(asks("ssh", "alpha", "diskd", "list"));
  const here = ["diskd", "mount", "--here", disk.uuid!, "--json"];
  await isTurnedAway(asks("ssh", "alpha", ...here, ";", "id"));
  await isTurnedAway(asks("ssh", "alpha", ...here.with(3, secret.uuid!)));
  await isTurnedAway(asks("ssh", "-W", "alpha:22", "alpha"));
  const places = [
    "/etc/shadow",
    "/run/lan/not-for-beta",
    "/run/media/diskd/secret/hello",
    `${THERE}/../secret/hello`,
    "/proc/1/root/etc/passwd",
    "/run/diskd/control.sock",
  ];
  for (const path of places) {
    const { code } = await asks("sftp", `alpha:${path}`, "/mnt/stolen");
    assert.notEqual(code, 0, path);
  }
  for (const path of ["/etc/planted", "/run/media/diskd/secret/planted"]) {
    const sftp = `sftp -i ${identity} -b - alpha`;
    const put = `echo put /etc/hostname ${path} | ${sftp}`;
    const { code } = await beta.run(["sh", "-c", put]);
    assert.notEqual(code, 0, path);
    await assert.rejects(Deno.stat(alpha.path(path)), Deno.errors.NotFound);
  }
  const read = await asks("sftp", `alpha:${THERE}/hello`, "/mnt/read");
  assert.equal(read.code, 0, read.stderr);
  const left = await asRoot(beta, "ls /mnt");
  assert.equal(left.includes("stolen"), false);
  await site.check("beta", ["unmount", "backup-2019", ...options], {
    stdout: /^/,
    stderr: /^/,
  });
  await site.check("alpha", "unmount secret", ANYTHING);
  await site.hasMounts([]);
}

async function isTurnedAway(asked: Promise<Outcome>): Promise<void> {
  const { code, stdout, stderr } = await asked;
  assert.notEqual(code, 0, stdout + stderr);
  assert.equal(stdout, "");
}

/** Nothing is left mounted anywhere after it. */
async function unmounts(
  site: MountSite,
  words: string | readonly string[],
  name = "beta",
): Promise<void> {
  await site.check(name, words, ANYTHING);
  await site.hasMounts([]);
}

function hasOptions(
  options: readonly string[],
  expected: readonly string[],
): void {
  const missing = expected.filter((option) => !options.includes(option));
  assert.deepEqual(missing, [], `of the options ${options.join(",")}`);
}
