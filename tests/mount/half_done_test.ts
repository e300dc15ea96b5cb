import assert from "node:assert/strict";
import { ANYTHING } from "../support/check_outcome.ts";
import { asRoot } from "../support/host.ts";
import { inSteps, type LoopDisk } from "../support/lan.ts";
import { copyOf, makeNode } from "../support/loop_disk.ts";
import { mountTest, type Plugged, plugged } from "../support/mount_site.ts";
import {
  Gate,
  REAL_DISKD,
  replaceDiskd,
  restoreDiskd,
} from "../support/replaced_programs.ts";
import { Terminal } from "../support/terminal.ts";

const CTRL_C = "\x03";
const MOUNTED = "alpha:/run/media/diskd/backup";
const OPENED = "beta:/run/diskd-open/backup";

const OTHER = "/run/lan/other";
const ORIGINAL = "/run/lan/original";
const FLAG = "/run/lan/flag";

mountTest({
  name: "diskd mount leaves nothing mounted where it cannot be finished",
  programs: ["script"],
}, async (site, t) => {
  await inSteps(t, await plugged(site, "backup"), {
    "an unfit directory": hasUnfitTarget,
    "no sshfs": hasNoSshfs,
    "sshfs fails": sshfsFails,
    "nor can it be undone": cannotUndo,
    "mount fails": mountFails,
    "Ctrl-C while ssh runs": isInterrupted,
    "Ctrl-C while sshfs runs": isInterruptedLate,
    "kill -9 while sshfs runs": isKilled,
    "kill -9 of sshfs": sshfsIsKilled,
    "pulled on the way": isPulled,
    "exchanged on the way": isExchanged,
  });
});

async function hasUnfitTarget({ site, beta }: Plugged): Promise<void> {
  await asRoot(
    beta,
    "cd /mnt && mkdir full empty mounted && touch full/file file && " +
      "ln -s full link && mount -t tmpfs none mounted",
  );
  const cases: [string, RegExp][] = [
    ["/mnt/full", /not empty/],
    ["/mnt/link", /not empty/],
    ["/mnt/file", /not a directory/],
    ["/mnt/mounted", /mounted/],
    ["/mnt/none/deeper", /does not exist/],
    ["/", /./],
  ];
  for (const [folder, stderr] of cases) {
    const words = ["mount", "backup", "--at", folder];
    await site.refuses("beta", words, { code: 6, stderr });
  }
  // diskd itself has no right to look there.
  for (const folder of ["/etc", "/etc/backup"]) {
    const words = ["mount", "backup", "--at", folder];
    const refused = { code: 6, stderr: /cannot be used/ };
    await site.refuses("beta", words, refused);
    await site.refuses("alpha", words, refused);
  }
  assert.equal(await asRoot(beta, "ls /mnt/full"), "file\n");
}

async function hasNoSshfs({ site }: Plugged): Promise<void> {
  await site.programs("beta").remove("sshfs");
  const refused = { code: 7, stderr: /there is no sshfs on this host/ };
  await site.refuses("beta", "open backup", refused);
  await site.refuses("beta", "mount backup --at /mnt/b", refused);
  // Without a directory of this host none is needed.
  await site.check("beta", "mount backup", ANYTHING);
  await site.check("beta", "unmount backup", ANYTHING);
  await site.programs("beta").restore("sshfs");
}

/** Or gets killed, or says that it is done and is not. */
async function sshfsFails({ site, beta }: Plugged): Promise<void> {
  for (const how of ["exit 1", "kill -9 $$", "exit 0"]) {
    await site.programs("beta").replace("sshfs", how);
    await site.refuses("beta", "mount backup --at /mnt/b", {
      code: 7,
      stderr: /sshfs/,
    });
  }
  const left = await asRoot(beta, "ls /mnt");
  assert.doesNotMatch(left, /^b$/m);
  // What was mounted before stays.
  await site.check("beta", "mount backup", ANYTHING);
  await site.refuses("beta", "open backup", { code: 7, stderr: /sshfs/ });
  await site.hasMounts([MOUNTED]);
  await site.check("beta", "unmount backup", ANYTHING);
  await site.programs("beta").restore("sshfs");
}

/** It says what is left, and how to get rid of it. */
async function cannotUndo({ site, alpha, disk }: Plugged): Promise<void> {
  await site.programs("beta").replace("sshfs", "exit 1");
  const script = `[ "$1" != unmount ] || exit 7; exec ${REAL_DISKD} "$@"`;
  await replaceDiskd(alpha, script);
  await site.check("beta", "open backup", {
    code: 7,
    stderr: new RegExp(
      `still mounted on alpha, at ${MOUNTED.slice(6)}.*` +
        `diskd unmount ${disk.uuid}`,
    ),
  });
  await site.hasMounts([MOUNTED]);
  await restoreDiskd(alpha);
  await site.programs("beta").restore("sshfs");
  await site.check("beta", ["unmount", disk.uuid!], ANYTHING);
  await site.hasMounts([]);
}

async function mountFails({ site }: Plugged): Promise<void> {
  const script = 'echo "mount: wrong fs type" >&2; exit 32';
  await site.programs("alpha").replace("mount", script);
  const failed = { code: 7, stderr: /wrong fs type/ };
  await site.refuses("beta", "mount backup", failed);
  await site.refuses("alpha", "mount backup", failed);
  await site.refuses("alpha", "mount backup --at /mnt/x", failed);
  await site.programs("alpha").remove("mount");
  const missing = { code: 7, stderr: /mount/ };
  await site.refuses("beta", "mount backup", missing);
  await site.programs("alpha").restore("mount");
}

/** The other host is about to mount it. */
async function isInterrupted({ site, alpha, beta }: Plugged): Promise<void> {
  const gate = new Gate(alpha, "interrupted");
  await replaceDiskd(alpha, `${gate.lines}; exec ${REAL_DISKD} "$@"`);
  await using terminal = Terminal.open(beta, ["diskd", "open", "backup"]);
  await gate.reached();
  await terminal.type(CTRL_C);
  await terminal.shows(/interrupted[^]*diskd unmount/);
  assert.notEqual((await terminal.end()).code, 0);
  // Over there nobody heard of it.
  await gate.open();
  await restoreDiskd(alpha);
  await site.check("beta", "unmount backup", ANYTHING);
}

async function isInterruptedLate(half: Plugged): Promise<void> {
  const { site, beta } = half;
  const gate = await holdSshfs(half);
  await using terminal = Terminal.open(beta, ["diskd", "open", "backup"]);
  await gate.reached();
  await site.hasMounts([MOUNTED, `${OPENED} left`]);
  await terminal.type(CTRL_C);
  await terminal.shows(/interrupted/);
  assert.notEqual((await terminal.end()).code, 0);
  await site.hasMounts([]);
  await site.programs("beta").restore("sshfs");
}

async function isKilled(half: Plugged): Promise<void> {
  const { site, beta } = half;
  const gate = await holdSshfs(half);
  const opening = beta.spawn(["diskd", "open", "backup"]);
  await gate.reached();
  await opening.stop("SIGKILL");
  await site.hasMounts([MOUNTED, `${OPENED} left`]);
  await site.check("beta", "unmount backup", ANYTHING);
  await site.hasMounts([]);
  // The same, and sshfs gets there after it.
  const again = beta.spawn(["diskd", "open", "backup"]);
  await gate.reached();
  await again.stop("SIGKILL");
  await gate.open();
  await site.becomes([MOUNTED, OPENED]);
  await site.check("beta", "unmount backup", ANYTHING);
  await site.hasMounts([]);
  await site.programs("beta").restore("sshfs");
}

async function sshfsIsKilled({ site, beta }: Plugged): Promise<void> {
  const killSshfs = 'kill -9 $(ps -eo pid,args | awk "/sshfs .*backup/ && ' +
    '!/awk/ {print \\$1}")';
  await site.check("beta", "open backup", ANYTHING);
  await asRoot(beta, killSshfs);
  const dead = await beta.run(["ls", OPENED.slice("beta:".length)]);
  assert.notEqual(dead.code, 0, dead.stdout);
  await site.check("beta", "unmount backup", ANYTHING);
  await site.hasMounts([]);

  await site.check("beta", "open backup", ANYTHING);
  await asRoot(beta, killSshfs);
  // It shows what is there again.
  await site.check("beta", "open backup", ANYTHING);
  const hello = await asRoot(beta, `cat ${OPENED.slice("beta:".length)}/hello`);
  assert.equal(hello, "from alpha\n");
  await site.hasMounts([MOUNTED, OPENED]);
  await site.check("beta", "unmount backup", ANYTHING);
  await site.hasMounts([]);
}

/** While ssh is on its way. */
async function isPulled({ site, alpha, beta, disk }: Plugged): Promise<void> {
  const gate = new Gate(alpha, "pulled");
  await replaceDiskd(alpha, `${gate.lines}; exec ${REAL_DISKD} "$@"`);
  const opening = beta.spawn(["diskd", "open", "backup"]);
  await gate.reached();
  await site.pull("alpha", disk);
  await gate.open();
  const { code, stderr } = await opening.end(30_000);
  assert.equal(code, 4, stderr);
  assert.match(stderr, / is unplugged; until .* ago it was in alpha/);
  await site.hasMounts([]);
  await restoreDiskd(alpha);
  await alpha.attach(disk);
  await site.isKnown("alpha", disk);
}

/** Another disk has the device when it is looked at, and when it is mounted. */
async function isExchanged(half: Plugged): Promise<void> {
  const { site, alpha, disk } = half;
  const other = await alpha.disk({ type: "ext4", label: "other" });
  const original = await copyOf(disk, alpha);
  // In no `/dev`, so that nobody knows of them.
  await makeNode(alpha.path(OTHER), other.device);
  await makeNode(alpha.path(ORIGINAL), original.device);
  const another = {
    code: 4,
    stderr: new RegExp(
      `${disk.device} is another disk now|is unplugged`,
    ),
  };
  for (const program of ["blkid", "mount"]) {
    // The daemon runs blkid too, and is to see no more of it than can be helped.
    await replaceDiskd(alpha, `touch ${FLAG}; exec ${REAL_DISKD} "$@"`);
    const real = await site.programs("alpha").original(program);
    await site.programs("alpha").replace(
      program,
      `! rm ${FLAG} 2>/dev/null || ${copy(OTHER, disk)}; exec ${real} "$@"`,
    );
    await site.refuses("beta", "open backup", another);
    await site.programs("alpha").restore(program);
    await restoreDiskd(alpha);
    await asRoot(alpha, copy(ORIGINAL, disk));
    await site.isKnown("alpha", disk);
  }
}

function copy(from: string, to: LoopDisk): string {
  return `dd if=${from} of=${to.device} bs=1M conv=fsync status=none`;
}

/** sshfs waits on beta when it is told to mount. */
async function holdSshfs({ site, beta }: Plugged): Promise<Gate> {
  const gate = new Gate(beta, "sshfs");
  const sshfs = await site.programs("beta").original("sshfs");
  await site.programs("beta").replace(
    "sshfs",
    `[ "$1" = --help ] || { ${gate.lines}; }; exec ${sshfs} "$@"`,
  );
  return gate;
}
