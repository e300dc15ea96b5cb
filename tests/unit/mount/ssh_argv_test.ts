import assert from "node:assert/strict";
import { sshArgv } from "../../../src/mount/ssh.ts";
import { targetNamed } from "./remote_support.ts";
import { shellQuoted } from "../../../src/text/shell_quoted.ts";

const TASK = { verb: "mount", uuid: "AB12-CD34", readOnly: false } as const;
const BETA = targetNamed("beta");

Deno.test("sshArgv() is one command whose words of the LAN stand behind --", () => {
  const argv = sshArgv(TASK, BETA, { options: [], isBatch: false });
  assert.equal(
    shellQuoted(argv),
    "ssh -T -a -x -o ConnectTimeout=10 -o RemoteCommand=none " +
      "-o PermitLocalCommand=no -o ClearAllForwardings=yes " +
      "-- beta diskd mount --here AB12-CD34 --json",
  );
});

Deno.test("sshArgv() has the user's own options before ours, each behind its -o", () => {
  const ways = { options: ["ConnectTimeout=1", "-F/x"], isBatch: true };
  const task = { ...TASK, readOnly: true };
  const target = targetNamed("beta", { user: "jo", options: ["Port=2"] });
  const argv = sshArgv(task, target, ways);
  assert.deepEqual(argv, [
    ...["ssh", "-T", "-a", "-x", "-l", "jo"],
    ...["-o", "ConnectTimeout=1", "-o", "-F/x"],
    ...["-o", "Port=2"],
    ...["-o", "ConnectTimeout=10", "-o", "BatchMode=yes"],
    ...["-o", "RemoteCommand=none", "-o", "PermitLocalCommand=no"],
    ...["-o", "ClearAllForwardings=yes"],
    ...["--", "beta"],
    ...["diskd", "mount", "--here", "AB12-CD34", "--read-only", "--json"],
  ]);
});

Deno.test("sshArgv() has diskd run with sudo, by the one command that sudoers allows", () => {
  const target = targetNamed("admin@beta", { sudo: true });
  const argv = sshArgv(TASK, target, { options: [], isBatch: false });
  assert.equal(
    shellQuoted(argv.slice(argv.indexOf("--") + 1)),
    "admin@beta sudo -n diskd ssh-command -- " +
      "diskd mount --here AB12-CD34 --json",
  );
});
