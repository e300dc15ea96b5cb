import assert from "node:assert/strict";
import { targetNamed } from "./remote_support.ts";
import { readFsname, sshfsArgv } from "../../../src/mount/sshfs.ts";

const REQUEST = {
  uuid: "AB12-CD34",
  target: targetNamed("beta"),
  path: "/run/media/diskd/b",
  directory: "/mnt/b",
  readOnly: false,
  isShared: false,
};
const NO_COMMANDS =
  "-o RemoteCommand=none -o PermitLocalCommand=no -o RequestTTY=no";
const QUIET = { options: [], isBatch: false };

Deno.test("sshfsArgv() shows a path of another host, and marks the mount", () => {
  assert.deepEqual(sshfsArgv(REQUEST, { options: [], isBatch: true }), [
    "sshfs",
    "-o",
    `ssh_command=ssh -o ConnectTimeout=10 -o BatchMode=yes ${NO_COMMANDS}`,
    "-o",
    "nosuid,nodev,reconnect,ServerAliveInterval=15,fsname=diskd:AB12-CD34:beta",
    "--",
    "beta:/run/media/diskd/b",
    "/mnt/b",
  ]);
});

Deno.test("sshfsArgv() is read-only and another user where that is asked for", () => {
  const target = targetNamed("beta", { user: "jo" });
  const argv = sshfsArgv({ ...REQUEST, target, readOnly: true }, QUIET);
  assert.match(argv[4]!, /,ro,fsname=diskd:AB12-CD34:jo@beta$/);
  assert.equal(argv[6], "jo@beta:/run/media/diskd/b");
});

Deno.test("sshfsArgv() has files served with sudo, and takes the options of the host", () => {
  const options = ["HostName=fe80::1%%eth0", "HostKeyAlias=[beta]:2222"];
  const target = targetNamed("admin@beta", { options, sudo: true });
  const argv = sshfsArgv({ ...REQUEST, target }, QUIET);
  assert.deepEqual(argv.slice(1, 5), [
    "-o",
    "ssh_command=ssh -o HostName=fe80::1%%eth0 -o HostKeyAlias=[beta]:2222 " +
    `-o ConnectTimeout=10 ${NO_COMMANDS}`,
    "-o",
    "sftp_server=sudo -n diskd ssh-command -- /usr/lib/openssh/sftp-server",
  ]);
});

const HOSTILE_PATHS = [
  "/run/-oProxyCommand=touch x",
  "/a,ssh_command=touch /tmp/x",
  "/with space: and colon",
  "/../../etc",
];

for (const path of HOSTILE_PATHS) {
  Deno.test(`sshfsArgv() has the path ${path} behind --, in one word with the host`, () => {
    const argv = sshfsArgv({ ...REQUEST, path }, QUIET);
    const end = argv.indexOf("--");
    assert.deepEqual(argv.slice(end + 1), [`beta:${path}`, "/mnt/b"]);
    assert.ok(argv.slice(0, end).every((word) => !word.includes(path)));
  });
}

Deno.test("sshfsArgv() keeps commas in options of ssh from ending them", () => {
  const options = ["Ciphers=a,b"];
  const argv = sshfsArgv(REQUEST, { options, isBatch: false });
  assert.equal(
    argv[2],
    `ssh_command=ssh -o Ciphers=a\\,b -o ConnectTimeout=10 ${NO_COMMANDS}`,
  );
});

Deno.test("sshfsArgv() hands options with spaces to sshfs by themselves", () => {
  const options = ["ProxyCommand=nc -X 5,4 %h %p", "Port 22", "User = jo"];
  const argv = sshfsArgv(REQUEST, { options, isBatch: false });
  assert.deepEqual(argv.slice(1, 5), [
    "-o",
    `ssh_command=ssh -o Port=22 -o User=jo -o ConnectTimeout=10 ${NO_COMMANDS}`,
    "-o",
    "ProxyCommand=nc -X 5\\,4 %h %p",
  ]);
});

for (const option of ["Port=2\n2", "ProxyCommand=a\\ b"]) {
  Deno.test(`sshfsArgv() refuses ${JSON.stringify(option)}, which sshfs would bend`, () => {
    assert.throws(
      () => sshfsArgv(REQUEST, { options: [option], isBatch: false }),
      { kind: "usage", message: /--ssh-option/ },
    );
  });
}

Deno.test("readFsname() reads back what sshfsArgv() marked, and no other", () => {
  assert.deepEqual(readFsname("diskd:AB12-CD34:jo@beta"), {
    uuid: "AB12-CD34",
    destination: "jo@beta",
  });
  const others = ["beta:/x", "diskd:", "diskd::beta", "diskd:A", "x:A:b", ""];
  for (const source of [...others, "diskd:A:b:c"]) {
    assert.equal(readFsname(source), null, source);
  }
});
