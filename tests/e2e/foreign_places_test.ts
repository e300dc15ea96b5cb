import assert from "node:assert/strict";
import { checkOutcome } from "../support/check_outcome.ts";
import { Daemon } from "../support/daemon.ts";
import { asRoot } from "../support/host.ts";
import { type Host, inSteps, lanTest } from "../support/lan.ts";
import { User } from "../support/user.ts";

const MALLORY = 30_047;

/** A file of root, and where root keeps others. */
const PRECIOUS = "/run/precious";
const PRIVATE = "/run/private";

lanTest({
  name: "root's daemon writes nothing where another user can",
  programs: ["setpriv"],
  hosts: ["alpha"],
}, async ({ alpha }, t) => {
  const mallory = await User.create(alpha, { uid: MALLORY });
  await asRoot(
    alpha,
    `echo precious >${PRECIOUS}; mkdir -m 700 ${PRIVATE}`,
  );
  await inSteps(t, { alpha, mallory }, {
    "state directory of another user": refusesForeignState,
    "state directory below one of another user": refusesForeignParent,
    "shared directories": refusesShared,
    "a directory that is exchanged meanwhile": followsNoExchange,
    "what remains from another user": followsNothing,
  });
});

interface Site {
  readonly alpha: Host;
  readonly mallory: User;
}

async function refusesForeignState({ alpha, mallory }: Site): Promise<void> {
  const folder = `${mallory.home}/state`;
  await mallory.run(["mkdir", folder]);
  for (const name of ["identity.json.new", "accepted.txt.new", "history.db"]) {
    await mallory.run(["ln", "-s", PRECIOUS, `${folder}/${name}`]);
  }
  // A home belongs to its user too, and is the first on the way.
  await refuses(alpha, ["--state-dir", folder], {
    why:
      `${mallory.home} belongs to user ${MALLORY}, who could exchange the files of diskd in ${folder}; expected a directory to which only root can write`,
    remedy: "name another with --state-dir",
  });
  // As if the service had run, and root started the daemon by hand.
  await asRoot(
    alpha,
    `mkdir -p /var/lib/diskd; ln -s ${PRECIOUS} /var/lib/diskd/identity.json.new; ` +
      `chown ${MALLORY} /var/lib/diskd`,
  );
  await refuses(alpha, [], {
    why: `/var/lib/diskd belongs to user ${MALLORY}`,
    remedy: "--state-dir",
  });
  await asRoot(alpha, "rm -r /var/lib/diskd");
}

async function refusesForeignParent({ alpha, mallory }: Site): Promise<void> {
  await mallory.run(["ln", "-s", PRIVATE, `${mallory.home}/link`]);
  for (const flag of ["--state-dir", "--socket", "--read-socket"]) {
    const file = flag === "--state-dir" ? "" : "/new.sock";
    await refuses(alpha, [flag, `${mallory.home}/link/new${file}`], {
      why: `${mallory.home} belongs to user ${MALLORY}`,
      remedy: flag,
    });
  }
}

/** Who can make a file in the directory holds the lock, or takes the name of the socket. */
async function refusesShared({ alpha, mallory }: Site): Promise<void> {
  await asRoot(alpha, "mkdir -m 1777 /run/shared; mkdir -m 777 /run/open");
  const lock = "/run/shared/d.sock.lock";
  await using _held = mallory.spawn(["flock", lock, "sleep", "1000"]);
  for (
    const args of [
      ["--socket", "/run/shared/d.sock"],
      ["--read-socket", "/run/shared/d.sock"],
      ["--state-dir", "/run/shared"],
      ["--state-dir", "/run/open/state"],
    ]
  ) {
    await refuses(alpha, args, {
      why: "has mode [01]777, so other users could exchange the files of diskd",
      remedy: args[0]!,
    });
  }
  // An own directory in a shared one is fine.
  const args = ["--state-dir", "/run/shared/state"];
  await using daemon = await Daemon.start(alpha, { args });
  assert.equal((await daemon.stop()).code, 0);
}

/** Between each look and use, for as long as the directory is not root's. */
async function followsNoExchange({ alpha, mallory }: Site): Promise<void> {
  const script = `cd /run/shared; while :; do
    mkdir race; rmdir race; ln -s ${PRIVATE} race; rm race; done 2>/dev/null`;
  await using _racing = mallory.spawn(["sh", "-c", script]);
  const args = ["--state-dir", "/run/shared/race/state"];
  for (let round = 0; round < 12; round++) {
    const argv = ["timeout", "0.4", "diskd", "--daemon", ...args];
    await alpha.run(argv);
    await isUntouched(alpha);
    // It may be made anew at the same moment.
    await asRoot(alpha, "rm -rf /run/shared/race || true");
  }
}

/** Links, names and pipes in a directory that root has taken over. */
async function followsNothing({ alpha, mallory }: Site): Promise<void> {
  await asRoot(
    alpha,
    `mkdir /run/taken; cd /run/taken; ln -s ${PRECIOUS} identity.json.new; ` +
      `ln -s ${PRECIOUS} accepted.txt.new; ln -s ${PRECIOUS} history.db; ` +
      `ln ${PRECIOUS} history.db-wal; mkfifo accepted.txt; ` +
      `ln -s ${PRECIOUS} d.sock.accepted`,
  );
  const args = [
    ...["--state-dir", "/run/taken", "--socket", "/run/taken/d.sock"],
  ];
  {
    await using daemon = await Daemon.start(alpha, { args });
    assert.equal((await daemon.stop()).code, 0);
  }
  await isUntouched(alpha);
  // The names are of the socket, so these are of another daemon.
  await asRoot(
    alpha,
    `cd /run/taken; rm -f *; mkfifo d.sock.lock; chown ${mallory.uid} d.sock.lock`,
  );
  checkOutcome(await alpha.run(["diskd", "--daemon", ...args]), {
    code: 1,
    stderr:
      /cannot listen on \/run\/taken\/d\.sock: \/run\/taken\/d\.sock\.lock is not a regular file; move it away/,
  }, "a pipe in place of the lock");
}

async function refuses(
  host: Host,
  args: readonly string[],
  { why, remedy }: { readonly why: string; readonly remedy: string },
): Promise<void> {
  const outcome = await host.run(["diskd", "--daemon", ...args]);
  checkOutcome(outcome, {
    code: 1,
    stderr: new RegExp(`Cannot start: .*${why}.*${remedy}\n$`),
  }, args.join(" "));
  await isUntouched(host);
}

async function isUntouched(host: Host): Promise<void> {
  const { stdout } = await host.run(["cat", PRECIOUS]);
  assert.equal(stdout, "precious\n");
  assert.deepEqual([...Deno.readDirSync(host.path(PRIVATE))], []);
  const { mode } = Deno.statSync(host.path(PRECIOUS));
  assert.equal(mode! & 0o777, 0o644);
}
