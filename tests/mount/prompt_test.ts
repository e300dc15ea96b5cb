import assert from "node:assert/strict";
import { inSteps } from "../support/lan.ts";
import { type MountSite, mountTest } from "../support/mount_site.ts";
import { AUTHORIZED_KEYS, setPassword } from "../support/ssh_lan.ts";
import { Terminal } from "../support/terminal.ts";

const MOUNTED = "alpha:/run/media/diskd/backup";

mountTest({
  name: "the prompt mounts and unmounts disks of other hosts",
  programs: ["script"],
}, async (site, t) => {
  await site.plug("alpha", "backup");
  const host = site.host("alpha");
  await setPassword(host);
  await Deno.writeTextFile(host.path(AUTHORIZED_KEYS), "");
  await using terminal = Terminal.open(site.host("beta"), ["diskd"]);
  await terminal.shows(/=> $/);
  const prompt = { site, terminal };
  await inSteps(t, prompt, {
    "completion": completes,
    "Ctrl-C at the password": interrupts,
    "a password": asks,
    "a line that was typed ahead": typesAhead,
    "the end": ends,
  });
});

interface Prompt {
  readonly site: MountSite;
  readonly terminal: Terminal;
}

const PASSWORD = /root@alpha's password: $/;

/** Of names behind each command that takes one, in the prompt and in a shell. */
async function completes({ site, terminal }: Prompt): Promise<void> {
  for (const command of ["mount", "unmount", "open"]) {
    await terminal.completes(
      `${command} ba`,
      new RegExp(`${command} .*backup`),
    );
    await terminal.type("\x03");
    await terminal.shows(/=> $/);
    await site.check("beta", ["complete-line", "--", "zsh", command, "ba"], {
      stdout: /^words\nbackup\n$/,
    });
  }
}

async function interrupts({ site, terminal }: Prompt): Promise<void> {
  await terminal.enter("mount backup", PASSWORD);
  await terminal.type("\x03");
  await terminal.shows(/interrupted while alpha was asked to mount it/);
  await terminal.shows(/=> $/);
  await site.hasMounts([]);
}

/** Each password goes to ssh, and the next line to diskd again. */
async function asks({ site, terminal }: Prompt): Promise<void> {
  for (const _ of [1, 2]) {
    await terminal.enter("mount backup", PASSWORD);
    await terminal.enter("secret", /alpha:\/run\/media\/diskd\/backup\n/);
    await terminal.shows(/=> $/);
  }
  await terminal.enter("localhost", /beta[^]*=> $/);
  await site.hasMounts([MOUNTED]);
  assert.doesNotMatch(terminal.text, /secret/);
}

/** By then readline has begun to read, so ssh is told not to ask. */
async function typesAhead({ site, terminal }: Prompt): Promise<void> {
  await terminal.enter(
    "ping\runmount backup",
    /ssh could not connect to alpha/,
  );
  await terminal.shows(/Without its own terminal ssh cannot ask[^]*=> $/);
  await terminal.enter("unmount backup", PASSWORD);
  await terminal.enter("secret", /alpha:\/run\/media\/diskd\/backup\n/);
  await terminal.shows(/=> $/);
  await site.hasMounts([]);
}

async function ends({ terminal }: Prompt): Promise<void> {
  await terminal.type("quit\r");
  assert.equal((await terminal.end()).code, 0);
}
