import assert from "node:assert/strict";
import { ANYTHING } from "../support/check_outcome.ts";
import { eventually } from "../support/eventually.ts";
import { asRoot } from "../support/host.ts";
import { inSteps } from "../support/lan.ts";
import { mountTest, type Plugged, plugged } from "../support/mount_site.ts";
import { AUTHORIZED_KEYS } from "../support/ssh_lan.ts";

const MOUNTED = "alpha:/run/media/diskd/backup";
const FOLDER = "/run/diskd-open/backup";
const OPENED = `beta:${FOLDER}`;

mountTest({
  name: "diskd knows what to do with a host that is gone, or talks",
  programs: ["find", "ps"],
}, async (site, t) => {
  await inSteps(t, await plugged(site, "backup"), {
    "processes hang": hasHangingProcesses,
    "open heals": isHealed,
    "sshfs was killed": wasKilled,
    "a chatty .bashrc": isChatty,
    "a forced command": isForced,
  });
});

/** What serves files there stops to answer; the host itself goes on. */
async function stopServing({ alpha }: Plugged): Promise<void> {
  await asRoot(alpha, `kill -STOP ${await serverOf(alpha)}`);
}

async function endServing({ alpha }: Plugged): Promise<void> {
  await asRoot(alpha, `kill -KILL ${await serverOf(alpha)}`);
}

function serverOf(host: Plugged["alpha"]): Promise<string> {
  const pattern = "'[s]ftp-server'";
  return asRoot(
    host,
    `cd /proc && echo $(grep -l ${pattern} [0-9]*/cmdline | cut -d/ -f1)`,
  );
}

async function hasHangingProcesses(plugged: Plugged): Promise<void> {
  const { site, beta } = plugged;
  await site.check("beta", "open backup", ANYTHING);
  await using inside = beta.spawn(
    ["sh", "-c", `cd ${FOLDER} && echo in && exec sleep 600`],
  );
  await inside.waitForLog(/in/);
  await stopServing(plugged);
  await using _waiting = beta.spawn(["tail", "-n", "1", `${FOLDER}/hello`]);
  await eventually(async () => {
    const waits = await asRoot(beta, "ps -e -o wchan:32,args");
    assert.match(waits, /^request_wait_answer +tail -n 1 /m);
  });
  await site.check("beta", "unmount backup", {
    stdout: new RegExp(`^${OPENED}\n${MOUNTED}\n$`),
    stderr: new RegExp(
      `^${FOLDER} does not answer, and is in use by process ` +
        `(?=.*\\d+ \\(sleep 600\\))(?=.*\\d+ \\(tail -n 1 ${FOLDER}/hello\\))`,
    ),
  });
  await site.hasMounts([]);
  await endServing(plugged);
}

async function isHealed(plugged: Plugged): Promise<void> {
  const { site, beta } = plugged;
  await site.check("beta", "open backup", ANYTHING);
  await using inside = beta.spawn(
    ["sh", "-c", `cd ${FOLDER} && echo in && exec sleep 600`],
  );
  await inside.waitForLog(/in/);
  await stopServing(plugged);
  await site.check("beta", "open backup", {
    stdout: new RegExp(`^${FOLDER}\n$`),
    stderr: /does not answer, and is in use by process \d+ \(sleep 600\)\. /,
  });
  await site.hasMounts([MOUNTED, OPENED]);
  assert.equal(await asRoot(beta, `cat ${FOLDER}/hello`), "from alpha\n");
  await site.check("beta", "unmount backup", ANYTHING);
  await site.hasMounts([]);
  await endServing(plugged);
}

async function wasKilled({ site, beta }: Plugged): Promise<void> {
  await site.check("beta", "open backup", ANYTHING);
  await using inside = beta.spawn(
    ["sh", "-c", `cd ${FOLDER} && echo in && exec sleep 600`],
  );
  await inside.waitForLog(/in/);
  await asRoot(
    beta,
    "cd /proc && kill -KILL $(grep -l '/[s]shfs' [0-9]*/cmdline | cut -d/ -f1)",
  );
  await site.check("beta", "unmount backup", {
    stdout: new RegExp(`^${OPENED}\n${MOUNTED}\n$`),
    stderr: /in use by process \d+ \(sleep 600\)\. /,
  });
  await site.hasMounts([]);
}

/** sshd has bash read it, also for a command. */
async function isChatty({ site, alpha, beta }: Plugged): Promise<void> {
  await asRoot(
    alpha,
    "sed -i 's|^\\(root:.*\\):/bin/sh|\\1:/bin/bash|' /etc/passwd",
  );
  const file = `${alpha.environment["HOME"]}/.bashrc`;
  for (const line of ["echo Welcome", "printf '{ '", "trap 'echo Bye' EXIT"]) {
    await Deno.writeTextFile(alpha.path(file), `${line}\n`);
    await site.check("beta", "open backup", {
      stdout: new RegExp(`^${FOLDER}\n$`),
    });
    assert.equal(await asRoot(beta, `cat ${FOLDER}/hello`), "from alpha\n");
    await site.check("beta", "mount backup", {
      stdout: new RegExp(`^${MOUNTED}\n$`),
    });
    await site.check("beta", "unmount backup", {
      stdout: new RegExp(`^${OPENED}\n${MOUNTED}\n$`),
    });
  }
  await site.hasMounts([]);
  await Deno.remove(alpha.path(file));
}

/** As images of clouds have it for root. */
async function isForced({ site, alpha }: Plugged): Promise<void> {
  const keys = alpha.path(AUTHORIZED_KEYS);
  const command = `echo 'Please login as the user \\"admin\\"'; exit 142`;
  const key = site.ssh.key("beta");
  await Deno.writeTextFile(keys, `command="${command}" ${key}\n`);
  for (const words of ["mount backup", "open backup", "unmount backup"]) {
    await site.refuses("beta", words, {
      code: 7,
      stderr: /^alpha printed: Please login as the user "admin"$/m,
    });
  }
}
