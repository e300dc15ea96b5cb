import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { MOUNT_VARIABLES } from "../../src/daemon/drop_permissions.ts";
import { checkCommands } from "../support/check_outcome.ts";
import { DEFAULT_SOCKET } from "../support/daemon.ts";
import { type Host, lanTest } from "../support/lan.ts";
import { PROJECT } from "../support/program.ts";

const PROBE = fileURLToPath(
  new URL("../support/forbidden_main.ts", import.meta.url),
);

/** What a probe that could do anything would not be refused: these are what diskd needs. */
const NEEDED = [
  "read /etc/machine-id",
  "read /etc/group",
  "write in /var/lib/diskd",
  "write in /run/diskd",
  "run /usr/bin/lsblk",
  "variable DISKD_SOCKET",
  "ask hostname",
];

/** Until a daemon knows which of them its configuration names. */
const BROAD = [
  ...["/root", "/home", "/tmp", "/var/tmp", "/run", "/var/run"],
  ...["/mnt", "/media", "/srv"],
];

/** For commands that mount disks, and not for a daemon. */
const REACH = [
  ...["run /usr/bin/mount", "run /usr/bin/umount", "run /usr/bin/dd"],
  ...MOUNT_VARIABLES.map((name) => `variable ${name}`),
];

lanTest({
  name: "the permissions of diskd refuse all that it has no need for",
  hosts: ["alpha"],
}, async ({ alpha }, t) => {
  await alpha.run(["mkdir", "-p", "/run/diskd", "/var/lib/diskd"]);
  await t.step("to any command", async () => {
    const met = await probe(alpha, []);
    assertOutcome(met, {
      allowed: [
        ...[...NEEDED, ...REACH],
        ...BROAD.map((folder) => `write in ${folder}`),
      ],
    });
    assert.ok(Object.keys(met).length > 60);
  });
  await t.step("to a daemon with root's paths", async () => {
    const met = await probe(alpha, [DEFAULT_SOCKET, "/var/lib/diskd"]);
    assertOutcome(met, { allowed: NEEDED });
    assert.equal(met["write in /tmp"], "refused");
  });
  await t.step("to the page", async () => {
    const met = await probe(alpha, ["--page", DEFAULT_SOCKET]);
    const kept = ["read /etc/machine-id", "read /etc/group"];
    assertOutcome(met, { allowed: [...kept, "write in /run/diskd"] });
  });
  await t.step("to a daemon with paths in a home", async () => {
    const met = await probe(alpha, [DEFAULT_SOCKET, "/root/state"]);
    assertOutcome(met, {
      allowed: [...NEEDED, "read /root", "write in /root"],
    });
  });
});

const OUTSIDE = /diskd is built to use files under \/run, .* and \/srv only/;

lanTest({
  name: "diskd says so where it is told to use what it may not",
  hosts: ["alpha"],
}, async ({ alpha }) => {
  await Deno.writeTextFile(alpha.path("/var/lib/config.yaml"), "port: 1\n");
  await Deno.mkdir(alpha.path("/etc/diskd"));
  await Deno.writeTextFile(
    alpha.path("/etc/diskd/elsewhere.yaml"),
    "socket: /opt/d.sock\nstateDir: /opt/d\n",
  );
  await checkCommands(alpha, [
    [`config check /var/lib/config.yaml`, {
      code: 2,
      stderr: /no permission/,
    }],
    ["config check /etc/diskd/elsewhere.yaml", {
      code: 2,
      stderr:
        /2 problems:\n.*elsewhere\.yaml line 1: socket is "\/opt\/d\.sock", but diskd is built .*\n.* line 2: stateDir is "\/opt\/d", but /,
    }],
    [`config check /etc/shadow`, { code: 2, stderr: /no permission/ }],
    [`list --socket /var/lib/d.sock`, { code: 3, stderr: OUTSIDE }],
    [`--daemon --socket /var/lib/d.sock`, { code: 1, stderr: OUTSIDE }],
  ]);
  await refusesStateDir(alpha);
});

/** The daemon lives without a state, and writes none anywhere. */
async function refusesStateDir(host: Host): Promise<void> {
  const argv = ["diskd", "--daemon", "--state-dir", "/etc/state"];
  await using daemon = host.spawn(argv);
  await daemon.waitForLog(/ ready /, 30_000);
  const { log } = daemon;
  for (const file of ["identity.json", "accepted.txt", "history.db"]) {
    assert.match(log, new RegExp(`warn +Cannot \\w+ /etc/state/${file}`));
  }
  assert.match(log, OUTSIDE);
  const imported = await host.run(["diskd", "import", "/etc/passwd"]);
  assert.notEqual(imported.code, 0);
  assert.doesNotMatch(imported.stderr + imported.stdout, /root:/);
  assert.equal((await daemon.stop()).code, 0);
  assert.throws(
    () => Deno.lstatSync(host.path("/etc/state")),
    Deno.errors.NotFound,
  );
}

/** Runs the probe with the permissions of diskd, as root, and gives what it met. */
async function probe(
  host: Host,
  used: readonly string[],
): Promise<Record<string, string>> {
  const argv = [
    ...[Deno.execPath(), "run", "--quiet", "--no-prompt", "--cached-only"],
    ...["-P=diskd", `--config=${PROJECT}/deno.json`, PROBE, ...used],
  ];
  const { code, stdout, stderr } = await host.run(argv);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** All is refused but what is `allowed`. */
function assertOutcome(
  met: Readonly<Record<string, string>>,
  { allowed }: { readonly allowed: readonly string[] },
): void {
  const expected = Object.keys(met).map((name) =>
    [name, allowed.includes(name) ? "done" : "refused"] as const
  );
  assert.deepEqual(met, Object.fromEntries(expected));
  for (const name of allowed) assert.ok(name in met, `${name} was not tried`);
}
