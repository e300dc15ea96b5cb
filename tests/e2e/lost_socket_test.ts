import assert from "node:assert/strict";
import { checkOutcome } from "../support/check_outcome.ts";
import { Daemon, DEFAULT_SOCKET } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { inSteps, lanTest } from "../support/lan.ts";

const READ_SOCKET = "/run/diskd/read.sock";

/** As bound, and as named by the symbolic link of every distribution. */
const OTHER_SOCKET = "/run/other/control.sock";
const OTHER_SOCKET_NAMED = "/var/run/other/control.sock";

const FILES = [
  "control.sock",
  "control.sock.accepted",
  "control.sock.lock",
  "read.sock",
  "read.sock.lock",
];

const SECOND = {
  code: 1,
  stderr:
    /another diskd already answers on \/run\/diskd\/control\.sock; stop it, /,
};

lanTest({
  name: "diskd keeps its sockets where clients look for them",
  programs: ["systemd-tmpfiles", "unshare"],
  hosts: ["alpha"],
}, async ({ alpha }, t) => {
  const args = ["--read-socket", READ_SOCKET];
  await using daemon = await Daemon.start(alpha, { args });
  await inSteps(t, daemon, {
    "systemd-tmpfiles --clean leaves a socket in use": outlivesCleaning,
    "removed: each file, and the directory": comesBack,
    "replaced by a file": setsFileAside,
    "a second daemon, whatever is removed": staysAlone,
    "nothing is left at the end": cleansUp,
  });
});

async function outlivesCleaning(daemon: Daemon): Promise<void> {
  const { host } = daemon;
  await using other = await Daemon.start(host, {
    socket: OTHER_SOCKET_NAMED,
    // On the same port it would give way.
    args: ["--port", "32004"],
  });
  const rules = ["diskd", "other"].map((name) => `d /run/${name} - - - 1s\n`);
  await Deno.writeTextFile(host.path("/run/clean.conf"), rules.join(""));
  await Deno.writeTextFile(host.path("/run/diskd/old"), "");
  const inodes = () =>
    [DEFAULT_SOCKET, READ_SOCKET, OTHER_SOCKET].map((path) =>
      Deno.lstatSync(host.path(path)).ino
    );
  const before = inodes();
  const clean = ["systemd-tmpfiles", "--clean", "/run/clean.conf"];
  await eventually(async () => {
    checkOutcome(await host.run(clean), {}, "systemd-tmpfiles");
    assert.ok(!namesIn(daemon).includes("old"));
  });
  assert.deepEqual(inodes(), before);
  await isWhole(daemon);
  assert.equal((await other.run(["status"])).code, 0);
  await other.stop();
}

async function comesBack(daemon: Daemon): Promise<void> {
  const { host, process } = daemon;
  for (const name of FILES) {
    const path = `/run/diskd/${name}`;
    await Deno.remove(host.path(path));
    await isWhole(daemon);
    await process.waitForLog(
      new RegExp(` was removed; made anew path=${path}\n`),
    );
  }
  // Removed where it is, it would be filled again meanwhile.
  await Deno.rename(host.path("/run/diskd"), host.path("/run/gone"));
  await Deno.remove(host.path("/run/gone"), { recursive: true });
  await isWhole(daemon);
}

async function setsFileAside(daemon: Daemon): Promise<void> {
  const { host } = daemon;
  const path = host.path(DEFAULT_SOCKET);
  await Deno.writeTextFile(`${path}.other`, "precious");
  await Deno.rename(`${path}.other`, path);
  await isWhole(daemon);
  const [, aside] = await daemon.process.waitForLog(
    / was replaced; made anew path=\S+ aside=(\S+)\n/,
  );
  assert.equal(await Deno.readTextFile(host.path(aside!)), "precious");
  await Deno.remove(host.path(aside!));
}

async function staysAlone(daemon: Daemon): Promise<void> {
  const { host } = daemon;
  for (const lost of ["control.sock.lock", "*.lock", "*"]) {
    const second = `rm -f /run/diskd/${lost}; exec diskd --daemon`;
    checkOutcome(await host.run(["sh", "-c", second]), SECOND, lost);
    await isWhole(daemon);
  }
}

async function cleansUp(daemon: Daemon): Promise<void> {
  const { code, stderr } = await daemon.stop();

  assert.equal(code, 0);
  assert.doesNotMatch(stderr, / error /);
  const stay = FILES.filter((name) => !name.endsWith(".sock"));
  assert.deepEqual(namesIn(daemon), stay);
}

/** All files are there, and both sockets answer. */
async function isWhole(daemon: Daemon): Promise<void> {
  await eventually(async () => {
    const names = namesIn(daemon);
    assert.deepEqual(FILES.filter((name) => !names.includes(name)), []);
    for (const socket of [DEFAULT_SOCKET, READ_SOCKET]) {
      const argv = ["diskd", "localhost", "--socket", socket];
      const { code, stderr } = await daemon.host.run(argv);
      assert.equal(code, 0, stderr);
    }
  });
}

function namesIn({ host }: Daemon): string[] {
  return [...Deno.readDirSync(host.path("/run/diskd"))]
    .map(({ name }) => name).sort();
}
