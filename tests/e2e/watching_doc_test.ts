import assert from "node:assert/strict";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { attachNew, knowsDisksOf } from "../support/plug.ts";
import { document } from "../unit/docs/documents.ts";
import { codeBlocks } from "../unit/docs/markdown.ts";

const FOLDER = "/run/test-bin";
const MAILS = "/run/mails";
const LOOKS = "/run/looks";

/** Notes what it is called with, and what it reads. */
const FAKE_MAIL = `#!/bin/sh
{ printf '[%s]' "$@"; cat; echo .; } >>${MAILS}
`;

/** Notes how each command ended, so that a test sees how far the script is. */
const NOTING_DISKD = `#!/bin/sh
/run/lan/bin/diskd "$@"
code=$?
echo "$1 $code" >>${LOOKS}
exit $code
`;

lanTest({
  name:
    "the script of docs/watching.md mails when a disk is pulled, and not when its host is shut down or starts again",
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }) => {
  const label = "my $(>/run/x) 1";
  const disk = await attachNew(beta, { type: "ext4", label });
  await using daemon = await Daemon.start(alpha);
  await using other = await Daemon.start(beta);
  await knowsDisksOf(daemon, ["beta"]);
  await install(alpha);
  await using script = alpha.spawn(["disk-gone", label, "me@here"], {
    env: { PATH: `${FOLDER}:/usr/bin:/bin` },
  });
  await lastLooks(alpha, ["where 0"]);

  await beta.detach(disk);
  await other.call("refresh", {});
  await lastLooks(alpha, ["where 4", "where 4"]);
  await beta.attach(disk);
  await other.call("refresh", {});
  await lastLooks(alpha, ["where 0"]);
  await other.stop();
  await lastLooks(alpha, ["where 4", "where 4"]);
  await using _again = await Daemon.start(beta);
  await lastLooks(alpha, ["where 0"]);
  await daemon.stop();
  const { code, stderr } = await script.end(30_000);

  assert.equal(code, 1);
  assert.match(stderr, /disk-gone: diskd has stopped\n$/);
  const heading = `[-s][Disk ${label} is gone][me@here]`;
  const [mail, ...rest] = read(alpha, MAILS).split(/^\.\n/m);
  assert.ok(mail!.startsWith(`${heading}${label} is unplugged; until `), mail);
  assert.match(mail!, new RegExp(`\n  uuid +${disk.uuid}\n`));
  assert.deepEqual(rest, [""], "none when a host is shut down");
  assert.throws(() => Deno.lstatSync(alpha.path("/run/x")));
});

async function install(host: Host): Promise<void> {
  const blocks = codeBlocks(document("docs/watching.md"), "sh");
  const programs = {
    "disk-gone": blocks.find((block) => block.startsWith("#!"))!,
    mail: FAKE_MAIL,
    diskd: NOTING_DISKD,
  };
  await Deno.mkdir(host.path(FOLDER));
  for (const [name, script] of Object.entries(programs)) {
    const path = host.path(`${FOLDER}/${name}`);
    await Deno.writeTextFile(path, script, { mode: 0o755 });
  }
}

/** Waits until the script's last questions came to this; it asks twice of a disk that has gone. */
async function lastLooks(
  host: Host,
  expected: readonly string[],
): Promise<void> {
  await eventually(() => {
    const looks = read(host, LOOKS).trimEnd().split("\n");
    assert.deepEqual(looks.slice(-expected.length), expected);
  });
}

function read(host: Host, path: string): string {
  return Deno.readTextFileSync(host.path(path));
}
