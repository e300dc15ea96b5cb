import assert from "node:assert/strict";
import { ANYTHING } from "../support/check_outcome.ts";
import { asRoot } from "../support/host.ts";
import { inSteps } from "../support/lan.ts";
import {
  mountsOn,
  mountTest,
  type Plugged,
  plugged,
} from "../support/mount_site.ts";

const THERE = "/run/media/diskd/backup";
const MOUNTED = `alpha:${THERE}`;
const FOLDER = "/run/diskd-open/backup";
const OPENED = `beta:${FOLDER}`;

mountTest(
  { name: "diskd unmount undoes what diskd did, and nothing else" },
  async (site, t) => {
    await inSteps(t, await plugged(site, "backup"), {
      "busy": isBusy,
      "by somebody else": isOfSomebodyElse,
      "--read-only": isReadOnly,
      "a directory of the same name": isTaken,
      "pulled while mounted": isPulled,
      "daemons start anew": outlivesDaemons,
      "the other host is silent": isSilent,
    });
  },
);

async function isBusy({ site, alpha, beta }: Plugged): Promise<void> {
  await site.check("beta", "open backup", ANYTHING);
  await using here = beta.spawn(
    ["sh", "-c", `cd ${FOLDER} && echo in && exec sleep 600`],
  );
  await here.waitForLog(/in/);
  await site.refuses("beta", "unmount backup", {
    code: 7,
    stderr: new RegExp(`cannot unmount ${FOLDER}[^]*fuser -vm ${FOLDER}`),
  });
  await here.stop("SIGKILL");
  await using there = alpha.spawn(
    ["sh", "-c", `cd ${THERE} && echo in && exec sleep 600`],
  );
  await there.waitForLog(/in/);
  const busy = {
    code: 7,
    stderr: new RegExp(`cannot unmount ${THERE}[^]*fuser -vm ${THERE}`),
  };
  // The sshfs goes first, and is no longer in the way.
  await site.check("beta", "unmount backup", { ...busy, stdout: /^/ });
  await site.hasMounts([MOUNTED]);
  await site.refuses("alpha", "unmount backup", busy);
  await there.stop("SIGKILL");
  await site.check("beta", "unmount backup", ANYTHING);
  await site.hasMounts([]);
}

async function isOfSomebodyElse(
  { site, alpha, beta, disk }: Plugged,
): Promise<void> {
  await asRoot(alpha, `mkdir /mnt/own && mount ${disk.device} /mnt/own`);
  const own = {
    stdout: /^alpha:\/mnt\/own\n$/,
    stderr: /^/,
  };
  await site.check("beta", "mount backup", own);
  await site.check("alpha", "mount backup", own);
  await site.hasMounts(["alpha:/mnt/own"]);
  const leftAlone = {
    code: 6,
    stderr: /mounted it on \/mnt\/own.*leaves it alone/,
  };
  await site.refuses("beta", "unmount backup", leftAlone);
  await site.refuses("alpha", "unmount backup", leftAlone);

  await site.check("beta", "open backup", ANYTHING);
  assert.equal(await asRoot(beta, `cat ${FOLDER}/hello`), "from alpha\n");
  await site.hasMounts(["alpha:/mnt/own", OPENED]);
  await site.check("beta", "unmount backup", {
    stdout: new RegExp(`^${OPENED}\n$`),
    stderr:
      /^It stays mounted on \/mnt\/own: another program mounted it there\.\n$/,
  });
  await site.hasMounts(["alpha:/mnt/own"]);

  await site.check("beta", "mount backup --read-only", {
    ...own,
    stderr: /read-write/,
  });
  await site.check("alpha", "mount backup --at /mnt/bound", {
    stdout: /^\/mnt\/bound\n$/,
    stderr: /^/,
  });
  const bound = (await mountsOn(alpha))
    .find(({ target }) => target === "/mnt/bound");
  for (const option of ["nosuid", "nodev"]) {
    assert.ok(bound!.options.includes(option), bound!.options.join(","));
  }
  await site.check("alpha", "unmount backup", {
    ...ANYTHING,
    stderr: /mnt\/own/,
  });
  await site.hasMounts(["alpha:/mnt/own"]);
  await asRoot(alpha, "umount /mnt/own");
}

async function isReadOnly({ site, alpha, beta }: Plugged): Promise<void> {
  await site.check("beta", "open backup --read-only", ANYTHING);
  const write = await beta.run(["touch", `${FOLDER}/new`]);
  assert.match(write.stderr, /Read-only file system/);
  const [there] = await mountsOn(alpha);
  assert.ok(there!.options.includes("ro"), there!.options.join(","));
  await site.check("beta", "unmount backup", ANYTHING);
  await site.hasMounts([]);
  // Read-only here, while the other host may write.
  await site.check("alpha", "mount backup", ANYTHING);
  await site.check("beta", "open backup --read-only", {
    ...ANYTHING,
    stderr: /^It stays mounted read-write on alpha:.*, as it was before\.\n$/,
  });
  assert.notEqual((await beta.run(["touch", `${FOLDER}/new`])).code, 0);
  await asRoot(alpha, `touch ${THERE}/new`);
  await site.check("beta", "unmount backup", ANYTHING);
  await site.hasMounts([]);
}

/** Somebody's files are in the way: another name is taken, and they stay. */
async function isTaken({ site, alpha, beta, disk }: Plugged): Promise<void> {
  await asRoot(alpha, `mkdir ${THERE} && touch ${THERE}/file`);
  const path = `${THERE}-${disk.uuid!.slice(0, 8)}`;
  await site.check("beta", "mount backup", {
    stdout: new RegExp(`^alpha:${path}\n$`),
  });
  await site.check("beta", "unmount backup", ANYTHING);
  await site.hasMounts([`alpha:${THERE} left`]);
  await asRoot(alpha, `rm -r ${THERE}`);
  // A link that leads elsewhere is not followed.
  await asRoot(alpha, `mkdir /srv/else && ln -s /srv/else ${THERE}`);
  await site.check("beta", "mount backup", {
    stdout: new RegExp(`^alpha:${path}\n$`),
  });
  await site.check("beta", "unmount backup", ANYTHING);
  await asRoot(alpha, `rm ${THERE}`);

  await asRoot(beta, `mkdir -p ${FOLDER} && touch ${FOLDER}/file`);
  await site.check("beta", "open backup", {
    stdout: new RegExp(`^${FOLDER}-${disk.uuid!.slice(0, 8)}\n$`),
    stderr: /^/,
  });
  await site.check("beta", "unmount backup", ANYTHING);
  await site.hasMounts([`${OPENED} left`]);
  await asRoot(beta, `rm -r ${FOLDER}`);
}

async function isPulled({ site, alpha, disk }: Plugged): Promise<void> {
  await site.check("beta", "open backup", ANYTHING);
  await using inside = alpha.spawn(
    ["sh", "-c", `cd ${THERE} && echo in && exec sleep 600`],
  );
  await inside.waitForLog(/in/);
  await site.pull("alpha", disk);
  await site.check("beta", "unmount backup", {
    ...ANYTHING,
    stderr: /is on an unplugged disk, .* process \d+ \(sleep 600\)\. /,
  });
  await site.hasMounts([]);
  await alpha.attach(disk);
  await site.isKnown("alpha", disk);
}

/** The table of mounts is all that is remembered. */
async function outlivesDaemons({ site, disk }: Plugged): Promise<void> {
  await site.check("beta", "open backup", ANYTHING);
  for (const name of ["alpha", "beta"]) {
    await site.daemon(name).process.stop("SIGKILL");
    await site.site.startDaemon(name);
  }
  await site.isKnown("alpha", disk);
  await site.check("beta", "open backup", ANYTHING);
  await site.hasMounts([MOUNTED, OPENED]);
  await site.check("beta", "unmount backup", ANYTHING);
  await site.hasMounts([]);
}

async function isSilent({ site, alpha }: Plugged): Promise<void> {
  await site.check("beta", "open backup", ANYTHING);
  await site.site.pull("alpha");
  await site.site.sees("beta", ["alpha", "stale"]);
  await site.check("beta", "unmount backup", {
    ...{ code: 4, stdout: /^/ },
    stderr: /alpha/,
  });
  await site.hasMounts([MOUNTED]);
  await asRoot(alpha, `umount ${THERE}`);
}
